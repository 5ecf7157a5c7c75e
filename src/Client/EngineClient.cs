using System.Runtime.CompilerServices;
using Auie.Abstractions;

namespace Auie.Client;

/// <summary>
/// One tenant's engine, for .NET code that is connected to its cluster: users, segments, jobs, tables and events by name rather than by
/// grain and key. Every method fails with <see cref="TimeoutException"/> when the engine does not answer in time, which says nothing
/// about the effect of a write, and with <see cref="InvalidRequestException"/> when the request cannot be carried out as it was put.
/// </summary>
/// <param name="again">Has events, and what is learnt of items, sent again where a silo goes before it answers: they take effect once all the same. Null: that is left to the caller.</param>
public sealed class EngineClient(IGrainFactory grains, string tenant = GrainKeys.DefaultTenant, AskAgain? again = null)
{
    /// <summary>The kind of events that join two ids, which no partition takes.</summary>
    private const string AliasKind = "alias";

    /// <summary>How many recommendations one answer holds at the most.</summary>
    private const int MostRecommended = 100;

    private static readonly Asked LongestImport = new() { Longest = CallLimit.Of<IItemShardGrain>(nameof(IItemShardGrain.Import)) };

    private volatile int _partitions;

    /// <summary>The tenant that everything here is about.</summary>
    public string Tenant { get; } = tenant;

    private ICoordinatorGrain Coordinator => grains.GetGrain<ICoordinatorGrain>(Tenant);

    private IInsightsGrain Insights => grains.GetGrain<IInsightsGrain>(Tenant);

    private IUserGrain User(string id) => grains.GetGrain<IUserGrain>(GrainKeys.User(Tenant, id));

    private ITableGrain Table(string name) => grains.GetGrain<ITableGrain>(GrainKeys.Table(Tenant, name));

    public Task<EngineInfo> GetInfo(CancellationToken cancellationToken) =>
        grains.GetGrain<IEngineGrain>(Tenant).GetInfo(cancellationToken);

    /// <summary>What is in the engine, counted.</summary>
    public Task<EngineOverview> GetOverview(CancellationToken cancellationToken) =>
        grains.GetGrain<IEngineGrain>(Tenant).GetOverview(cancellationToken);

    /// <summary>Who there is, of all or of those whom the request is about.</summary>
    public Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken) => Insights.GetWho(request, cancellationToken);

    /// <summary>Who is interested in what is shown to them, by group.</summary>
    public Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken) => Insights.GetDrivers(request, cancellationToken);

    /// <summary>What drives interest in what is shown: effects and correlations, of a sample of the latest showings.</summary>
    public Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken) => Insights.GetEffects(request, cancellationToken);

    /// <summary>How many users took every step of a list up to each.</summary>
    public Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken) => Insights.GetFunnel(request, cancellationToken);

    /// <summary>When users are active and interested, on their own clocks.</summary>
    public Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken) => Insights.GetWhen(request, cancellationToken);

    /// <summary>Who carries a word among some users.</summary>
    public Task<InfluencersView> GetInfluencers(AudienceRequest request, int count, CancellationToken cancellationToken) => Insights.GetInfluencers(request, count, cancellationToken);

    /// <summary>Personas in depth; null while no segmentation is published.</summary>
    public Task<PersonasView?> GetPersonas(CancellationToken cancellationToken) => Insights.GetPersonas(cancellationToken);

    /// <summary>How far users got in order and within a window, by the latest steps of each that are kept.</summary>
    public Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken) => Insights.GetOrderedFunnel(request, cancellationToken);

    /// <summary>How good what is held is, from counters and columns.</summary>
    public Task<QualityView> GetQuality(CancellationToken cancellationToken) => Insights.GetQuality(cancellationToken);

    /// <summary>What to do for whom: the library of strategies, beside the published segmentation.</summary>
    public Task<StrategiesView> GetStrategies(CancellationToken cancellationToken) => Insights.GetStrategies(cancellationToken);

    private ICampaignsGrain Campaigns => grains.GetGrain<ICampaignsGrain>(Tenant);

    /// <summary>A campaign as it would be planned; nothing is kept.</summary>
    public Task<CampaignView> PreviewCampaign(CampaignRequest request, CancellationToken cancellationToken) => Campaigns.Preview(request, cancellationToken);

    /// <summary>Plans a campaign and keeps it.</summary>
    public Task<CampaignView> CreateCampaign(CampaignRequest request, CancellationToken cancellationToken) => Campaigns.Create(request, cancellationToken);

    /// <summary>Every campaign, the newest first.</summary>
    public Task<CampaignView[]> ListCampaigns(CancellationToken cancellationToken) => Campaigns.List(cancellationToken);

    public Task<CampaignView?> GetCampaign(string id, CancellationToken cancellationToken) => Campaigns.Get(id, cancellationToken);

    /// <summary>What a campaign changed so far.</summary>
    public Task<CampaignResultView?> GetCampaignResult(string id, CancellationToken cancellationToken) => Campaigns.GetResult(id, cancellationToken);

    /// <summary>Forgets a campaign; whether there was one.</summary>
    public Task<bool> DeleteCampaign(string id, CancellationToken cancellationToken) => Campaigns.Delete(id, cancellationToken);

    /// <summary>In which campaigns people are, and as what.</summary>
    public Task<CampaignMention[]> FindCampaignMentions(string[] people, CancellationToken cancellationToken) => Campaigns.FindPeople(people, cancellationToken);

    /// <summary>A campaign's members, page after page, in the order of their ids; no page where there is no such campaign, else one at least.</summary>
    public async IAsyncEnumerable<CampaignMemberPage> ReadCampaign(string id, int atOnce, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            if (await Campaigns.ReadMembers(id, after, atOnce, cancellationToken) is not { } page) yield break;
            yield return page;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>The instant that ages and recencies are taken at where none is given.</summary>
    public Task<DateTimeOffset> GetAsOf(CancellationToken cancellationToken) => grains.GetGrain<IEngineGrain>(Tenant).GetAsOf(cancellationToken);

    /// <summary>Has everything that was acknowledged written to where it is read in bulk.</summary>
    public Task Flush(CancellationToken cancellationToken) => grains.GetGrain<IEngineGrain>(Tenant).Flush(cancellationToken);

    /// <summary>Copies all that is kept to a file of that name in the engine's backup folder, while everything goes on.</summary>
    public Task<BackupView> Backup(string name, CancellationToken cancellationToken) =>
        grains.GetGrain<IEngineGrain>(Tenant).Backup(name, cancellationToken);

    /// <summary>The silos that serve the engine, by name.</summary>
    public Task<SiloView[]> ListSilos(CancellationToken cancellationToken) => grains.GetGrain<ISilosGrain>(Tenant).List(cancellationToken);

    /// <summary>Has a silo hand over what it serves; false where there is none of that name.</summary>
    public Task<bool> DrainSilo(string name, CancellationToken cancellationToken) => grains.GetGrain<ISilosGrain>(Tenant).Drain(name, cancellationToken);

    /// <summary>Has a silo that was drained take its share again; false where there is none of that name.</summary>
    public Task<bool> ResumeSilo(string name, CancellationToken cancellationToken) => grains.GetGrain<ISilosGrain>(Tenant).Resume(name, cancellationToken);

    /// <summary>Keeps what an import reports in place of an earlier report of the same source.</summary>
    public Task PutImportReport(ImportReport report, CancellationToken cancellationToken) =>
        grains.GetGrain<IImportLogGrain>(Tenant).Put(report, cancellationToken);

    /// <summary>The latest report of each source.</summary>
    public Task<ImportReport[]> ListImports(CancellationToken cancellationToken) => grains.GetGrain<IImportLogGrain>(Tenant).List(cancellationToken);

    /// <summary>The rows that users are clustered by, page after page: partition by partition, in each by the users' ids. There is always a first page.</summary>
    public IAsyncEnumerable<FeaturePage> ReadRows(string features, DateTimeOffset asOf, int usersAtOnce, CancellationToken cancellationToken) =>
        ReadShards((shard, after) => shard.ReadRows(features, asOf, after, usersAtOnce, cancellationToken), page => page.Next, cancellationToken);

    /// <summary>
    /// Every user with their segment under a model version (0: without) at an instant (null: now), page after page, partition by partition, in each by the users' ids.
    /// </summary>
    public IAsyncEnumerable<UserPage> ReadUsers(long version, DateTimeOffset? asOf, int atOnce, CancellationToken cancellationToken) =>
        ReadShards((shard, after) => shard.ReadUsers(version, asOf, after, atOnce, cancellationToken), page => page.Next, cancellationToken);

    /// <summary>The partition of a user, or the shard of an item. The number of partitions is asked for once: it never changes.</summary>
    public async ValueTask<int> PartitionOf(string id, CancellationToken cancellationToken)
    {
        if (_partitions == 0) _partitions = (await Again(GetInfo, cancellationToken)).Partitions;
        return Partitioning.PartitionOf(Tenant, id, _partitions);
    }

    /// <summary>What is held on a user, or null while nothing of their own has arrived.</summary>
    public async Task<UserView?> GetUser(string id, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(id).Get(await OffsetOf(id, atLeast, cancellationToken), cancellationToken);

    /// <summary>
    /// The user's segment and why; null for an unknown user, for one who wants to be in none, while no model is published, and for a user to whom nothing was shown where the
    /// model is of answers.
    /// </summary>
    /// <param name="asOf">
    /// The instant that ages and recencies are taken at. Null is now: time goes on from the model's as-of since it was published, in steps (a minute, unless told otherwise).
    /// </param>
    public async Task<UserSegment?> GetUserSegment(
        string id, DateTimeOffset? asOf, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(id).GetSegment(asOf, await OffsetOf(id, atLeast, cancellationToken), cancellationToken);

    /// <summary>How well the user fits in among the members of their segment, now; null where <see cref="GetUserSegment"/> is.</summary>
    public async Task<UserSilhouette?> GetUserSilhouette(string id, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(id).GetSilhouette(await OffsetOf(id, atLeast, cancellationToken), cancellationToken);

    public Task<FriendPage> GetFriends(string id, string? cursor, int count, CancellationToken cancellationToken) =>
        User(id).GetFriends(cursor, count, cancellationToken);

    /// <summary>Every id that is the same person as this one, the one that answers for all first.</summary>
    public Task<string[]> ResolveUser(string id, CancellationToken cancellationToken) => Erasures.Resolve(id, cancellationToken);

    /// <summary>What is kept under this very id; null where nothing is.</summary>
    public Task<HeldUser?> GetHeldUser(string id, CancellationToken cancellationToken) => User(id).GetHeld(cancellationToken);

    public Task<HeldFriendPage> GetHeldFriends(string id, string? after, int count, CancellationToken cancellationToken) =>
        User(id).GetHeldFriends(after, count, cancellationToken);

    public Task<HeldAnswerPage> GetHeldAnswers(string id, string? after, int count, CancellationToken cancellationToken) =>
        User(id).GetHeldAnswers(after, count, cancellationToken);

    public Task<HeldEntryPage> GetHeldEntries(string id, long after, int count, CancellationToken cancellationToken) =>
        User(id).GetHeldEntries(after, count, cancellationToken);

    /// <summary>The items that name people, page after page; pages may be empty. It looks through all items.</summary>
    public async IAsyncEnumerable<ItemMentionPage> FindItemMentions(string[] people, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partitions = (await GetInfo(cancellationToken)).Partitions;
        for (var number = 0; number < partitions; number++)
        {
            string? after = null;
            do
            {
                var page = await ItemShard(number).FindMentions(people, after, cancellationToken);
                yield return page;
                after = page.Next;
            }
            while (after is not null);
        }
    }

    /// <summary>Erases a user; when this returns no query knows of them.</summary>
    /// <param name="by">Who asks, for the audit.</param>
    public Task<ErasureView> EraseUser(string id, string by, CancellationToken cancellationToken) => Erasures.Start(id, by, cancellationToken);

    public Task<ErasureView?> GetErasure(string receipt, CancellationToken cancellationToken) => Erasures.Get(receipt, cancellationToken);

    public Task<ErasureView[]> ListErasures(int count, CancellationToken cancellationToken) => Erasures.List(count, cancellationToken);

    public Task<string[]> GetErasureLog(CancellationToken cancellationToken) => Erasures.GetLog(cancellationToken);

    public Task<ErasureLogResult> ApplyErasureLog(string[] lines, CancellationToken cancellationToken) => Erasures.ApplyLog(lines, cancellationToken);

    /// <summary>Takes down what was done with a user.</summary>
    public async Task Audit(string by, string what, string user, CancellationToken cancellationToken) =>
        await AuditLog.Record(by, what, await Erasures.SubjectOf(user, cancellationToken), null, cancellationToken);

    public Task<AuditEntry[]> ListAudit(long after, int count, CancellationToken cancellationToken) => AuditLog.List(after, count, cancellationToken);

    private IErasureGrain Erasures => grains.GetGrain<IErasureGrain>(Tenant);

    private IAuditGrain AuditLog => grains.GetGrain<IAuditGrain>(Tenant);

    /// <summary>What is held on an item, or null while nothing of it has arrived.</summary>
    /// <param name="atLeast">Versions whose answers to items have to be in what is told.</param>
    public async Task<ItemView?> GetItem(string id, IReadOnlyList<VersionToken> atLeast, CancellationToken cancellationToken)
    {
        await SettleAsync(atLeast, cancellationToken);
        return await ItemShard(await PartitionOf(id, cancellationToken)).Get(id, cancellationToken);
    }

    /// <summary>A page of who said what of an item, in the order of their ids, after one (null: from the first); null for an unknown item.</summary>
    /// <param name="atLeast">Versions whose answers to items have to be in what is told.</param>
    public async Task<ItemAnswerPage?> GetItemAnswers(string id, string? after, int count, IReadOnlyList<VersionToken> atLeast, CancellationToken cancellationToken)
    {
        await SettleAsync(atLeast, cancellationToken);
        return await ItemShard(await PartitionOf(id, cancellationToken)).GetAnswers(id, after, count, cancellationToken);
    }

    /// <summary>
    /// What to recommend to a user, and why; to somebody who is not known what is popular, by whatever is known of them. Null for who forbade it.
    /// </summary>
    public async Task<Recommendations?> Recommend(string user, RecommendationRequest request, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(user).Recommend(request with { AtLeast = await OffsetOf(user, atLeast, cancellationToken) }, cancellationToken);

    /// <summary>What to recommend to several users together; null where nobody of them is known and may be recommended to.</summary>
    public async Task<GroupRecommendations?> RecommendToGroup(string[] users, RecommendationRequest request, CancellationToken cancellationToken)
    {
        if (request.Count is < 1 or > MostRecommended)
            throw new InvalidRequestException("n", $"{request.Count} is not in 1 to {MostRecommended}");
        var asked = await Task.WhenAll(users.Select(async user => (Id: user, IsKnown: await User(user).Get(0, cancellationToken) is { Personalisation: not false })));
        var members = asked.Where(user => user.IsKnown).Select(user => user.Id).ToArray();
        if (members.Length == 0)
            return null;
        var favourites = (await Task.WhenAll(members.Select(member => User(member).Recommend(request with { Count = MostRecommended, Record = false }, cancellationToken)))).OfType<Recommendations>().ToArray();
        if (favourites.Length == 0)
            return null;
        var union = favourites.SelectMany(one => one.Items).Select(item => item.Id).Distinct().ToArray();
        // Each is asked of all that any of them would like, so that nobody's silence counts.
        var judged = (await Task.WhenAll(favourites.Select(async favourite =>
        {
            var parts = await Task.WhenAll(union.Chunk(MostRecommended).Select(part =>
                User(favourite.UserId).Recommend(request with { Count = MostRecommended, Record = false, Only = part, At = favourites[0].AsOf, Ranker = favourites[0].Ranker }, cancellationToken)));
            // Who forbids it meanwhile is asked about no more.
            return parts.All(part => part is not null) ? favourite with { Items = [.. parts.SelectMany(part => part!.Items)] } : null;
        }))).OfType<Recommendations>().ToArray();
        return judged.Length == 0 ? null : new GroupRecommendations(
            judged[0].RecommendationId, [.. judged.Select(member => member.UserId)], [.. users.Except(judged.Select(member => member.UserId))], favourites[0].AsOf, GroupChoice.Of(judged, request.Count));
    }

    /// <summary>Users who wanted what a user wanted; null for an unknown one, and for who forbade it.</summary>
    public Task<SimilarUsers?> GetSimilarUsers(string id, int count, CancellationToken cancellationToken) => User(id).GetSimilar(count, cancellationToken);

    /// <summary>Items that are like an item; null for an unknown one.</summary>
    public async Task<SimilarItems?> GetSimilarItems(string id, int count, CancellationToken cancellationToken) =>
        await ItemShard(await PartitionOf(id, cancellationToken)).GetSimilar(id, count, cancellationToken);

    /// <summary>The published segmentation, or null while there is none.</summary>
    public Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken) => Coordinator.GetSegmentation(cancellationToken);

    /// <summary>A segment of a model version with its size and centroid as they are now, or null.</summary>
    public Task<SegmentView?> GetSegment(long version, int segment, CancellationToken cancellationToken) =>
        grains.GetGrain<ISegmentGrain>(GrainKeys.Segment(Tenant, version, segment)).Get(cancellationToken);

    /// <summary>A page of a segment's members, or null where the version has no such segment.</summary>
    public Task<MemberPage?> GetMembers(long version, int segment, string? cursor, int count, CancellationToken cancellationToken) =>
        grains.GetGrain<ISegmentGrain>(GrainKeys.Segment(Tenant, version, segment)).Members(cursor, count, cancellationToken);

    /// <summary>The members of a segment with the lowest silhouettes, or null where the version has no such segment.</summary>
    public Task<BorderView?> GetBorder(long version, int segment, int count, CancellationToken cancellationToken) =>
        grains.GetGrain<ISegmentGrain>(GrainKeys.Segment(Tenant, version, segment)).Border(count, cancellationToken);

    /// <summary>The rankers that are kept, and which one ranks.</summary>
    public Task<RankerList> GetRankers(CancellationToken cancellationToken) => Coordinator.GetRankers(cancellationToken);

    /// <summary>Has a ranker that is kept rank from now on (0: the baseline); null where there is none of that version.</summary>
    public Task<RankerList?> RollBackRanker(long version, CancellationToken cancellationToken) => Coordinator.RollBackRanker(version, cancellationToken);

    public Task<JobView> StartJob(JobRequest request, CancellationToken cancellationToken) => Coordinator.Start(request, cancellationToken);

    public Task<JobView?> GetJob(string id, CancellationToken cancellationToken) => Coordinator.GetJob(id, cancellationToken);

    public Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken) => Coordinator.ListJobs(count, cancellationToken);

    /// <summary>The job as it is now and at each change, until it ends.</summary>
    public IAsyncEnumerable<JobView> WatchJob(string id, CancellationToken cancellationToken) => Coordinator.Watch(id, cancellationToken);

    public Task<JobView?> CancelJob(string id, CancellationToken cancellationToken) => Coordinator.Cancel(id, cancellationToken);

    public Task<TableView> CreateTable(string name, string[] columns, int shards, CancellationToken cancellationToken) =>
        Table(name).Create(columns, shards, cancellationToken);

    /// <summary>Adds rows, one after the other, to a table; NaN is a missing value. <paramref name="ids"/>: as <see cref="ITableGrain.Append"/> has it.</summary>
    public Task<long> AppendRows(TableView table, long firstRow, double[] values, string[]? ids, CancellationToken cancellationToken) =>
        Table(table.Name).Append(table.Generation, firstRow, values, ids, cancellationToken);

    /// <summary>Says that a table has all its rows; jobs may use it from now on.</summary>
    public Task<TableView> CompleteTable(TableView table, CancellationToken cancellationToken) =>
        Table(table.Name).Complete(table.Generation, cancellationToken);

    public Task<TableView?> GetTable(string name, CancellationToken cancellationToken) => Table(name).Get(cancellationToken);

    /// <summary>Removes whichever table has that name; false where there is none.</summary>
    public Task<bool> DropTable(string name, CancellationToken cancellationToken) => Table(name).Drop(0, cancellationToken);

    /// <summary>Removes this table, and not another one that has its name by now.</summary>
    public Task<bool> DropTable(TableView table, CancellationToken cancellationToken) => Table(table.Name).Drop(table.Generation, cancellationToken);

    /// <summary>
    /// Sends each event to the partition of its user. A failure of one partition fails the whole call though others may have committed:
    /// send the batch again.
    /// </summary>
    /// <param name="segments">Whether the results say of each user which segment they were in and are in now.</param>
    /// <returns>One result for each partition that took part; a refusal's index is the event's place in <paramref name="events"/>.</returns>
    public async Task<AppendResult[]> Append(IReadOnlyList<UserEvent> events, bool segments, CancellationToken cancellationToken)
    {
        var aliases = new List<int>();
        var parts = new SortedDictionary<int, List<int>>();
        for (var i = 0; i < events.Count; i++)
        {
            if (events[i].Kind == AliasKind)
                aliases.Add(i);
            else
                Part(parts, await PartitionOf(events[i].UserId, cancellationToken)).Add(i);
        }

        var results = await Parts.All(parts.Select(async part =>
        {
            UserEvent[] own = [.. part.Value.Select(i => events[i])];
            // Which segment users were in before events that came the first time, nobody could tell the second time.
            var result = segments ? await AppendOnce(cancellationToken) : await Again(AppendOnce, cancellationToken);
            return result with { Refused = InWhole(result.Refused, part.Value) };

            Task<AppendResult> AppendOnce(CancellationToken given) => Partition(part.Key).Append(own, segments, given);
        }));
        return aliases.Count == 0 ? results : [.. results, .. await Alias(events, aliases, results.Length > 0, cancellationToken)];
    }

    /// <summary>Joins ids, one after the other, after what else their batch holds: it makes no difference to what becomes of that.</summary>
    private async Task<List<AppendResult>> Alias(IReadOnlyList<UserEvent> events, List<int> aliases, bool begun, CancellationToken cancellationToken)
    {
        var results = new List<AppendResult>();
        foreach (var i in aliases)
        {
            var joining = grains.GetGrain<IIdentityGrain>(Tenant).Alias(events[i], cancellationToken);
            var result = begun || results.Count > 0 ? await Parts.After(joining) : await joining;
            results.Add(new AppendResult(result.Partition, result.Offset, result.Refused is { } refused ? [refused with { Index = i }] : []));
        }

        return results;
    }

    /// <summary>
    /// Sends a bulk of events, of which some may be there already, each to the partition of its user. Where the call fails, some partitions
    /// may have committed: send the bulk again, and nothing comes twice.
    /// </summary>
    /// <returns>One result for each partition that took part; a refusal's index is the event's place in <paramref name="events"/>.</returns>
    public async Task<ImportResult[]> Import(IReadOnlyList<UserEvent> events, CancellationToken cancellationToken) =>
        await Parts.All((await ByPartition(events.Select(one => one.UserId), cancellationToken)).Select(async part =>
        {
            var result = await Partition(part.Key).Import([.. part.Value.Select(i => events[i])], cancellationToken);
            return result with { Refused = InWhole(result.Refused, part.Value) };
        }));

    /// <summary>
    /// Sends a bulk of what was learnt of items, of which some may be there already, each to the shard of its item. Where the call fails,
    /// some shards may have committed: send the bulk again, and nothing comes twice.
    /// </summary>
    /// <returns>One result for each shard that took part; a refusal's index is the event's place in <paramref name="events"/>.</returns>
    public async Task<ImportResult[]> ImportItems(IReadOnlyList<ItemEvent> events, CancellationToken cancellationToken) =>
        await Parts.All((await ByPartition(events.Select(one => one.ItemId), cancellationToken)).Select(async part =>
        {
            ItemEvent[] own = [.. part.Value.Select(i => events[i])];
            var result = await Again(given => ItemShard(part.Key).Import(own, given), cancellationToken, LongestImport);
            return result with { Refused = InWhole(result.Refused, part.Value) };
        }));

    private async ValueTask<T> Again<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken, Asked? asked = null) =>
        again is null ? await call(cancellationToken) : await again.Run(async given => await call(given), cancellationToken, asked);

    private IPartitionGrain Partition(int number) => grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, number));

    private IItemShardGrain ItemShard(int number) => grains.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(Tenant, number));

    /// <summary>The places of each partition's ids, or of each shard's.</summary>
    private async Task<SortedDictionary<int, List<int>>> ByPartition(IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        var places = new SortedDictionary<int, List<int>>();
        var place = 0;
        foreach (var id in ids)
        {
            var partition = await PartitionOf(id, cancellationToken);
            Part(places, partition).Add(place++);
        }

        return places;
    }

    private static List<int> Part(SortedDictionary<int, List<int>> parts, int partition)
    {
        if (!parts.TryGetValue(partition, out var part)) parts.Add(partition, part = []);
        return part;
    }

    /// <summary>A part's refusals by their events' places in the whole.</summary>
    private static Refusal[] InWhole(Refusal[] refused, List<int> places) => Array.ConvertAll(refused, one => one with { Index = places[one.Index] });

    private async IAsyncEnumerable<TPage> ReadShards<TPage>(
        Func<IFeatureShardGrain, string?, Task<TPage>> read, Func<TPage, string?> next, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var partitions = (await GetInfo(cancellationToken)).Partitions;
        for (var number = 0; number < partitions; number++)
        {
            var shard = grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(Tenant, GrainKeys.Users, number));
            string? after = null;
            do
            {
                var page = await read(shard, after);
                yield return page;
                after = next(page);
            }
            while (after is not null);
        }
    }

    private async ValueTask<long> OffsetOf(string user, VersionToken? atLeast, CancellationToken cancellationToken)
    {
        if (atLeast is not { } token) return 0;
        if (token.Partition == await PartitionOf(user, cancellationToken)) return token.Offset;
        // A version of another partition is one of an id that was joined to this user: once it was passed on, all that there is includes it.
        await SettleAsync([token], cancellationToken);
        return long.MaxValue;
    }

    /// <summary>Waits until what came up to some versions has reached everybody and every item that it concerns.</summary>
    private async Task SettleAsync(IReadOnlyList<VersionToken> versions, CancellationToken cancellationToken)
    {
        if (versions.Count == 0) return;
        await PartitionOf("", cancellationToken);
        foreach (var version in versions)
        {
            if (version.Partition >= _partitions)
                throw new InvalidRequestException("atLeast", $"'{version}' is no version: there are {_partitions} partitions.");
        }

        await Task.WhenAll(versions.Select(version => Partition(version.Partition).Settle(version.Offset, cancellationToken)));
    }
}
