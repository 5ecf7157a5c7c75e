using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Sums of the distances of points to rows: a tile of points stands in lanes, the rows pass by one at a time, a group after the other, so
/// that a group's sums stay in registers. Distances (<see cref="FixedDistances{TLanes, TVector}"/>) are those of
/// <see cref="SilhouetteKernel{TLanes, TVector}"/>: four of them fit into a 32-bit lane, and sums of four are added up as two halves.
/// </summary>
internal static class DistanceSumKernel
{
    /// <summary>Sums by the widest kernel that this machine has.</summary>
    /// <param name="tile">64 points, their values multiplied by <see cref="Silhouette.Factor"/>.</param>
    /// <param name="columns">Columns of a point.</param>
    /// <param name="rows">The rows, one after the other, multiplied alike.</param>
    /// <param name="starts">Group g is the rows from starts[g] up to starts[g + 1].</param>
    /// <param name="sums">Gets for each group the sums of the 64 points; it holds no sums yet.</param>
    public static void Sum(ReadOnlySpan<float> tile, int columns, ReadOnlySpan<float> rows, ReadOnlySpan<int> starts, Span<long> sums)
    {
        if (Vector512.IsHardwareAccelerated)
            DistanceSumKernel<Lanes512, Vector512<float>>.Sum(tile, columns, rows, starts, sums);
        else if (Vector256.IsHardwareAccelerated)
            DistanceSumKernel<Lanes256, Vector256<float>>.Sum(tile, columns, rows, starts, sums);
        else
            DistanceSumKernel<Lanes128, Vector128<float>>.Sum(tile, columns, rows, starts, sums);
    }
}

/// <summary>The same at one width.</summary>
internal static class DistanceSumKernel<TLanes, TVector>
    where TLanes : ILanes<TVector>
    where TVector : struct
{
    // So many lower halves of 16 bits fit into a 32-bit lane without a sign.
    private const int MaxRun = 1 << 15;

    /// <inheritdoc cref="DistanceSumKernel.Sum"/>
    public static void Sum(ReadOnlySpan<float> tile, int columns, ReadOnlySpan<float> rows, ReadOnlySpan<int> starts, Span<long> sums)
    {
        for (var g = 0; g < starts.Length - 1; g++)
        {
            for (var from = starts[g]; from < starts[g + 1]; from += MaxRun)
            {
                var run = rows[(from * columns)..(Math.Min(starts[g + 1], from + MaxRun) * columns)];
                for (var lane = 0; lane < Tiles.Rows; lane += 4 * TLanes.Width)
                    Pass(tile[lane..], columns, run, sums[((g * Tiles.Rows) + lane)..]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pass(ReadOnlySpan<float> points, int columns, ReadOnlySpan<float> rows, Span<long> sums)
    {
        var w = TLanes.Width;
        var (f0, f1, f2, f3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        var (a0, a1, a2, a3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        var (b0, b1, b2, b3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        ref var tile = ref MemoryMarshal.GetReference(points);
        ref var row = ref MemoryMarshal.GetReference(rows);
        var count = rows.Length / columns;
        for (var j = 0; j < count; j += 2)
        {
            var paired = j + 1 < count;
            FixedDistances<TLanes, TVector>.Between(ref tile, ref row, columns, paired ? columns : 0, out var s0, out var s1, out var s2, out var s3, out var t0, out var t1, out var t2, out var t3);
            if (!paired)
                (t0, t1, t2, t3) = (default, default, default, default);
            row = ref Unsafe.Add(ref row, 2 * columns);
            (f0, f1) = (TLanes.Add(f0, TLanes.Add(s0, t0)), TLanes.Add(f1, TLanes.Add(s1, t1)));
            (f2, f3) = (TLanes.Add(f2, TLanes.Add(s2, t2)), TLanes.Add(f3, TLanes.Add(s3, t3)));
            if (j % 4 == 0 && j + 2 < count)
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

    private static void AddLanes(TVector low, TVector high, Span<long> sums)
    {
        Span<float> bits = stackalloc float[2 * TLanes.Width];
        TLanes.Store(low, bits, 0);
        TLanes.Store(high, bits, TLanes.Width);
        var integers = MemoryMarshal.Cast<float, int>(bits);
        for (var i = 0; i < TLanes.Width; i++)
            sums[i] += (uint)integers[i] + ((long)integers[TLanes.Width + i] << 16);
    }
}
