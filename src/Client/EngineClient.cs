using Auie.Abstractions;

namespace Auie.Client;

/// <summary>
/// One tenant's engine, for .NET code that is connected to its cluster: users, segments, jobs, tables and events by name rather than by
/// grain and key. Every method fails with <see cref="TimeoutException"/> when the engine does not answer in time, which says nothing
/// about the effect of a write, and with <see cref="InvalidRequestException"/> when the request cannot be carried out as it was put.
/// </summary>
public sealed class EngineClient(IGrainFactory grains, string tenant = GrainKeys.DefaultTenant)
{
    private volatile int _partitions;

    /// <summary>The tenant that everything here is about.</summary>
    public string Tenant { get; } = tenant;

    private ICoordinatorGrain Coordinator => grains.GetGrain<ICoordinatorGrain>(Tenant);

    private IUserGrain User(string id) => grains.GetGrain<IUserGrain>(GrainKeys.User(Tenant, id));

    private ITableGrain Table(string name) => grains.GetGrain<ITableGrain>(GrainKeys.Table(Tenant, name));

    public Task<EngineInfo> GetInfo(CancellationToken cancellationToken) =>
        grains.GetGrain<IEngineGrain>(Tenant).GetInfo(cancellationToken);

    /// <summary>The partition of a user. The number of partitions is asked for once: it never changes.</summary>
    public async ValueTask<int> PartitionOf(string user, CancellationToken cancellationToken)
    {
        if (_partitions == 0) _partitions = (await GetInfo(cancellationToken)).Partitions;
        return Partitioning.PartitionOf(Tenant, user, _partitions);
    }

    /// <summary>What is held on a user, or null while nothing of their own has arrived.</summary>
    public async Task<UserView?> GetUser(string id, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(id).Get(await OffsetOf(id, atLeast, cancellationToken), cancellationToken);

    /// <summary>
    /// The user's segment and why; null for an unknown user, while no model is published, and for a user to whom nothing was shown where the
    /// model is of answers.
    /// </summary>
    public async Task<UserSegment?> GetUserSegment(
        string id, DateTimeOffset? asOf, VersionToken? atLeast, CancellationToken cancellationToken) =>
        await User(id).GetSegment(asOf, await OffsetOf(id, atLeast, cancellationToken), cancellationToken);

    public Task<FriendPage> GetFriends(string id, string? cursor, int count, CancellationToken cancellationToken) =>
        User(id).GetFriends(cursor, count, cancellationToken);

    /// <summary>The published segmentation, or null while there is none.</summary>
    public Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken) => Coordinator.GetSegmentation(cancellationToken);

    /// <summary>A segment of a model version, or null.</summary>
    public Task<SegmentView?> GetSegment(long version, int segment, CancellationToken cancellationToken) =>
        grains.GetGrain<ISegmentGrain>(GrainKeys.Segment(Tenant, version, segment)).Get(cancellationToken);

    /// <summary>A page of a segment's members, or null where the version has no such segment.</summary>
    public Task<MemberPage?> GetMembers(long version, int segment, string? cursor, int count, CancellationToken cancellationToken) =>
        grains.GetGrain<ISegmentGrain>(GrainKeys.Segment(Tenant, version, segment)).Members(cursor, count, cancellationToken);

    public Task<JobView> StartJob(JobRequest request, CancellationToken cancellationToken) => Coordinator.Start(request, cancellationToken);

    public Task<JobView?> GetJob(string id, CancellationToken cancellationToken) => Coordinator.GetJob(id, cancellationToken);

    public Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken) => Coordinator.ListJobs(count, cancellationToken);

    /// <summary>The job as it is now and at each change, until it ends.</summary>
    public IAsyncEnumerable<JobView> WatchJob(string id, CancellationToken cancellationToken) => Coordinator.Watch(id, cancellationToken);

    public Task<JobView?> CancelJob(string id, CancellationToken cancellationToken) => Coordinator.Cancel(id, cancellationToken);

    public Task<TableView> CreateTable(string name, string[] columns, int shards, CancellationToken cancellationToken) =>
        Table(name).Create(columns, shards, cancellationToken);

    /// <summary>Adds rows, one after the other, to a table; NaN is a missing value.</summary>
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
    /// <returns>One result for each partition that took part; a refusal's index is the event's place in <paramref name="events"/>.</returns>
    public async Task<AppendResult[]> Append(IReadOnlyList<UserEvent> events, CancellationToken cancellationToken) =>
        await Task.WhenAll((await ByPartition(events, cancellationToken)).Select(async part =>
        {
            var result = await Partition(part.Key).Append([.. part.Value.Select(i => events[i])], cancellationToken);
            return result with { Refused = InWhole(result.Refused, part.Value) };
        }));

    /// <summary>
    /// Sends a bulk of events, of which some may be there already, each to the partition of its user. Where the call fails, some partitions
    /// may have committed: send the bulk again, and nothing comes twice.
    /// </summary>
    /// <returns>One result for each partition that took part; a refusal's index is the event's place in <paramref name="events"/>.</returns>
    public async Task<ImportResult[]> Import(IReadOnlyList<UserEvent> events, CancellationToken cancellationToken) =>
        await Task.WhenAll((await ByPartition(events, cancellationToken)).Select(async part =>
        {
            var result = await Partition(part.Key).Import([.. part.Value.Select(i => events[i])], cancellationToken);
            return result with { Refused = InWhole(result.Refused, part.Value) };
        }));

    private IPartitionGrain Partition(int number) => grains.GetGrain<IPartitionGrain>(GrainKeys.Partition(Tenant, number));

    /// <summary>The places of each partition's events.</summary>
    private async Task<SortedDictionary<int, List<int>>> ByPartition(IReadOnlyList<UserEvent> events, CancellationToken cancellationToken)
    {
        var places = new SortedDictionary<int, List<int>>();
        for (var i = 0; i < events.Count; i++)
        {
            var partition = await PartitionOf(events[i].UserId, cancellationToken);
            if (!places.TryGetValue(partition, out var list)) places.Add(partition, list = []);
            list.Add(i);
        }

        return places;
    }

    /// <summary>A part's refusals by their events' places in the whole.</summary>
    private static Refusal[] InWhole(Refusal[] refused, List<int> places) => Array.ConvertAll(refused, one => one with { Index = places[one.Index] });

    private async ValueTask<long> OffsetOf(string user, VersionToken? atLeast, CancellationToken cancellationToken)
    {
        if (atLeast is not { } token) return 0;
        var partition = await PartitionOf(user, cancellationToken);
        return token.Partition == partition
            ? token.Offset
            : throw new InvalidRequestException("atLeast", $"'{token}' is not a version of this user.");
    }
}
