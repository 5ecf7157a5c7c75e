namespace Auie.Core.Codecs;

/// <summary>
/// Instants in a list share the coarsest unit that holds them all exactly (seconds, milliseconds or ticks of 100 ns), so that whole
/// seconds, which is what most sources give, are short.
/// </summary>
internal static class Instants
{
    private static ReadOnlySpan<long> Units => [1, TimeSpan.TicksPerMillisecond, TimeSpan.TicksPerSecond];

    /// <summary>The code of the coarsest unit that divides both what <paramref name="unit"/> stands for and the instant.</summary>
    public static int Coarsest(int unit, long ticks)
    {
        while (ticks % Units[unit] != 0)
            unit--;
        return unit;
    }

    /// <summary>The code of the coarsest unit there is, to begin with.</summary>
    public const int Seconds = 2;

    public static long Ticks(int unit) => Units[unit];

    /// <summary>From this instant a list counts: instants of the present take no more bytes than their distance from it.</summary>
    public static readonly long Epoch = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    public static int ReadUnit(ref ByteReader reader) => reader.Bounded(Seconds);

    /// <summary>The instant that lies <paramref name="delta"/> units after another; refuses what no calendar holds.</summary>
    public static long Add(ref ByteReader reader, long ticks, long delta, int unit)
    {
        var sum = (Int128)ticks + (Int128)delta * Units[unit];
        return sum >= 0 && sum <= DateTime.MaxValue.Ticks ? (long)sum : throw reader.Fail("an instant is out of the calendar");
    }

    private const int LargestOffset = 14 * 60;

    /// <summary>The instant at an offset from UTC, in minutes; refuses what no calendar holds.</summary>
    public static DateTimeOffset At(ref ByteReader reader, long ticks, Int128 minutes)
    {
        var local = ticks + minutes * TimeSpan.TicksPerMinute;
        if (minutes < -LargestOffset || minutes > LargestOffset || local < 0 || local > DateTime.MaxValue.Ticks)
            throw reader.Fail("an offset from UTC is out of range");
        return new DateTimeOffset((long)local, TimeSpan.FromMinutes((int)minutes));
    }
}
