using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>How many rows of a map are of which sort, kept exact with every change, so that the head alone tells it.</summary>
internal sealed class RowTally
{
    private readonly int[] _first = new int[Mark.Largest + 1];
    private readonly int[] _second = new int[Mark.Largest + 1];

    public int Rows { get; private set; }

    public int Shown { get; private set; }

    public int ShownOrAnswered { get; private set; }

    /// <summary>Rows whose first mark has that value.</summary>
    public int First(byte value) => _first[value];

    /// <summary>Rows whose second mark has that value.</summary>
    public int Second(byte value) => _second[value];

    public void Add(in PackedRow row) => Count(row, 1);

    public void Remove(in PackedRow row) => Count(row, -1);

    private void Count(in PackedRow row, int by)
    {
        Rows += by;
        _first[row.First.Value] += by;
        _second[row.Second.Value] += by;
        Shown += row.Shown > 0 ? by : 0;
        ShownOrAnswered += row.ShownOrAnswered ? by : 0;
    }

    public RowTally Copy()
    {
        var copy = new RowTally { Rows = Rows, Shown = Shown, ShownOrAnswered = ShownOrAnswered };
        _first.CopyTo(copy._first, 0);
        _second.CopyTo(copy._second, 0);
        return copy;
    }

    public void Write(ByteWriter writer)
    {
        writer.Varint((ulong)Rows);
        for (var value = 1; value <= Mark.Largest; value++)
        {
            writer.Varint((ulong)_first[value]);
            writer.Varint((ulong)_second[value]);
        }
        writer.Varint((ulong)Shown);
        writer.Varint((ulong)ShownOrAnswered);
    }

    public static RowTally Read(ref ByteReader reader)
    {
        var tally = new RowTally { Rows = reader.Bounded(int.MaxValue) };
        tally._first[0] = tally._second[0] = tally.Rows;
        for (var value = 1; value <= Mark.Largest; value++)
        {
            tally._first[0] -= tally._first[value] = reader.Bounded(tally._first[0]);
            tally._second[0] -= tally._second[value] = reader.Bounded(tally._second[0]);
        }
        tally.Shown = reader.Bounded(tally.Rows);
        tally.ShownOrAnswered = reader.Bounded(tally.Rows);
        return tally;
    }
}
