using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// When somebody is active, and when what is shown to them is answered: counts by hour of the week and hour of the day, in UTC. Nobody's zone need be known when an event comes;
/// who reads the counts moves them to the zone of the user. Counts add up in any order.
/// </summary>
public sealed class Rhythm
{
    /// <summary>Hours of a week, from Monday 00:00.</summary>
    public const int WeekHours = 168;

    /// <summary>Hours of a day.</summary>
    public const int DayHours = 24;

    internal const int Slots = WeekHours + (3 * DayHours);

    private const int ShownFrom = WeekHours, InterestedFrom = ShownFrom + DayHours, NotInterestedFrom = InterestedFrom + DayHours;

    // In the order of slots; most people are there at few hours.
    private readonly List<(byte Slot, int Count)> _counts = [];

    /// <summary>Whether nothing was counted.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>The bytes that <see cref="Read(ReadOnlySpan{byte}, Span{int})"/> reads; none where nothing was counted.</summary>
    public byte[] Encode()
    {
        if (IsEmpty)
            return [];
        var writer = ByteWriter.OfThread;
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Puts the counts by slot into <paramref name="counts"/>, which has <see cref="Slots"/> zeros.</summary>
    /// <exception cref="CodecException">The bytes are no rhythm.</exception>
    internal static void Read(ReadOnlySpan<byte> bytes, Span<int> counts)
    {
        if (bytes.IsEmpty)
            return;
        var reader = new ByteReader(bytes, "A user's rhythm");
        Read(ref reader, counts);
        reader.End();
    }

    /// <summary>Every count that there is: of what, in which hour of the week (active) or of the day.</summary>
    public IEnumerable<(string What, int Hour, int Count)> Held() => _counts.Select(one => one.Slot switch
    {
        < ShownFrom => ("active", one.Slot, one.Count),
        < InterestedFrom => ("shown", one.Slot - ShownFrom, one.Count),
        < NotInterestedFrom => ("interested", one.Slot - InterestedFrom, one.Count),
        _ => ("not_interested", one.Slot - NotInterestedFrom, one.Count),
    });

    internal static ReadOnlySpan<int> ActivityOf(ReadOnlySpan<int> counts) => counts[..WeekHours];

    internal static ReadOnlySpan<int> ShownOf(ReadOnlySpan<int> counts) => counts.Slice(ShownFrom, DayHours);

    internal static ReadOnlySpan<int> InterestedOf(ReadOnlySpan<int> counts) => counts.Slice(InterestedFrom, DayHours);

    internal static ReadOnlySpan<int> NotInterestedOf(ReadOnlySpan<int> counts) => counts.Slice(NotInterestedFrom, DayHours);

    /// <summary>Counts what the user did themselves; what was learnt of them, or done to them, says nothing of when they are there.</summary>
    internal void Add(Entry entry)
    {
        if (entry.Kind is < EntryKind.Shown or > EntryKind.Other or EntryKind.Invited || entry.Other is not null || entry.At == EntryValidation.Undated)
            return;
        var at = entry.At.UtcDateTime;
        Add((byte)(((((int)at.DayOfWeek + 6) % 7) * DayHours) + at.Hour), 1);
        var answers = entry.Kind switch
        {
            EntryKind.Shown => ShownFrom,
            EntryKind.Interested => InterestedFrom,
            EntryKind.NotInterested => NotInterestedFrom,
            _ => 0,
        };
        if (answers > 0)
            Add((byte)(answers + at.Hour), 1);
    }

    internal void Merge(Rhythm other)
    {
        foreach (var (slot, count) in other._counts)
            Add(slot, count);
    }

    /// <summary>How many slots have a count, and of each how far it is from the one before and its count.</summary>
    internal void Write(ByteWriter writer)
    {
        writer.Varint((ulong)_counts.Count);
        var next = 0;
        foreach (var (slot, count) in _counts)
        {
            writer.Varint((ulong)(slot - next));
            writer.Varint((ulong)count);
            next = slot + 1;
        }
    }

    internal void Read(ref ByteReader reader)
    {
        Span<int> counts = stackalloc int[Slots];
        Read(ref reader, counts);
        for (var slot = 0; slot < Slots; slot++)
        {
            if (counts[slot] > 0)
                _counts.Add(((byte)slot, counts[slot]));
        }
    }

    private static void Read(ref ByteReader reader, scoped Span<int> counts)
    {
        var slot = -1L;
        for (var left = reader.Count(2); left > 0; left--)
        {
            slot += 1 + (long)Math.Min(reader.Varint(), Slots);
            if (slot >= Slots)
                throw reader.Fail("it counts hours that a week does not have");
            var count = reader.Varint();
            if (count is 0 or > int.MaxValue)
                throw reader.Fail($"it has a count of {count}, which is not from 1 to {int.MaxValue}");
            counts[(int)slot] = (int)count;
        }
    }

    // The largest number there is stands for more, so that counts in any grouping agree.
    private void Add(byte slot, int by)
    {
        var (low, high) = (0, _counts.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_counts[middle].Slot == slot)
            {
                _counts[middle] = (slot, (int)Math.Min((long)_counts[middle].Count + by, int.MaxValue));
                return;
            }

            if (_counts[middle].Slot < slot)
                low = middle + 1;
            else
                high = middle - 1;
        }

        _counts.Insert(low, (slot, by));
    }
}
