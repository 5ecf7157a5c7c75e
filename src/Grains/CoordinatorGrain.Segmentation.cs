using Auie.Abstractions;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Jobs;
using Auie.Core.Segments;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>The course of one segmentation: pin, sweep over k, name, publish.</summary>
public sealed partial class CoordinatorGrain
{
    private async Task SegmentAsync(RunningJob job, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        job.Update(job.Record with { State = JobState.Running }, "pinning the rows", 0);
        var (features, pinned) = await PinAsync(job, cancellationToken);
        var shards = ShardsOf(job.Record, pinned);
        // The as-of is written down before any row is pinned by it; after a restart the shards find what they pinned.
        await shards.PinAsync(cancellationToken);
        await CheckColumnsAsync(shards, features, cancellationToken);

        var spec = job.Record.Spec;
        var asked = new SweepOptions
        {
            KMin = spec.KMin,
            KMax = spec.KMax,
            Seed = (ulong)spec.Seed,
            Starts = spec.Starts,
            MaxIterations = pinned.MaxIterations,
            Raw = spec.Raw,
            ExactSilhouetteRows = pinned.ExactSilhouetteRows,
            SampleRows = pinned.SilhouetteSampleRows ?? pinned.ExactSilhouetteRows,
            SilhouetteConfidence = pinned.SilhouetteConfidence ?? new SweepOptions().SilhouetteConfidence,
        };
        var checkpoint = await ReadCheckpointAsync(job.Record, cancellationToken);
        if (spec.Incremental && job.Record.FullBecause is null)
            checkpoint ??= await ContinuingAsync(job, pinned, shards, asked, cancellationToken);
        var continues = spec.Incremental && job.Record.FullBecause is null;
        var report = Checkpointing(job);
        if (checkpoint is null)
            await report(checkpoint = await Sweep.BeginAsync(shards, asked, cancellationToken), cancellationToken);

        // The structure test hangs on the scale only, and takes what the fits leave idle of the compute threads.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = await StandardisedShards.WithScaleAsync(shards, checkpoint.Scale, cancellationToken);
        var structure = FittedClusters.StructureAsync(input, spec.Seed, pool.Run, stop.Token);
        try
        {
            var sweep = await Sweep.RunAsync(shards, continues ? checkpoint.Options : asked, checkpoint, report, pool.Run, cancellationToken);
            job.Update(job.Record, "naming the segments", 0.97);
            var model = await ModelAsync(job.Record, features, pinned, shards, sweep, structure, cancellationToken);
            await PublishAsync(job, model);
            LogJobSucceeded(job.Record.Id, model.Segments.Length, model.Scale.Rows);
        }
        finally
        {
            await stop.CancelAsync();
            await ((Task)structure).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Freezes the input: the definition of the features, the as-of, the rows. A job that was interrupted finds them as they were.</summary>
    private async Task<(FeatureSet Features, PinnedInput Pinned)> PinAsync(RunningJob job, CancellationToken cancellationToken)
    {
        if (job.Record.Pinned is not { } pinned)
        {
            pinned = job.Record.Spec.Table is { } table ? await InputOfTableAsync(job.Record, table, cancellationToken) : await InputOfUsersAsync(job.Record, cancellationToken);
            var record = job.Record with { Pinned = pinned };
            await WriteAsync(job, record, cancellationToken);
            job.Update(record, "standardising", 0.01);
        }

        return (SegmentModelCodec.DecodeFeatures(pinned.Features), pinned);
    }

    private async Task<PinnedInput> InputOfTableAsync(SegmentationJob job, string name, CancellationToken cancellationToken)
    {
        var table = await GrainFactory.GetGrain<ITableGrain>(GrainKeys.Table(_tenant, name)).Get(cancellationToken)
            ?? throw new InvalidRequestException("table", $"there is no table '{name}' any more");
        if (!table.IsComplete)
            throw new InvalidRequestException("table", $"'{name}' is another one by now, and still being filled");
        var columns = job.Spec.Columns ?? table.Columns;
        if (columns.Except(table.Columns).FirstOrDefault() is { } gone)
            throw new InvalidRequestException("columns", $"the table '{name}' has no column '{gone}' any more");
        return Input(FeatureSet.OfTable(name, columns), job.Spec.AsOf ?? DateTimeOffset.UnixEpoch, table.Rows, table.Shards) with
        {
            TableGeneration = table.Generation,
            Columns = Array.ConvertAll(columns, column => Array.IndexOf(table.Columns, column)),
            TableColumns = table.Columns.Length,
        };
    }

    private async Task<PinnedInput> InputOfUsersAsync(SegmentationJob job, CancellationToken cancellationToken)
    {
        var published = await models.RefreshAsync(_tenant, cancellationToken);
        // Who goes on from a model goes on with its definition of the features, whatever has become of that.
        var features = job.Spec.Incremental && published?.Features.Name == job.Spec.Features ? published!.Features
            : featureSets.TryGet(job.Spec.Features!, out var known) ? known
            : throw new InvalidRequestException("features", $"there is no feature set '{job.Spec.Features}' any more");
        await Task.WhenAll(Enumerable.Range(0, store.Partitions)
            .Select(number => GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, number)).Flush(cancellationToken)));
        var shards = await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(number => UserShard(number).GetInfo(cancellationToken)));
        if (shards.All(shard => shard.Users == 0))
            throw new InvalidRequestException("users", "there are none to find segments of; send events first");
        var rows = shards.Sum(shard => features.RowsAre == RowKind.Answer ? shard.Answers : shard.Users);
        if (rows == 0)
            throw new InvalidRequestException("answers", $"no user has been shown anything yet, and the rows of '{features.Name}' are answers to what was shown");
        var asOf = job.Spec.AsOf ?? await GrainFactory.GetGrain<IEngineGrain>(_tenant).GetAsOf(cancellationToken);
        return Input(features, asOf, rows, store.Partitions) with
        {
            Previous = published?.Version ?? 0,
            Version = await models.LastVersionAsync(_tenant, cancellationToken) + 1,
            MaxDrift = job.Spec.Incremental ? options.Value.MaxIncrementalDrift : null,
        };
    }

    private PinnedInput Input(FeatureSet features, DateTimeOffset asOf, long rows, int shards) =>
        new(asOf, rows, shards, SegmentModelCodec.EncodeFeatures(features), options.Value.MaxIterations, options.Value.ExactSilhouetteRows)
        {
            SilhouetteSampleRows = options.Value.SilhouetteSampleRows,
            SilhouetteConfidence = options.Value.SilhouetteConfidence,
        };

    private GrainShards ShardsOf(SegmentationJob job, PinnedInput pinned) => GrainShards.Over(
        GrainFactory,
        placement.Group([.. Enumerable.Range(0, pinned.Shards).Select(number => GrainKeys.Shard(
            _tenant, job.Spec.Table is { } table ? DataSets.Table(table, pinned.TableGeneration) : DataSets.Users, number))]),
        new ShardPin
        {
            Job = job.Id,
            Features = pinned.Features,
            AsOf = pinned.AsOf,
            PreviousVersion = pinned.Previous,
            Columns = pinned.Columns,
            TableColumns = pinned.TableColumns,
            Rows = pinned.Rows,
        });

    private IFeatureShardGrain UserShard(int number) =>
        GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Users, number));

    private static async Task CheckColumnsAsync(GrainShards shards, FeatureSet features, CancellationToken cancellationToken)
    {
        var extremes = await shards.ExtremesAsync(cancellationToken);
        if (extremes.Rows == 0)
            throw new InvalidRequestException("rows", "there are none to cluster");
        var empty = Array.IndexOf(extremes.Present, 0);
        if (empty >= 0)
            throw new InvalidRequestException("columns", $"'{features.Features[empty].Name}' has no value in any of {extremes.Rows} rows; leave it out");
    }

    private async Task<SweepCheckpoint?> ReadCheckpointAsync(SegmentationJob job, CancellationToken cancellationToken) =>
        await store.ReadDocumentAsync(_tenant, Documents.Checkpoint, job.Id, cancellationToken).OrUnavailable() is { } bytes ? SweepCheckpointCodec.Decode(bytes) : null;

    /// <summary>
    /// Tells of every step, and writes down where the sweep stands whenever the interval has passed, when all is fitted and when all is scored. Most fits take less
    /// time than it does to write them down.
    /// </summary>
    private Func<SweepCheckpoint, CancellationToken, ValueTask> Checkpointing(RunningJob job)
    {
        var written = time.GetTimestamp();
        var phase = SweepPhase.Fitting;
        return async (at, cancellationToken) =>
        {
            GrainTelemetry.Stepped(at.Phase.ToString().ToLowerInvariant());
            job.Update(job.Record, Describe(at), 0.02 + 0.95 * at.Fraction);
            if ((at.Phase == phase || !at.Fitted) && time.GetElapsedTime(written) < options.Value.CheckpointInterval)
                return;
            (written, phase) = (time.GetTimestamp(), at.Phase);
            await Write([new DocumentWrite(Documents.Checkpoint, job.Record.Id, SweepCheckpointCodec.Encode(at))], cancellationToken);
        };
    }

    private static string Describe(SweepCheckpoint at) => at.Phase switch
    {
        SweepPhase.Scoring => $"silhouettes of k = {at.Options.KMin} to {at.Options.KMax}",
        SweepPhase.Seeding => $"k = {at.K}: seeding, start {at.Start + 1} of {at.Options.Starts}",
        SweepPhase.Fitting when at.Start == at.Options.Starts => $"k = {at.K}: from the centroids of k = {at.K - 1}, iteration {at.Iteration}",
        SweepPhase.Fitting => $"k = {at.K}: start {at.Start + 1} of {at.Options.Starts}, iteration {at.Iteration}",
        _ => "all k are scored",
    };

    private async Task<SegmentModel> ModelAsync(
        SegmentationJob job, FeatureSet features, PinnedInput pinned, GrainShards shards, SweepResult sweep, Task<StructureVerdict> structure, CancellationToken cancellationToken)
    {
        var found = await FittedClusters.FromAsync(features, pinned.AsOf, shards, sweep, job.Spec.Seed, structure, cancellationToken);
        var earlier = await EarlierAsync(pinned, shards, found.Fit, cancellationToken);
        return found.ToModel(job.Spec.Table is not null ? 0 : pinned.Version > 0 ? pinned.Version : pinned.Previous + 1, new SegmentNaming(archetypes), earlier);
    }

    private async Task<EarlierSegments?> EarlierAsync(PinnedInput pinned, GrainShards shards, KMeansFit fit, CancellationToken cancellationToken)
    {
        if (await models.GetAsync(_tenant, pinned.Previous, cancellationToken) is not { } before)
            return null;
        var overlap = await shards.ContingencyAsync(fit.Centroids, before.Segments.Length, fit.Sizes.Length, cancellationToken);
        return new EarlierSegments(before.Features, before.Segments, before.IdsGiven, overlap);
    }

    private async Task PublishAsync(RunningJob job, SegmentModel model)
    {
        if (job.Record.Spec.Table is not null)
        {
            await EndAsync(job, job.Record with { State = JobState.Succeeded, Model = SegmentModelCodec.Encode(model) }, []);
            return;
        }

        var publishedAt = time.GetUtcNow();
        await _modelChanges.Do(() => EndAsync(job, job.Record with { State = JobState.Succeeded, PublishedVersion = model.Version }, [
            new DocumentWrite(Documents.Model, Documents.Key(model.Version), SegmentModelCodec.Encode(model)),
            new DocumentWrite(Documents.Published, Documents.CurrentSegmentation, PublishedModels.EncodeVersion(model.Version)),
            new DocumentWrite(Documents.Published, Documents.Key(model.Version), PublicationCodec.Encode(publishedAt)),
        ], () => models.Announce(_tenant, model, publishedAt)));
    }
}
