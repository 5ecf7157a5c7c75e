using System.Runtime.CompilerServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Distances of four vectors of points to two rows at once, so that enough sums are under way to keep the multipliers busy. They are cut off
/// to integers, which are below 2^30 where the values were multiplied by <see cref="Silhouette.Factor"/>.
/// </summary>
internal static class FixedDistances<TLanes, TVector>
    where TLanes : ILanes<TVector>
    where TVector : struct
{
    /// <param name="points">Values of a tile, from some lane on.</param>
    /// <param name="row">The first row.</param>
    /// <param name="next">How far behind it the second one is.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Between(
        ref float points,
        ref float row,
        int columns,
        int next,
        out TVector s0,
        out TVector s1,
        out TVector s2,
        out TVector s3,
        out TVector t0,
        out TVector t1,
        out TVector t2,
        out TVector t3)
    {
        var w = TLanes.Width;
        ref var x = ref points;
        ref var y = ref row;
        var (a0, a1, a2, a3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        var (b0, b1, b2, b3) = (default(TVector), default(TVector), default(TVector), default(TVector));
        for (var c = 0; c < columns; c++)
        {
            var (p, q) = (TLanes.Broadcast(y), TLanes.Broadcast(Unsafe.Add(ref y, next)));
            var (x0, x1) = (TLanes.Load(ref x, 0), TLanes.Load(ref x, w));
            a0 = TLanes.AddSquare(TLanes.Subtract(x0, p), a0);
            b0 = TLanes.AddSquare(TLanes.Subtract(x0, q), b0);
            a1 = TLanes.AddSquare(TLanes.Subtract(x1, p), a1);
            b1 = TLanes.AddSquare(TLanes.Subtract(x1, q), b1);
            var (x2, x3) = (TLanes.Load(ref x, 2 * w), TLanes.Load(ref x, 3 * w));
            a2 = TLanes.AddSquare(TLanes.Subtract(x2, p), a2);
            b2 = TLanes.AddSquare(TLanes.Subtract(x2, q), b2);
            a3 = TLanes.AddSquare(TLanes.Subtract(x3, p), a3);
            b3 = TLanes.AddSquare(TLanes.Subtract(x3, q), b3);
            x = ref Unsafe.Add(ref x, Tiles.Rows);
            y = ref Unsafe.Add(ref y, 1);
        }

        // The divider takes its time for some roots while the others keep the multipliers busy.
        s0 = TLanes.ToInteger(TLanes.Root(a0));
        t0 = TLanes.ToInteger(TLanes.Root(b0));
        s1 = TLanes.ToInteger(TLanes.Root(a1));
        t1 = TLanes.ToInteger(TLanes.RootByMultiplying(b1));
        s2 = TLanes.ToInteger(TLanes.Root(a2));
        t2 = TLanes.ToInteger(TLanes.Root(b2));
        s3 = TLanes.ToInteger(TLanes.Root(a3));
        t3 = TLanes.ToInteger(TLanes.RootByMultiplying(b3));
    }
}
