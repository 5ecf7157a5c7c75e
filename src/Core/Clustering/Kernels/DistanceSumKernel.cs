using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Sums of the distances of points to rows: a tile of points stands in lanes, the rows pass by one at a time, a group after the other, so
/// that a group's sums stay in registers. Distances are integers below 2^30, as those of <see cref="SilhouetteKernel{TLanes}"/> and bit for
/// bit the same: four of them fit into a 32-bit lane, and sums of four are added up as two halves.
/// </summary>
internal static class DistanceSumKernel
{
    // Roots below 2^-50 would count with such a factor, and the widest kernel's are not theirs.
    private const float LargestFactor = 1L << 49;

    /// <summary>Sums by the widest kernel that this machine has.</summary>
    /// <param name="tile">64 points.</param>
    /// <param name="columns">Columns of a point.</param>
    /// <param name="rows">The rows, one after the other.</param>
    /// <param name="starts">Group g is the rows from starts[g] up to starts[g + 1].</param>
    /// <param name="factor">2^30 over a power of two above every distance.</param>
    /// <param name="sums">Gets for each group the sums of the 64 points; it holds no sums yet.</param>
    public static void Sum(
        ReadOnlySpan<float> tile, int columns, ReadOnlySpan<float> rows, ReadOnlySpan<int> starts, float factor, Span<long> sums)
    {
        if (Vector512.IsHardwareAccelerated && factor < LargestFactor)
            DistanceSumKernel<Lanes512>.Sum(tile, columns, rows, starts, factor, sums);
        else if (Vector256.IsHardwareAccelerated)
            DistanceSumKernel<Lanes256>.Sum(tile, columns, rows, starts, factor, sums);
        else
            DistanceSumKernel<Lanes128>.Sum(tile, columns, rows, starts, factor, sums);
    }
}

/// <summary>The same at one width.</summary>
internal static class DistanceSumKernel<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    // So many lower halves of 16 bits fit into a 32-bit lane without a sign.
    private const int MaxRun = 1 << 15;

    /// <inheritdoc cref="DistanceSumKernel.Sum"/>
    public static void Sum(
        ReadOnlySpan<float> tile, int columns, ReadOnlySpan<float> rows, ReadOnlySpan<int> starts, float factor, Span<long> sums)
    {
        for (var g = 0; g < starts.Length - 1; g++)
        {
            for (var from = starts[g]; from < starts[g + 1]; from += MaxRun)
            {
                var run = rows[(from * columns)..(Math.Min(starts[g + 1], from + MaxRun) * columns)];
                for (var lane = 0; lane < Tiles.Rows; lane += 4 * TLanes.Width)
                    Pass(tile[lane..], columns, run, TLanes.Broadcast(factor), sums[((g * Tiles.Rows) + lane)..]);
            }
        }
    }

    private static void Pass(ReadOnlySpan<float> points, int columns, ReadOnlySpan<float> rows, TLanes factor, Span<long> sums)
    {
        var w = TLanes.Width;
        var (f0, f1, f2, f3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        var (a0, a1, a2, a3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        var (b0, b1, b2, b3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        ref var row = ref MemoryMarshal.GetReference(rows);
        var count = rows.Length / columns;
        for (var j = 0; j < count; j++)
        {
            ref var x = ref MemoryMarshal.GetReference(points);
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

            // The divider takes its time for two roots while the other two keep the multipliers busy.
            (s0, s1) = (TLanes.ToFixed(TLanes.Root(s0), factor), TLanes.ToFixed(TLanes.RootByMultiplying(s1), factor));
            (s2, s3) = (TLanes.ToFixed(TLanes.Root(s2), factor), TLanes.ToFixed(TLanes.RootByMultiplying(s3), factor));
            (f0, f1, f2, f3) = (TLanes.Add(f0, s0), TLanes.Add(f1, s1), TLanes.Add(f2, s2), TLanes.Add(f3, s3));
            if (j % 4 != 3 && j != count - 1)
                continue;
            (a0, a1, a2, a3) = (TLanes.Add(a0, TLanes.Low(f0)), TLanes.Add(a1, TLanes.Low(f1)), TLanes.Add(a2, TLanes.Low(f2)), TLanes.Add(a3, TLanes.Low(f3)));
            (b0, b1, b2, b3) = (TLanes.Add(b0, TLanes.High(f0)), TLanes.Add(b1, TLanes.High(f1)), TLanes.Add(b2, TLanes.High(f2)), TLanes.Add(b3, TLanes.High(f3)));
            (f0, f1, f2, f3) = (default, default, default, default);
        }

        AddLanes(a0, b0, sums);
        AddLanes(a1, b1, sums[w..]);
        AddLanes(a2, b2, sums[(2 * w)..]);
        AddLanes(a3, b3, sums[(3 * w)..]);
    }

    private static void AddLanes(TLanes low, TLanes high, Span<long> sums)
    {
        Span<float> bits = stackalloc float[2 * TLanes.Width];
        TLanes.Store(low, bits, 0);
        TLanes.Store(high, bits, TLanes.Width);
        var integers = MemoryMarshal.Cast<float, int>(bits);
        for (var i = 0; i < TLanes.Width; i++)
            sums[i] += (uint)integers[i] + ((long)integers[TLanes.Width + i] << 16);
    }
}
