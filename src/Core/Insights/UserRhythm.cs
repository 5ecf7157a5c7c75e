using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// One user's rhythm, moved to their own clock, to be counted in one tally or several; read again for one user after another.
/// </summary>
/// <param name="firstDay">From which day on days are told, as days since year 1.</param>
public sealed class UserRhythm(int firstDay = 0)
{
    private readonly (byte Slot, int Count)[] _slots = new (byte, int)[Rhythm.Slots];
    private readonly (int Hour, int Count)[] _dated = new (int, int)[Rhythm.MostDated];
    private readonly (int Day, int Count)[] _days = new (int, int)[Rhythm.MostDated];
    private readonly (int Hour, int Count)[] _hours = new (int, int)[Rhythm.WeekHours];
    private readonly long[] _shown = new long[RhythmTally.Windows], _interested = new long[RhythmTally.Windows], _active = new long[RhythmTally.Windows];
    private int _hoursRead, _daysRead;

    public bool IsEmpty => _hoursRead == 0;

    /// <summary>All that they did.</summary>
    public long Events { get; private set; }

    public long AllShown { get; private set; }

    public long AllInterested { get; private set; }

    /// <summary>Activity by hour of the week.</summary>
    internal ReadOnlySpan<(int Hour, int Count)> WeekHours => _hours.AsSpan(0, _hoursRead);

    /// <summary>Activity by day from the first that is told.</summary>
    internal ReadOnlySpan<(int Day, int Count)> Days => _days.AsSpan(0, _daysRead);

    /// <summary>By window: what was shown, of it what was of interest, and activity.</summary>
    internal ReadOnlySpan<long> Shown => _shown;

    internal ReadOnlySpan<long> Interested => _interested;

    internal ReadOnlySpan<long> Active => _active;

    /// <param name="rhythm">As <see cref="Rhythm.Encode"/> gave it.</param>
    /// <param name="zoneMinutes">The user's offset from UTC. Of a zone off the whole hour, an hour counts where it begins.</param>
    public void Read(ReadOnlySpan<byte> rhythm, int zoneMinutes)
    {
        (_hoursRead, _daysRead, Events, AllShown, AllInterested) = (0, 0, 0, 0, 0);
        Array.Clear(_shown);
        Array.Clear(_interested);
        Array.Clear(_active);
        var (slots, dated) = Rhythm.Read(rhythm, _slots, _dated);
        Span<long> answered = stackalloc long[RhythmTally.Windows];
        answered.Clear();
        var shift = (int)Math.Floor(zoneMinutes / 60.0);
        foreach (var (slot, count) in _slots.AsSpan(0, slots))
        {
            if (slot < Rhythm.WeekHours)
            {
                var local = (slot + shift + Rhythm.WeekHours) % Rhythm.WeekHours;
                _hours[_hoursRead++] = (local, count);
                _active[local % Rhythm.DayHours / RhythmTally.WindowHours] += count;
                Events += count;
                continue;
            }

            // Of what was shown, of interest and not, an hour of the day each.
            var window = ((slot % Rhythm.DayHours) + shift + Rhythm.DayHours) % Rhythm.DayHours / RhythmTally.WindowHours;
            if (slot < Rhythm.InterestedFrom)
            {
                _shown[window] += count;
                continue;
            }

            answered[window] += count;
            if (slot < Rhythm.NotInterestedFrom) _interested[window] += count;
        }

        for (var window = 0; window < RhythmTally.Windows; window++)
        {
            // What was answered was shown, though not anybody said so.
            _shown[window] = Math.Max(_shown[window], answered[window]);
            AllShown += _shown[window];
            AllInterested += _interested[window];
        }

        foreach (var (hour, count) in _dated.AsSpan(0, dated))
        {
            var day = ((hour + shift) / Rhythm.DayHours) - firstDay;
            if (day < 0) continue;
            if (_daysRead > 0 && _days[_daysRead - 1].Day == day) _days[_daysRead - 1].Count += count;
            else _days[_daysRead++] = (day, count);
        }
    }
}
