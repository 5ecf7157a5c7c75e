namespace Auie.Abstractions;

/// <summary>Runs the tenant's jobs one after the other and publishes what they find. Key: tenant.</summary>
[Alias("auie.coordinator")]
public interface ICoordinatorGrain : IGrainWithStringKey
{
    /// <summary>Queues a job; it goes on whatever becomes of the caller, and after a restart.</summary>
    /// <exception cref="InvalidRequestException">The request names what does not exist, or is out of its limits.</exception>
    Task<JobView> Start(JobRequest request, CancellationToken cancellationToken);

    /// <summary>The job, or null.</summary>
    [AlwaysInterleave]
    Task<JobView?> GetJob(string id, CancellationToken cancellationToken);

    /// <summary>The latest jobs, the newest first, without their results.</summary>
    [AlwaysInterleave]
    Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken);

    /// <summary>The job as it is now and as it changes (some twenty times a second at the most), until it ends.</summary>
    [AlwaysInterleave]
    IAsyncEnumerable<JobView> Watch(string id, CancellationToken cancellationToken);

    /// <summary>Asks a job to stop; nothing of it is published. Null where there is no such job; a job that has ended stays as it is.</summary>
    [AlwaysInterleave]
    Task<JobView?> Cancel(string id, CancellationToken cancellationToken);

    /// <summary>The rankers that are kept, and which one ranks.</summary>
    [AlwaysInterleave]
    Task<RankerList> GetRankers(CancellationToken cancellationToken);

    /// <summary>Has a ranker that is kept rank from now on; 0 is the baseline. Null where there is none of that version.</summary>
    Task<RankerList?> RollBackRanker(long version, CancellationToken cancellationToken);

    /// <summary>The published segmentation, or null while there is none.</summary>
    [AlwaysInterleave]
    Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken);

    /// <summary>
    /// Marks every model and every ranker that was made before some people were erased, and has the published ones made anew; once no job is left that pinned rows before. Called by the
    /// erasure, again and again while it is told to wait.
    /// </summary>
    /// <param name="erasures">The numbers of the erasures.</param>
    /// <param name="jobsUpTo">What the call before said; null at first.</param>
    Task<MarkedModels> MarkModels(long[] erasures, long? jobsUpTo, CancellationToken cancellationToken);

    /// <summary>What has become by now of versions that were marked. Called by the erasure.</summary>
    [AlwaysInterleave]
    Task<MarkedModel[]> GetMarked(long[] versions, CancellationToken cancellationToken);

    /// <summary>As <see cref="GetMarked"/>, of rankers.</summary>
    [AlwaysInterleave]
    Task<MarkedModel[]> GetMarkedRankers(long[] versions, CancellationToken cancellationToken);

    /// <summary>Rebuilds what is to be rebuilt by now, and drops the marked models and rankers whose day has come.</summary>
    Task KeepDeadlines(CancellationToken cancellationToken);
}

/// <summary>A table of numbers that is not about users, kept in shards for as long as it is wanted. Key: tenant/name.</summary>
[Alias("auie.table")]
public interface ITableGrain : IGrainWithStringKey
{
    /// <summary>Makes the table, empty; it is filled by <see cref="Append"/> and usable after <see cref="Complete"/>.</summary>
    /// <exception cref="InvalidRequestException">There is one of that name, or a limit is passed.</exception>
    Task<TableView> Create(string[] columns, int shards, CancellationToken cancellationToken);

    /// <summary>Adds rows at the end: the columns of the first row, then of the second…; NaN is a missing value.</summary>
    /// <param name="generation">The table that <see cref="Create"/> made; another one of the same name is not touched.</param>
    /// <param name="firstRow">How many rows the table has before; the same rows may be sent again.</param>
    /// <param name="ids">
    /// For each row the text that identifies it, so that what a job finds does not depend on the order of rows; null for every append of a
    /// table whose rows are identified by their numbers.
    /// </param>
    /// <returns>How many rows the table has now.</returns>
    Task<long> Append(long generation, long firstRow, [Immutable] double[] values, [Immutable] string[]? ids, CancellationToken cancellationToken);

    /// <summary>Says that the table has all its rows; from now on it stays as it is, and jobs may use it.</summary>
    Task<TableView> Complete(long generation, CancellationToken cancellationToken);

    /// <summary>The table, or null.</summary>
    [ReadOnly]
    Task<TableView?> Get(CancellationToken cancellationToken);

    /// <summary>Removes the table and its shards' rows; a job that is using it fails. False where there was none.</summary>
    /// <param name="generation">Which one; 0 for whichever there is.</param>
    Task<bool> Drop(long generation, CancellationToken cancellationToken);
}

/// <summary>A table: its columns, rows and shards, and whether it has all its rows.</summary>
/// <param name="Generation">Tells it from others that had its name before.</param>
[GenerateSerializer, Immutable, Alias("auie.table-view")]
public sealed record TableView(
    [property: Id(0)] string Name,
    [property: Id(1)] string[] Columns,
    [property: Id(2)] long Rows,
    [property: Id(3)] int Shards,
    [property: Id(4)] long Generation,
    [property: Id(5)] bool IsComplete);

/// <summary>What to cluster and how.</summary>
[GenerateSerializer, Immutable, Alias("auie.job-request")]
public sealed record JobRequest
{
    /// <summary>The feature set over users; null for the default one, or where <see cref="Table"/> is given.</summary>
    [Id(0)] public string? Features { get; init; }

    /// <summary>The table to cluster in place of users; its model is the job's result and is not published.</summary>
    [Id(1)] public string? Table { get; init; }

    /// <summary>The table's columns to use; null for all.</summary>
    [Id(2)] public string[]? Columns { get; init; }

    /// <summary>The smallest and the largest number of clusters to try, 2 to 255; of several the silhouette chooses.</summary>
    [Id(3)] public int KMin { get; init; } = 3;
    [Id(4)] public int KMax { get; init; } = 10;

    [Id(5)] public long Seed { get; init; } = 1;

    /// <summary>The instant that ages and recencies are taken at; null for the last event's.</summary>
    [Id(6)] public DateTimeOffset? AsOf { get; init; }

    /// <summary>Cluster the values as they are, not standardised.</summary>
    [Id(7)] public bool Raw { get; init; }

    public const int DefaultStarts = 16;

    /// <summary>How many seedings are tried for each k; the lowest inertia stays.</summary>
    [Id(8)] public int Starts { get; init; } = DefaultStarts;

    /// <summary>
    /// Whether to go on from the published model: its features, scale and centroids stay, the users are those of now. Where that is not possible (the job says why), it is a
    /// full run by the rest of the request.
    /// </summary>
    [Id(9)] public bool Incremental { get; init; }

    public const string Segmentation = "segmentation", Training = "train";

    /// <summary>segmentation, or train: learn to rank what is recommended. Of a training the seed alone is read.</summary>
    [Id(20)] public string Kind { get; init; } = Segmentation;
}

/// <summary>A job: where it stands and what came of it.</summary>
[GenerateSerializer, Immutable, Alias("auie.job-view")]
public sealed record JobView
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>queued, running, succeeded, failed, cancelled, or kept: it found nothing that is as good as what is published.</summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>What it is doing, in a word or two.</summary>
    [Id(2)] public required string Phase { get; init; }

    /// <summary>0 to 1.</summary>
    [Id(3)] public required double Progress { get; init; }

    [Id(4)] public required JobRequest Request { get; init; }
    [Id(5)] public required DateTimeOffset CreatedAt { get; init; }
    [Id(6)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, or why what was before is kept.</summary>
    [Id(7)] public string? Error { get; init; }

    [Id(8)] public SegmentationView? Result { get; init; }

    /// <summary>Why a job that was to go on from the published model ran in full; null where it did not.</summary>
    [Id(9)] public string? FullBecause { get; init; }

    /// <summary>What came of a training that has ended.</summary>
    [Id(20)] public TrainingView? Trained { get; init; }

    public bool Ended => State is "succeeded" or "failed" or "cancelled" or "kept";
}

/// <summary>A request that cannot be carried out as it was put: which field (empty where no field of it is wrong), and why.</summary>
[GenerateSerializer, Alias("auie.invalid-request")]
public sealed class InvalidRequestException(string field, string reason) : Exception(field.Length == 0 ? reason : $"{field}: {reason}")
{
    /// <summary>What there is none of where no segmentation is published yet.</summary>
    public const string Segmentation = "segmentation";

    [Id(0)] public string Field { get; } = field;
    [Id(1)] public string Reason { get; } = reason;

    /// <summary>What it is that the request asks for and there is none of, as in segment; null where something else is wrong.</summary>
    [Id(2)] public string? Unknown { get; init; }
}
