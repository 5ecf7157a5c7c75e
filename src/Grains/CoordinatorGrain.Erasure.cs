using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Core.Segments;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>What becomes of models that were made while people were in them who are erased: they are marked, and by a day made anew or dropped.</summary>
public sealed partial class CoordinatorGrain
{
    private static readonly TimeSpan Beforehand = TimeSpan.FromDays(1);

    private readonly SortedDictionary<long, ModelMark> _marks = [];

    /// <summary>Publications and withdrawals of models: whoever withdraws the published one has to know which that is.</summary>
    private readonly InOrder _modelChanges = new();

    public async Task<MarkedModels> MarkModels(long[] erasures, long? jobsUpTo, CancellationToken cancellationToken)
    {
        var upTo = jobsUpTo ?? _jobs.Values.Where(job => job.Record.Pinned is not null || job.Record.Ended || IsTraining(job)).Select(job => job.Record.Number).DefaultIfEmpty().Max();
        // It may have read them already; what it publishes is marked once it has ended.
        var training = _jobs.Values.FirstOrDefault(job => IsTraining(job) && job.Record.Number <= upTo);
        var learnt = await MarkRankersAsync(erasures, upTo, relearn: training is null, cancellationToken);
        var madeSince = _jobs.Values.Where(job => job.Record.Number > upTo && job.Record.Spec.Kind == JobKind.Segmentation).Select(job => job.Record.PublishedVersion).OfType<long>().ToHashSet();
        var marks = new SortedDictionary<long, ModelMark>();
        var day = time.GetUtcNow().AddDays(options.Value.ErasureDeadlineDays);
        await foreach (var (key, _) in store.ReadDocumentsAsync(_tenant, Documents.Model, cancellationToken).OrUnavailable())
        {
            if (long.Parse(key) is var version && madeSince.Contains(version))
                continue;
            var mark = _marks.GetValueOrDefault(version, new ModelMark([], day, null));
            marks[version] = mark with { Erasures = [.. mark.Erasures.Union(erasures)] };
        }

        if ((_jobs.Values.FirstOrDefault(job => job.Record is { Pinned: not null, Spec.Table: null } && job.Record.Number <= upTo) ?? training) is { } open)
        {
            // Marked before it ends, so that no job after it goes on from one of them.
            if (marks.Count > 0)
                await WriteModelsAsync(marks, null, cancellationToken);
            ReleaseLeft();
            Work();
            return new MarkedModels(open.Record.Id, upTo, [], null, null, []);
        }

        if (marks.Count == 0)
            return new MarkedModels(null, upTo, [], learnt.RebuildBy, null, learnt.Versions);
        SegmentationJob? rebuild = null;
        if (await models.RefreshAsync(_tenant, cancellationToken) is { } published && marks.TryGetValue(published.Version, out var current))
        {
            var isUnderWay = current.RebuildJob is { } job && Find(job) is { Record: { Ended: false, Number: var number } } && number > upTo;
            if (!isUnderWay && options.Value.ErasureRebuild == ErasureRebuild.Immediately)
            {
                rebuild = NewJob(SpecOf(published));
                marks[published.Version] = current with { RebuildJob = rebuild.Id };
            }

            current = marks[published.Version];
            await WriteModelsAsync(marks, rebuild, cancellationToken);
            return new MarkedModels(null, upTo, [.. marks.Keys], marks.Values.Max(mark => mark.RebuildBy), current.RebuildJob, learnt.Versions);
        }

        await WriteModelsAsync(marks, null, cancellationToken);
        return new MarkedModels(null, upTo, [.. marks.Keys], marks.Values.Max(mark => mark.RebuildBy), null, learnt.Versions);
    }

    private static bool IsTraining(RunningJob job) => job.Record is { Spec.Kind: JobKind.Training, State: JobState.Running };

    public async Task<MarkedModel[]> GetMarked(long[] versions, CancellationToken cancellationToken)
    {
        var published = (await models.RefreshAsync(_tenant, cancellationToken))?.Version;
        return Array.ConvertAll(versions, version => MarkedOf(version, _marks.GetValueOrDefault(version), version == published));
    }

    private MarkedModel MarkedOf(long version, ModelMark? mark, bool isPublished)
    {
        if (mark is null)
            return new MarkedModel { Version = version, State = "dropped" };
        var job = mark.RebuildJob is { } id ? Find(id) : null;
        var state = job switch
        {
            // That it has ended is told when it is seen everywhere.
            { Over.IsCompleted: false } => "rebuilding",
            { Record.PublishedVersion: not null } => "rebuilt",
            not null when isPublished => "failed",
            _ => isPublished ? "waiting" : "replaced",
        };
        var reason = state == "failed" ? job!.Record.Error ?? "it was cancelled" : null;
        return new MarkedModel { Version = version, State = state, Job = mark.RebuildJob, Reason = reason, DroppedBy = mark.RebuildBy };
    }

    public async Task KeepDeadlines(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await KeepRankerDeadlinesAsync(now, cancellationToken);
        var published = await models.RefreshAsync(_tenant, cancellationToken);
        if (published is not null && _marks.TryGetValue(published.Version, out var current) && now < current.RebuildBy
            && (options.Value.ErasureRebuild == ErasureRebuild.Immediately || now >= current.RebuildBy - Beforehand)
            && (current.RebuildJob is not { } job || Find(job) is null or { Record.Ended: true }))
        {
            var rebuild = NewJob(SpecOf(published));
            await WriteModelsAsync(new() { [published.Version] = current with { RebuildJob = rebuild.Id } }, rebuild, cancellationToken);
        }

        foreach (var (version, mark) in _marks.ToArray())
        {
            // A job that continues a version's names needs it to its end.
            if (now >= mark.RebuildBy && !_jobs.Values.Any(job => !job.Record.Done && job.Record.Pinned?.Previous == version))
                await DropAsync(version, cancellationToken);
        }
    }

    private Task DropAsync(long version, CancellationToken cancellationToken) => _modelChanges.Do(async () =>
    {
        // Another may have been published while this was looked through.
        var isPublished = (await models.RefreshAsync(_tenant, cancellationToken))?.Version == version;
        var documents = new List<DocumentWrite>
        {
            new(Documents.Model, Documents.Key(version), null),
            new(Documents.Published, Documents.Key(version), null),
            new(Documents.ModelMark, Documents.Key(version), null),
        };
        if (isPublished)
            documents.Add(new DocumentWrite(Documents.Published, Documents.CurrentSegmentation, PublishedModels.EncodeWithdrawn(version)));
        await Write(documents, cancellationToken);
        models.Forget(_tenant, version, isPublished);
        if (isPublished)
            await publications.SeenByAllAsync();
        _marks.Remove(version);
        LogDropped(version);
    });

    private async Task WriteModelsAsync(SortedDictionary<long, ModelMark> marks, SegmentationJob? rebuild, CancellationToken cancellationToken)
    {
        await WriteAsync(Documents.ModelMark, marks, rebuild, cancellationToken);
        foreach (var (version, mark) in marks)
            _marks[version] = mark;
    }

    /// <summary>Writes marks and the job that makes anew what they mark, and begins with it.</summary>
    private async Task WriteAsync(string kind, SortedDictionary<long, ModelMark> marks, SegmentationJob? rebuild, CancellationToken cancellationToken)
    {
        var documents = marks.Select(mark => new DocumentWrite(kind, Documents.Key(mark.Key), mark.Value.Encode())).ToList();
        if (rebuild is not null)
            documents.Add(new DocumentWrite(Documents.Job, Documents.Key(rebuild.Number), rebuild.Encode()));
        await Write(documents, cancellationToken);
        if (rebuild is null)
            return;
        _jobs[rebuild.Number] = new RunningJob(rebuild);
        Work();
    }

    /// <summary>What was asked for when a model was made; where that is forgotten, what the model tells of it. An instant that was asked for has gone on with the model.</summary>
    private SegmentationSpec SpecOf(SegmentModel model) =>
        _jobs.Values.FirstOrDefault(job => job.Record.PublishedVersion == model.Version && job.Record.Spec.Kind == JobKind.Segmentation)?.Record.Spec is { } spec
        ? spec with { Incremental = false, AsOf = spec.AsOf is null ? null : models.AsOfNow(_tenant, model) }
        : new SegmentationSpec(model.Features.Name, null, null, model.Scores.Min(score => score.K), model.Scores.Max(score => score.K), model.Seed, null, false, JobRequest.DefaultStarts);

    private SegmentationView WithMark(SegmentationView view) =>
        view.Version > 0 && _marks.TryGetValue(view.Version, out var mark) ? view with { ContainsErased = true, RebuildBy = mark.RebuildBy } : view;
}
