using System.Runtime.CompilerServices;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeCoordinator(FakeEngine engine) : ICoordinatorGrain
{
    private static readonly RankerFigures Figures = new()
    {
        Objective = "lambdamart", Trees = 80, Occasions = 900, Rows = 90_000, Users = 120, Ndcg = .4, Baseline = .35, OverBaseline = new DifferenceView(.05, .03, .07), AsOf = FakeEngine.AsOf,
    };

    public Task<RankerList> GetRankers(CancellationToken cancellationToken) => Task.FromResult(new RankerList(engine.PublishedRanker,
        [.. new[] { 2L, 1 }.Select(version => new RankerView(version, FakeEngine.AsOf, version == engine.PublishedRanker, Figures))]));

    public async Task<RankerList?> RollBackRanker(long version, CancellationToken cancellationToken)
    {
        if (version is < 0 or > 2)
            return null;
        engine.PublishedRanker = version;
        return await GetRankers(cancellationToken);
    }

    public Task<JobView> Start(JobRequest request, CancellationToken cancellationToken)
    {
        if (request.KMin > request.KMax) throw new InvalidRequestException("kMin", "must not be more than kMax");
        if (request.Table is { } name && !engine.Tables.ContainsKey(name)) throw new InvalidRequestException("table", $"there is no table '{name}'");
        var job = new FakeJob(new JobView
        {
            Id = $"j{engine.Jobs.Count + 1}",
            State = "running",
            Phase = "seeding",
            Progress = .25,
            Request = request,
            CreatedAt = FakeEngine.AsOf,
        });
        engine.Jobs[job.View.Id] = job;
        var started = job.View;
        if (engine.Finish is { } finish) End(job, finish(WithResult(job.View)));
        return Task.FromResult(started);
    }

    public Task<JobView?> GetJob(string id, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Jobs.TryGetValue(id, out var job) ? job.View : null);

    public Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Jobs.Values.Select(job => job.View).OrderByDescending(job => job.Id, StringComparer.Ordinal).Take(count).ToArray());

    public async IAsyncEnumerable<JobView> Watch(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var job = engine.Jobs[id];
        engine.Watched.Writer.TryWrite(id);
        yield return job.View with { State = "running", Phase = "seeding", EndedAt = null, Result = null };
        await foreach (var change in job.Changes.Reader.ReadAllAsync(cancellationToken)) yield return change;
    }

    public Task<JobView?> Cancel(string id, CancellationToken cancellationToken)
    {
        if (!engine.Jobs.TryGetValue(id, out var job)) return Task.FromResult<JobView?>(null);
        if (!job.View.Ended) End(job, job.View with { State = "cancelled", Phase = "cancelled" });
        return Task.FromResult<JobView?>(job.View);
    }

    public Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken) => Task.FromResult(engine.Segmentation);

    public Task<MarkedModels> MarkModels(long[] erasures, long? jobsUpTo, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<MarkedModel[]> GetMarked(long[] versions, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<MarkedModel[]> GetMarkedRankers(long[] versions, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task KeepDeadlines(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    private static void End(FakeJob job, JobView view)
    {
        job.View = view;
        job.Changes.Writer.TryWrite(view);
        job.Changes.Writer.TryComplete();
    }

    private JobView WithResult(JobView job) => job.Request.Kind == JobRequest.Training ? job with { Trained = new TrainingView(3, Figures) } : job.Request.Table is { } name && engine.Tables.TryGetValue(name, out var table)
        ? job with { Result = FakeEngine.ViewOf(job, table.Columns, table.Values.Count / table.Columns.Length) }
        : job with { Result = FakeEngine.ViewOf(job, ["age", "friends"], 100) };
}

internal sealed class FakeSegment(FakeEngine engine, string[] key) : ISegmentGrain
{
    public Task<SegmentView?> Get(CancellationToken cancellationToken) => Task.FromResult(Find());

    public Task<MemberPage?> Members(string? cursor, int count, CancellationToken cancellationToken)
    {
        if (Find() is not { } segment) return Task.FromResult<MemberPage?>(null);
        var first = cursor is null ? 0 : int.Parse(cursor);
        var ids = Enumerable.Range(first, Math.Min(count, (int)segment.Size - first)).Select(i => $"u{i}").ToArray();
        return Task.FromResult<MemberPage?>(new MemberPage(segment.Version, ids, first + ids.Length < segment.Size ? $"{first + ids.Length}" : null));
    }

    public Task<BorderView?> Border(int count, CancellationToken cancellationToken) => Task.FromResult(Find() is { } segment
        ? new BorderView(segment.Version, segment.Segment, segment.Size, segment.Size, "exact", 1, [new BorderMember("u1", -.25, 0, 1, "Enthusiasts")])
        : null);

    private SegmentView? Find() => engine.Segmentation is { } model && key[1] == $"{model.Version}"
        ? model.Segments.SingleOrDefault(segment => key[2] == $"{segment.Segment}")
        : null;
}
