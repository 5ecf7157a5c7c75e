using System.Globalization;
using System.Runtime.InteropServices;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Insights;

/// <summary>Whom an insight is about; null for anybody.</summary>
/// <param name="Segment">A segment's number in the model that is asked for.</param>
/// <param name="Gender">male, female or unknown.</param>
/// <param name="Platform">web, mobile or email.</param>
/// <param name="BornFrom">The earliest year of birth.</param>
/// <param name="BornTo">The latest.</param>
public sealed record AudienceFilter(int? Segment = null, string? Locale = null, string? Gender = null, string? Platform = null, int? BornFrom = null, int? BornTo = null);

/// <summary>
/// Who a shard's users are, and how interested they are by group, read from its columns: no user is asked. Parts add up over shards, to the same counts whatever order users came in.
/// </summary>
public sealed class AudienceScan
{
    /// <summary>What interest is told by. A segment's value is its number.</summary>
    public const string Segment = "segment", AgeBand = "age";

    /// <summary>An instant beyond it cannot be told, and rounding may lead there.</summary>
    private static readonly double LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>As many as there can be segments.</summary>
    private static readonly string[] Numbers = [.. Enumerable.Range(0, KMeansOptions.MaxK).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private readonly Dictionary<string, Dictionary<string, InterestTally>> _groups =
        new() { [Audience.Locale] = [], [Audience.Gender] = [], [AgeBand] = [], [Audience.Platform] = [], [Segment] = [] };

    public Audience Audience { get; } = new();

    /// <summary>Of everybody.</summary>
    public InterestTally Interest { get; private set; }

    /// <summary>By what they are told by, and value; who has no value is in no group.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, InterestTally>> Groups => _groups;

    /// <param name="segmentOf">The segment of a row, or <see cref="LiveSegments.None"/>; null where there are none.</param>
    /// <param name="year">The year at which ages are told.</param>
    public static AudienceScan Of(LiveUsers users, Func<int, int>? segmentOf, AudienceFilter filter, int year)
    {
        var scan = new AudienceScan();
        var platforms = new List<string>(3);
        foreach (var row in users.Rows)
        {
            var facts = users.Facts(row);
            var segment = segmentOf?.Invoke(row) ?? LiveSegments.None;
            if (filter.Segment is { } wanted && wanted != segment) continue;
            var locale = users.Locale(row);
            if (filter.Locale is { } inLocale && inLocale != locale) continue;
            var gender = facts[Fact.GenderMale] switch { 1 => "male", 0 => "female", _ => "" };
            if (filter.Gender is { } ofGender && ofGender != (gender.Length == 0 ? "unknown" : gender)) continue;
            int? born = facts[Fact.BirthYear] is var birth && double.IsNaN(birth) ? null : (int)birth;
            if ((filter.BornFrom is { } from && !(born >= from)) || (filter.BornTo is { } to && !(born <= to))) continue;
            platforms.Clear();
            if (facts[Fact.WebEvents] > 0) platforms.Add("web");
            if (facts[Fact.MobileEvents] > 0) platforms.Add("mobile");
            if (facts[Fact.EmailEvents] > 0) platforms.Add("email");
            if (filter.Platform is { } on && !platforms.Contains(on)) continue;
            scan.Add(facts, segment, locale, gender, born, platforms, year);
        }

        return scan;
    }

    /// <summary>A part that was made elsewhere.</summary>
    public void Merge(Audience audience, InterestTally interest, IReadOnlyDictionary<string, Dictionary<string, InterestTally>> groups)
    {
        Audience.Merge(audience);
        Interest += interest;
        foreach (var (name, tallies) in groups)
        {
            foreach (var (value, tally) in tallies) Add(name, value, tally);
        }
    }

    private void Add(IFacts facts, int segment, string locale, string gender, int? born, List<string> platforms, int year)
    {
        Audience.Add(new AudienceMember
        {
            Gender = gender,
            BirthYear = born,
            Locale = locale,
            JoinedAt = facts[Fact.JoinedAt] is var joined && double.IsNaN(joined) ? null : DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(joined, LatestSecond)),
            Friends = (int)facts[Fact.Friends],
            Platforms = platforms,
        });
        var shown = (long)facts[Fact.Impressions];
        if (shown == 0) return;
        var tally = InterestTally.Of(shown, (long)facts[Fact.ImpressionsInterested], (long)facts[Fact.ImpressionsNotInterested]);
        Interest += tally;
        if (locale.Length > 0) Add(Audience.Locale, locale, tally);
        if (gender.Length > 0) Add(Audience.Gender, gender, tally);
        if (born is { } birth) Add(AgeBand, AudienceProfile.AgeBandOf(year - birth), tally);
        foreach (var platform in platforms) Add(Audience.Platform, platform, tally);
        if (segment != LiveSegments.None) Add(Segment, Numbers[segment], tally);
    }

    private void Add(string name, string value, InterestTally tally) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_groups[name], value, out _) += tally;
}
