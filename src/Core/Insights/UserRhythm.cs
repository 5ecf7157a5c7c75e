using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// One user's rhythm, moved to their own clock, to be counted in one tally or several; read again for one user after another. What was shown, and what of it was of interest, is of their latest steps: an
/// answer counts in the hour in which what it answers was last shown to them, however much later it came.
/// </summary>
/// <param name="firstDay">From which day on days are told, as days since year 1.</param>
public sealed class UserRhythm(int firstDay = 0)
{
    private readonly (byte Slot, int Count)[] _slots = new (byte, int)[Rhythm.Slots];
    private readonly (int Hour, int Count)[] _dated = new (int, int)[Rhythm.MostDated];
    private readonly (int Day, int Count)[] _days = new (int, int)[Rhythm.MostDated];
    private readonly (int Hour, int Count)[] _hours = new (int, int)[Rhythm.WeekHours];
    private readonly long[] _ticks = new long[Trail.Most];
    private readonly EntryKind[] _kinds = new EntryKind[Trail.Most];
    private readonly int[] _items = new int[Trail.Most];
    private readonly EntryKind[] _answers = new EntryKind[Trail.Most];
    private readonly long[] _shown = new long[RhythmTally.Windows], _interested = new long[RhythmTally.Windows], _active = new long[RhythmTally.Windows];
    private int _hoursRead, _daysRead;

    /// <summary>Whether they neither did anything nor were shown anything of which it is known when.</summary>
    public bool IsEmpty => _hoursRead == 0 && AllShown == 0;

    /// <summary>All that they did of their own.</summary>
    public long Events { get; private set; }

    public long AllShown { get; private set; }

    public long AllInterested { get; private set; }

    /// <summary>Of fewer events nothing is told of when somebody is there most.</summary>
    public const int FewestEvents = 5;

    /// <summary>The beginning of the three hours of the day in which they do most, on the weekday on which they do most then, as an hour of the week; of equal ones the first. Null where they did too little, or nothing in these hours of the day.</summary>
    public int? Busiest(int fromHour, int toHour)
    {
        var chosen = -1;
        for (var window = fromHour; window <= toHour - RhythmTally.WindowHours; window++)
        {
            if (_active[window] > 0 && (chosen < 0 || _active[window] > _active[chosen])) chosen = window;
        }

        if (chosen < 0 || Events < FewestEvents) return null;
        Span<int> byWeekday = stackalloc int[Activity.DaysOfWeek];
        byWeekday.Clear();
        foreach (var (hour, count) in WeekHours)
        {
            if (hour % Rhythm.DayHours - chosen is >= 0 and < RhythmTally.WindowHours) byWeekday[hour / Rhythm.DayHours] += count;
        }

        var weekday = 0;
        for (var day = 1; day < Activity.DaysOfWeek; day++)
        {
            if (byWeekday[day] > byWeekday[weekday]) weekday = day;
        }

        return (weekday * Rhythm.DayHours) + chosen;
    }

    /// <summary>Activity by hour of the week.</summary>
    internal ReadOnlySpan<(int Hour, int Count)> WeekHours => _hours.AsSpan(0, _hoursRead);

    /// <summary>Activity by day from the first that is told.</summary>
    internal ReadOnlySpan<(int Day, int Count)> Days => _days.AsSpan(0, _daysRead);

    /// <summary>By window: what was shown, of it what was of interest, and activity.</summary>
    internal ReadOnlySpan<long> Shown => _shown;

    internal ReadOnlySpan<long> Interested => _interested;

    internal ReadOnlySpan<long> Active => _active;

    /// <param name="rhythm">As <see cref="Rhythm.Encode"/> gave it.</param>
    /// <param name="trail">As <see cref="Trail.Encode"/> gave it.</param>
    /// <param name="zoneMinutes">The user's offset from UTC. Of a zone off the whole hour, an hour counts where it begins.</param>
    public void Read(ReadOnlySpan<byte> rhythm, ReadOnlySpan<byte> trail, int zoneMinutes)
    {
        (_hoursRead, _daysRead, Events, AllShown, AllInterested) = (0, 0, 0, 0, 0);
        Array.Clear(_shown);
        Array.Clear(_interested);
        Array.Clear(_active);
        var (slots, dated) = Rhythm.Read(rhythm, _slots, _dated);
        var shift = (int)Math.Floor(zoneMinutes / 60.0);
        foreach (var (slot, count) in _slots.AsSpan(0, slots))
        {
            if (slot >= Rhythm.WeekHours) break;
            var local = (slot + shift + Rhythm.WeekHours) % Rhythm.WeekHours;
            _hours[_hoursRead++] = (local, count);
            Count(_active, local % Rhythm.DayHours, count);
            Events += count;
        }

        foreach (var (hour, count) in _dated.AsSpan(0, dated))
        {
            var day = ((hour + shift) / Rhythm.DayHours) - firstDay;
            if (day < 0) continue;
            if (_daysRead > 0 && _days[_daysRead - 1].Day == day) _days[_daysRead - 1].Count += count;
            else _days[_daysRead++] = (day, count);
        }

        ReadShowings(trail, shift);
    }

    /// <summary>
    /// Each showing of a known item counts once, with the latest answer to it that came before the item was shown again. Of somebody to whom nothing was shown, so far as is known, what they answered counts as
    /// shown when they answered it.
    /// </summary>
    private void ReadShowings(ReadOnlySpan<byte> trail, int shift)
    {
        var (steps, anyShown) = (Trail.Read(trail, _ticks, _kinds, _items), false);
        for (var i = 0; i < steps; i++)
        {
            _answers[i] = default;
            if (_items[i] == 0) continue;
            if (_kinds[i] == EntryKind.Shown) anyShown = true;
            else if (_kinds[i] is EntryKind.Interested or EntryKind.NotInterested && LastShown(i) is >= 0 and var shown) _answers[shown] = _kinds[i];
        }

        for (var i = 0; i < steps; i++)
        {
            var answer = anyShown ? _answers[i] : _kinds[i];
            if (_items[i] == 0 || !(anyShown ? _kinds[i] == EntryKind.Shown : answer is EntryKind.Interested or EntryKind.NotInterested)) continue;
            var hour = ((int)(_ticks[i] % TimeSpan.TicksPerDay / TimeSpan.TicksPerHour) + shift + Rhythm.DayHours) % Rhythm.DayHours;
            Count(_shown, hour, 1);
            AllShown++;
            if (answer != EntryKind.Interested) continue;
            Count(_interested, hour, 1);
            AllInterested++;
        }
    }

    /// <summary>Into every window that an hour is in.</summary>
    private static void Count(long[] windows, int hour, int count)
    {
        for (var into = 0; into < RhythmTally.WindowHours; into++) windows[hour >= into ? hour - into : hour - into + RhythmTally.Windows] += count;
    }

    private int LastShown(int answer)
    {
        var at = answer - 1;
        while (at >= 0 && !(_items[at] == _items[answer] && _kinds[at] == EntryKind.Shown)) at--;
        return at;
    }
}
