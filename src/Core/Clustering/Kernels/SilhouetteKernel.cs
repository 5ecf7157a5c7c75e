using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Distances between the rows of two blocks, each computed once and added on both sides. A tile of one block stands in lanes; the other's
/// rows pass by one at a time, a group after the other, so that a group's sums stay in registers. A passing row's own sums are those
/// over the lanes, group by group of the tile. Distances are integers (<see cref="FixedDistances{TLanes, TVector}"/>): four of them fit into a 32-bit
/// lane, and sums of four are added up as two halves.
/// </summary>
internal static class SilhouetteKernel<TLanes, TVector>
    where TLanes : ILanes<TVector>
    where TVector : struct
{
    // So many lower halves of 16 bits fit into a 32-bit lane without a sign.
    private const int MaxRun = 1 << 15;

    // The lower and the higher halves of the sums of the four vectors of lanes at work.
    private const int HalfVectors = 8;

    /// <param name="sums">For each group of <paramref name="passing"/> the sums of the lanes' rows.</param>
    /// <param name="passingSums">For each group of the lanes the sums of the passing rows; where the blocks are the same, the same sums.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(SilhouetteBlock lanes, SilhouetteBlock passing, Span<long> sums, Span<long> passingSums)
    {
        var within = lanes == passing;
        var segments = new TileSegments(lanes.Groups);
        for (var start = 0; start < lanes.Rows; start += Tiles.Rows)
        {
            var end = Math.Min(start + Tiles.Rows, lanes.Rows);
            segments.Set(lanes.Starts, start, end);
            var tile = lanes.Tiled.Span.Slice(start * lanes.Columns, Tiles.Rows * lanes.Columns);
            for (var g = 0; g < passing.Groups; g++)
            {
                var tileSums = sums.Slice((g * lanes.Stride) + start, Tiles.Rows);
                var (from, to) = (passing.Starts[g], passing.Starts[g + 1]);
                if (!within)
                {
                    Pass(tile, passing, from, to, tileSums, passingSums, segments);
                    continue;
                }

                // Rows of one tile meet each other twice, as lane and as passing row; those before the tile have met it already.
                Pass(tile, passing, Math.Max(from, start), Math.Min(to, end), tileSums, [], segments);
                Pass(tile, passing, Math.Max(from, end), to, tileSums, passingSums, segments);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(
        ReadOnlySpan<float> tile,
        SilhouetteBlock passing,
        int from,
        int to,
        Span<long> tileSums,
        Span<long> passingSums,
        TileSegments segments)
    {
        Span<float> halves = Memory.Aligned(stackalloc float[(HalfVectors * TLanes.Width) + Memory.LineLength], HalfVectors * TLanes.Width);
        for (; from < to; from += MaxRun)
        {
            var end = Math.Min(to, from + MaxRun);
            for (var lane = 0; lane < Tiles.Rows; lane += 4 * TLanes.Width)
            {
                halves.Clear();
                for (var first = from; first < end; first += TileSegments.Batch)
                {
                    var count = Math.Min(TileSegments.Batch, end - first);
                    PassBatch(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), lane), passing, first, count, ref halves[0], !passingSums.IsEmpty, segments, lane);
                    if (!passingSums.IsEmpty)
                        AddRows(segments, passingSums, passing.Stride, first, count);
                }

                AddLanes(halves, tileSums[lane..]);
            }
        }
    }

    /// <param name="halves">To these the lower halves of four vectors of sums are added, and after them the higher ones.</param>
    /// <param name="both">Whether the passing rows' own sums are wanted.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PassBatch(
        ref float lanes, SilhouetteBlock passing, int from, int count, ref float halves, bool both, TileSegments segments, int lane)
    {
        var w = TLanes.Width;
        var columns = passing.Columns;
        var (f0, f1, f2, f3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        ref var row = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(passing.Values), from * columns);
        ref var waiting = ref MemoryMarshal.GetReference(segments.Waiting);
        for (var i = 0; i < count; i += 2)
        {
            var paired = i + 1 < count;
            FixedDistances<TLanes, TVector>.Between(ref lanes, ref row, columns, paired ? columns : 0, out var s0, out var s1, out var s2, out var s3, out var t0, out var t1, out var t2, out var t3);
            if (!paired)
                (t0, t1, t2, t3) = (default, default, default, default);
            row = ref Unsafe.Add(ref row, 2 * columns);
            (f0, f1) = (TLanes.Add(f0, TLanes.Add(s0, t0)), TLanes.Add(f1, TLanes.Add(s1, t1)));
            (f2, f3) = (TLanes.Add(f2, TLanes.Add(s2, t2)), TLanes.Add(f3, TLanes.Add(s3, t3)));
            if (i % 4 == 2 || i + 2 >= count)
            {
                AddHalves(f0, ref halves, 0);
                AddHalves(f1, ref halves, w);
                AddHalves(f2, ref halves, 2 * w);
                AddHalves(f3, ref halves, 3 * w);
                (f0, f1, f2, f3) = (default, default, default, default);
            }

            if (!both)
                continue;
            if (segments.WholeTile)
            {
                TLanes.Store(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)), ref waiting, i * TileSegments.Line);
                TLanes.Store(TLanes.Add(TLanes.Add(t0, t1), TLanes.Add(t2, t3)), ref waiting, (i + 1) * TileSegments.Line);
                continue;
            }

            Wait(s0, s1, s2, s3, segments, lane, i);
            Wait(t0, t1, t2, t3, segments, lane, i + 1);
        }
    }

    /// <summary>Keeps a passing row's distances, segment by segment.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Wait(TVector s0, TVector s1, TVector s2, TVector s3, TileSegments segments, int lane, int at)
    {
        var w = TLanes.Width;
        ref var mask = ref Unsafe.Add(ref MemoryMarshal.GetReference(segments.Masks), lane);
        ref var waiting = ref MemoryMarshal.GetReference(segments.Waiting);
        for (var s = 0; s < segments.Count; s++)
        {
            var (m0, m1) = (TLanes.Load(ref mask, 0), TLanes.Load(ref mask, w));
            var (m2, m3) = (TLanes.Load(ref mask, 2 * w), TLanes.Load(ref mask, 3 * w));
            TLanes.Store(
                TLanes.Add(TLanes.Add(TLanes.And(s0, m0), TLanes.And(s1, m1)), TLanes.Add(TLanes.And(s2, m2), TLanes.And(s3, m3))),
                ref waiting,
                ((s * TileSegments.Batch) + at) * TileSegments.Line);
            mask = ref Unsafe.Add(ref mask, Tiles.Rows);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddHalves(TVector sums, ref float halves, int at)
    {
        var higher = at + (4 * TLanes.Width);
        TLanes.Store(TLanes.Add(TLanes.Load(ref halves, at), TLanes.Low(sums)), ref halves, at);
        TLanes.Store(TLanes.Add(TLanes.Load(ref halves, higher), TLanes.High(sums)), ref halves, higher);
    }

    /// <summary>Adds what waits of some passing rows to their sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRows(TileSegments segments, Span<long> passingSums, int stride, int first, int count)
    {
        for (var s = 0; s < segments.Count; s++)
        {
            var sums = passingSums.Slice((segments.Groups[s] * stride) + first, count);
            ref var waiting = ref segments.Waiting[s * TileSegments.Batch * TileSegments.Line];
            if (count == TileSegments.Batch)
            {
                TLanes.AddSums(ref waiting, TileSegments.Line, ref MemoryMarshal.GetReference(sums));
                continue;
            }

            for (var i = 0; i < count; i++)
                sums[i] += TLanes.Sum(TLanes.Load(ref waiting, i * TileSegments.Line));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddLanes(ReadOnlySpan<float> halves, Span<long> tileSums)
    {
        var integers = MemoryMarshal.Cast<float, int>(halves);
        var count = integers.Length / 2;
        for (var i = 0; i < count; i++)
            tileSums[i] += integers[i] + ((long)integers[count + i] << 16);
    }
}

/// <summary>Which lanes of a tile belong to which group.</summary>
internal sealed class TileSegments(int groups)
{
    /// <summary>Passing rows whose sums over the lanes are made together.</summary>
    public const int Batch = 8;

    /// <summary>How far the vectors of passing rows that wait are apart.</summary>
    public const int Line = Memory.LineLength;

    private readonly Memory<float> _masks = Memory.Aligned<float>(Math.Min(groups, Tiles.Rows) * Tiles.Rows);
    private readonly Memory<float> _waiting = Memory.Aligned<float>(Math.Min(groups, Tiles.Rows) * Batch * Line);

    public int Count { get; private set; }

    public int[] Groups { get; } = new int[Math.Min(groups, Tiles.Rows)];

    /// <summary>All 64 lanes are rows of one group.</summary>
    public bool WholeTile { get; private set; }

    /// <summary>For each segment all bits of its lanes.</summary>
    public Span<float> Masks => _masks.Span;

    /// <summary>For each segment the vectors of a batch of passing rows: their distances to its lanes, added up to one vector.</summary>
    public Span<float> Waiting => _waiting.Span;

    public void Set(int[] starts, int start, int end)
    {
        _masks.Span.Clear();
        Count = 0;
        for (var g = 0; g < starts.Length - 1; g++)
        {
            var (from, to) = (Math.Max(starts[g], start), Math.Min(starts[g + 1], end));
            if (from >= to)
                continue;
            _masks.Span.Slice((Count * Tiles.Rows) + from - start, to - from).Fill(BitConverter.Int32BitsToSingle(-1));
            Groups[Count++] = g;
        }

        WholeTile = Count == 1 && end - start == Tiles.Rows;
    }
}
