using System.Runtime.InteropServices;
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

    // More rows are computed on by several threads at once.
    private const int MostOfPart = 1 << 17;

    // Values of a job (8 MB on all silos) that are held until it ends; of a larger one each pass over what is not standardised reads them anew.
    private const long MostHeld = 1 << 20;

    private readonly Dictionary<string, PinnedShard> _pinned = [];

    public async Task<long> Pin(ShardPin pin, CancellationToken cancellationToken)
    {
        if (_pinned.TryGetValue(pin.Job, out var pinned))
            return pinned.Rows;

        pinned = _table.Length > 0 ? await OfTableAsync(pin, cancellationToken) : await OfUsersAsync(pin, cancellationToken);
        _pinned[pin.Job] = pinned;
        return pinned.Rows;
    }

    public async Task Release(string job, CancellationToken cancellationToken)
    {
        if (_pinned.Remove(job, out var pinned))
            pinned.Dispose();
        if (_table.Length == 0)
            await Write([new DocumentWrite(Documents.Pin(job), Documents.Key(_number), null)], cancellationToken);
    }

    public async Task<ColumnExtremesPart> Extremes(string job, CancellationToken cancellationToken) =>
        Pinned(job).Extremes ??= (await Pinned(job).OnPool.ExtremesAsync(cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Sums(string job, int[] exponents, CancellationToken cancellationToken) =>
        (await Pinned(job).OnPool.SumsAsync(exponents, cancellationToken)).ToMessage();

    public async Task<DigitCountsPart> Digits(string job, int round, int[] columns, ulong[] prefixes, CancellationToken cancellationToken) =>
        (await Pinned(job).OnPool.DigitsAsync(new DigitQuery(round, columns, prefixes), cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Moments(string job, double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken) =>
        (await Pinned(job).OnPool.MomentsAsync(fill, mean, exponents, cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> Standardise(string job, ScaleMessage scale, CancellationToken cancellationToken)
    {
        var (pinned, by) = (Pinned(job), scale.ToCore());
        if (pinned.Squares is { } known && pinned.OnPool.Shards[0].Scale.SameAs(by))
            return known;
        pinned.Squares = null;
        return pinned.Squares = (await pinned.OnPool.StandardiseAsync(by, cancellationToken)).ToMessage();
    }

    public async Task<RowsPart> Sample(string job, ulong seed, int count, CancellationToken cancellationToken) =>
        (await Standardised(job, count).SampleAsync(seed, count, cancellationToken)).ToMessage();

    public async Task<ExactSumsPart> SeedCost(string job, float[] candidates, CancellationToken cancellationToken) =>
        (await Standardised(job, candidates.Length).SeedCostAsync(candidates, cancellationToken)).ToMessage();

    public async Task<RowsPart> SeedSample(string job, float[] candidates, SeedDrawMessage draw, CancellationToken cancellationToken) =>
        (await Standardised(job, candidates.Length).SeedSampleAsync(candidates, draw.ToCore(), cancellationToken)).ToMessage();

    public Task<long[]> SeedWeights(string job, float[] candidates, CancellationToken cancellationToken) =>
        Standardised(job, candidates.Length).SeedWeightsAsync(candidates, cancellationToken);

    public async Task<StepPart> Step(string job, double[] centroids, CancellationToken cancellationToken) =>
        (await Standardised(job, centroids.Length).StepAsync(centroids, cancellationToken)).ToMessage();

    public async Task<RowsPart> Farthest(string job, double[] centroids, int count, CancellationToken cancellationToken) =>
        (await Standardised(job).FarthestAsync(centroids, count, cancellationToken)).ToMessage();

    public Task<long[]> DistanceSums(string job, float[] points, double[][] fits, CancellationToken cancellationToken) =>
        Standardised(job).DistanceSumsAsync(points, fits, cancellationToken);

    public async Task<ClusterSumsPart> Summarise(string job, double[] centroids, int[] exponents, CancellationToken cancellationToken) =>
        (await Standardised(job).SummariseAsync(centroids, exponents, cancellationToken)).ToMessage();

    public async Task<LabelsPart> Labels(string job, double[] centroids, CancellationToken cancellationToken)
    {
        var rows = Standardised(job);
        return new LabelsPart([.. rows.Shards.SelectMany(part => part.RowIds)], await rows.LabelsAsync(centroids, cancellationToken));
    }

    public async Task<long[]> Contingency(string job, double[] centroids, CancellationToken cancellationToken)
    {
        var previous = Pinned(job).Previous;
        if (previous.Length == 0)
            return [];
        var rows = Standardised(job);
        var clusters = centroids.Length / rows.Shards[0].Columns;
        var labels = await rows.LabelsAsync(centroids, cancellationToken);
        var counts = new long[(previous.Max() + 1) * clusters];
        for (var row = 0; row < previous.Length; row++)
        {
            if (previous[row] >= 0)
                counts[previous[row] * clusters + labels[row]]++;
        }

        return counts;
    }

    private PinnedShard Pinned(string job) => _pinned.TryGetValue(job, out var pinned) ? pinned : throw new ShardNotReadyException(job);

    private LocalShards Standardised(string job) => Pinned(job) is { Squares: not null } pinned ? pinned.OnPool : throw new ShardNotReadyException(job);

    /// <summary>The rows; what takes no longer than handing it to another thread and back is computed in this turn, what takes more on the compute pool.</summary>
    private LocalShards Standardised(string job, int valuesComparedWith)
    {
        var onPool = Standardised(job);
        var pinned = Pinned(job);
        return pinned.Rows * (valuesComparedWith + PerRow) <= MostInTurn ? pinned.Here : onPool;
    }

    /// <summary>The users' rows as they are now, written down; what is written down already stays.</summary>
    private async Task<PinnedShard> OfUsersAsync(ShardPin pin, CancellationToken cancellationToken)
    {
        var key = Documents.Key(_number);
        var written = await store.ReadDocumentAsync(_tenant, Documents.Pin(pin.Job), key, cancellationToken).OrUnavailable();
        var rows = written is null ? await EvaluatedAsync(pin, cancellationToken) : PinnedRows.Decode(written);
        if (written is null)
            await Write([new DocumentWrite(Documents.Pin(pin.Job), key, rows.Encode())], cancellationToken);
        var parts = PartsOf(rows.RowIds.Length).Select(part => Rows(Held(pin, rows.Columns, WrittenRows(pin.Job, part)), rows.Columns, rows.RowIds[part]));
        return new PinnedShard([.. parts], rows.Previous, pool);
    }

    private async Task<PinnedRows> EvaluatedAsync(ShardPin pin, CancellationToken cancellationToken)
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

    private async Task<PinnedShard> OfTableAsync(ShardPin pin, CancellationToken cancellationToken)
    {
        var parts = new List<ShardRows>();
        var blocks = new List<(long FirstRow, int Rows)>();
        var rowsOfPart = 0;
        foreach (var (firstRow, values) in _blocks)
        {
            var rows = (int)Math.Clamp(pin.Rows - firstRow, 0, values / pin.TableColumns);
            if (rows == 0)
                continue;
            if (blocks.Count > 0 && rowsOfPart + rows > MostOfPart)
                await TakeAsync();
            blocks.Add((firstRow, rows));
            rowsOfPart += rows;
        }

        if (blocks.Count > 0 || parts.Count == 0)
            await TakeAsync();
        return new PinnedShard([.. parts], [], pool);

        async Task TakeAsync()
        {
            rowsOfPart = 0;
            parts.Add(Rows(Held(pin, pin.Columns!.Length, RowsOfTable(pin, [.. blocks])), pin.Columns.Length, await IdsAsync(blocks, cancellationToken)));
            blocks.Clear();
        }
    }

    private async Task<ulong[]> IdsAsync(IReadOnlyList<(long FirstRow, int Rows)> blocks, CancellationToken cancellationToken)
    {
        var ids = new ulong[blocks.Sum(block => block.Rows)];
        var at = 0;
        foreach (var (firstRow, rows) in blocks)
        {
            var ofBlock = ids.AsMemory(at, rows);
            if (await store.ReadDocumentAsync(_tenant, Documents.TableRowIds(_table, _number), Documents.Key(firstRow), cancellationToken).OrUnavailable() is { } known)
                MemoryMarshal.Cast<byte, ulong>(known)[..rows].CopyTo(ofBlock.Span);
            else
                Number(ofBlock.Span, (ulong)firstRow);
            at += rows;
        }

        return ids;

        static void Number(Span<ulong> ids, ulong first)
        {
            for (var i = 0; i < ids.Length; i++)
                ids[i] = first + (ulong)i;
        }
    }

    private ShardRows Rows(IEnumerable<ReadOnlyMemory<double>> raw, int columns, ulong[] ids) => new(raw, columns, ids, AssignmentKernels.Of(options.Value.Kernels));

    /// <summary>Rows in parts of about one size.</summary>
    private static IEnumerable<Range> PartsOf(int rows)
    {
        var parts = Math.Max(1, (rows + MostOfPart - 1) / MostOfPart);
        return Enumerable.Range(0, parts).Select(part => (int)((long)rows * part / parts)..(int)((long)rows * (part + 1) / parts));
    }

    /// <summary>The blocks, read once and held where a job is small.</summary>
    private static IEnumerable<ReadOnlyMemory<double>> Held(ShardPin pin, int columns, IEnumerable<ReadOnlyMemory<double>> blocks)
    {
        return pin.Rows * columns > MostHeld ? blocks
            : Of(new Lazy<ReadOnlyMemory<double>[]>(() => [.. blocks.Select(block => (ReadOnlyMemory<double>)block.ToArray())], LazyThreadSafetyMode.PublicationOnly));

        static IEnumerable<ReadOnlyMemory<double>> Of(Lazy<ReadOnlyMemory<double>[]> held)
        {
            foreach (var block in held.Value)
                yield return block;
        }
    }

    private IEnumerable<ReadOnlyMemory<double>> WrittenRows(string job, Range part)
    {
        yield return Read(job, Documents.Pin(job), Documents.Key(_number), bytes => PinnedRows.DecodeValues(bytes, part));
    }

    private IEnumerable<ReadOnlyMemory<double>> RowsOfTable(ShardPin pin, (long FirstRow, int Rows)[] blocks)
    {
        var columns = pin.Columns!;
        var chosen = new double[blocks.Length == 0 ? 0 : blocks.Max(block => block.Rows) * columns.Length];
        foreach (var (firstRow, rows) in blocks)
        {
            Read(pin.Job, Documents.TableRows(_table, _number), Documents.Key(firstRow), bytes => Choose(MemoryMarshal.Cast<byte, double>(bytes), rows));
            yield return chosen.AsMemory(0, rows * columns.Length);
        }

        double[] Choose(ReadOnlySpan<double> values, int rows)
        {
            for (int row = 0, at = 0; row < rows; row++, values = values[pin.TableColumns..])
            {
                foreach (var column in columns)
                    chosen[at++] = values[column];
            }

            return chosen;
        }
    }

    /// <summary>A part of what a job pinned. The compute thread that needs it waits for the store: turns go on meanwhile.</summary>
    private double[] Read(string job, string kind, string key, Func<ReadOnlySpan<byte>, double[]> read) =>
        store.ReadDocumentAsync(_tenant, kind, key, read, CancellationToken.None).OrUnavailable().GetAwaiter().GetResult() ?? throw new ShardNotReadyException(job);

    /// <summary>
    /// What a job pinned here: its rows, in parts that are computed on side by side, each one's segment in the version before (of a table
    /// none), and what was found of them so far.
    /// </summary>
    private sealed class PinnedShard(ShardRows[] parts, int[] previous, ComputePool pool) : IDisposable
    {
        public int Rows { get; } = parts.Sum(part => part.Count);

        public LocalShards OnPool { get; } = new(parts, pool.RunEach);

        public LocalShards Here { get; } = new(parts, threads: 1);

        public int[] Previous => previous;

        public ColumnExtremesPart? Extremes { get; set; }

        /// <summary>What standardising gave; null where the rows are not standardised.</summary>
        public ExactSumsPart? Squares { get; set; }

        public void Dispose() => OnPool.Dispose();
    }
}
