using System.Buffers.Binary;
using System.Collections.Immutable;
using Auie.Abstractions;
using Auie.Core.Campaigns;
using Auie.Core.Codecs;
using Auie.Core.Insights;
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
    IEngineStore store, PublishedModels models, StrategyLibrary strategies, Archetypes archetypes, Tombstones tombstones, Influence influence, HeavyInsights heavy, TimeProvider time,
    IOptions<EngineOptions> options, ILogger<CampaignsGrain> logger) : Grain, ICampaignsGrain
{
    /// <summary>How many members are asked what would be recommended to them.</summary>
    private const int ItemsSample = 25;

    private const int MostItems = 20, MembersAtOnce = 1_000, AskedAtOnce = 100;

    private const double MostHoldout = 0.5;

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

    private async Task<(Campaign Plan, CampaignMember[] Members)> PlanAsync(CampaignRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var strategy = strategies.All.FirstOrDefault(one => one.Name == request.Strategy)
            ?? throw new InvalidRequestException("strategy", $"there is no strategy '{request.Strategy}'; there are {string.Join(", ", strategies.All.Select(one => one.Name))}");
        var model = await models.CurrentAsync(_tenant, cancellationToken) ?? throw new InvalidRequestException("segment", "cannot be asked for: no segmentation is published yet");
        if (request.Segment < 0 || request.Segment >= model.Segments.Length)
            throw new InvalidRequestException("segment", $"{request.Segment} is none of version {model.Version}, which has 0 to {model.Segments.Length - 1}") { Unknown = "segment" };
        var match = strategies.Match(model, archetypes).First(one => one.Segment == request.Segment && one.Strategy == strategy);
        if (!match.Fits && !request.Anyway)
            throw new InvalidRequestException("strategy", $"'{strategy.Name}' does not fit segment {request.Segment}: {string.Join("; ", match.Conditions.Where(one => !one.Holds).Select(one => $"it {one.Says}: {one.Found}"))}; 'anyway' plans it all the same");

        // Its members are as of the last flush, like all that columns tell.
        var query = new AudienceQuery { Version = model.Version, Segment = request.Segment };
        var (measure, most, times) = (CampaignMeasures.Of(strategy.Measure), options.Value.MaxCampaignMembers, strategy.Times);
        var parts = await Task.WhenAll(Shards.Select(shard => shard.GetCampaignCandidates(query, strategy.Measure, times.FromHour, times.By == TimedBy.Member ? times.ToHour : 0, most, cancellationToken)));
        if (parts.Sum(part => part.Users.Length) is var size && size > most)
            throw new InvalidRequestException("segment", $"has {size:N0} members, more than a campaign may be for, {most:N0} (Engine:{nameof(EngineOptions.MaxCampaignMembers)})");
        var asOf = await GrainFactory.GetGrain<IEngineGrain>(_tenant).GetAsOf(cancellationToken);
        var rhythms = RhythmProfile.Of(await Rhythms.ReadAsync(Shards, query, RhythmScan.FirstDay(asOf), cancellationToken));
        SendingTime TimeOf(GroupRhythm group) => SendingTime.Of(group.Tally, group.Windows, times.FromHour, times.ToHour);
        var draft = new Campaign
        {
            Number = _last + 1,
            Strategy = strategy.Name,
            LibraryVersion = strategies.Version,
            ModelVersion = model.Version,
            Segment = request.Segment,
            Persona = model.Segments[request.Segment].Persona,
            MadeAt = time.GetUtcNow(),
            AsOf = asOf,
            From = request.From ?? models.Now(_tenant, model),
            Measure = measure,
            Most = strategy.Most,
            Days = strategy.Days,
            Holdout = request.Holdout ?? strategy.Holdout,
            Excluded = new CampaignExclusions(0, 0, 0),
            Time = TimeOf(rhythms[0]),
            Channels = strategy.Channels.InWords,
            Times = times.InWords,
            Expected = new CampaignExpectation(default, 0, default, 0, 0),
            Counts = CampaignCounts.None,
        };
        CampaignCandidate[] candidates = [.. parts.SelectMany(part => CampaignViews.Candidates(part, asOf)).Where(one => !_tombstones.Holds(one.User))];
        var (reached, aside) = await ByOthersAsync(draft, cancellationToken);
        // Of a locale of whose hours nothing is known the segment's are the better guess.
        var ofLocales = rhythms.Where(group => group.Category == Audience.Locale).Select(group => (group.Value, Time: TimeOf(group))).Where(one => one.Time.Basis != SendingBasis.Default);
        var rules = new CampaignRules(strategy.Channels, times, ofLocales.ToDictionary(one => one.Value, one => one.Time));
        var (plan, members) = CampaignPlan.Of(draft, candidates, rules, reached, aside);
        (plan, members) = await WithItemsAsync(plan, members, strategy, request, cancellationToken);
        plan = await WithInfluencersAsync(plan, members, strategy.Influencers, query, cancellationToken);
        // Somebody may have been erased while others were asked; what is written from here on is found by the erasure.
        var erased = members.Select(member => member.User).Where(_tombstones.Holds).ToHashSet();
        return erased.Count > 0 && CampaignPlan.Without(plan, members, erased) is var (without, left) ? (without, left) : (plan, members);
    }

    private static void Check(CampaignRequest request)
    {
        if (request.Holdout is { } holdout && !(holdout is >= 0 and <= MostHoldout))
            throw new InvalidRequestException("holdout", $"{holdout} is not from 0 to {MostHoldout}");
        if (request.Count is < 1 or > MostItems)
            throw new InvalidRequestException("count", $"{request.Count} is not from 1 to {MostItems}");
        if (request.From is { } from && (from < EntryValidation.Earliest || from >= EntryValidation.Latest))
            throw new InvalidRequestException("from", $"must lie from {EntryValidation.Earliest:yyyy} and before {EntryValidation.Latest:yyyy}");
        if (request.Items is { Length: 0 or > MostItems })
            throw new InvalidRequestException("items", $"are {request.Items.Length}; there may be 1 to {MostItems}, or none named");
    }

    /// <summary>When those of the campaigns whose days overlap this one's are sent something by them, and whom they leave alone.</summary>
    private async Task<(Func<string, IReadOnlyList<DateTimeOffset>> Reached, Func<string, bool> Aside)> ByOthersAsync(Campaign draft, CancellationToken cancellationToken)
    {
        var (sends, aside) = (new Dictionary<string, List<DateTimeOffset>>(), new HashSet<string>());
        var margin = TimeSpan.FromDays(draft.Days + Activity.DaysOfWeek + 1);
        foreach (var plan in _plans.Values.ToArray())
        {
            var (near, counts) = (
                plan.Counts.FirstSend < draft.From + margin && plan.Counts.LastSend > draft.From - margin,
                plan.Counts.FirstSend < draft.From + margin && plan.Counts.LastSend + TimeSpan.FromDays(plan.Days) > draft.From);
            if (!near && !counts)
                continue;
            foreach (var member in (await ReadableMembersAsync(plan.Number, cancellationToken)).Members)
            {
                if (counts && !member.Treated)
                    aside.Add(member.User);
                if (!near || !member.Treated)
                    continue;
                if (!sends.TryGetValue(member.User, out var of))
                    sends.Add(member.User, of = []);
                of.Add(member.SendAt);
            }
        }

        return (user => sends.TryGetValue(user, out var of) ? of : [], aside.Contains);
    }

    /// <summary>
    /// The items that are named; else of the strategy's offer those that suit each of those treated, or, where these are many, those that suit most of a sample of them. What the request says holds over the offer.
    /// </summary>
    private async Task<(Campaign Plan, CampaignMember[] Members)> WithItemsAsync(Campaign plan, CampaignMember[] members, Strategy strategy, CampaignRequest request, CancellationToken cancellationToken)
    {
        plan = plan with { Offer = strategy.Offer };
        if (request.Items is { } named)
            return (plan with { OfferedItems = "the items that were named", Items = [.. await Task.WhenAll(named.Distinct().Select(async id => new CampaignItem(id, await TitleAsync(id, cancellationToken), 0)))] }, members);
        var offer = strategy.Items with { Kind = request.Kind ?? strategy.Items.Kind, Category = request.Category?.ToLowerInvariant() ?? strategy.Items.Category, Count = request.Count ?? strategy.Items.Count };
        // As of the last message: what is over before it goes out is sent to nobody.
        var at = plan.Counts.LastSend ?? plan.From;
        await CheckAsync(request.Category?.ToLowerInvariant(), request.Place, at, cancellationToken);
        RecommendationRequest Order(DateTimeOffset when) => new()
        {
            Count = offer.Top,
            Kind = offer.Kind,
            Category = offer.Category,
            Place = request.Place,
            At = when,
            From = offer.StartsFromDays is { } least ? when.AddDays(least) : offer.StartsWithinDays is null ? null : when,
            To = offer.StartsWithinDays is { } days ? when.AddDays(days) : null,
            Offer = offer.ToMessage(),
            Record = false,
        };
        var hasOwn = plan.Counts.Treated <= options.Value.MaxCampaignRecommendations;
        // Each their own as of their own message; else of a sample what none of them is sent too late.
        var sample = hasOwn
            ? [.. members.Where(member => member.Treated).Select(member => (member.User, member.SendAt))]
            : Array.ConvertAll(CampaignPlan.SampleOf(plan.Number, members, ItemsSample), user => (User: user, SendAt: at));
        var asked = new List<(string User, RecommendedItem[] Items)>();
        foreach (var some in sample.Chunk(AskedAtOnce))
        {
            var answers = await Task.WhenAll(some.Select(one => GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, one.User)).Recommend(Order(one.SendAt), cancellationToken)));
            asked.AddRange(some.Zip(answers, (one, answer) => (one.User, answer)).Where(one => one.answer is not null).Select(one => (one.User, one.answer!.Items)));
        }

        var own = asked.ToDictionary(one => one.User, one => hasOwn ? one.Items[..Math.Min(one.Items.Length, offer.Count)] : one.Items);
        var items = own.Values.SelectMany(of => of.Select((item, rank) => (item.Id, item.Title, Weight: 1.0 / (rank + 1)))).GroupBy(one => one.Id)
            .OrderByDescending(item => item.Count()).ThenByDescending(item => item.Sum(one => one.Weight)).ThenBy(item => item.Key, StringComparer.Ordinal)
            .Take(hasOwn ? MostItems : offer.Count).Select(item => new CampaignItem(item.Key, item.First().Title ?? "", item.Count()));
        plan = plan with { OfferedItems = offer.InWords, Items = [.. items], ItemsSample = asked.Count, HasOwnItems = hasOwn };
        if (!hasOwn)
            return (plan, members);
        members = Array.ConvertAll(members, member => member.Treated ? member with { Items = [.. own.GetValueOrDefault(member.User, []).Select(item => item.Id)] } : member);
        return (plan with { Counts = CampaignCounts.Of(members) }, members);
    }

    /// <exception cref="InvalidRequestException">No item has the category, or is at the place.</exception>
    private async Task CheckAsync(string? category, string? place, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var shards = Enumerable.Range(0, store.Partitions).Select(number => GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, number))).ToArray();
        if (category is not null)
        {
            var anybody = new CandidateRequest
            {
                At = at, Friends = [], Neighbours = [], Weights = [], Audience = new AudienceMessage("", "", "", -1, 0), Words = [category], Viewed = [], Excluded = [], Category = category,
            };
            if ((await Task.WhenAll(shards.Select(shard => shard.FindCandidates(anybody, cancellationToken)))).All(found => found.Candidates.Length == 0))
                throw new InvalidRequestException("category", $"no item that may be shown by {at:yyyy-MM-dd} has the category or tag '{category}'");
        }

        if (place is not null && (await Task.WhenAll(shards.Select(shard => shard.Describe([], place, cancellationToken)))).All(described => described.Latitude is null))
            throw new InvalidRequestException("place", $"no item is in '{place}', so that nothing is known to be near it");
    }

    /// <exception cref="InvalidRequestException">There is no such item.</exception>
    private async Task<string> TitleAsync(string id, CancellationToken cancellationToken)
    {
        var shard = GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, Partitioning.PartitionOf(_tenant, id, store.Partitions)));
        var item = await shard.Get(id, cancellationToken) ?? throw new InvalidRequestException("items", $"there is no item '{id}'");
        return item.Traits.GetValueOrDefault("title") ?? "";
    }

    /// <summary>Those who carry it are among those who are treated: who is left alone must not hear of it from the engine.</summary>
    private async Task<Campaign> WithInfluencersAsync(Campaign plan, CampaignMember[] members, int count, AudienceQuery query, CancellationToken cancellationToken)
    {
        var treated = members.Where(member => member.Treated).Select(member => member.User).ToHashSet();
        if (count == 0 || treated.Count == 0)
            return plan;
        var among = await influence.ReadAsync(Shards, query, treated.Contains, cancellationToken);
        var chosen = await influence.ChooseAsync(among, new InfluenceOptions { Count = count, Seed = (ulong)plan.Number }, one => one.Choose(), cancellationToken);
        return chosen is null ? plan : plan with
        {
            Influencers = [.. chosen.People.Select(one => new CampaignInfluencer(among.People[one.Person], one.Friends, one.Alone, one.Added))],
            Reach = chosen.Reach,
            ReachInterval = chosen.ReachInterval,
        };
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
