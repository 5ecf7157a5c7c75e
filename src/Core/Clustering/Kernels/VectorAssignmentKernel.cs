using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// A lane is a row. Four vectors of rows are held against two centroids at a time, so that each load serves two and each broadcast four
/// multiply-adds. A lane goes through the same operations as a row in <see cref="ScalarAssignmentKernel"/>, at every width.
/// </summary>
internal sealed class VectorAssignmentKernel<TLanes> : IAssignmentKernel
    where TLanes : struct, ILanes<TLanes>
{
    public void Assign(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, Span<int> labels, Span<float> distances)
    {
        AssignmentKernels.Check(tiles, columns, centroids, labels, distances);
        // Indices are kept as floats beside the distances, exact below 2^24.
        Span<float> nearest = stackalloc float[Tiles.Rows];
        for (var start = 0; start < labels.Length; start += Tiles.Rows)
        {
            var tile = tiles.Slice(start * columns, Tiles.Rows * columns);
            var tileDistances = distances.Slice(start, Tiles.Rows);
            for (var first = 0; first < Tiles.Rows; first += 4 * TLanes.Width)
                AssignGroup(tile, columns, first, centroids, nearest, tileDistances);
            var tileLabels = labels.Slice(start, Tiles.Rows);
            for (var r = 0; r < Tiles.Rows; r++)
                tileLabels[r] = (int)nearest[r];
        }
    }

    public void Label(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds = default, bool ahead = false)
    {
        AssignmentKernels.Check(tiles, norms, centroids, labels, bounds);
        ScreenedLabels<TLanes>.Run(tiles, norms, centroids, labels, bounds, ahead, this);
    }

    private static void AssignGroup(
        ReadOnlySpan<float> tile, int columns, int first, ReadOnlySpan<float> centroids, Span<float> nearest, Span<float> distances)
    {
        var w = TLanes.Width;
        var far = TLanes.Broadcast(float.PositiveInfinity);
        var (b0, b1, b2, b3) = (far, far, far, far);
        var (n0, n1, n2, n3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
        var count = centroids.Length / columns;
        ref var centroid = ref MemoryMarshal.GetReference(centroids);
        for (var k = 0; k < count; k += 2)
        {
            ref var rows = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), first);
            // An odd last centroid is paired with itself: the second copy is never strictly nearer.
            var step = k + 1 < count ? columns : 0;
            var (s0, s1, s2, s3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
            var (t0, t1, t2, t3) = (default(TLanes), default(TLanes), default(TLanes), default(TLanes));
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

            var (index, next) = (TLanes.Broadcast(k), TLanes.Broadcast(k + 1));
            (b0, n0) = Nearer(t0, next, Nearer(s0, index, (b0, n0)));
            (b1, n1) = Nearer(t1, next, Nearer(s1, index, (b1, n1)));
            (b2, n2) = Nearer(t2, next, Nearer(s2, index, (b2, n2)));
            (b3, n3) = Nearer(t3, next, Nearer(s3, index, (b3, n3)));
            centroid = ref Unsafe.Add(ref centroid, columns + step);
        }

        TLanes.Store(b0, distances, first);
        TLanes.Store(b1, distances, first + w);
        TLanes.Store(b2, distances, first + (2 * w));
        TLanes.Store(b3, distances, first + (3 * w));
        TLanes.Store(n0, nearest, first);
        TLanes.Store(n1, nearest, first + w);
        TLanes.Store(n2, nearest, first + (2 * w));
        TLanes.Store(n3, nearest, first + (3 * w));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TLanes Distance, TLanes Index) Nearer(TLanes distance, TLanes index, (TLanes Distance, TLanes Index) best)
    {
        var less = TLanes.Less(distance, best.Distance);
        return (TLanes.Select(less, distance, best.Distance), TLanes.Select(less, index, best.Index));
    }
}
