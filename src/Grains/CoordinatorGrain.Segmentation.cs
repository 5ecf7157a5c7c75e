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
        var sweep = await Sweep.RunAsync(shards, new SweepOptions
        {
            KMin = spec.KMin,
            KMax = spec.KMax,
            Seed = (ulong)spec.Seed,
            Starts = spec.Starts,
            MaxIterations = options.Value.MaxIterations,
            Raw = spec.Raw,
            ExactSilhouetteRows = options.Value.ExactSilhouetteRows,
            SampleRows = options.Value.ExactSilhouetteRows,
        }, await ReadCheckpointAsync(job.Record, cancellationToken), Checkpointing(job), pool.Threads, cancellationToken);

        job.Update(job.Record, "naming the segments", 0.97);
        var model = await ModelAsync(job.Record, features, pinned, shards, sweep, cancellationToken);
        await PublishAsync(job, model, cancellationToken);
        LogJobSucceeded(job.Record.Id, model.Segments.Length, model.Scale.Rows);
    }

    /// <summary>Freezes the input: the as-of and the rows. A job that was interrupted finds both as they were.</summary>
    private async Task<(FeatureSet Features, PinnedInput Pinned)> PinAsync(RunningJob job, CancellationToken cancellationToken)
    {
        var spec = job.Record.Spec;
        if (spec.Table is not null)
        {
            var table = await GrainFactory.GetGrain<ITableGrain>(GrainKeys.Table(_tenant, spec.Table)).Get(cancellationToken)
                ?? throw new InvalidRequestException("table", $"there is no table '{spec.Table}' any more");
            var columns = spec.Columns ?? table.Columns;
            var ofTable = FeatureSet.OfTable(table.Name, columns);
            if (job.Record.Pinned is { } known)
                return (ofTable, known);
            var places = Array.ConvertAll(columns, column => Array.IndexOf(table.Columns, column));
            return (ofTable, await KeepAsync(new PinnedInput(spec.AsOf ?? DateTimeOffset.UnixEpoch, table.Rows, table.Shards, places, table.Columns.Length, 0)));
        }

        if (!featureSets.TryGet(spec.Features!, out var features))
            throw new InvalidRequestException("features", $"there is no feature set '{spec.Features}' any more");
        if (job.Record.Pinned is { } earlier)
            return (features, earlier);

        await Task.WhenAll(Enumerable.Range(0, store.Partitions)
            .Select(number => GrainFactory.GetGrain<IPartitionGrain>(GrainKeys.Partition(_tenant, number)).Flush(cancellationToken)));
        var shards = await Task.WhenAll(Enumerable.Range(0, store.Partitions).Select(number => UserShard(number).GetInfo(cancellationToken)));
        var rows = shards.Sum(shard => shard.Users);
        if (rows == 0)
            throw new InvalidRequestException("users", "there are none to find segments of; send events first");
        var last = shards.Select(shard => shard.LastEvent).Where(seen => !double.IsNaN(seen)).DefaultIfEmpty(double.NaN).Max();
        var asOf = spec.AsOf ?? (double.IsNaN(last) ? job.Record.CreatedAt : DateTimeOffset.UnixEpoch.AddSeconds(last));
        var published = await models.CurrentAsync(_tenant, cancellationToken);
        return (features, await KeepAsync(new PinnedInput(asOf, rows, store.Partitions, [], 0, published?.Version ?? 0)));

        async Task<PinnedInput> KeepAsync(PinnedInput pinned)
        {
            var record = job.Record with { Pinned = pinned };
            await Write([new DocumentWrite(Documents.Job, Documents.Key(record.Number), record.Encode())], cancellationToken);
            job.Update(record, "standardising", 0.01);
            return pinned;
        }
    }

    private GrainShards ShardsOf(SegmentationJob job, PinnedInput pinned) => new(
        [.. Enumerable.Range(0, pinned.Shards).Select(number => job.Spec.Table is { } table
            ? GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(_tenant, DataSets.Table(table), number))
            : UserShard(number))],
        new ShardPin
        {
            Job = job.Id,
            Features = job.Spec.Features,
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

    /// <summary>Tells of every step, and writes down where the sweep stands at each phase and whenever the interval has passed.</summary>
    private Func<SweepCheckpoint, CancellationToken, ValueTask> Checkpointing(RunningJob job)
    {
        var written = time.GetTimestamp();
        var phase = SweepPhase.Seeding;
        return async (at, cancellationToken) =>
        {
            GrainTelemetry.Stepped(at.Phase.ToString().ToLowerInvariant());
            job.Update(job.Record, Describe(at), 0.02 + 0.95 * at.Fraction);
            if (at.Phase == phase && time.GetElapsedTime(written) < options.Value.CheckpointInterval)
                return;
            (written, phase) = (time.GetTimestamp(), at.Phase);
            await Write([new DocumentWrite(Documents.Checkpoint, job.Record.Id, SweepCheckpointCodec.Encode(at))], cancellationToken);
        };
    }

    private static string Describe(SweepCheckpoint at) => at.Phase switch
    {
        SweepPhase.Scoring => $"k = {at.K}: silhouette",
        SweepPhase.Seeding => $"k = {at.K}: seeding, start {at.Start + 1} of {at.Options.Starts}",
        SweepPhase.Fitting => $"k = {at.K}: start {at.Start + 1} of {at.Options.Starts}, iteration {at.Iteration}",
        _ => "all k are fitted",
    };

    private async Task<SegmentModel> ModelAsync(
        SegmentationJob job, FeatureSet features, PinnedInput pinned, GrainShards shards, SweepResult sweep, CancellationToken cancellationToken)
    {
        var found = await FittedClusters.FromAsync(features, pinned.AsOf, shards, sweep, job.Spec.Seed, cancellationToken);
        var earlier = await EarlierAsync(pinned, shards, found.Fit, cancellationToken);
        return found.ToModel(job.Spec.Table is null ? pinned.Previous + 1 : 0, new SegmentNaming(archetypes), earlier);
    }

    private async Task<EarlierSegments?> EarlierAsync(PinnedInput pinned, GrainShards shards, KMeansFit fit, CancellationToken cancellationToken)
    {
        if (await models.GetAsync(_tenant, pinned.Previous, cancellationToken) is not { } before)
            return null;
        var overlap = await shards.ContingencyAsync(fit.Centroids, before.Segments.Length, fit.Sizes.Length, cancellationToken);
        return new EarlierSegments(before.Features, before.Segments, before.IdsGiven, overlap);
    }

    private async Task PublishAsync(RunningJob job, SegmentModel model, CancellationToken cancellationToken)
    {
        if (job.Record.Spec.Table is not null)
        {
            await EndAsync(job, job.Record with { State = JobState.Succeeded, Model = SegmentModelCodec.Encode(model) }, [], cancellationToken);
            return;
        }

        // Announced before anybody is told that the job has ended: who hears of the end and asks for segments gets these.
        await EndAsync(job, job.Record with { State = JobState.Succeeded, PublishedVersion = model.Version }, [
            new DocumentWrite(Documents.Model, Documents.Key(model.Version), SegmentModelCodec.Encode(model)),
            new DocumentWrite(Documents.Published, Documents.CurrentSegmentation, PublishedModels.EncodeVersion(model.Version)),
        ], cancellationToken, () => models.Announce(_tenant, model));
    }
}
