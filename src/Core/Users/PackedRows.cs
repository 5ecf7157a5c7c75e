using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>The stamp of a mark, its message id as UTF-8 bytes lying somewhere; compared like <see cref="Stamp"/>.</summary>
internal readonly struct PackedStamp(long ticks, byte[] source, int start, int length)
{
    public long Ticks => ticks;

    public ReadOnlySpan<byte> MessageId => source.AsSpan(start, length);

    public Stamp ToStamp() => new(ticks, System.Text.Encoding.UTF8.GetString(MessageId));

    public int Compare(PackedStamp other)
    {
        var instants = ticks.CompareTo(other.Ticks);
        return instants != 0 ? instants : MessageId.SequenceCompareTo(other.MessageId);
    }
}

/// <summary>A value of 1 to 3 and the number of its stamp among the stamps that lie beside it; the value 0 is none.</summary>
internal readonly record struct Mark(byte Value, int Stamp)
{
    public const int Largest = 3;

    /// <summary>The later of two marks whose stamps are numbered in the order of stamps; of one stamp the greater value.</summary>
    public static Mark Later(Mark a, Mark b)
    {
        if (a.Value == 0 || b.Value == 0)
            return a.Value == 0 ? b : a;
        return a.Stamp > b.Stamp || (a.Stamp == b.Stamp && a.Value >= b.Value) ? a : b;
    }

    public Mark Renumber(int[] numbers) => Value == 0 ? this : this with { Stamp = numbers[Stamp] };
}

/// <summary>
/// What is held under a key. Of a friend: the first mark is 1 for a friend, 2 for one no longer. Of an item: the first mark is 1 for
/// interested, 2 for not interested, the second 1 for yes, 2 for maybe, 3 for no, and how often it was shown, viewed, invited to, bought, come to.
/// Of somebody who answered an item: the first mark is 1 for invited, the second as a user's answer to it.
/// </summary>
internal record struct PackedRow
{
    public Mark First;
    public Mark Second;
    public uint Shown;
    public uint Viewed;
    public uint Invited;
    public uint Purchased;
    public uint Came;

    public readonly bool ShownOrAnswered => Shown > 0 || First.Value > 0 || Second.Value > 0;

    /// <summary>Both rows' facts in one; the order of the two does not matter, nor does grouping.</summary>
    public static PackedRow Combine(in PackedRow a, in PackedRow b) => new()
    {
        First = Mark.Later(a.First, b.First),
        Second = Mark.Later(a.Second, b.Second),
        Shown = Sum(a.Shown, b.Shown),
        Viewed = Sum(a.Viewed, b.Viewed),
        Invited = Sum(a.Invited, b.Invited),
        Purchased = Sum(a.Purchased, b.Purchased),
        Came = Sum(a.Came, b.Came),
    };

    public readonly PackedRow Renumber(int[] numbers) => this with { First = First.Renumber(numbers), Second = Second.Renumber(numbers) };

    private static uint Sum(uint a, uint b) => (uint)Math.Min((ulong)a + b, uint.MaxValue);
}

/// <summary>Rows in the ascending order of their keys, and the stamps of their marks in ascending order; a buffer that is used again.</summary>
internal sealed class PackedRows
{
    public Keys Keys = new();
    public PackedRow[] Rows = new PackedRow[64];
    public PackedStamp[] Stamps = new PackedStamp[64];

    public int Count => Keys.Count;

    public int StampCount { get; private set; }

    public void Clear()
    {
        Keys.Clear();
        StampCount = 0;
    }

    public void Add(ReadOnlySpan<byte> key, in PackedRow row)
    {
        if (Rows.Length == Count)
            Array.Resize(ref Rows, 2 * Count);
        Rows[Count] = row;
        Keys.Add(key);
    }

    public int AddStamp(in PackedStamp stamp)
    {
        if (Stamps.Length == StampCount)
            Array.Resize(ref Stamps, 2 * StampCount);
        Stamps[StampCount] = stamp;
        return StampCount++;
    }

    /// <summary>The row of a key, or null.</summary>
    public PackedRow? Find(ReadOnlySpan<byte> key)
    {
        int low = 0, high = Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Keys[middle].SequenceCompareTo(key);
            if (order == 0)
                return Rows[middle];
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return null;
    }

    /// <summary>The first place from <paramref name="from"/> on whose key is not below <paramref name="key"/>.</summary>
    public int LowerBound(ReadOnlySpan<byte> key, int from)
    {
        int low = from, high = Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Keys[middle].SequenceCompareTo(key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}
