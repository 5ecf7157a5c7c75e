using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>What becomes of rankers that learnt from people who are erased: as models, they are marked, and by a day learnt anew or dropped.</summary>
public sealed partial class CoordinatorGrain
{
    private readonly SortedDictionary<long, ModelMark> _rankerMarks = [];

    /// <summary>Marks the rankers that there are but for those of later jobs.</summary>
    /// <param name="relearn">Whether what ranks may be learnt anew at once; not while a training of before has not ended, which is marked then.</param>
    private Task<(long[] Versions, DateTimeOffset? RebuildBy)> MarkRankersAsync(long[] erasures, long upTo, bool relearn, CancellationToken cancellationToken) => _rankerChanges.Do(async () =>
    {
        var learntSince = _jobs.Values.Where(job => job.Record.Number > upTo && job.Record.Spec.Kind == JobKind.Training).Select(job => job.Record.PublishedVersion).OfType<long>().ToHashSet();
        var day = time.GetUtcNow().AddDays(options.Value.ErasureDeadlineDays);
        var marks = new SortedDictionary<long, ModelMark>();
        foreach (var version in await RankerVersionsAsync(cancellationToken))
        {
            var mark = _rankerMarks.GetValueOrDefault(version, new ModelMark([], day, null));
            if (!learntSince.Contains(version))
                marks[version] = mark with { Erasures = [.. mark.Erasures.Union(erasures)] };
        }

        if (marks.Count == 0)
            return (Array.Empty<long>(), (DateTimeOffset?)null);
        // One that was begun before may have learnt from them.
        var rebuild = await RelearnAsync(
            marks, mark => relearn && options.Value.ErasureRebuild == ErasureRebuild.Immediately && !(Find(mark.RebuildJob ?? "")?.Record is { Ended: false, Number: var number } && number > upTo), cancellationToken);
        await WriteRankersAsync(marks, rebuild, cancellationToken);
        return (marks.Keys.ToArray(), marks.Values.Max(mark => mark.RebuildBy));
    });

    public async Task<MarkedModel[]> GetMarkedRankers(long[] versions, CancellationToken cancellationToken)
    {
        var published = (await rankers.RefreshAsync(_tenant, cancellationToken))?.Version;
        return Array.ConvertAll(versions, version => MarkedOf(version, _rankerMarks.GetValueOrDefault(version), version == published));
    }

    private async Task KeepRankerDeadlinesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (_rankerMarks.Count == 0)
            return;
        await _rankerChanges.Do(async () =>
        {
            var marks = new SortedDictionary<long, ModelMark>(_rankerMarks);
            // What came to nothing once is not tried again: it is dropped.
            if (await RelearnAsync(
                marks, mark => mark.RebuildJob is null && (options.Value.ErasureRebuild == ErasureRebuild.Immediately || now >= mark.RebuildBy - Beforehand), cancellationToken) is { } rebuild)
                await WriteRankersAsync(marks, rebuild, cancellationToken);
            return true;
        });
        foreach (var (version, mark) in _rankerMarks.ToArray())
        {
            if (now >= mark.RebuildBy)
                await DropRankerAsync(version, cancellationToken);
        }
    }

    /// <summary>A job that learns what ranks anew, noted down in its mark; null where what ranks is not marked, or that is not due.</summary>
    private async Task<SegmentationJob?> RelearnAsync(SortedDictionary<long, ModelMark> marks, Func<ModelMark, bool> isDue, CancellationToken cancellationToken)
    {
        if ((await rankers.RefreshAsync(_tenant, cancellationToken))?.Version is not { } published || !marks.TryGetValue(published, out var mark) || !isDue(mark))
            return null;
        var spec = _jobs.Values.FirstOrDefault(job => job.Record.PublishedVersion == published && job.Record.Spec.Kind == JobKind.Training)?.Record.Spec
            ?? SpecOf(new JobRequest { Kind = JobRequest.Training });
        var rebuild = NewJob(spec);
        marks[published] = mark with { RebuildJob = rebuild.Id };
        return rebuild;
    }

    private async Task WriteRankersAsync(SortedDictionary<long, ModelMark> marks, SegmentationJob? rebuild, CancellationToken cancellationToken)
    {
        await WriteAsync(Documents.RankerMark, marks, rebuild, cancellationToken);
        foreach (var (version, mark) in marks)
            _rankerMarks[version] = mark;
    }

    private Task<bool> DropRankerAsync(long version, CancellationToken cancellationToken) => _rankerChanges.Do(async () =>
    {
        var isPublished = (await rankers.RefreshAsync(_tenant, cancellationToken))?.Version == version;
        var documents = new List<DocumentWrite>
        {
            new(Documents.Ranker, Documents.Key(version), null),
            new(Documents.RankerMark, Documents.Key(version), null),
        };
        if (isPublished)
            documents.Add(new DocumentWrite(Documents.Published, Documents.CurrentRanker, PublishedModels.EncodeVersion(0)));
        await Write(documents, cancellationToken);
        rankers.Forget(_tenant, [version]);
        if (isPublished)
        {
            rankers.Announce(_tenant, 0, null);
            await publications.SeenByAllAsync();
        }

        _rankerMarks.Remove(version);
        LogRankerDropped(version);
        return isPublished;
    });

    [Microsoft.Extensions.Logging.LoggerMessage(Level = Microsoft.Extensions.Logging.LogLevel.Information, Message = "Ranker {Version}, which had learnt from somebody who was erased, is dropped.")]
    private partial void LogRankerDropped(long version);
}
