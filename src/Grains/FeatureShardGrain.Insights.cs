using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>Who is here, how interested they are and how far they get: one pass over the columns.</summary>
public sealed partial class FeatureShardGrain
{
    public async Task<AudiencePart> GetAudience(AudienceQuery query, CancellationToken cancellationToken) =>
        AudienceParts.Of(AudienceScan.Of(await AudienceRows(query, cancellationToken), query.Year, options.Value.MaxInsightPlaces));

    public async Task<FunnelPart> GetFunnel(AudienceQuery query, string[] steps, string? by, string[]? told, CancellationToken cancellationToken)
    {
        FunnelStep[] known = [.. steps.Select(name => FunnelStep.Find(name) ?? throw new InvalidRequestException("steps", $"there is no step '{name}'"))];
        return AudienceParts.Of(FunnelScan.Of(await AudienceRows(query, cancellationToken), known, by, query.Year, told?.ToHashSet()));
    }

    public Task<Dictionary<string, long>> GetStepsKept(CancellationToken cancellationToken) =>
        Task.FromResult(_users.StepsKept.ToDictionary(one => one.Key.Name(), one => one.Value));

    public async Task<Dictionary<string, long>> GetSizes(AudienceQuery query, string by, int most, CancellationToken cancellationToken) =>
        AudienceRow.Sizes(await AudienceRows(query, cancellationToken), by, query.Year, most);

    public async Task<Dictionary<string, long>> GetActiveLocales(AudienceQuery query, int most, CancellationToken cancellationToken) =>
        RhythmScan.Locales(await AudienceRows(query, cancellationToken), most);

    public async Task<RhythmPart> GetRhythmByDay(AudienceQuery query, string[] locales, int firstDay, CancellationToken cancellationToken) =>
        Rhythms.Of(RhythmScan.Of(await AudienceRows(query, cancellationToken), locales, DateOnly.FromDayNumber(firstDay)));

    public async Task<ShownToPart> GetShownTo(AudienceQuery query, int most, CancellationToken cancellationToken)
    {
        await ReadToldAsync(cancellationToken);
        var (shownTo, kept) = (0L, new List<(ulong Hash, string User, int Segment)>());
        foreach (var row in await AudienceRows(query, cancellationToken))
        {
            if (row.Facts[Fact.Impressions] == 0)
                continue;
            shownTo++;
            if (_told.ContainsKey(row.User))
                kept.Add((Core.StableHash.OfKey(row.User), row.User, row.SegmentNumber));
        }

        var first = kept.Order().Take(most).ToArray();
        return new ShownToPart(shownTo, kept.Count, [.. first.Select(one => one.User)]) { Segments = [.. first.Select(one => one.Segment)] };
    }

    /// <summary>Reads of whom the journal tells since it was last read, and forgets of whom it does not any more.</summary>
    private async Task ReadToldAsync(CancellationToken cancellationToken)
    {
        var partition = new PartitionId(_tenant, _number);
        await foreach (var record in store.ReadJournalAsync(partition, _toldUpTo, cancellationToken).OrUnavailable())
        {
            // Another call may have read on meanwhile.
            _told[record.User] = Math.Max(record.Offset, _told.GetValueOrDefault(record.User));
            _toldUpTo = Math.Max(_toldUpTo, record.Offset);
        }

        await foreach (var first in store.ReadJournalAsync(partition, 0, cancellationToken).OrUnavailable())
        {
            foreach (var (user, last) in _told)
            {
                if (last < first.Offset)
                    _told.Remove(user);
            }

            return;
        }

        _told.Clear();
    }

    public async Task<PersonasPart> GetPersonas(long version, long previous, int sample, CancellationToken cancellationToken)
    {
        var before = previous == 0 ? null : await LiveAsync(previous, cancellationToken);
        // Asked for last, so that it is the first that is kept up.
        var now = await LiveAsync(version, cancellationToken);
        var scan = PersonaScan.Of(_users, now, before, sample);
        return new PersonasPart
        {
            AsOf = now.AsOf, Sizes = scan.Sizes, Border = scan.Border, Flows = scan.Flows, Rows = scan.Rows, Sums = scan.Sums, Hashes = [.. scan.Sample.Select(one => one.Hash)],
            Values = [.. scan.Sample.SelectMany(one => one.Row)], Segments = [.. scan.Sample.Select(one => one.Segment)],
        };
    }

    public async Task<OrderedFunnelPart> GetOrderedFunnel(AudienceQuery query, string[] steps, TimeSpan window, DateTimeOffset asOf, string? by, string[]? told, CancellationToken cancellationToken)
    {
        var funnel = new OrderedFunnel([.. steps.Select(EntryKinds.Parse)], window, asOf);
        funnel.Add(await AudienceRows(query, cancellationToken), by, query.Year, told?.ToHashSet());
        return new OrderedFunnelPart(
            funnel.Groups.ToDictionary(one => one.Key, one => one.Value.Reached), funnel.Groups.ToDictionary(one => one.Key, one => one.Value.Waits), funnel.Since, funnel.Events)
        {
            Waiting = funnel.Groups.ToDictionary(one => one.Key, one => one.Value.Waiting),
            Over = funnel.Groups.ToDictionary(one => one.Key, one => one.Value.Over),
            Spent = funnel.Groups.ToDictionary(one => one.Key, one => one.Value.Spent),
            SpentToEnd = funnel.Groups.ToDictionary(one => one.Key, one => one.Value.SpentToEnd),
            Users = funnel.Users,
            FirstNotKept = funnel.FirstNotKept,
        };
    }

    private async ValueTask<IEnumerable<AudienceRow>> AudienceRows(AudienceQuery query, CancellationToken cancellationToken)
    {
        var live = query.Version == 0 ? null : await LiveAsync(query.Version, cancellationToken);
        return AudienceRow.Of(_users, live is null ? null : live.Label, new AudienceFilter(query.Segment, query.Locale, query.Gender, query.Platform, query.BornFrom, query.BornTo)
        {
            Place = query.Place, JoinedFrom = query.JoinedFrom, JoinedTo = query.JoinedTo, FriendsFrom = query.FriendsFrom, FriendsTo = query.FriendsTo,
        });
    }
}
