using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Distances between the rows of two blocks, each computed once and added on both sides. A tile of one block stands in lanes; the other's
/// rows pass by one at a time, a group after the other, so that a group's sums stay in registers. A passing row's own sums are those
/// over the lanes, group by group of the tile. Distances are integers below 2^30: four of them fit into a 32-bit lane, and sums of four are
/// added up as two halves.
/// </summary>
internal static class SilhouetteKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    // So many lower halves of 16 bits fit into a 32-bit lane without a sign.
    private const int MaxRun = 1 << 15;

    /// <param name="factor">2^30 over a power of two above every distance.</param>
    /// <param name="sums">For each group of <paramref name="passing"/> the sums of the lanes' rows.</param>
    /// <param name="passingSums">For each group of the lanes the sums of the passing rows; where the blocks are the same, the same sums.</param>
    public static void Run(SilhouetteBlock lanes, SilhouetteBlock passing, float factor, Span<long> sums, Span<long> passingSums)
    {
        var within = lanes == passing;
        var segments = new TileSegments(lanes.Groups);
        for (var start = 0; start < lanes.Rows; start += Tiles.Rows)
        {
            var end = Math.Min(start + Tiles.Rows, lanes.Rows);
            segments.Set(lanes.Starts, start, end);
            var tile = lanes.Tiled.AsSpan(start * lanes.Columns, Tiles.Rows * lanes.Columns);
            for (var g = 0; g < passing.Groups; g++)
            {
                var tileSums = sums.Slice((g * lanes.Stride) + start, Tiles.Rows);
                var (from, to) = (passing.Starts[g], passing.Starts[g + 1]);
                if (!within)
                {
                    Pass(tile, passing, from, to, factor, tileSums, passingSums, segments);
                    continue;
                }

                // Rows of one tile meet each other twice, as lane and as passing row; those before the tile have met it already.
                Pass(tile, passing, Math.Max(from, start), Math.Min(to, end), factor, tileSums, [], segments);
                Pass(tile, passing, Math.Max(from, end), to, factor, tileSums, passingSums, segments);
            }
        }
    }

    private static void Pass(
        ReadOnlySpan<float> tile,
        SilhouetteBlock passing,
        int from,
        int to,
        float factor,
        Span<long> tileSums,
        Span<long> passingSums,
        TileSegments segments)
    {
        for (; from < to; from += MaxRun)
        {
            for (var lane = 0; lane < Tiles.Rows; lane += 4 * TLanes.Width)
            {
                var end = Math.Min(to, from + MaxRun);
                PassGroup(tile, lane, passing, from, end, TLanes.Broadcast(factor), tileSums, passingSums, segments);
            }
        }
    }

    private static void PassGroup(
        ReadOnlySpan<float> tile,
        int lane,
        SilhouetteBlock passing,
        int from,
        int to,
        TLanes factor,
        Span<long> tileSums,
        Span<long> passingSums,
        TileSegments segments)
    {
        var w = TLanes.Width;
        var columns = passing.Columns;
        var stride = passing.Stride;
        var (f0, f1, f2, f3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        var (a0, a1, a2, a3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        var (b0, b1, b2, b3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        ref var row = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(passing.Values), from * columns);
        for (var j = from; j < to; j++)
        {
            ref var x = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), lane);
            var (s0, s1, s2, s3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
            for (var c = 0; c < columns; c++)
            {
                var y = TLanes.Broadcast(row);
                s0 = TLanes.AddSquare(TLanes.Subtract(TLanes.Load(ref x, 0), y), s0);
                s1 = TLanes.AddSquare(TLanes.Subtract(TLanes.Load(ref x, w), y), s1);
                s2 = TLanes.AddSquare(TLanes.Subtract(TLanes.Load(ref x, 2 * w), y), s2);
                s3 = TLanes.AddSquare(TLanes.Subtract(TLanes.Load(ref x, 3 * w), y), s3);
                x = ref Unsafe.Add(ref x, Tiles.Rows);
                row = ref Unsafe.Add(ref row, 1);
            }

            s0 = TLanes.RootToFixed(s0, factor);
            s1 = TLanes.RootToFixed(s1, factor);
            s2 = TLanes.RootToFixed(s2, factor);
            s3 = TLanes.RootToFixed(s3, factor);
            (f0, f1, f2, f3) = (TLanes.Add(f0, s0), TLanes.Add(f1, s1), TLanes.Add(f2, s2), TLanes.Add(f3, s3));
            if ((j - from) % 4 == 3 || j == to - 1)
            {
                (a0, a1, a2, a3) = (TLanes.Add(a0, TLanes.Low(f0)), TLanes.Add(a1, TLanes.Low(f1)), TLanes.Add(a2, TLanes.Low(f2)), TLanes.Add(a3, TLanes.Low(f3)));
                (b0, b1, b2, b3) = (TLanes.Add(b0, TLanes.High(f0)), TLanes.Add(b1, TLanes.High(f1)), TLanes.Add(b2, TLanes.High(f2)), TLanes.Add(b3, TLanes.High(f3)));
                (f0, f1, f2, f3) = (default, default, default, default);
            }

            if (passingSums.IsEmpty)
                continue;
            if (segments.WholeTile)
            {
                passingSums[(segments.Groups[0] * stride) + j] += TLanes.Sum(TLanes.Add(TLanes.Add(s0, s1), TLanes.Add(s2, s3)));
                continue;
            }

            for (var s = 0; s < segments.Count; s++)
            {
                ref var mask = ref segments.Mask(s, lane);
                var (m0, m1) = (TLanes.Load(ref mask, 0), TLanes.Load(ref mask, w));
                var (m2, m3) = (TLanes.Load(ref mask, 2 * w), TLanes.Load(ref mask, 3 * w));
                passingSums[(segments.Groups[s] * stride) + j] += TLanes.Sum(
                    TLanes.Add(TLanes.Add(TLanes.And(s0, m0), TLanes.And(s1, m1)), TLanes.Add(TLanes.And(s2, m2), TLanes.And(s3, m3))));
            }
        }

        AddLanes(a0, b0, lane, tileSums);
        AddLanes(a1, b1, lane + w, tileSums);
        AddLanes(a2, b2, lane + (2 * w), tileSums);
        AddLanes(a3, b3, lane + (3 * w), tileSums);
    }

    private static void AddLanes(TLanes low, TLanes high, int lane, Span<long> tileSums)
    {
        Span<float> bits = stackalloc float[2 * TLanes.Width];
        TLanes.Store(low, bits, 0);
        TLanes.Store(high, bits, TLanes.Width);
        var integers = MemoryMarshal.Cast<float, int>(bits);
        for (var i = 0; i < TLanes.Width; i++)
            tileSums[lane + i] += integers[i] + ((long)integers[TLanes.Width + i] << 16);
    }
}

/// <summary>Which lanes of a tile belong to which group.</summary>
internal sealed class TileSegments(int groups)
{
    private readonly float[] _masks = new float[Math.Min(groups, Tiles.Rows) * Tiles.Rows];

    public int Count { get; private set; }

    public int[] Groups { get; } = new int[Math.Min(groups, Tiles.Rows)];

    /// <summary>All 64 lanes are rows of one group.</summary>
    public bool WholeTile { get; private set; }

    public ref float Mask(int segment, int lane) => ref _masks[(segment * Tiles.Rows) + lane];

    public void Set(int[] starts, int start, int end)
    {
        Array.Clear(_masks);
        Count = 0;
        for (var g = 0; g < starts.Length - 1; g++)
        {
            var (from, to) = (Math.Max(starts[g], start), Math.Min(starts[g + 1], end));
            if (from >= to)
                continue;
            _masks.AsSpan((Count * Tiles.Rows) + from - start, to - from).Fill(BitConverter.Int32BitsToSingle(-1));
            Groups[Count++] = g;
        }

        WholeTile = Count == 1 && end - start == Tiles.Rows;
    }
}
