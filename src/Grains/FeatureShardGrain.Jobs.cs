using Auie.Abstractions;
using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;
using Auie.Core.Jobs;
using Auie.Core.Segments;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>A job's steps, over the rows that it pinned; each is computed on the compute pool.</summary>
public sealed partial class FeatureShardGrain
{
    // So many multiply-adds take some tens of microseconds.
    private const long MostInTurn = 1 << 20;

    // What a row takes besides, in multiply-adds: its hash, its share of sums.
    private const long PerRow = 32;

    private readonly Dictionary<string, PinnedShard> _pinned = [];

    public async Task<long> Pin(ShardPin pin, CancellationToken cancellationToken)
    {
        if (_pinned.TryGetValue(pin.Job, out var pinned))
            return pinned.Rows.Count;

        PinnedRows rows;
        if (_table.Length > 0)
        {
            rows = OfTable(pin);
        }
        else if (await store.ReadDocumentAsync(_tenant, Documents.Pin(pin.Job), Documents.Key(_number), cancellationToken).OrUnavailable() is { } written)
        {
            rows = PinnedRows.Decode(written);
        }
        else
        {
            rows = await OfUsersAsync(pin, cancellationToken);
            await Write([new DocumentWrite(Documents.Pin(pin.Job), Documents.Key(_number), rows.Encode())], cancellationToken);
        }

        _pinned[pin.Job] = new PinnedShard(
            new ShardRows(rows.Values, rows.Columns, rows.RowIds, AssignmentKernels.Of(options.Value.Kernels)), rows.Previous);
        return rows.RowIds.Length;
    }

    public async Task Release(string job, CancellationToken cancellationToken)
    {
        if (_pinned.Remove(job, out var pinned))
            pinned.Rows.Dispose();
        if (_table.Length == 0)
            await Write([new DocumentWrite(Documents.Pin(job), Documents.Key(_number), null)], cancellationToken);
    }

    public Task<ColumnExtremesPart> Extremes(string job, CancellationToken cancellationToken) =>
        Compute(job, rows => rows.Extremes().ToMessage(), cancellationToken);

    public Task<ExactSumsPart> Sums(string job, int[] exponents, CancellationToken cancellationToken) =>
        Compute(job, rows => rows.Sums(exponents).ToMessage(), cancellationToken);

    public Task<DigitCountsPart> Digits(string job, int round, int[] columns, ulong[] prefixes, CancellationToken cancellationToken) =>
        Compute(job, rows => rows.Digits(new DigitQuery(round, columns, prefixes)).ToMessage(), cancellationToken);

    public Task<ExactSumsPart> Moments(string job, double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken) =>
        Compute(job, rows => rows.Moments(fill, mean, exponents).ToMessage(), cancellationToken);

    public async Task<ExactSumsPart> Standardise(string job, ScaleMessage scale, CancellationToken cancellationToken)
    {
        var squares = await Compute(job, rows => rows.Standardise(scale.ToCore()).ToMessage(), cancellationToken);
        _pinned[job].Standardised = true;
        return squares;
    }

    public Task<RowsPart> Sample(string job, ulong seed, int count, CancellationToken cancellationToken) =>
        ComputeStandardised(job, rows => rows.Sample(seed, count).ToMessage(), cancellationToken);

    public Task<ExactSumsPart> SeedCost(string job, float[] candidates, CancellationToken cancellationToken) =>
        ComputeSoon(job, rows => rows.SeedCost(candidates).ToMessage(), candidates.Length, cancellationToken);

    public Task<RowsPart> SeedSample(string job, float[] candidates, SeedDrawMessage draw, CancellationToken cancellationToken) =>
        ComputeSoon(job, rows => rows.SeedSample(candidates, draw.ToCore()).ToMessage(), candidates.Length, cancellationToken);

    public Task<long[]> SeedWeights(string job, float[] candidates, CancellationToken cancellationToken) =>
        ComputeSoon(job, rows => rows.SeedWeights(candidates), candidates.Length, cancellationToken);

    public Task<StepPart> Step(string job, double[] centroids, CancellationToken cancellationToken) =>
        ComputeSoon(job, rows => rows.Step(centroids).ToMessage(), centroids.Length, cancellationToken);

    public Task<RowsPart> Farthest(string job, double[] centroids, int count, CancellationToken cancellationToken) =>
        ComputeStandardised(job, rows => rows.Farthest(centroids, count).ToMessage(), cancellationToken);

    public Task<long[]> DistanceSums(string job, float[] points, double[][] fits, CancellationToken cancellationToken) =>
        ComputeStandardised(job, rows => rows.DistanceSums(points, fits, cancellationToken), cancellationToken);

    public Task<ClusterSumsPart> Summarise(string job, double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        ComputeStandardised(job, rows => rows.Summarise(centroids, exponents).ToMessage(), cancellationToken);

    public Task<LabelsPart> Labels(string job, double[] centroids, CancellationToken cancellationToken) =>
        ComputeStandardised(job, rows => new LabelsPart([.. rows.RowIds], rows.Labels(centroids)), cancellationToken);

    public Task<long[]> Contingency(string job, double[] centroids, CancellationToken cancellationToken)
    {
        var previous = Pinned(job).Previous;
        return ComputeStandardised(job, rows =>
        {
            var clusters = centroids.Length / rows.Columns;
            var labels = rows.Labels(centroids);
            var counts = new long[previous.Length == 0 ? 0 : (previous.Max() + 1) * clusters];
            for (var row = 0; row < labels.Length; row++)
            {
                if (previous[row] >= 0)
                    counts[previous[row] * clusters + labels[row]]++;
            }

            return counts;
        }, cancellationToken);
    }

    private PinnedShard Pinned(string job) => _pinned.TryGetValue(job, out var pinned) ? pinned : throw new ShardNotReadyException(job);

    private Task<T> Compute<T>(string job, Func<ShardRows, T> step, CancellationToken cancellationToken)
    {
        var pinned = Pinned(job);
        return pool.Run(() => step(pinned.Rows), cancellationToken);
    }

    private Task<T> ComputeStandardised<T>(string job, Func<ShardRows, T> step, CancellationToken cancellationToken) =>
        Pinned(job).Standardised ? Compute(job, step, cancellationToken) : throw new ShardNotReadyException(job);

    /// <summary>Computes in this turn what takes no longer than handing it to another thread and back; what takes more on the compute pool.</summary>
    private Task<T> ComputeSoon<T>(string job, Func<ShardRows, T> step, int valuesComparedWith, CancellationToken cancellationToken)
    {
        var pinned = Pinned(job);
        return pinned.Standardised && pinned.Rows.Count * (valuesComparedWith + PerRow) <= MostInTurn
            ? Task.FromResult(step(pinned.Rows))
            : ComputeStandardised(job, step, cancellationToken);
    }

    private async Task<PinnedRows> OfUsersAsync(ShardPin pin, CancellationToken cancellationToken)
    {
        // Read before anything is counted: users may be put while this waits.
        var earlier = pin.PreviousVersion > 0 ? await LiveAsync(pin.PreviousVersion, cancellationToken) : null;
        var features = SegmentModelCodec.DecodeFeatures(pin.Features);
        var (ids, previous, values) = (new List<ulong>(), new List<int>(), new List<double>());
        foreach (var user in _users.Rows)
        {
            var rows = AddRows(features, user, pin.AsOf, values);
            for (var row = 0; row < rows; row++)
            {
                ids.Add(Core.StableHash.OfKey(features.RowId(_users.User(user), row)));
                previous.Add(earlier?.Label(user) ?? LiveSegments.None);
            }
        }

        return new PinnedRows(features.Count, [.. ids], [.. values], [.. previous]);
    }

    private PinnedRows OfTable(ShardPin pin)
    {
        var (columns, width) = (pin.Columns!, pin.TableColumns);
        var rows = _blocks.Sum(block => RowsOf(block.Key, block.Value));
        var (ids, values) = (new ulong[rows], new double[rows * columns.Length]);
        var (row, at) = (0, 0);
        foreach (var (firstRow, block) in _blocks)
        {
            for (var i = 0; i < RowsOf(firstRow, block); i++)
            {
                ids[row++] = _blockIds.TryGetValue(firstRow, out var known) ? known[i] : (ulong)(firstRow + i);
                foreach (var column in columns)
                    values[at++] = block[i * width + column];
            }
        }

        var previous = new int[rows];
        Array.Fill(previous, -1);
        return new PinnedRows(columns.Length, ids, values, previous);

        int RowsOf(long firstRow, double[] block) => (int)Math.Clamp(pin.Rows - firstRow, 0, block.Length / width);
    }

    /// <summary>What a job pinned here: its rows, each row's segment in the version before, and whether they are standardised yet.</summary>
    private sealed class PinnedShard(ShardRows rows, int[] previous)
    {
        public ShardRows Rows => rows;

        public int[] Previous => previous;

        public bool Standardised { get; set; }
    }
}
