using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace Auie.Api.Tracking;

/// <summary>What an identify says, with what the engine reads in it put in the engine's own words.</summary>
internal static class IdentifiedTraits
{
    /// <summary>Names that are remembered, known or not; others are looked up each time.</summary>
    private const int ZonesAtMost = 2_000;

    private static readonly SearchValues<char> ZoneUnits = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-");

    private static readonly ConcurrentDictionary<string, TimeZoneInfo?> Zones = new();

    /// <param name="at">The time that a zone's offset from UTC is taken at.</param>
    public static Fault? Read(JsonElement traits, in MessageContext context, DateTimeOffset at, out Dictionary<string, string>? read)
    {
        read = null;
        var all = Flattened.Whole();
        if ((all.Add(context.Traits, "context.traits") ?? all.Add(traits, "traits")) is { } fault) return fault;
        if (context.Locale is { } locale && !all.Has("locale") && all.Set("locale", locale, "context.locale") is { } noLocale) return noLocale;
        if (context.Timezone is { } timezone && !all.Has("timezone") && all.Set("timezone", timezone, "context.timezone") is { } noTimezone) return noTimezone;
        if (all["locale"] is { } given) all.Set("locale", LocaleOf(given), "traits.locale");
        if (all["timezone"] is { } zone && ZoneOf(zone) is { } known)
            all.Set("timezone", known.GetUtcOffset(at).TotalMinutes.ToString("0", CultureInfo.InvariantCulture), "traits.timezone");
        if (!all.Has("birthyear") && all["birthday"] is { } birthday && YearOf(birthday) is { } year
            && all.Set("birthyear", year, "traits.birthday") is { } noYear)
            return noYear;
        foreach (var created in (ReadOnlySpan<string>)["createdAt", "created_at"])
        {
            if (all.Has("joinedAt") || all[created] is not { } text || !TryInstant(text, out var joined)) continue;
            all.Remove(created);
            all.Set("joinedAt", Values.Written(joined), $"traits.{created}");
        }

        read = all.Traits;
        return null;
    }

    /// <summary>The zone of a name as in Europe/Oslo; null for a text that is none.</summary>
    private static TimeZoneInfo? ZoneOf(string name)
    {
        // A zone is looked for in a file of its name, which must not lead anywhere else.
        if (name.Length > 64 || !char.IsAsciiLetter(name[0]) || name.AsSpan().ContainsAnyExcept(ZoneUnits)) return null;
        if (Zones.TryGetValue(name, out var known)) return known;
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out known)) known = null;
        if (Zones.Count < ZonesAtMost) Zones.TryAdd(name, known);
        return known;
    }

    /// <summary>en-US, as browsers and phones have it, as en_US.</summary>
    private static string LocaleOf(string text) =>
        text.Length == 5 && text[2] == '-' && char.IsAsciiLetter(text[0]) && char.IsAsciiLetter(text[1]) && char.IsAsciiLetter(text[3]) && char.IsAsciiLetter(text[4])
            ? string.Concat(text.AsSpan(0, 2), "_", text.AsSpan(3))
            : text;

    private static string? YearOf(string birthday) =>
        birthday.Length >= 10 && TryInstant(birthday, out var at) ? at.Year.ToString("0000", CultureInfo.InvariantCulture) : null;

    private static bool TryInstant(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out at)
        && text.Length >= 10 && text[4] == '-' && at >= TrackingLimits.Earliest && at < TrackingLimits.Latest;
}
