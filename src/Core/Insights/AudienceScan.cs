using System.Runtime.InteropServices;
using Auie.Core.Features;

namespace Auie.Core.Insights;

/// <summary>
/// Who a shard's users are, and how interested they are by group, read from its columns: no user is asked. Parts add up over shards, to the same counts whatever order users came in.
/// </summary>
public sealed class AudienceScan
{
    /// <summary>An instant beyond it cannot be told, and rounding may lead there.</summary>
    private static readonly double LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly Dictionary<string, Dictionary<string, InterestTally>> _groups = AudienceRow.Names.ToDictionary(name => name, _ => new Dictionary<string, InterestTally>());

    public Audience Audience { get; } = new();

    /// <summary>Of everybody.</summary>
    public InterestTally Interest { get; private set; }

    /// <summary>By what users are told apart by, and value; who has no value is in no group.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, InterestTally>> Groups => _groups;

    /// <param name="year">The year at which ages are told.</param>
    public static AudienceScan Of(IEnumerable<AudienceRow> rows, int year)
    {
        var scan = new AudienceScan();
        foreach (var row in rows) scan.Add(row, year);
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

    private void Add(AudienceRow row, int year)
    {
        var facts = row.Facts;
        Audience.Add(new AudienceMember
        {
            Gender = row.Gender,
            BirthYear = row.Born,
            Locale = row.Locale,
            JoinedAt = facts[Fact.JoinedAt] is var joined && double.IsNaN(joined) ? null : DateTimeOffset.UnixEpoch.AddSeconds(Math.Min(joined, LatestSecond)),
            Friends = (int)facts[Fact.Friends],
            Platforms = row.Platforms,
        });
        var shown = (long)facts[Fact.Impressions];
        if (shown == 0) return;
        var tally = InterestTally.Of(shown, (long)facts[Fact.ImpressionsInterested], (long)facts[Fact.ImpressionsNotInterested]);
        Interest += tally;
        foreach (var name in AudienceRow.Names)
        {
            foreach (var value in row.Values(name, year)) Add(name, value, tally);
        }
    }

    private void Add(string name, string value, InterestTally tally) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_groups[name], value, out _) += tally;
}
