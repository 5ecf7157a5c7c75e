using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Labels by scores |c|^2 - 2 x.c, one fused multiply-add a column where the direct (x - c)^2 takes two operations, and yet with the bits of
/// the direct form: a row whose two lowest scores are so near to each other that rounding could have swapped them
/// (<see cref="CentroidGroups.Doubt"/>) is labelled again by it. A lane is a row; some vectors of rows, as many as the registers hold, are
/// held against a group of centroids at a time. A score carries its centroid's index in its lowest bits, so that one minimum finds both.
/// </summary>
internal static class ScreenedLabels<TLanes, TVector>
    where TLanes : ILanes<TVector>
    where TVector : struct
{
    // So many bytes ahead of that memory is asked for: far enough for it to arrive, near enough to be there still.
    private const int Ahead = 1 << 15;

    // Cache lines that a column of a tile takes.
    private const int Lines = Tiles.Rows / Memory.LineLength;

    // Where more rows of a tile are in doubt, such as by centroids that are equal, the whole tile is labelled by the direct form.
    private const int MaxSingly = 8;

    // More than all that underflow can take away.
    private static readonly float LeastDoubt = MathF.ScaleB(1, -100);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds, bool ahead, IAssignmentKernel direct)
    {
        var columns = centroids.Columns;
        Span<float> room = stackalloc float[(2 * Tiles.Rows) + Memory.LineLength];
        room = Memory.Aligned(room, 2 * Tiles.Rows);
        var best = room[..Tiles.Rows];
        var second = room[Tiles.Rows..];
        for (var t = 0; t < norms.Length; t++)
        {
            var tile = tiles.Slice(t * Tiles.Rows * columns, Tiles.Rows * columns);
            for (var first = 0; first < Tiles.Rows; first += TLanes.Held * TLanes.Width)
                Score(tile, first, centroids, best[first..], second[first..], ahead);
            var tileLabels = labels.Slice(t * Tiles.Rows, Tiles.Rows);
            Indices(best, centroids.IndexMask, tileLabels);
            var doubtful = Doubtful(best, second, centroids.Doubt, norms[t]);
            if (!bounds.IsEmpty)
                Bound(tile, columns, best, second, centroids.Doubt, bounds.Slice(t * Tiles.Rows, Tiles.Rows));
            if (doubtful == 0)
                continue;
            Settle(doubtful, tile, centroids, tileLabels, direct);
            for (; doubtful != 0 && !bounds.IsEmpty; doubtful &= doubtful - 1)
            {
                var r = (t * Tiles.Rows) + BitOperations.TrailingZeroCount(doubtful);
                (bounds.Upper[r], bounds.Lower[r]) = (float.PositiveInfinity, 0);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(ReadOnlySpan<float> tile, int first, CentroidGroups centroids, Span<float> best, Span<float> second, bool ahead)
    {
        ref var rows = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), first);
        ref var packed = ref MemoryMarshal.GetArrayDataReference(centroids.Packed);
        ref var lowest = ref MemoryMarshal.GetReference(best);
        ref var lowestButOne = ref MemoryMarshal.GetReference(second);
        var (columns, mask, isFirst) = (centroids.Columns, ~centroids.IndexMask, true);
        // With each group some lines of what comes, so that it streams in all the while: the next tile into the first cache, a farther one into the second.
        var next = Memory.Address(ref Unsafe.Add(ref rows, tile.Length));
        var (left, far) = (first == 0 ? Lines : 0, ahead ? Ahead : 0);
        for (var g = 0; g < centroids.Sizes.Length; g++)
        {
            var size = centroids.Sizes[g];
            var lines = Math.Min(left, (Lines + centroids.Sizes.Length - 1 - g) / centroids.Sizes.Length);
            left -= lines;
            switch (size)
            {
                case 1:
                    Group<One>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
                case 2:
                    Group<Two>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
                case 3:
                    Group<Three>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
                case 4:
                    Group<Four>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
                case 5:
                    Group<Five>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
                default:
                    Group<Six>(ref rows, columns, ref packed, mask, isFirst, ref lowest, ref lowestButOne, next, lines, far);
                    break;
            }

            packed = ref Unsafe.Add(ref packed, size * (columns + CentroidGroups.Heads));
            next += lines * columns * Memory.LineBytes;
            isFirst = false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Group<TSize>(ref float rows, int columns, ref float packed, int mask, bool isFirst, ref float best, ref float second, nint next, int lines, int far)
        where TSize : struct, ISize
    {
        var w = TLanes.Width;
        var a0 = TLanes.Broadcast(packed);
        var (a1, a2, a3) = (a0, a0, a0);
        var b0 = TSize.Count > 1 ? TLanes.Broadcast(Unsafe.Add(ref packed, 1)) : default;
        var (b1, b2, b3) = (b0, b0, b0);
        var c0 = TSize.Count > 2 ? TLanes.Broadcast(Unsafe.Add(ref packed, 2)) : default;
        var (c1, c2, c3) = (c0, c0, c0);
        var d0 = TSize.Count > 3 ? TLanes.Broadcast(Unsafe.Add(ref packed, 3)) : default;
        var (d1, d2, d3) = (d0, d0, d0);
        var e0 = TSize.Count > 4 ? TLanes.Broadcast(Unsafe.Add(ref packed, 4)) : default;
        var (e1, e2, e3) = (e0, e0, e0);
        var f0 = TSize.Count > 5 ? TLanes.Broadcast(Unsafe.Add(ref packed, 5)) : default;
        var (f1, f2, f3) = (f0, f0, f0);
        ref var indices = ref Unsafe.Add(ref packed, TSize.Count);
        packed = ref indices;
        for (var column = 0; column < columns; column++)
        {
            packed = ref Unsafe.Add(ref packed, TSize.Count);
            for (var line = 0; line < lines; line++)
            {
                Memory.PrefetchNear(next);
                if (far != 0)
                    Memory.Prefetch(next + far);
                next += Memory.LineBytes;
            }

            var (x0, x1) = (TLanes.Load(ref rows, 0), TLanes.Load(ref rows, w));
            var (x2, x3) = TLanes.Held > 2 ? (TLanes.Load(ref rows, 2 * w), TLanes.Load(ref rows, 3 * w)) : default;
            Add(TLanes.Broadcast(packed), x0, x1, x2, x3, ref a0, ref a1, ref a2, ref a3);
            if (TSize.Count > 1)
                Add(TLanes.Broadcast(Unsafe.Add(ref packed, 1)), x0, x1, x2, x3, ref b0, ref b1, ref b2, ref b3);
            if (TSize.Count > 2)
                Add(TLanes.Broadcast(Unsafe.Add(ref packed, 2)), x0, x1, x2, x3, ref c0, ref c1, ref c2, ref c3);
            if (TSize.Count > 3)
                Add(TLanes.Broadcast(Unsafe.Add(ref packed, 3)), x0, x1, x2, x3, ref d0, ref d1, ref d2, ref d3);
            if (TSize.Count > 4)
                Add(TLanes.Broadcast(Unsafe.Add(ref packed, 4)), x0, x1, x2, x3, ref e0, ref e1, ref e2, ref e3);
            if (TSize.Count > 5)
                Add(TLanes.Broadcast(Unsafe.Add(ref packed, 5)), x0, x1, x2, x3, ref f0, ref f1, ref f2, ref f3);
            rows = ref Unsafe.Add(ref rows, Tiles.Rows);
        }

        var keep = TLanes.Broadcast(BitConverter.Int32BitsToSingle(mask));
        Offer<TSize>(a0, b0, c0, d0, e0, f0, keep, ref indices, isFirst, ref best, ref second, 0);
        Offer<TSize>(a1, b1, c1, d1, e1, f1, keep, ref indices, isFirst, ref best, ref second, w);
        if (TLanes.Held > 2)
        {
            Offer<TSize>(a2, b2, c2, d2, e2, f2, keep, ref indices, isFirst, ref best, ref second, 2 * w);
            Offer<TSize>(a3, b3, c3, d3, e3, f3, keep, ref indices, isFirst, ref best, ref second, 3 * w);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(
        TVector centroid, TVector x0, TVector x1, TVector x2, TVector x3, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        s0 = TLanes.MultiplyAdd(x0, centroid, s0);
        s1 = TLanes.MultiplyAdd(x1, centroid, s1);
        if (TLanes.Held > 2)
        {
            s2 = TLanes.MultiplyAdd(x2, centroid, s2);
            s3 = TLanes.MultiplyAdd(x3, centroid, s3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Offer<TSize>(
        TVector a, TVector b, TVector c, TVector d, TVector e, TVector f, TVector keep, ref float indices, bool isFirst, ref float best, ref float second, int at)
        where TSize : struct, ISize
    {
        // Before the first group nothing has been offered.
        var far = TLanes.Broadcast(float.PositiveInfinity);
        var (lowest, next) = isFirst ? (far, far) : (TLanes.Load(ref best, at), TLanes.Load(ref second, at));
        (lowest, next) = Offer(Indexed(a, keep, indices), lowest, next);
        if (TSize.Count > 1)
            (lowest, next) = Offer(Indexed(b, keep, Unsafe.Add(ref indices, 1)), lowest, next);
        if (TSize.Count > 2)
            (lowest, next) = Offer(Indexed(c, keep, Unsafe.Add(ref indices, 2)), lowest, next);
        if (TSize.Count > 3)
            (lowest, next) = Offer(Indexed(d, keep, Unsafe.Add(ref indices, 3)), lowest, next);
        if (TSize.Count > 4)
            (lowest, next) = Offer(Indexed(e, keep, Unsafe.Add(ref indices, 4)), lowest, next);
        if (TSize.Count > 5)
            (lowest, next) = Offer(Indexed(f, keep, Unsafe.Add(ref indices, 5)), lowest, next);
        TLanes.Store(lowest, ref best, at);
        TLanes.Store(next, ref second, at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Indexed(TVector score, TVector keep, float index) => TLanes.Select(keep, score, TLanes.Broadcast(index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (TVector Best, TVector Second) Offer(TVector score, TVector best, TVector second) =>
        (TLanes.Min(best, score), TLanes.Min(second, TLanes.Max(best, score)));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Indices(ReadOnlySpan<float> best, int mask, Span<byte> labels)
    {
        var index = TLanes.Broadcast(BitConverter.Int32BitsToSingle(mask));
        for (var at = 0; at < Tiles.Rows; at += TLanes.Width)
            TLanes.StoreBytes(TLanes.And(TLanes.Load(ref MemoryMarshal.GetReference(best), at), index), ref MemoryMarshal.GetReference(labels), at);
    }

    /// <summary>A bit for each row whose two lowest scores do not settle its label.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static ulong Doubtful(ReadOnlySpan<float> best, ReadOnlySpan<float> second, float doubt, float norm)
    {
        var (factor, minusTwice, least) = (TLanes.Broadcast(doubt), TLanes.Broadcast(-2 * norm), TLanes.Broadcast(LeastDoubt));
        var clear = 0UL;
        for (var at = 0; at < Tiles.Rows; at += TLanes.Width)
        {
            var lowest = TLanes.Load(ref MemoryMarshal.GetReference(best), at);
            var apart = TLanes.Subtract(TLanes.Load(ref MemoryMarshal.GetReference(second), at), lowest);
            var needed = TLanes.MultiplyAdd(TLanes.Subtract(lowest, minusTwice), factor, least);
            clear |= TLanes.Bits(TLanes.Less(needed, apart)) << at;
        }

        return ~clear;
    }

    /// <summary>
    /// The scores with the rows' squared norms are squared distances; what rounding can have taken or given
    /// (<see cref="CentroidGroups.Doubt"/>) is on the safe side.
    /// </summary>
    private static void Bound(
        ReadOnlySpan<float> tile, int columns, ReadOnlySpan<float> best, ReadOnlySpan<float> second, float doubt, LabelBounds bounds)
    {
        var (factor, least, zero) = (TLanes.Broadcast(doubt), TLanes.Broadcast(LeastDoubt), default(TVector));
        for (var at = 0; at < Tiles.Rows; at += TLanes.Width)
        {
            var norm = zero;
            for (var c = 0; c < columns; c++)
                norm = TLanes.AddSquare(TLanes.Load(ref MemoryMarshal.GetReference(tile), (c * Tiles.Rows) + at), norm);
            var minusNorm = TLanes.Subtract(zero, norm);
            var near = TLanes.Subtract(TLanes.Load(ref MemoryMarshal.GetReference(best), at), minusNorm);
            var next = TLanes.Subtract(TLanes.Load(ref MemoryMarshal.GetReference(second), at), minusNorm);
            var above = TLanes.Subtract(near, TLanes.Subtract(zero, TLanes.MultiplyAdd(TLanes.Subtract(near, minusNorm), factor, least)));
            var below = TLanes.Subtract(next, TLanes.MultiplyAdd(TLanes.Subtract(next, minusNorm), factor, least));
            TLanes.Store(TLanes.Root(TLanes.Max(above, zero)), bounds.Upper, at);
            TLanes.Store(TLanes.Root(TLanes.Max(below, zero)), bounds.Lower, at);
        }
    }

    private static void Settle(ulong doubtful, ReadOnlySpan<float> tile, CentroidGroups centroids, Span<byte> labels, IAssignmentKernel direct)
    {
        if (BitOperations.PopCount(doubtful) > MaxSingly)
        {
            Span<int> nearest = stackalloc int[Tiles.Rows];
            direct.Assign(tile, centroids.Columns, centroids.Rows, nearest, stackalloc float[Tiles.Rows]);
            for (var r = 0; r < Tiles.Rows; r++)
                labels[r] = (byte)nearest[r];
            return;
        }

        var row = new float[centroids.Columns];
        for (; doubtful != 0; doubtful &= doubtful - 1)
        {
            var r = BitOperations.TrailingZeroCount(doubtful);
            Tiles.CopyRow(tile, r, row);
            labels[r] = (byte)ScalarAssignmentKernel.Nearest(row, centroids.Rows, out _);
        }
    }

    /// <summary>How many centroids a group has, known to the compiler.</summary>
    private interface ISize
    {
        static abstract int Count { get; }
    }

    private readonly struct One : ISize
    {
        public static int Count => 1;
    }

    private readonly struct Two : ISize
    {
        public static int Count => 2;
    }

    private readonly struct Three : ISize
    {
        public static int Count => 3;
    }

    private readonly struct Four : ISize
    {
        public static int Count => 4;
    }

    private readonly struct Five : ISize
    {
        public static int Count => 5;
    }

    private readonly struct Six : ISize
    {
        public static int Count => 6;
    }
}
