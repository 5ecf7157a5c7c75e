namespace Auie.Core.Ranking;

/// <summary>
/// Features that what is served and what is judged on an event challenge's tables both have: each has one meaning, and is computed here for both. Null is what is not known.
/// </summary>
public static class SharedFeatures
{
    /// <summary>Hours to the start, in whole ones; and the start's hour and weekday where the user is.</summary>
    public static (float? Hours, float? Hour, float? Weekday) Start(DateTimeOffset? start, DateTimeOffset at, int timezoneMinutes)
    {
        if (start is not { } instant) return default;
        var local = instant.ToOffset(TimeSpan.FromMinutes(timezoneMinutes));
        return (HoursOf(instant) - HoursOf(at), local.Hour, (float)local.DayOfWeek);
    }

    /// <summary>Of those who answered the shares that said yes, maybe and no.</summary>
    public static (float? Yes, float? Maybe, float? No) Answers(int? yes, int? maybe, int? no)
    {
        var all = yes + maybe + no;
        return (Share(yes, all), Share(maybe, all), Share(no, all));
    }

    /// <summary>Whether a place's name comes in a user's words for where they are.</summary>
    public static float? SamePlace(string? location, string? place)
    {
        if (string.IsNullOrWhiteSpace(location) || string.IsNullOrWhiteSpace(place)) return null;
        return location.Contains(place, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
    }

    /// <summary>A part of a whole; null where the whole is nothing.</summary>
    public static float? Share(float? part, float? whole) => whole > 0 ? part / whole : null;

    internal static long HoursOf(DateTimeOffset instant) => instant.UtcTicks / TimeSpan.TicksPerHour;
}
