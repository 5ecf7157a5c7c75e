using System.Globalization;

namespace Auie.Core.Insights;

/// <summary>What looks wrong and is kept as it is: why, of how many users, and some of the values.</summary>
public sealed record Suspicion(string Reason, long Count, string[] Examples);

/// <summary>One thing that profiles say: of how many users it is known, of how many it is not, and what of it looks wrong.</summary>
public sealed record FieldQuality(string Field, string Definition, long Known, long Missing, Suspicion[] Suspicious);

/// <summary>How complete and how plausible users' profiles are, from counts alone.</summary>
public static class ProfileQuality
{
    /// <summary>Whoever is older, or younger, has hardly told their own year of birth.</summary>
    private const int OldestAge = 100, YoungestAge = 6;

    /// <summary>A spike is of so many users at the least, and of so many times as many as in any year within so many of it.</summary>
    private const int FewestOfSpike = 20, TimesOfSpike = 4, YearsBeside = 2;

    /// <summary>Clocks differ from UTC by so many minutes at the most, and by whole quarters of an hour.</summary>
    private const int FarthestZone = 840, StepOfZone = 15;

    private const int Examples = 3;

    /// <summary>Why a year that <see cref="Spikes"/> found is suspicious.</summary>
    public static string Spike { get; } = $"a spike: more than {TimesOfSpike} times as many users as in any year near it";

    public static FieldQuality[] Of(Audience audience, DateTimeOffset asOf)
    {
        var (births, joined, zones) = (audience.Numbers[Audience.BirthYear], audience.Numbers[Audience.JoinedMonth], audience.Numbers[Audience.Timezone]);
        var (year, month) = (asOf.UtcDateTime.Year, AudienceRow.MonthOf(asOf.UtcDateTime));
        return
        [
            Field("birthyear", "a year of birth from 1900 to 2000", births.Values.Sum(),
                Of(births, born => year - born > OldestAge, $"makes them older than {OldestAge}"), Of(births, born => year - born < YoungestAge, $"makes them younger than {YoungestAge}"), Of(Spikes(births).ToDictionary(), _ => true, Spike)),
            Field("gender", "male or female", audience.Texts[Audience.Gender].Values.Sum()),
            Field("locale", "language and country", audience.Texts[Audience.Locale].Values.Sum(), Of(audience.Texts[Audience.Locale], locale => !IsUsualLocale(locale), "is no locale as in en_US")),
            Field("place", "where the user lives", audience.Texts[Audience.Place].Values.Sum(), Of(audience.Texts[Audience.Place], SaysNothing, "is what programs write where there is nothing")),
            Field("timezone", "minutes from UTC", zones.Values.Sum(), Of(zones, minutes => Math.Abs(minutes) > FarthestZone || minutes % StepOfZone != 0, "is no clock's difference from UTC")),
            Field("joinedAt", "when the user joined", joined.Values.Sum(), Of(joined, at => at > month, "is after the last event", at => string.Create(CultureInfo.InvariantCulture, $"{at / 12}-{(at % 12) + 1:00}"))),
            Field("friends", "one friend at the least in the list", audience.Users - audience.Numbers[Audience.Friends].GetValueOrDefault(0)),
            Field("platform", "seen on the web, in an app or by email", audience.OnPlatforms),
        ];

        FieldQuality Field(string name, string definition, long known, params Suspicion[] suspicious) => new(name, definition, known, audience.Users - known, [.. suspicious.Where(one => one.Count > 0)]);
    }

    /// <summary>Years that far more users were born in than in the years beside: what a form says of those who did not choose.</summary>
    public static IEnumerable<KeyValuePair<int, long>> Spikes(IReadOnlyDictionary<int, long> births) => births
        .Where(year => year.Value >= FewestOfSpike && Enumerable.Range(year.Key - YearsBeside, (2 * YearsBeside) + 1).All(other => other == year.Key || year.Value > TimesOfSpike * births.GetValueOrDefault(other)))
        .OrderBy(year => year.Key);

    /// <summary>Whether it has the form of en_US.</summary>
    public static bool IsUsualLocale(string locale) => locale is [>= 'a' and <= 'z', >= 'a' and <= 'z', '_', >= 'A' and <= 'Z', >= 'A' and <= 'Z'];

    /// <summary>Whether all of its words are those of a program that had nothing to say, such as "undefined  undefined".</summary>
    public static bool SaysNothing(string text) =>
        text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } words && Array.TrueForAll(words, word => word.ToLowerInvariant() is "undefined" or "null" or "none" or "nan" or "n/a" or "unknown");

    private static Suspicion Of<T>(IReadOnlyDictionary<T, long> counts, Func<T, bool> isSuspicious, string reason, Func<T, string>? text = null) where T : notnull
    {
        var suspicious = counts.Where(one => isSuspicious(one.Key)).Select(one => (Value: text?.Invoke(one.Key) ?? string.Create(CultureInfo.InvariantCulture, $"{one.Key}"), one.Value)).ToArray();
        return new Suspicion(reason, suspicious.Sum(one => one.Item2), [.. suspicious.OrderByDescending(one => one.Item2).ThenBy(one => one.Value, StringComparer.Ordinal).Take(Examples).Select(one => one.Value)]);
    }
}
