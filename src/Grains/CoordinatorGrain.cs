using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Core.Segments;
using Auie.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// Runs jobs one after the other. What a job is and how far it is stands in the store, so that the next activation goes on with it.
/// </summary>
public sealed partial class CoordinatorGrain(
    IEngineStore store,
    PublishedModels models,
    PublishedRankers rankers,
    Publications publications,
    FeatureSets featureSets,
    Archetypes archetypes,
    ComputePool pool,
    IShardPlacement placement,
    StoreTimers timers,
    TimeProvider time,
    IOptions<EngineOptions> options,
    IHostApplicationLifetime lifetime,
    ILogger<CoordinatorGrain> logger) : Grain, ICoordinatorGrain
{
    private static readonly TimeSpan WatchInterval = TimeSpan.FromMilliseconds(50);

    private readonly SortedDictionary<long, RunningJob> _jobs = [];
    private string _tenant = "";
    private long _epoch;
    private bool _working;
    private IGrainTimer? _worker;
    private RunningJob? _current;

    private string Owner => $"coordinator/{_tenant}";

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _tenant = this.GetPrimaryKeyString();
        _epoch = await store.ClaimEpochAsync(Owner, cancellationToken).OrUnavailable();
        Task? seen = null;
        await foreach (var (_, bytes) in store.ReadDocumentsAsync(_tenant, Documents.Job, cancellationToken).OrUnavailable())
        {
            var job = SegmentationJob.Decode(bytes);
            // It may have ended a moment ago, on another silo, and nobody has been told yet.
            _jobs[job.Number] = new RunningJob(job, job.Ended ? seen ??= publications.SeenByAllAsync() : null);
        }

        await foreach (var (version, mark) in store.ReadDocumentsAsync(_tenant, Documents.ModelMark, cancellationToken).OrUnavailable())
            _marks[long.Parse(version)] = ModelMark.Decode(mark);
        await foreach (var (version, mark) in store.ReadDocumentsAsync(_tenant, Documents.RankerMark, cancellationToken).OrUnavailable())
            _rankerMarks[long.Parse(version)] = ModelMark.Decode(mark);
        // Nor is it told yet which ranker ranks, if any was published.
        if (store.IsShared && await store.ReadDocumentAsync(_tenant, Documents.Published, Documents.CurrentRanker, cancellationToken).OrUnavailable() is not null)
        {
            seen ??= publications.SeenByAllAsync();
            _ = _rankerChanges.Do(() => seen);
        }

        if (_jobs.Values.Any(job => !job.Record.Done))
            Work();
    }

    public async Task<JobView> Start(JobRequest request, CancellationToken cancellationToken)
    {
        await CheckAsync(request, cancellationToken);
        if (_jobs.Values.Count(job => !job.Record.Ended) >= options.Value.MaxQueuedJobs)
            throw new InvalidRequestException("job", $"{options.Value.MaxQueuedJobs} jobs wait already; try again when one has ended");

        var published = request.Incremental ? await models.RefreshAsync(_tenant, cancellationToken) : null;
        var record = NewJob(SpecOf(request with
        {
            Features = request.Table is null && request.Kind != JobRequest.Training ? request.Features ?? published?.Features.Name ?? featureSets.Default.Name : null,
            AsOf = request.AsOf ?? (published is null ? null : SpecOf(published).AsOf),
        }));
        var number = record.Number;
        var forgotten = _jobs.Values.Where(job => job.Record.Done).Select(job => job.Record).SkipLast(options.Value.MaxJobHistory - 1).ToArray();
        await Write([
            new DocumentWrite(Documents.Job, Documents.Key(number), record.Encode()),
            .. forgotten.Select(job => new DocumentWrite(Documents.Job, Documents.Key(job.Number), null)),
        ], cancellationToken);
        foreach (var job in forgotten)
            _jobs.Remove(job.Number);
        _jobs[number] = new RunningJob(record);
        Work();
        return await ViewAsync(_jobs[number], cancellationToken);
    }

    private static SegmentationSpec SpecOf(JobRequest request) =>
        new(request.Features, request.Table, request.Columns, request.KMin, request.KMax, request.Seed, request.AsOf, request.Raw, request.Starts) { Incremental = request.Incremental, Kind = KindOf(request) };

    private SegmentationJob NewJob(SegmentationSpec spec)
    {
        var number = _jobs.Count == 0 ? 1 : _jobs.Keys.Last() + 1;
        return new SegmentationJob { Id = $"j{number}", Number = number, Spec = spec, CreatedAt = time.GetUtcNow() };
    }

    public async Task<JobView?> GetJob(string id, CancellationToken cancellationToken) =>
        Find(id) is { } job ? await ViewAsync(job, cancellationToken) : null;

    public async Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken)
    {
        var views = new List<JobView>();
        foreach (var job in _jobs.Values.Reverse().Take(Math.Clamp(count, 0, options.Value.MaxJobHistory + options.Value.MaxQueuedJobs)).ToArray())
            views.Add(await ViewAsync(job, cancellationToken, withResult: false));
        return [.. views];
    }

    public async IAsyncEnumerable<JobView> Watch(string id, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (Find(id) is { } job)
        {
            var changed = job.Changed;
            var view = await ViewAsync(job, cancellationToken);
            yield return view;
            if (view.Ended)
                yield break;
            await changed.WaitAsync(cancellationToken);
            // A job takes thousands of steps a second; nobody can look at more than some of them. But that it ended is told at once.
            if (!job.Record.Ended)
                await await Task.WhenAny(Task.Delay(WatchInterval, time, cancellationToken), job.Over);
        }
    }

    public async Task<JobView?> Cancel(string id, CancellationToken cancellationToken)
    {
        if (Find(id) is not { } job)
            return null;
        if (!job.Record.Ended)
        {
            // First of all, so that a job that begins at this moment goes no further; then for a restart to know.
            await job.Stop.CancelAsync();
            if (job == _current)
                await job.Writes.Do(() => job.Record.Ended ? Task.CompletedTask : Write([new DocumentWrite(Documents.Job, Documents.Key(job.Record.Number), Stored(job, job.Record))], cancellationToken));
            else
                await EndAsync(job, job.Record with { State = JobState.Cancelled }, []);
        }

        return await ViewAsync(job, cancellationToken);
    }

    public async Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken) =>
        await models.CurrentAsync(_tenant, cancellationToken) is { } model ? WithMark(SegmentationViews.Of(model, JobOf(model.Version))) : null;

    private string? JobOf(long version) => _jobs.Values.FirstOrDefault(job => job.Record.PublishedVersion == version && job.Record.Spec.Kind == JobKind.Segmentation)?.Record.Id;

    private RunningJob? Find(string id) =>
        id.Length > 1 && id[0] == 'j' && long.TryParse(id.AsSpan(1), out var number) && _jobs.GetValueOrDefault(number) is { } job && job.Record.Id == id ? job : null;

    /// <summary>Refuses what cannot succeed before it is queued.</summary>
    private async Task CheckAsync(JobRequest request, CancellationToken cancellationToken)
    {
        if (KindOf(request) == JobKind.Training)
        {
            CheckTraining(request);
            return;
        }

        if (request.KMin is < 2 or > 255)
            throw new InvalidRequestException("kMin", $"{request.KMin} is not in 2 to 255");
        if (request.KMax < request.KMin || request.KMax > 255)
            throw new InvalidRequestException("kMax", $"{request.KMax} is not in {request.KMin} (kMin) to 255");
        if (request.Starts is < 1 or > 1_000)
            throw new InvalidRequestException("starts", $"{request.Starts} is not in 1 to 1,000");
        if (request.Seed < 0)
            throw new InvalidRequestException("seed", $"{request.Seed} is negative");

        if (request is { Incremental: true, Table: not null })
            throw new InvalidRequestException("incremental", "a table's model is not published, and there is none to go on from");
        if (request.Table is null)
        {
            if (request.Columns is not null)
                throw new InvalidRequestException("columns", "only a table has columns; users are clustered by a feature set");
            if (request.Raw)
                throw new InvalidRequestException("raw", "features of users are always standardised");
            var name = request.Features ?? featureSets.Default.Name;
            if (!featureSets.TryGet(name, out _))
                throw new InvalidRequestException("features", $"there is no feature set '{name}'; there are {string.Join(", ", featureSets.All.Select(set => set.Name))}");
            return;
        }

        if (request.Features is not null)
            throw new InvalidRequestException("features", "a table is clustered by its columns; name either a feature set or a table");
        if (await GrainFactory.GetGrain<ITableGrain>(GrainKeys.Table(_tenant, request.Table)).Get(cancellationToken) is not { } table)
            throw new InvalidRequestException("table", $"there is no table '{request.Table}'");
        if (!table.IsComplete)
            throw new InvalidRequestException("table", $"'{request.Table}' is still being filled");
        if (request.Columns is { Length: 0 })
            throw new InvalidRequestException("columns", "there are none");
        if (request.Columns?.Except(table.Columns).FirstOrDefault() is { } unknown)
            throw new InvalidRequestException("columns", $"the table '{table.Name}' has no column '{unknown}'; it has {string.Join(", ", table.Columns)}");
        if (request.Columns?.GroupBy(column => column).FirstOrDefault(column => column.Count() > 1) is { } twice)
            throw new InvalidRequestException("columns", $"'{twice.Key}' is named {twice.Count()} times");
    }

    /// <summary>Begins to work through the queue, beside the calls that this grain answers meanwhile.</summary>
    private void Work(TimeSpan due = default)
    {
        if (_working)
            return;
        _working = true;
        _worker?.Dispose();
        _worker = this.RegisterGrainTimer(WorkThroughAsync, new GrainTimerCreationOptions
        {
            DueTime = due,
            Period = Timeout.InfiniteTimeSpan,
            Interleave = true,
            KeepAlive = true,
        });
    }

    private async Task WorkThroughAsync(CancellationToken deactivating)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deactivating, lifetime.ApplicationStopping);
        var stopping = stop.Token;
        var again = false;
        try
        {
            ReleaseLeft();
            while (_jobs.Values.FirstOrDefault(job => !job.Record.Ended) is { } job)
            {
                // A job may outlast the time after which an idle activation is collected.
                DelayDeactivation(TimeSpan.FromMinutes(10));
                await RunAsync(job, stopping);
                ReleaseLeft();
            }
        }
        catch (Exception e)
        {
            // Where this activation has to go, the next goes on from the last checkpoint; where only something that it needs failed, this one does.
            again = !stopping.IsCancellationRequested;
            if (!again || !timers.Tells(e))
                LogJobsLeft(e, _tenant);
        }
        finally
        {
            _working = false;
            _current = null;
        }

        if (again)
            Work(options.Value.RetryInterval);
    }

    private async Task RunAsync(RunningJob job, CancellationToken stopping)
    {
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stopping, job.Stop.Token);
        using var activity = GrainTelemetry.StartJob(job.Record.Id, job.Record.Spec.Features ?? job.Record.Spec.Table ?? "recommendations");
        var began = time.GetTimestamp();
        _current = job;
        GrainTelemetry.JobBegan();
        try
        {
            await (job.Record.Spec.Kind == JobKind.Training ? TrainAsync(job, linked.Token) : SegmentAsync(job, linked.Token));
        }
        catch (Exception e) when (!stopping.IsCancellationRequested && !job.Record.Ended && !IsInterruption(e, job))
        {
            var record = job.Stop.IsCancellationRequested
                ? job.Record with { State = JobState.Cancelled }
                : job.Record with { State = JobState.Failed, Error = e.Message };
            if (record.State == JobState.Failed)
                LogJobFailed(e, record.Id);
            await EndAsync(job, record, []);
        }
        finally
        {
            GrainTelemetry.JobLeft(job.Record.Ended ? job.Record.State.ToString() : null, time.GetElapsedTime(began));
        }
    }

    /// <summary>
    /// Whether it is not the job that failed but something that it needs: the store, or a shard whose silo went. It is tried again, from the
    /// last checkpoint, a stated number of times.
    /// </summary>
    private bool IsInterruption(Exception exception, RunningJob job) =>
        !job.Stop.IsCancellationRequested
        && exception is not (InvalidRequestException or ArgumentException or FormatException or InvalidDataException)
        && ++job.Interruptions <= options.Value.MaxJobInterruptions;

    /// <summary>
    /// Writes how a job ended, with what it publishes, in one transaction; frees what it pinned; and tells of the end once every silo goes by what is published: who hears of it
    /// and asks any of them for segments gets these. A shard that does not answer does not keep it from that.
    /// </summary>
    private async Task EndAsync(
        RunningJob job, SegmentationJob record, DocumentWrite[] published, Action? announce = null)
    {
        record = record with { EndedAt = time.GetUtcNow() };
        var ends = await job.Writes.Do(async () =>
        {
            // It ends once, however many want it to.
            if (job.Record.Ended)
                return false;
            await Write([
                .. published,
                new DocumentWrite(Documents.Job, Documents.Key(record.Number), record.Encode()),
                new DocumentWrite(Documents.Checkpoint, record.Id, null),
            ], CancellationToken.None);
            // The job has ended, whatever becomes of the rest and whoever wants to cancel it now.
            job.Replace(record);
            announce?.Invoke();
            return true;
        });
        if (!ends)
            return;
        var released = ReleaseAsync(job);
        if (published.Length > 0)
            await publications.SeenByAllAsync();
        await released.WaitAsync(options.Value.ReleaseWait, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        // Freeing goes on beside whatever comes next: a silo that is dead is waited for by nobody.
        job.Update(job.Record, "", record.State is JobState.Succeeded or JobState.Kept ? 1 : job.Progress);
    }

    /// <summary>
    /// Frees what a job that has ended pinned, beside whatever else this does: where a silo is dead that takes as long as a call may. What cannot be freed now is when this next works, here
    /// or in the next activation: the record says that it is left.
    /// </summary>
    private Task ReleaseAsync(RunningJob job) => job.Released is { IsCompleted: false } under ? under : job.Released = FreeAsync(job);

    /// <summary>Frees what jobs pinned that have ended and could not have it freed then.</summary>
    private void ReleaseLeft()
    {
        foreach (var left in _jobs.Values.Where(job => job.Record is { Ended: true, Done: false }).ToArray())
            _ = ReleaseAsync(left);
    }

    private async Task FreeAsync(RunningJob job)
    {
        if (job.Record is not { Pinned: { } pinned } record)
            return;
        try
        {
            await ShardsOf(record, pinned).ReleaseAsync(CancellationToken.None);
            var released = record with { Pinned = null };
            await Write([new DocumentWrite(Documents.Job, Documents.Key(record.Number), released.Encode())], CancellationToken.None);
            job.Replace(released);
        }
        catch (Exception e)
        {
            LogNotReleased(e, record.Id);
        }
    }

    private async Task Write(IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken)
    {
        await store.WriteDocumentsAsync(_tenant, Owner, _epoch, documents, cancellationToken).OrUnavailable(DeactivateOnIdle);
    }

    /// <summary>Takes a record of a job that runs, once it is written.</summary>
    private Task WriteAsync(RunningJob job, SegmentationJob record, CancellationToken cancellationToken) => job.Writes.Do(async () =>
    {
        await Write([new DocumentWrite(Documents.Job, Documents.Key(record.Number), Stored(job, record))], cancellationToken);
        job.Replace(record);
    });

    /// <summary>The record with what was asked of the job meanwhile.</summary>
    private static byte[] Stored(RunningJob job, SegmentationJob record) =>
        (record with { CancelRequested = job.Stop.IsCancellationRequested }).Encode();

    private async ValueTask<JobView> ViewAsync(RunningJob job, CancellationToken cancellationToken, bool withResult = true)
    {
        // That it has ended is told when it is seen everywhere, and not before.
        if (job.Record.Ended)
            await job.Over.WaitAsync(cancellationToken);
        var record = job.Record;
        var model = !withResult || record.Spec.Kind == JobKind.Training ? null
            : record.Model is { } own ? SegmentModelCodec.Decode(own)
            : record.PublishedVersion is { } version ? await models.GetAsync(_tenant, version, cancellationToken)
            : null;
        return new JobView
        {
            Id = record.Id,
            State = record.State.ToString().ToLowerInvariant(),
            Phase = job.Phase,
            Progress = job.Progress,
            Request = new JobRequest
            {
                Features = record.Spec.Features,
                Table = record.Spec.Table,
                Columns = record.Spec.Columns,
                KMin = record.Spec.KMin,
                KMax = record.Spec.KMax,
                Seed = record.Spec.Seed,
                AsOf = record.Spec.AsOf,
                Raw = record.Spec.Raw,
                Starts = record.Spec.Starts,
                Incremental = record.Spec.Incremental,
                Kind = NameOf(record.Spec.Kind),
            },
            CreatedAt = record.CreatedAt,
            EndedAt = record.EndedAt,
            Error = record.Error,
            FullBecause = record.FullBecause,
            Result = model is null ? null : WithMark(SegmentationViews.Of(model, record.Id)),
            Trained = TrainedOf(record),
        };
    }

    /// <summary>A job with what is not worth writing down of it.</summary>
    /// <param name="told">Of a job that had ended before: ends when that may be told.</param>
    private sealed class RunningJob(SegmentationJob record, Task? told = null)
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What is written of it: a record that is being written may not come after one that tells more.</summary>
        public InOrder Writes { get; } = new();

        /// <summary>How often it had to be taken up again since this activation began.</summary>
        public int Interruptions { get; set; }

        /// <summary>Of a job that has ended: ends when what it pinned was tried to be freed last.</summary>
        public Task? Released { get; set; }

        public SegmentationJob Record { get; private set; } = record;

        public string Phase { get; private set; } = record.State == JobState.Queued ? "waiting" : "";

        /// <summary>0 to 1.</summary>
        public double Progress { get; private set; } = record.State is JobState.Succeeded or JobState.Kept ? 1 : 0;

        public CancellationTokenSource Stop { get; } = record.CancelRequested ? new(TimeSpan.Zero) : new();

        /// <summary>Ends when the job is different from now.</summary>
        public Task Changed => _changed.Task;

        /// <summary>Ends when it may be told that the job has ended.</summary>
        public Task Over => told ?? _over.Task;

        /// <summary>Takes a record that nobody outside can tell from the one before.</summary>
        public void Replace(SegmentationJob record) => Record = record;

        public void Update(SegmentationJob record, string phase, double progress)
        {
            (Record, Phase, Progress) = (record, phase, progress);
            var changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed.SetResult();
            if (record.Ended)
                _over.TrySetResult();
        }
    }
}
