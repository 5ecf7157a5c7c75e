using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// A lane is a row. Four vectors of rows are held against two centroids at a time, so that each load serves two and each broadcast four
/// multiply-adds. A lane goes through the same operations as a row in <see cref="ScalarAssignmentKernel"/>, at every width.
/// </summary>
internal sealed class VectorAssignmentKernel<TLanes, TVector> : IAssignmentKernel
    where TLanes : ILanes<TVector>
    where TVector : struct
{
    public void AssignFurther(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, int first, Span<int> labels, Span<float> distances)
    {
        AssignmentKernels.Check(tiles, columns, centroids, labels, distances);
        for (var row = 0; row < labels.Length; row += 4 * TLanes.Width)
        {
            var tile = tiles.Slice(row / Tiles.Rows * Tiles.Rows * columns, Tiles.Rows * columns);
            AssignGroup(tile, columns, row % Tiles.Rows, centroids, first, MemoryMarshal.Cast<int, float>(labels[row..]), distances[row..]);
        }
    }

    public void Label(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds = default, bool ahead = false)
    {
        AssignmentKernels.Check(tiles, norms, centroids, labels, bounds);
        ScreenedLabels<TLanes, TVector>.Run(tiles, norms, centroids, labels, bounds, ahead, this);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AssignGroup(
        ReadOnlySpan<float> tile, int columns, int row, ReadOnlySpan<float> centroids, int first, Span<float> labels, Span<float> distances)
    {
        var w = TLanes.Width;
        ref var least = ref MemoryMarshal.GetReference(distances);
        ref var nearest = ref MemoryMarshal.GetReference(labels);
        var (b0, b1, b2, b3) = (TLanes.Load(ref least, 0), TLanes.Load(ref least, w), TLanes.Load(ref least, 2 * w), TLanes.Load(ref least, 3 * w));
        var (n0, n1, n2, n3) = (TLanes.Load(ref nearest, 0), TLanes.Load(ref nearest, w), TLanes.Load(ref nearest, 2 * w), TLanes.Load(ref nearest, 3 * w));
        var count = centroids.Length / columns;
        ref var centroid = ref MemoryMarshal.GetReference(centroids);
        for (var k = 0; k < count; k += 2)
        {
            ref var rows = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), row);
            // An odd last centroid is paired with itself: the second copy is never strictly nearer.
            var step = k + 1 < count ? columns : 0;
            var (s0, s1, s2, s3) = (default(TVector), default(TVector), default(TVector), default(TVector));
            var (t0, t1, t2, t3) = (default(TVector), default(TVector), default(TVector), default(TVector));
            for (var c = 0; c < columns; c++)
            {
                var p = TLanes.Broadcast(Unsafe.Add(ref centroid, c));
                var q = TLanes.Broadcast(Unsafe.Add(ref centroid, c + step));
                var x0 = TLanes.Load(ref rows, 0);
                var x1 = TLanes.Load(ref rows, w);
                var x2 = TLanes.Load(ref rows, 2 * w);
                var x3 = TLanes.Load(ref rows, 3 * w);
                s0 = TLanes.AddSquare(TLanes.Subtract(x0, p), s0);
                s1 = TLanes.AddSquare(TLanes.Subtract(x1, p), s1);
                s2 = TLanes.AddSquare(TLanes.Subtract(x2, p), s2);
                s3 = TLanes.AddSquare(TLanes.Subtract(x3, p), s3);
                t0 = TLanes.AddSquare(TLanes.Subtract(x0, q), t0);
                t1 = TLanes.AddSquare(TLanes.Subtract(x1, q), t1);
                t2 = TLanes.AddSquare(TLanes.Subtract(x2, q), t2);
                t3 = TLanes.AddSquare(TLanes.Subtract(x3, q), t3);
                rows = ref Unsafe.Add(ref rows, Tiles.Rows);
            }

            var (index, next) = (Bits(first + k), Bits(first + k + 1));
            (b0, n0) = Nearer(t0, next, Nearer(s0, index, (b0, n0)));
            (b1, n1) = Nearer(t1, next, Nearer(s1, index, (b1, n1)));
            (b2, n2) = Nearer(t2, next, Nearer(s2, index, (b2, n2)));
            (b3, n3) = Nearer(t3, next, Nearer(s3, index, (b3, n3)));
            centroid = ref Unsafe.Add(ref centroid, columns + step);
        }

        TLanes.Store(b0, ref least, 0);
        TLanes.Store(b1, ref least, w);
        TLanes.Store(b2, ref least, 2 * w);
        TLanes.Store(b3, ref least, 3 * w);
        TLanes.Store(n0, ref nearest, 0);
        TLanes.Store(n1, ref nearest, w);
        TLanes.Store(n2, ref nearest, 2 * w);
        TLanes.Store(n3, ref nearest, 3 * w);
    }

    /// <summary>An integer in each lane, which moves with the distances and is never computed with.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Bits(int label) => TLanes.Broadcast(BitConverter.Int32BitsToSingle(label));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector Distance, TVector Index) Nearer(TVector distance, TVector index, (TVector Distance, TVector Index) best)
    {
        var less = TLanes.Less(distance, best.Distance);
        return (TLanes.Select(less, distance, best.Distance), TLanes.Select(less, index, best.Index));
    }
}
