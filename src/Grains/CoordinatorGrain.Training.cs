using System.Buffers.Binary;
using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Jobs;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Recommendation.Training;
using Auie.Core.Segments;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>
/// The course of one training: read what happened, replay it for examples, learn, judge, publish. It writes nothing before its end: one that is interrupted begins again, and
/// ends in the same bits if nothing came meanwhile.
/// </summary>
public sealed partial class CoordinatorGrain
{
    /// <summary>How many users' records are read at once.</summary>
    private const int UsersAtOnce = 256;

    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Changes of which rankers there are, and which one ranks: what a training was judged against has to be what it takes the place of, and each is told when all silos go by it.</summary>
    private readonly InOrder _rankerChanges = new();

    public Task<RankerList> GetRankers(CancellationToken cancellationToken) => _rankerChanges.Do(async () =>
    {
        var published = (await rankers.RefreshAsync(_tenant, cancellationToken))?.Version ?? 0;
        var views = new List<RankerView>();
        foreach (var version in await RankerVersionsAsync(cancellationToken))
        {
            if (await rankers.GetAsync(_tenant, version, cancellationToken) is { } ranker)
            {
                var mark = _rankerMarks.GetValueOrDefault(version);
                views.Add(new RankerView(version, ranker.TrainedAt, version == published, FiguresOf(Outcome(ranker))) { ContainsErased = mark is not null, RebuildBy = mark?.RebuildBy });
            }
        }

        views.Reverse();
        return new RankerList(published, [.. views]);
    });

    public async Task<RankerList?> RollBackRanker(long version, CancellationToken cancellationToken)
    {
        var isThere = await _rankerChanges.Do(async () =>
        {
            var ranker = await rankers.GetAsync(_tenant, version, cancellationToken);
            if (version != 0 && (ranker is null || !(await RankerVersionsAsync(cancellationToken)).Contains(version)))
                return false;
            await Write([new DocumentWrite(Documents.Published, Documents.CurrentRanker, PublishedModels.EncodeVersion(version))], cancellationToken);
            rankers.Announce(_tenant, version, ranker);
            await publications.SeenByAllAsync();
            return true;
        });
        return isThere ? await GetRankers(cancellationToken) : null;
    }

    private static JobKind KindOf(JobRequest request) => request.Kind switch
    {
        JobRequest.Segmentation => JobKind.Segmentation,
        JobRequest.Training => JobKind.Training,
        _ => throw new InvalidRequestException("kind", $"'{request.Kind}' is neither {JobRequest.Segmentation} nor {JobRequest.Training}"),
    };

    private static string NameOf(JobKind kind) => kind == JobKind.Training ? JobRequest.Training : JobRequest.Segmentation;

    private static void CheckTraining(JobRequest request)
    {
        if (request.Features is not null || request.Table is not null || request.Columns is not null)
            throw new InvalidRequestException(request.Features is not null ? "features" : request.Table is not null ? "table" : "columns", "a training learns from what was recommended, and takes a seed alone");
        if (request.Incremental || request.Raw)
            throw new InvalidRequestException(request.Incremental ? "incremental" : "raw", "is not of a training, which takes a seed alone");
        if (request.AsOf is not null)
            throw new InvalidRequestException("asOf", "a training learns from all that happened until now");
        if (request.Seed < 0)
            throw new InvalidRequestException("seed", $"{request.Seed} is negative");
    }

    private async Task TrainAsync(RunningJob job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        job.Update(job.Record with { State = JobState.Running }, "reading what happened", 0);
        await GrainFactory.GetGrain<IEngineGrain>(_tenant).Flush(cancellationToken);
        var seed = (ulong)job.Record.Spec.Seed;
        var limits = new TrainingLimits
        {
            Happenings = options.Value.TrainingHappenings,
            Occasions = options.Value.TrainingOccasions,
            LeastOccasions = options.Value.LeastTrainingOccasions,
        };
        var model = await models.RefreshAsync(_tenant, cancellationToken);
        var past = new Past(limits, seed);
        var share = 0.0;
        await ShowAsync(job, Finish(Task.Run(() => ReadPastAsync(past, model, now => share = now, cancellationToken), cancellationToken)), "reading what happened", () => .35 * share);
        var replay = await ShowAsync(job, pool.Run(() => new ExampleReplay(past, limits, seed), cancellationToken), "replaying it", () => .35);
        await ShowAsync(job, Finish(pool.RunInSteps(replay.Step, cancellationToken)), "replaying it", () => .35 + (.3 * replay.Progress));
        if (replay.Examples is not { } examples)
        {
            await KeepAsync(job, null, $"There is too little to learn from: {replay.Found} occasions on which somebody came and then wanted something, and {limits.LeastOccasions} are needed.");
            return;
        }

        // Each forest by itself, a tree at a time: whatever else computes has its turn between two trees.
        var (trees, most) = (0, RankerLearning.Trees * (RankerLearning.Objectives.Count + RankerLearning.Members));
        var phase = $"learning from {examples.Rows.ToString("N0", CultureInfo.InvariantCulture)} rows of {examples.Occasions.ToString("N0", CultureInfo.InvariantCulture)} occasions";
        var tried = await GrowAsync(RankerLearning.Objectives.Select(objective =>
            (Func<Booster>)(() => RankerLearning.Try(examples.Train, objective, seed, threads: 1, cancellationToken: cancellationToken))));
        var (choice, rows) = await pool.Run(() => (RankerLearning.Choose(tried, examples.Validation), examples.ToLearn()), cancellationToken);
        (trees, most) = (tried.Sum(forest => forest.Trees.Length), tried.Sum(forest => forest.Trees.Length) + (choice.Trees * RankerLearning.Members));
        var members = await GrowAsync(Enumerable.Range(0, RankerLearning.Members).Select(member =>
            (Func<Booster>)(() => RankerLearning.Member(rows, choice, member, seed, threads: 1, cancellationToken))));
        var isDone = false;
        while (!isDone)
        {
            var published = await YardstickAsync(cancellationToken);
            var learnt = await ShowAsync(job, pool.Run(() => RankerTraining.Judged(members, choice, published?.Ranker, examples), cancellationToken), "judging", () => .95);
            var ranker = new PublishedRanker(0, time.GetUtcNow(), examples.AsOf, examples.Occasions, examples.Rows, learnt);
            isDone = await _rankerChanges.Do(async () =>
            {
                // Somebody may have had another rank meanwhile.
                if ((await YardstickAsync(cancellationToken))?.Version != published?.Version)
                    return false;
                if (!learnt.Judgement.IsNotWorse)
                    await KeepAsync(job, ranker, $"What ranks now is kept: {InWords(learnt.Judgement)}");
                else
                    await PublishRankerAsync(job, ranker, cancellationToken);
                return true;
            });
        }

        Task<Forest[]> GrowAsync(IEnumerable<Func<Booster>> begin) => ShowAsync(job, Task.WhenAll(begin.Select(async forest =>
        {
            var booster = await pool.Run(forest, cancellationToken);
            await pool.RunInSteps(() =>
            {
                Interlocked.Increment(ref trees);
                return booster.Grow();
            }, cancellationToken);
            return booster.Forest;
        })), phase, () => .65 + (.3 * Volatile.Read(ref trees) / most));
    }

    /// <summary>What a training has to be no worse than, beside the baseline: what ranks, unless that learnt from somebody who was erased, since then it goes anyway.</summary>
    private async Task<PublishedRanker?> YardstickAsync(CancellationToken cancellationToken) =>
        await rankers.RefreshAsync(_tenant, cancellationToken) is { } published && !_rankerMarks.ContainsKey(published.Version) ? published : null;

    /// <summary>Reads every user's state and what the journal has of them, then what is known of items. Not on this grain's turns.</summary>
    private async Task ReadPastAsync(Past past, SegmentModel? model, Action<double> progress, CancellationToken cancellationToken)
    {
        Func<UserHead, DateTimeOffset, int>? segmentAt = model is null ? null : (head, at) => PublishedModels.Label(model, new UserFacts(head), at)?.Segment ?? -1;
        for (var number = 0; number < store.Partitions; number++)
        {
            var partition = new PartitionId(_tenant, number);
            var some = new List<(string User, UserState State)>(UsersAtOnce);
            await foreach (var stored in store.ReadUserStatesAsync(partition, null, cancellationToken).OrUnavailable())
            {
                if (Read(stored.User, () => UserState.Load(stored.Head, stored.Chunks.Select(chunk => new UserChunk(chunk.Map, chunk.FirstKey, chunk.Data)))) is not { } state
                    || !Facts.HasRow(state.Head))
                    continue;
                some.Add((stored.User, state));
                if (some.Count == UsersAtOnce)
                    await AddAsync(partition, some);
            }

            await AddAsync(partition, some);
            progress((number + 1.0) / store.Partitions);
        }

        for (var number = 0; number < store.Partitions; number++)
        {
            await foreach (var stored in store.ReadHeadsAsync(PartitionId.OfItems(_tenant, number), null, cancellationToken).OrUnavailable())
            {
                if (Read(stored.User, () => ItemHeadCodec.Decode(stored.Head).Traits) is { } traits)
                    past.AddItem(stored.User, ItemFacts.Of(traits), traits.KnownSince);
            }
        }

        async Task AddAsync(PartitionId partition, List<(string User, UserState State)> users)
        {
            var records = (await store.ReadUsersAsync(partition, users.ConvertAll(one => (one.User, 0L)), cancellationToken).OrUnavailable()).ToLookup(record => record.User);
            foreach (var (user, state) in users)
            {
                if (Read(user, () => records[user].Select(record => EntryCodec.DecodeRecord(record.Payload)).ToArray()) is { } told)
                    past.Add(user, state, told, segmentAt);
            }

            users.Clear();
        }

        // Of one who is damaged nothing is learnt; of all others it is.
        T? Read<T>(string id, Func<T> read) where T : class
        {
            try
            {
                return read();
            }
            catch (CodecException e)
            {
                LogNotLearntFrom(e, id);
                return null;
            }
        }
    }

    /// <summary>Awaits what goes on elsewhere, and tells meanwhile how far it is.</summary>
    private async Task<T> ShowAsync<T>(RunningJob job, Task<T> work, string phase, Func<double> progress)
    {
        while (!work.IsCompleted)
        {
            job.Update(job.Record, phase, progress());
            await Task.WhenAny(work, Task.Delay(ProgressInterval, time));
        }

        return await work;
    }

    private static async Task<bool> Finish(Task work)
    {
        await work;
        return true;
    }

    private Task KeepAsync(RunningJob job, PublishedRanker? ranker, string why)
    {
        LogKept(job.Record.Id, why);
        return EndAsync(job, job.Record with { State = JobState.Kept, Error = why, Trained = ranker is null ? null : Outcome(ranker) }, []);
    }

    private async Task PublishRankerAsync(RunningJob job, PublishedRanker ranker, CancellationToken cancellationToken)
    {
        var versions = await RankerVersionsAsync(cancellationToken);
        var last = await store.ReadDocumentAsync(_tenant, Documents.Published, Documents.LastRanker, cancellationToken).OrUnavailable();
        var version = Math.Max(versions.LastOrDefault(), last is null ? 0 : BinaryPrimitives.ReadInt64LittleEndian(last)) + 1;
        ranker = ranker with { Version = version };
        var before = (await rankers.RefreshAsync(_tenant, cancellationToken))?.Version ?? 0;
        // What ranked until now is kept, however old it is.
        long[] dropped = [.. versions.SkipLast(options.Value.MaxRankers - 1).Where(old => old != before)];
        await EndAsync(job, job.Record with { State = JobState.Succeeded, PublishedVersion = version, Trained = Outcome(ranker) }, [
            new DocumentWrite(Documents.Ranker, Documents.Key(version), PublishedRankerCodec.Encode(ranker)),
            new DocumentWrite(Documents.Published, Documents.CurrentRanker, PublishedModels.EncodeVersion(version)),
            new DocumentWrite(Documents.Published, Documents.LastRanker, PublishedModels.EncodeVersion(version)),
            .. dropped.SelectMany(old => new[] { new DocumentWrite(Documents.Ranker, Documents.Key(old), null), new DocumentWrite(Documents.RankerMark, Documents.Key(old), null) }),
        ], () =>
        {
            foreach (var old in dropped)
                _rankerMarks.Remove(old);
            rankers.Announce(_tenant, version, ranker);
            rankers.Forget(_tenant, dropped);
        });
        LogTrained(job.Record.Id, version, InWords(ranker.Learnt.Judgement));
    }

    /// <summary>The versions of the rankers that are kept, in order.</summary>
    private async Task<List<long>> RankerVersionsAsync(CancellationToken cancellationToken)
    {
        var versions = new List<long>();
        await foreach (var (key, _) in store.ReadDocumentsAsync(_tenant, Documents.Ranker, cancellationToken).OrUnavailable())
            versions.Add(long.Parse(key, CultureInfo.InvariantCulture));
        return versions;
    }

    private static string InWords(RankerJudgement judgement)
    {
        var baseline = string.Create(CultureInfo.InvariantCulture,
            $"over {judgement.Users:N0} users NDCG@10 is {judgement.Ndcg:F4}, that of the baseline {judgement.Baseline:F4} ({Difference(judgement.OverBaseline)})");
        return judgement is { Published: { } published, OverPublished: { } over }
            ? string.Create(CultureInfo.InvariantCulture, $"{baseline}, that of the published ranker {published:F4} ({Difference(over)}).")
            : $"{baseline}.";

        static string Difference(BootstrapInterval of) => string.Create(CultureInfo.InvariantCulture, $"{of.Mean:+0.0000;-0.0000}, from {of.Low:+0.0000;-0.0000} to {of.High:+0.0000;-0.0000}");
    }

    private static TrainingOutcome Outcome(PublishedRanker ranker) =>
        new(ranker.Learnt.Objective, ranker.Learnt.Blend.Trees, ranker.Occasions, ranker.Rows, ranker.AsOf, ranker.Learnt.Judgement);

    private static TrainingView? TrainedOf(SegmentationJob job) =>
        job.Spec.Kind == JobKind.Training && job.State is JobState.Succeeded or JobState.Kept ? new TrainingView(job.PublishedVersion, job.Trained is { } trained ? FiguresOf(trained) : null) : null;

    private static RankerFigures FiguresOf(TrainingOutcome outcome) => new()
    {
        Objective = outcome.Objective.ToString().ToLowerInvariant(),
        Trees = outcome.Trees,
        Occasions = outcome.Occasions,
        Rows = outcome.Rows,
        Users = outcome.Judgement.Users,
        Ndcg = outcome.Judgement.Ndcg,
        Baseline = outcome.Judgement.Baseline,
        OverBaseline = ViewOf(outcome.Judgement.OverBaseline),
        Published = outcome.Judgement.Published,
        OverPublished = outcome.Judgement.OverPublished is { } over ? ViewOf(over) : null,
        AsOf = outcome.AsOf,
    };

    private static DifferenceView ViewOf(BootstrapInterval of) => new(of.Mean, of.Low, of.High);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Id} has a state or a record that cannot be read; nothing is learnt from it.")]
    private partial void LogNotLearntFrom(Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} publishes nothing. {Why}")]
    private partial void LogKept(string job, string why);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} published ranker {Version}: {Figures}")]
    private partial void LogTrained(string job, long version, string figures);
}
