using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of a stretch of a <see cref="PackedMap"/>. Version 1: the version; the keys (<see cref="KeyList"/>); the stamps, if any, in
/// ascending order: count, unit, and for each its distance to the one before and its message id; then runs of equal rows, each its length,
/// a byte of the two marks' values and of which counts are not 0, the numbers of the marks' stamps, the counts. A bulk list of friends
/// with one stamp has one run: its friends cost their keys. Version 2, which is written where somebody came to one of the items, has after each run's counts how often they came.
/// </summary>
internal static class ChunkCodec
{
    private const byte Version = 1, WithComing = 2;
    private const string What = "A stretch of a user's state";

    [ThreadStatic]
    private static int[]? _numbers;

    /// <summary>Writes rows <paramref name="from"/> to <paramref name="to"/>, with those of the stamps that they use. The bytes lie in the writer.</summary>
    public static ReadOnlySpan<byte> Encode(ByteWriter writer, PackedRows rows, int from, int to)
    {
        var came = AnyCame(rows.Rows.AsSpan(from, to - from));
        writer.Clear();
        writer.Byte(came ? WithComing : Version);
        KeyList.Write(writer, in rows.Keys, from, to);
        var numbers = WriteStamps(writer, rows, from, to);
        for (var i = from; i < to;)
        {
            var next = i + 1;
            while (next < to && rows.Rows[next] == rows.Rows[i])
                next++;
            writer.Varint((ulong)(next - i));
            WriteRow(writer, rows.Rows[i].Renumber(numbers));
            if (came)
                writer.Varint(rows.Rows[i].Came);
            i = next;
        }
        return writer.Written;
    }

    /// <param name="buffer">What the bytes are the first <paramref name="length"/> of; the rows' stamps refer to it.</param>
    public static void Decode(byte[] buffer, int length, PackedRows rows)
    {
        rows.Clear();
        var reader = Open(buffer.AsSpan(0, length));
        KeyList.Read(ref reader, ref rows.Keys);
        if (rows.Rows.Length < rows.Count)
            rows.Rows = new PackedRow[rows.Count];
        ReadStamps(ref reader, buffer, rows);
        for (var i = 0; i < rows.Count;)
        {
            var run = reader.Bounded(rows.Count - i);
            var row = ReadRow(ref reader, rows.StampCount);
            if (buffer[0] == WithComing)
                row.Came = ReadCount(ref reader);
            rows.Rows.AsSpan(i, run).Fill(row);
            i += run > 0 ? run : throw reader.Fail("a run is empty");
        }
        reader.End();
    }

    /// <summary>The first key, read without the rest.</summary>
    public static ReadOnlySpan<byte> FirstKey(ReadOnlySpan<byte> data)
    {
        var reader = Open(data);
        if (reader.Count() == 0)
            throw reader.Fail("it holds no key");
        reader.Bounded(1);
        return reader.Bytes(reader.Bounded(KeyList.LongestKey));
    }

    /// <summary>A reader past the version.</summary>
    public static ByteReader Open(ReadOnlySpan<byte> data)
    {
        var reader = new ByteReader(data, What);
        if (reader.Byte() is var version && version is < Version or > WithComing)
            throw reader.Fail($"it has version {version}, this program knows versions up to {WithComing}");
        return reader;
    }

    private static int[] WriteStamps(ByteWriter writer, PackedRows rows, int from, int to)
    {
        if (_numbers is null || _numbers.Length < rows.StampCount)
            _numbers = new int[Math.Max(64, 2 * rows.StampCount)];
        var numbers = _numbers;
        numbers.AsSpan(0, rows.StampCount).Fill(-1);
        for (var i = from; i < to; i++)
        {
            ref readonly var row = ref rows.Rows[i];
            if (row.First.Value > 0)
                numbers[row.First.Stamp] = 0;
            if (row.Second.Value > 0)
                numbers[row.Second.Stamp] = 0;
        }
        var count = 0;
        var unit = Instants.Seconds;
        for (var i = 0; i < rows.StampCount; i++)
        {
            if (numbers[i] < 0)
                continue;
            numbers[i] = count++;
            unit = Instants.Coarsest(unit, rows.Stamps[i].Ticks);
        }
        writer.Varint((ulong)count);
        if (count == 0)
            return numbers;
        writer.Varint((ulong)unit);
        var before = Instants.Epoch;
        for (var i = 0; i < rows.StampCount; i++)
        {
            if (numbers[i] < 0)
                continue;
            ref readonly var stamp = ref rows.Stamps[i];
            writer.Zigzag((stamp.Ticks - before) / Instants.Ticks(unit));
            writer.Varint((ulong)stamp.MessageId.Length);
            writer.Bytes(stamp.MessageId);
            before = stamp.Ticks;
        }
        return numbers;
    }

    private static void ReadStamps(ref ByteReader reader, byte[] data, PackedRows rows)
    {
        var count = reader.Count(2);
        if (count == 0)
            return;
        var unit = Instants.ReadUnit(ref reader);
        var before = Instants.Epoch;
        for (var i = 0; i < count; i++)
        {
            before = Instants.Add(ref reader, before, reader.Zigzag(), unit);
            var length = reader.Count();
            var stamp = new PackedStamp(before, data, reader.Position, length);
            reader.Bytes(length);
            if (i > 0 && rows.Stamps[i - 1].Compare(stamp) >= 0)
                throw reader.Fail("stamps are not in ascending order");
            rows.AddStamp(stamp);
        }
    }

    private static void WriteRow(ByteWriter writer, in PackedRow row)
    {
        var counts = (row.Shown > 0 ? 16 : 0) | (row.Viewed > 0 ? 32 : 0) | (row.Invited > 0 ? 64 : 0) | (row.Purchased > 0 ? 128 : 0);
        writer.Byte((byte)(row.First.Value | (row.Second.Value << 2) | counts));
        if (row.First.Value > 0)
            writer.Varint((ulong)row.First.Stamp);
        if (row.Second.Value > 0)
            writer.Varint((ulong)row.Second.Stamp);
        foreach (var count in (ReadOnlySpan<uint>)[row.Shown, row.Viewed, row.Invited, row.Purchased])
        {
            if (count > 0)
                writer.Varint(count);
        }
    }

    private static PackedRow ReadRow(ref ByteReader reader, int stamps)
    {
        var head = reader.Byte();
        return new PackedRow
        {
            First = ReadMark(ref reader, head & 3, stamps),
            Second = ReadMark(ref reader, (head >> 2) & 3, stamps),
            Shown = ReadCount(ref reader, head & 16),
            Viewed = ReadCount(ref reader, head & 32),
            Invited = ReadCount(ref reader, head & 64),
            Purchased = ReadCount(ref reader, head & 128),
        };
    }

    private static Mark ReadMark(ref ByteReader reader, int value, int stamps) =>
        value == 0 ? default : stamps == 0 ? throw reader.Fail("a mark has no stamp") : new Mark((byte)value, reader.Bounded(stamps - 1));

    private static uint ReadCount(ref ByteReader reader, int present) =>
        present == 0 ? 0 : ReadCount(ref reader) is > 0 and var count ? count : throw reader.Fail("a count is out of range");

    private static uint ReadCount(ref ByteReader reader) =>
        reader.Varint() is <= uint.MaxValue and var count ? (uint)count : throw reader.Fail("a count is out of range");

    private static bool AnyCame(ReadOnlySpan<PackedRow> rows)
    {
        foreach (ref readonly var row in rows)
        {
            if (row.Came > 0)
                return true;
        }

        return false;
    }
}
