using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// When somebody is active, and when what is shown to them is answered: counts by hour of the week and hour of the day, and by hour of the calendar, in UTC. Nobody's zone need be known when an
/// event comes; who reads the hours moves them to the zone of the user, and so to the user's days. Counts add up in any order.
/// </summary>
public sealed class Rhythm
{
    /// <summary>Hours of a week, from Monday 00:00.</summary>
    public const int WeekHours = 168;

    /// <summary>Hours of a day.</summary>
    public const int DayHours = 24;

    /// <summary>How many hours with activity are kept of somebody, the latest. One that was pushed out has so many later ones for ever, so the order of entries decides nothing.</summary>
    public const int MostDated = 1_200;

    /// <summary>In which hour a day counts of which an earlier version kept no hours: so it stays the same day in nearly every zone.</summary>
    private const int Noon = 12;

    internal const int Slots = WeekHours + (3 * DayHours);

    internal const int ShownFrom = WeekHours, InterestedFrom = ShownFrom + DayHours, NotInterestedFrom = InterestedFrom + DayHours;

    // In the order of slots; most people are there at few hours.
    private readonly List<(byte Slot, int Count)> _counts = [];

    // In their order, as hours since year 1.
    private readonly List<(int Hour, int Count)> _dated = [];

    /// <summary>Whether nothing was counted.</summary>
    public bool IsEmpty => _counts.Count == 0;

    /// <summary>Whether a rhythm, as <see cref="Encode"/> gave it, has anything that the user did of their own: hours of the week come first.</summary>
    /// <exception cref="CodecException">The bytes are no rhythm.</exception>
    internal static bool HasActivity(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return false;
        var reader = new ByteReader(bytes, "A user's rhythm");
        return reader.Count(2) > 0 && reader.Varint() < WeekHours;
    }

    /// <summary>The bytes that <see cref="Read(ReadOnlySpan{byte}, Span{ValueTuple{byte, int}}, Span{ValueTuple{int, int}})"/> reads; none where nothing was counted.</summary>
    public byte[] Encode()
    {
        if (IsEmpty)
            return [];
        var writer = ByteWriter.OfThread;
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// Puts the slots that have a count, in their order, into <paramref name="slots"/>, which has room for <see cref="Slots"/>, and the hours of the calendar, as hours since year 1, into
    /// <paramref name="dated"/>, which has room for <see cref="MostDated"/>; returns how many of each there are.
    /// </summary>
    /// <exception cref="CodecException">The bytes are no rhythm.</exception>
    internal static (int Slots, int Dated) Read(ReadOnlySpan<byte> bytes, Span<(byte Slot, int Count)> slots, Span<(int Hour, int Count)> dated)
    {
        if (bytes.IsEmpty)
            return default;
        var reader = new ByteReader(bytes, "A user's rhythm");
        var read = (ReadSlots(ref reader, slots), reader.Remaining == 0 ? 0 : ReadDated(ref reader, dated, LastHour)); // a silo of an earlier version tells none
        reader.End();
        return read;
    }

    /// <summary>Every count that there is: of what, in which hour of the week (active) or of the day.</summary>
    public IEnumerable<(string What, int Hour, int Count)> Held() => _counts.Select(one => one.Slot switch
    {
        < ShownFrom => ("active", one.Slot, one.Count),
        < InterestedFrom => ("shown", one.Slot - ShownFrom, one.Count),
        < NotInterestedFrom => ("interested", one.Slot - InterestedFrom, one.Count),
        _ => ("not_interested", one.Slot - NotInterestedFrom, one.Count),
    });

    /// <summary>The hours in which the user was active, in UTC, and how much they did.</summary>
    public IEnumerable<(DateOnly Day, int Hour, int Count)> HeldDated() => _dated.Select(one => (DateOnly.FromDayNumber(one.Hour / DayHours), one.Hour % DayHours, one.Count));

    /// <summary>Counts what the user did of their own (<see cref="EntryKinds.IsActivity"/>) by hour of the week and of the calendar; and apart from that, by hour of the day, what was shown to them and whether it was of interest.</summary>
    internal void Add(Entry entry)
    {
        if ((!entry.Kind.IsActivity() && entry.Kind != EntryKind.Shown) || entry.Other is not null || entry.At == EntryValidation.Undated)
            return;
        var at = entry.At.UtcDateTime;
        if (entry.Kind.IsActivity())
        {
            Add((byte)(((((int)at.DayOfWeek + 6) % 7) * DayHours) + at.Hour), 1);
            AddDated((DateOnly.FromDateTime(at).DayNumber * DayHours) + at.Hour, 1);
        }

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
        foreach (var (hour, count) in other._dated)
            AddDated(hour, count);
    }

    /// <summary>How many slots have a count, and of each how far it is from the one before and its count; then the same of hours of the calendar.</summary>
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

        writer.Varint((ulong)_dated.Count);
        var before = 0;
        foreach (var (hour, count) in _dated)
        {
            writer.Varint((ulong)(hour - before));
            writer.Varint((ulong)count);
            before = hour;
        }
    }

    /// <param name="kept">What follows the slots.</param>
    internal void Read(ref ByteReader reader, DatedRhythm kept)
    {
        Span<(byte, int)> slots = stackalloc (byte, int)[Slots];
        _counts.AddRange(slots[..ReadSlots(ref reader, slots)]);
        if (kept == DatedRhythm.None)
            return;
        Span<(int, int)> dated = stackalloc (int, int)[MostDated];
        foreach (var (at, count) in dated[..ReadDated(ref reader, dated, kept == DatedRhythm.Days ? DateOnly.MaxValue.DayNumber : LastHour)])
            _dated.Add((kept == DatedRhythm.Days ? (at * DayHours) + Noon : at, count));
    }

    private static int LastHour => (DateOnly.MaxValue.DayNumber * DayHours) + DayHours - 1;

    private static int ReadDated(ref ByteReader reader, scoped Span<(int At, int Count)> dated, int last)
    {
        var read = reader.Count(2);
        if (read > MostDated)
            throw reader.Fail($"it has {read} hours, and {MostDated} at the most are kept");
        var at = 0L;
        for (var i = 0; i < read; i++)
        {
            var from = reader.Varint();
            at += (long)Math.Min(from, int.MaxValue);
            if (from == 0 || at > last)
                throw reader.Fail("its hours are not in order, or out of the calendar");
            dated[i] = ((int)at, ReadCount(ref reader));
        }

        return read;
    }

    private static int ReadCount(ref ByteReader reader)
    {
        var count = reader.Varint();
        return count is > 0 and <= int.MaxValue ? (int)count : throw reader.Fail($"it has a count of {count}, which is not from 1 to {int.MaxValue}");
    }

    private static int ReadSlots(ref ByteReader reader, scoped Span<(byte Slot, int Count)> slots)
    {
        var (slot, read) = (-1L, reader.Count(2));
        for (var i = 0; i < read; i++)
        {
            slot += 1 + (long)Math.Min(reader.Varint(), Slots);
            if (slot >= Slots)
                throw reader.Fail("it counts hours that a week does not have");
            slots[i] = ((byte)slot, ReadCount(ref reader));
        }

        return read;
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

    private void AddDated(int hour, int by)
    {
        // Events come mostly in the order of time.
        var place = _dated.Count;
        while (place > 0 && _dated[place - 1].Hour > hour)
            place--;
        if (place > 0 && _dated[place - 1].Hour == hour)
        {
            _dated[place - 1] = (hour, (int)Math.Min((long)_dated[place - 1].Count + by, int.MaxValue));
            return;
        }

        if (place == 0 && _dated.Count == MostDated)
            return;
        _dated.Insert(place, (hour, by));
        if (_dated.Count > MostDated)
            _dated.RemoveAt(0);
    }
}

/// <summary>What a version keeps of a rhythm beside hours of the week.</summary>
internal enum DatedRhythm
{
    None,
    Days,
    Hours,
}
