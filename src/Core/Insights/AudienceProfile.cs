using System.Globalization;
using System.Runtime.InteropServices;
using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>A value, and how many of those of whom it is known have it.</summary>
public sealed record Share(string Value, Rate Rate);

/// <summary>People by one thing that is known of them.</summary>
/// <param name="Definition">What is counted, in words.</param>
/// <param name="Others">How many have values that are too rare to be listed.</param>
public sealed record Breakdown(string Name, string Definition, long Known, long Missing, Share[] Shares, long Others)
{
    /// <summary>Whether one user may have several of these values, so that shares, which are of users, add up to more than all.</summary>
    public bool Overlaps => Audience.Overlaps(Name);
}

/// <summary>What a number is among people.</summary>
public sealed record NumberSummary(string Name, string Definition, long N, double Mean, double LowerQuartile, double Median, double UpperQuartile);

/// <summary>Who there is, as of an instant.</summary>
public sealed record AudienceProfile(long Users, DateTimeOffset AsOf, Breakdown[] Breakdowns, NumberSummary[] Numbers)
{
    private const int Listed = 12;

    private static readonly (string Name, int From)[] AgeBands =
        [("under 18", int.MinValue), ("18 to 24", 18), ("25 to 34", 25), ("35 to 44", 35), ("45 to 54", 45), ("55 to 64", 55), ("65 and over", 65)];

    private static readonly (string Name, int From)[] TenureBands =
        [("under 1 month", int.MinValue), ("1 to 2 months", 1), ("3 to 5 months", 3), ("6 to 11 months", 6), ("1 year and more", 12)];

    private static readonly (string Name, int From)[] FriendBands =
        [("none", int.MinValue), ("1 to 99", 1), ("100 to 499", 100), ("500 to 999", 500), ("1,000 to 1,999", 1_000), ("2,000 and more", 2_000)];

    public static AudienceProfile Of(Audience audience, DateTimeOffset asOf)
    {
        var ages = AgesOf(audience, asOf);
        // Who joins later has been there for none.
        var months = Turned(audience.Numbers[Audience.JoinedMonth], AudienceRow.MonthOf(asOf.UtcDateTime), least: 0);
        var friends = audience.Numbers[Audience.Friends];
        var year = asOf.UtcDateTime.Year.ToString(CultureInfo.InvariantCulture);
        return new AudienceProfile(audience.Users, asOf,
        [
            Texts("gender", "as the profile says", audience.Texts[Audience.Gender]),
            Bands("age", $"{year} less the year of birth", ages, AgeBands),
            Texts("locale", "language and country of the profile", audience.Texts[Audience.Locale]),
            Texts("place", "where the profile says that the user lives, as written", audience.Texts[Audience.Place]),
            Bands("tenure", "calendar months since the user joined", months, TenureBands),
            Bands("friends", "friends in the user's list", friends, FriendBands),
            Texts("platform", "where the user was ever seen; one user may be on several, so that shares of users add up to more than all", audience.Texts[Audience.Platform], audience.OnPlatforms),
        ],
        [
            Summary("age", $"{year} less the year of birth", ages),
            Summary("tenure", "calendar months since the user joined", months),
            Summary("friends", "friends in the user's list", friends),
        ]);

        Breakdown Texts(string name, string definition, Dictionary<string, long> counts, long? known = null)
        {
            var of = known ?? counts.Values.Sum();
            var ordered = counts.Where(one => one.Key != Audience.Rest).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).ToArray();
            return new Breakdown(name, definition, of, audience.Users - of, [.. ordered.Take(Listed).Select(one => new Share(one.Key, Rate.Of(one.Value, of)))],
                ordered.Skip(Listed).Sum(one => one.Value) + counts.GetValueOrDefault(Audience.Rest));
        }

        Breakdown Bands(string name, string definition, Dictionary<int, long> counts, (string Name, int From)[] bands)
        {
            var sums = new long[bands.Length];
            foreach (var (value, count) in counts) sums[Array.FindLastIndex(bands, band => value >= band.From)] += count;
            var known = sums.Sum();
            return new Breakdown(name, definition, known, audience.Users - known, [.. bands.Select((band, i) => new Share(band.Name, Rate.Of(sums[i], known)))], 0);
        }
    }

    /// <summary>The name of the band that an age is in; unknown of who was born later.</summary>
    public static string AgeBandOf(int age) => age < 0 ? AudienceRow.Unknown : AgeBands[Array.FindLastIndex(AgeBands, band => age >= band.From)].Name;

    /// <summary>The share of those of a known age who are from one age to another, both included.</summary>
    public static Rate Aged(Audience audience, DateTimeOffset asOf, int from, int to)
    {
        var ages = AgesOf(audience, asOf);
        return Rate.Of(ages.Where(age => age.Key >= from && age.Key <= to).Sum(age => age.Value), ages.Values.Sum());
    }

    /// <summary>Who is born after the instant is of no age then.</summary>
    private static Dictionary<int, long> AgesOf(Audience audience, DateTimeOffset asOf) =>
        Turned(audience.Numbers[Audience.BirthYear], asOf.UtcDateTime.Year).Where(age => age.Key >= 0).ToDictionary();

    private static Dictionary<int, long> Turned(Dictionary<int, long> counts, int from, int least = int.MinValue)
    {
        var turned = new Dictionary<int, long>();
        foreach (var (value, count) in counts) CollectionsMarshal.GetValueRefOrAddDefault(turned, Math.Max(least, from - value), out _) += count;
        return turned;
    }

    private static NumberSummary Summary(string name, string definition, Dictionary<int, long> counts)
    {
        var sorted = counts.OrderBy(one => one.Key).ToArray();
        var n = sorted.Sum(one => one.Value);
        return new NumberSummary(name, definition, n, n == 0 ? double.NaN : sorted.Sum(one => (double)one.Key * one.Value) / n, Quantile(0.25), Quantile(0.5), Quantile(0.75));

        // Between two people in the middle, half of each.
        double Quantile(double share)
        {
            if (n == 0) return double.NaN;
            var place = share * (n - 1);
            var (below, above) = (At((long)Math.Floor(place)), At((long)Math.Ceiling(place)));
            return below + ((place - Math.Floor(place)) * (above - below));
        }

        double At(long place)
        {
            foreach (var (value, count) in sorted)
            {
                if (place < count) return value;
                place -= count;
            }

            return sorted[^1].Key;
        }
    }
}
