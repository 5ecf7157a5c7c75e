using System.Buffers.Binary;
using System.Collections.Immutable;
using Auie.Abstractions;
using Auie.Core.Campaigns;
using Auie.Core.Codecs;
using Auie.Core.Segments;
using Auie.Core.Strategies;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Plans campaigns and keeps them. Whom a plan is for, their channels, zones and answers come from the shards' columns; what to send, from what recommending gives a few of
/// them; who carries it, from their states as of the last flush.
/// </summary>
public sealed partial class CampaignsGrain(
    IEngineStore store, PublishedModels models, StrategyLibrary strategies, Archetypes archetypes, Tombstones tombstones, Influence influence, InterestEffects effects, HeavyInsights heavy, TimeProvider time,
    IOptions<EngineOptions> options, ILogger<CampaignsGrain> logger) : Grain, ICampaignsGrain
{
    private const int MembersAtOnce = 1_000;

    /// <summary>How many members of all campaigns together filters are kept of, at four bytes each.</summary>
    private const int MostFiltered = 16_000_000;

    /// <summary>What stands in place of a damaged plan once somebody of it was erased: it may have named them.</summary>
    private static readonly byte[] Unreadable = [0];

    private readonly SortedDictionary<long, Campaign> _plans = [];

    /// <summary>Of campaigns whose members were read, since this began, who may be in them.</summary>
    private readonly Dictionary<long, CampaignFilter> _filters = [];

    /// <summary>Campaigns whose plans cannot be read. They can be deleted, and people are taken out of their members.</summary>
    private readonly SortedSet<long> _damaged = [];

    /// <summary>Members that were read last, the latest first: of several campaigns, or of one that has many.</summary>
    private readonly List<(long Number, CampaignMember[] Members)> _read = [];
    private ErasedIds _tombstones = new();
    private string _tenant = "";
    private long _epoch;
    private long _last;
    private long _changes;

    private string Owner => $"campaigns/{_tenant}";

    private IFeatureShardGrain[] Shards => [.. Enumerable.Range(0, store.Partitions).Select(Shard)];

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        _tombstones = await tombstones.ReadAsync(_tenant, cancellationToken);
        if (await store.ReadDocumentAsync(_tenant, Documents.CampaignEnd, Documents.LastEntry, cancellationToken).OrUnavailable() is { } last)
            _last = BinaryPrimitives.ReadInt64LittleEndian(last);
        await foreach (var (key, bytes) in store.ReadDocumentsAsync(_tenant, Documents.Campaign, cancellationToken).OrUnavailable())
        {
            try
            {
                var plan = CampaignCodec.Decode(bytes);
                _plans[plan.Number] = plan;
            }
            catch (CodecException e)
            {
                // One damaged plan does not keep all others from being told, or people from being erased.
                if (long.TryParse(key, out var number))
                    _damaged.Add(number);
                LogNotRead(e, long.TryParse(key, out number) ? CampaignViews.Id(number) : key);
            }
        }
    }

    public async Task<CampaignView> Preview(CampaignRequest request, CancellationToken cancellationToken) =>
        CampaignViews.Of((await heavy.RunAsync(() => PlanAsync(request, cancellationToken))).Plan, stored: false);

    public async Task<CampaignView> Create(CampaignRequest request, CancellationToken cancellationToken)
    {
        if (_plans.Count >= options.Value.MaxCampaigns)
            throw new InvalidRequestException("strategy", $"there are {_plans.Count} campaigns, the most that are kept (Engine:{nameof(EngineOptions.MaxCampaigns)}); delete one");
        var (plan, members) = await heavy.RunAsync(() => PlanAsync(request, cancellationToken));
        if (NothingSent.Why(plan) is { } why)
            throw new InvalidRequestException(plan.Counts.Treated == 0 ? "segment" : "items", $"a plan that sends nothing is not stored, and this one would: {why}");
        var key = Documents.Key(plan.Number);
        var end = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(end, plan.Number);
        await WriteAsync(
        [
            new DocumentWrite(Documents.Campaign, key, CampaignCodec.Encode(plan)), new DocumentWrite(Documents.CampaignMembers, key, CampaignCodec.EncodeMembers(members)),
            new DocumentWrite(Documents.CampaignEnd, Documents.LastEntry, end),
        ], cancellationToken);
        _last = plan.Number;
        _plans[plan.Number] = plan;
        Changed(plan.Number, members);
        return CampaignViews.Of(plan, stored: true);
    }

    public Task<CampaignView[]> List(CancellationToken cancellationToken) => Task.FromResult(_plans.Values.Reverse().Select(plan => CampaignViews.Of(plan, stored: true)).ToArray());

    public Task<CampaignView?> Get(string id, CancellationToken cancellationToken) => Task.FromResult(Find(id) is { } plan ? CampaignViews.Of(plan, stored: true) : null);

    public async Task<CampaignMemberPage?> ReadMembers(string id, string? after, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MembersAtOnce)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MembersAtOnce}");
        if (Find(id) is not { } plan)
            return null;
        var members = await MembersAsync(plan.Number, cancellationToken);
        var from = after is null ? 0 : FirstAfter(members, after);
        var page = members[from..Math.Min(members.Length, from + count)];
        // Who has forbidden it since is written to no more: the plan is carried out by what is read here.
        var gone = (await HitsAsync(plan, page, cancellationToken)).Where(one => one.Hits is null).Select(one => one.Member.User).ToHashSet();
        return new CampaignMemberPage(
            CampaignViews.Of(plan, stored: true), [.. page.Where(member => !gone.Contains(member.User)).Select(member => CampaignViews.Of(plan, member))],
            from + page.Length < members.Length ? page[^1].User : null);
    }

    public async Task<CampaignResultView?> GetResult(string id, CancellationToken cancellationToken)
    {
        if (Find(id) is not { } plan)
            return null;
        var members = await MembersAsync(plan.Number, cancellationToken);
        var hits = await HitsAsync(plan, members, cancellationToken);
        var asOf = await GrainFactory.GetGrain<IEngineGrain>(_tenant).GetAsOf(cancellationToken);
        return CampaignViews.Of(plan, CampaignResult.Of(hits), asOf);
    }

    /// <summary>How often each of some members gave the measure's answer, as of the last flush; null of those who are nobody's member any more: joined to another id, or forbidding it since.</summary>
    private async Task<IEnumerable<(CampaignMember Member, long? Hits)>> HitsAsync(Campaign plan, CampaignMember[] members, CancellationToken cancellationToken)
    {
        var parts = await Task.WhenAll(members.GroupBy(member => Partitioning.PartitionOf(_tenant, member.User, store.Partitions)).Select(async part =>
        {
            CampaignMember[] of = [.. part];
            var now = await Shard(part.Key).CountAnswers(Array.ConvertAll(of, member => member.User), plan.Measure.Name(), cancellationToken);
            return of.Zip(now, (member, hits) => (member, hits < 0 ? (long?)null : hits));
        }));
        return parts.SelectMany(part => part);
    }

    public async Task<bool> Delete(string id, CancellationToken cancellationToken)
    {
        if (CampaignViews.Number(id) is not { } number || !(_plans.ContainsKey(number) || _damaged.Contains(number)))
            return false;
        var key = Documents.Key(number);
        await WriteAsync([new DocumentWrite(Documents.Campaign, key, null), new DocumentWrite(Documents.CampaignMembers, key, null)], cancellationToken);
        _plans.Remove(number);
        _damaged.Remove(number);
        _filters.Remove(number);
        _read.RemoveAll(read => read.Number == number);
        _changes++;
        return true;
    }

    public async Task<CampaignMention[]> FindPeople(string[] people, CancellationToken cancellationToken)
    {
        var (ids, found) = (people.ToHashSet(), new List<CampaignMention>());
        foreach (var number in WithAny(people))
        {
            // Of a plan that cannot be read it is not known what all are sent.
            var (members, of) = ((await ReadableMembersAsync(number, cancellationToken)).Members, _plans.GetValueOrDefault(number));
            found.AddRange(members.Where(member => ids.Contains(member.User)).Select(member => new CampaignMention(CampaignViews.Id(number), CampaignViews.Of(of, member))));
        }

        return [.. found];
    }

    public async Task<int> ForgetPeople(string[] people, CancellationToken cancellationToken)
    {
        _tombstones = await tombstones.KnownAsync(_tenant, cancellationToken);
        foreach (var id in people)
            _tombstones.Add(_tombstones.Of(id));
        var (ids, changed) = (people.ToHashSet(), 0);
        foreach (var number in WithAny(people))
        {
            var key = Documents.Key(number);
            var (all, areReadable) = await ReadableMembersAsync(number, cancellationToken);
            // What cannot be read may name the person, and says nothing to anybody: it goes.
            var isDamaged = !_plans.TryGetValue(number, out var plan);
            if (isDamaged && (!_damaged.Contains(number) || (areReadable && !all.Any(member => ids.Contains(member.User)))))
                continue;
            (Campaign? left, CampaignMember[] members) = isDamaged ? (null, Array.FindAll(all, member => !ids.Contains(member.User))) : CampaignPlan.Without(plan!, all, ids) ?? (plan!, all);
            if (areReadable && !isDamaged && ReferenceEquals(left, plan))
                continue;
            await WriteAsync(
                [new DocumentWrite(Documents.Campaign, key, left is null ? Unreadable : CampaignCodec.Encode(left)), new DocumentWrite(Documents.CampaignMembers, key, CampaignCodec.EncodeMembers(members))], cancellationToken);
            if (left is not null)
                _plans[number] = left;
            Changed(number, members);
            changed++;
        }

        return changed;
    }

    private Campaign? Find(string id) => CampaignViews.Number(id) is { } number ? _plans.GetValueOrDefault(number) : null;

    private async ValueTask<CampaignMember[]> MembersAsync(long number, CancellationToken cancellationToken)
    {
        if (_read.FindIndex(read => read.Number == number) is >= 0 and var at)
        {
            var read = _read[at];
            _read.RemoveAt(at);
            _read.Insert(0, read);
            return read.Members;
        }

        var changes = _changes;
        var bytes = await store.ReadDocumentAsync(_tenant, Documents.CampaignMembers, Documents.Key(number), cancellationToken).OrUnavailable();
        var members = bytes is null ? [] : CampaignCodec.DecodeMembers(bytes);
        // Kept only where nothing was changed while it was read.
        if (changes == _changes)
        {
            Keep(number, members);
            if (!_filters.ContainsKey(number))
                Filter(number, members);
        }

        return members;
    }

    /// <summary>Keeps members that were read or written, and forgets those that were not asked for longest: of all together as many stay as one campaign may have, or one campaign's.</summary>
    private void Keep(long number, CampaignMember[] members)
    {
        _read.RemoveAll(read => read.Number == number);
        _read.Insert(0, (number, members));
        while (_read.Count > 1 && _read.Sum(read => (long)read.Members.Length) > options.Value.MaxCampaignMembers)
            _read.RemoveAt(_read.Count - 1);
    }

    /// <summary>Keeps members that were written; what was read of them before, or is being read, is out of date.</summary>
    private void Changed(long number, CampaignMember[] members)
    {
        _changes++;
        Keep(number, members);
        Filter(number, members);
    }

    /// <summary>Of a campaign without a filter members are read each time that they may concern somebody.</summary>
    private void Filter(long number, CampaignMember[] members)
    {
        _filters.Remove(number);
        if (_filters.Values.Sum(filter => (long)filter.Count) + members.Length <= MostFiltered)
            _filters[number] = CampaignFilter.Of(members);
    }

    /// <summary>The campaigns that any of these people may be in: members are read of those alone, and of those of which nothing is known yet.</summary>
    private long[] WithAny(string[] people) =>
        [.. _plans.Keys.Concat(_damaged).Where(number => !_filters.TryGetValue(number, out var filter) || people.Any(filter.MayHave))];

    /// <summary>None of a plan whose members cannot be read.</summary>
    private async ValueTask<(CampaignMember[] Members, bool AreReadable)> ReadableMembersAsync(long number, CancellationToken cancellationToken)
    {
        try
        {
            return (await MembersAsync(number, cancellationToken), true);
        }
        catch (CodecException e)
        {
            LogNotRead(e, CampaignViews.Id(number));
            return ([], false);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The plan of campaign {Campaign}, or its members, cannot be read; it is left out.")]
    private partial void LogNotRead(Exception exception, string campaign);

    private static int FirstAfter(CampaignMember[] members, string after)
    {
        var (low, high) = (0, members.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(members[middle].User, after) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private IFeatureShardGrain Shard(int number) => GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, number));

    private async Task WriteAsync(IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken) =>
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, documents, cancellationToken).OrUnavailable(DeactivateOnIdle);
}
