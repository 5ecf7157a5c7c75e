using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// What the kernels do to each lane of a vector of floats of some width. Every operation is exact or rounded once, as IEEE 754 has it,
/// so that a lane gives the same bits at every width. The 32-bit integers of the silhouette share the type, as bits.
/// </summary>
/// <typeparam name="TVector">The vector, bare: of one in a structure the compiler makes copies.</typeparam>
internal interface ILanes<TVector>
    where TVector : struct
{
    static abstract int Width { get; }

    /// <summary>How many vectors of rows, 2 or 4, the registers hold beside their scores for a group of centroids.</summary>
    static abstract int Held { get; }

    static abstract TVector Load(ref float source, int offset);

    static abstract void Store(TVector value, Span<float> destination, int offset);

    static abstract void Store(TVector value, ref float destination, int offset);

    /// <summary>The lowest byte of each lane, one behind the other.</summary>
    static abstract void StoreBytes(TVector value, ref byte destination, int offset);

    static abstract TVector Broadcast(float value);

    static abstract TVector Subtract(TVector a, TVector b);

    /// <summary>value * value + sum, rounded once.</summary>
    static abstract TVector AddSquare(TVector value, TVector sum);

    /// <summary>a * b + sum, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector sum);

    /// <summary>The lesser of two numbers; neither is NaN.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>The greater of two numbers; neither is NaN.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The highest bit of each lane.</summary>
    static abstract ulong Bits(TVector value);

    /// <summary>All bits of a lane where a is less than b.</summary>
    static abstract TVector Less(TVector a, TVector b);

    static abstract TVector Select(TVector mask, TVector whereSet, TVector otherwise);

    static abstract TVector Root(TVector value);

    /// <summary>The same, where that is possible by multiplying in place of dividing; of a number below 2^-100 anything below 2^-50.</summary>
    static abstract TVector RootByMultiplying(TVector value);

    /// <summary>A number cut off to an integer; it must be below 2^31.</summary>
    static abstract TVector ToInteger(TVector value);

    /// <summary>The lower 16 bits of each integer.</summary>
    static abstract TVector Low(TVector value);

    /// <summary>Each integer without its lower 16 bits, shifted down.</summary>
    static abstract TVector High(TVector value);

    static abstract TVector And(TVector a, TVector b);

    /// <summary>The sum of the integers in each lane.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>The sum of the integers of all lanes, without signs.</summary>
    static abstract long Sum(TVector value);

    /// <summary>Adds <see cref="Sum"/> of each of eight vectors to a number each.</summary>
    /// <param name="vectors">The first.</param>
    /// <param name="apart">How far they are apart.</param>
    /// <param name="sums">The first number.</param>
    static abstract void AddSums(ref float vectors, int apart, ref long sums);
}

internal readonly struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Width => 16;

    public static int Held => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ref float source, int offset) => Vector512.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, Span<float> destination, int offset) =>
        value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, ref float destination, int offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector512<float> value, ref byte destination, int offset)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(value.AsUInt32()).StoreUnsafe(ref destination, (nuint)offset);
            return;
        }

        Lanes256.StoreBytes(value.GetLower(), ref destination, offset);
        Lanes256.StoreBytes(value.GetUpper(), ref destination, offset + Lanes256.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> AddSquare(Vector512<float> value, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(value, value, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum) => Vector512.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Vector512<float> value) => Vector512.ExtractMostSignificantBits(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Less(Vector512<float> a, Vector512<float> b) => Vector512.LessThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Select(Vector512<float> mask, Vector512<float> whereSet, Vector512<float> otherwise) =>
        Vector512.ConditionalSelect(mask, whereSet, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Root(Vector512<float> value) => Vector512.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToInteger(Vector512<float> value) => Vector512.ConvertToInt32Native(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Low(Vector512<float> value) => (value.AsInt32() & Vector512.Create(0xFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> High(Vector512<float> value) => Vector512.ShiftRightLogical(value.AsInt32(), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> And(Vector512<float> a, Vector512<float> b) => (a.AsInt32() & b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Vector512<float> value)
    {
        var pairs = value.AsUInt64();
        return (long)Vector512.Sum((pairs & Vector512.Create((ulong)uint.MaxValue)) + Vector512.ShiftRightLogical(pairs, 32));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddSums(ref float vectors, int apart, ref long sums)
    {
        if (!Avx512F.IsSupported)
        {
            for (var i = 0; i < 8; i++)
                Unsafe.Add(ref sums, i) += Sum(Load(ref vectors, i * apart));
            return;
        }

        // Twice two vectors become one, quarter by quarter of each; at last the quarters add up.
        var (a, b) = (Quarters(ref vectors, 0, apart), Quarters(ref vectors, 2 * apart, apart));
        var (c, d) = (Quarters(ref vectors, 4 * apart, apart), Quarters(ref vectors, 6 * apart, apart));
        var ab = Avx512F.Shuffle4x128(a, b, 0x88) + Avx512F.Shuffle4x128(a, b, 0xDD);
        var cd = Avx512F.Shuffle4x128(c, d, 0x88) + Avx512F.Shuffle4x128(c, d, 0xDD);
        var all = Avx512F.Shuffle4x128(ab, cd, 0x88) + Avx512F.Shuffle4x128(ab, cd, 0xDD);
        (Vector512.LoadUnsafe(ref sums) + all.AsInt64()).StoreUnsafe(ref sums);

        // Of two vectors the sums of each quarter's four integers, by turns.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<ulong> Quarters(ref float vectors, int at, int apart)
        {
            var (one, other) = (Pairs(ref vectors, at), Pairs(ref vectors, at + apart));
            return Avx512F.UnpackLow(one, other) + Avx512F.UnpackHigh(one, other);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector512<ulong> Pairs(ref float vectors, int at)
        {
            var pairs = Vector512.LoadUnsafe(ref vectors, (nuint)at).AsUInt64();
            return (pairs & Vector512.Create((ulong)uint.MaxValue)) + Vector512.ShiftRightLogical(pairs, 32);
        }
    }

    /// <summary>
    /// The square root, rounded as ever, in half of the time that the processor's own takes at this width (Markstein 1990): the reciprocal
    /// root, known to 14 bits, is refined once, and the root by what its square leaves over. Of a number below 2^-100 it is
    /// below 2^-50, no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> RootByMultiplying(Vector512<float> x)
    {
        if (!Avx512F.IsSupported)
            return Vector512.Sqrt(x);
        var reciprocal = Avx512F.ReciprocalSqrt14(Vector512.MaxNative(x, Vector512.Create(1.17549435e-38f)));
        var root = x * reciprocal;
        var half = reciprocal * 0.5f;
        var error = Avx512F.FusedMultiplyAddNegated(root, half, Vector512.Create(0.5f));
        root = Vector512.FusedMultiplyAdd(root, error, root);
        half = Vector512.FusedMultiplyAdd(half, error, half);
        return Vector512.FusedMultiplyAdd(Avx512F.FusedMultiplyAddNegated(root, root, x), half, root);
    }
}

internal readonly struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Width => 8;

    public static int Held => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(ref float source, int offset) => Vector256.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, Span<float> destination, int offset) =>
        value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, ref float destination, int offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector256<float> value, ref byte destination, int offset)
    {
        var halves = Vector128.Narrow(value.GetLower().AsUInt32(), value.GetUpper().AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(halves, halves).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> AddSquare(Vector256<float> value, Vector256<float> sum) =>
        Vector256.FusedMultiplyAdd(value, value, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> sum) => Vector256.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Vector256<float> value) => Vector256.ExtractMostSignificantBits(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Less(Vector256<float> a, Vector256<float> b) => Vector256.LessThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Select(Vector256<float> mask, Vector256<float> whereSet, Vector256<float> otherwise) =>
        Vector256.ConditionalSelect(mask, whereSet, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Root(Vector256<float> value) => Vector256.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> RootByMultiplying(Vector256<float> value) => Root(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToInteger(Vector256<float> value) => Vector256.ConvertToInt32Native(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Low(Vector256<float> value) => (value.AsInt32() & Vector256.Create(0xFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> High(Vector256<float> value) => Vector256.ShiftRightLogical(value.AsInt32(), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> And(Vector256<float> a, Vector256<float> b) => (a.AsInt32() & b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Vector256<float> value)
    {
        var pairs = value.AsUInt64();
        return (long)Vector256.Sum((pairs & Vector256.Create((ulong)uint.MaxValue)) + Vector256.ShiftRightLogical(pairs, 32));
    }

    public static void AddSums(ref float vectors, int apart, ref long sums)
    {
        for (var i = 0; i < 8; i++)
            Unsafe.Add(ref sums, i) += Sum(Load(ref vectors, i * apart));
    }
}

internal readonly struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Width => 4;

    public static int Held => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(ref float source, int offset) => Vector128.LoadUnsafe(ref source, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, Span<float> destination, int offset) =>
        value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<float> value, ref float destination, int offset) => value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Vector128<float> value, ref byte destination, int offset)
    {
        var halves = Vector128.Narrow(value.AsUInt32(), value.AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> AddSquare(Vector128<float> value, Vector128<float> sum) =>
        Vector128.FusedMultiplyAdd(value, value, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> sum) => Vector128.FusedMultiplyAdd(a, b, sum);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Vector128<float> value) => Vector128.ExtractMostSignificantBits(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Less(Vector128<float> a, Vector128<float> b) => Vector128.LessThan(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Select(Vector128<float> mask, Vector128<float> whereSet, Vector128<float> otherwise) =>
        Vector128.ConditionalSelect(mask, whereSet, otherwise);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Root(Vector128<float> value) => Vector128.Sqrt(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> RootByMultiplying(Vector128<float> value) => Root(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> ToInteger(Vector128<float> value) => Vector128.ConvertToInt32Native(value).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Low(Vector128<float> value) => (value.AsInt32() & Vector128.Create(0xFFFF)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> High(Vector128<float> value) => Vector128.ShiftRightLogical(value.AsInt32(), 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> And(Vector128<float> a, Vector128<float> b) => (a.AsInt32() & b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => (a.AsInt32() + b.AsInt32()).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Vector128<float> value)
    {
        var pairs = value.AsUInt64();
        return (long)Vector128.Sum((pairs & Vector128.Create((ulong)uint.MaxValue)) + Vector128.ShiftRightLogical(pairs, 32));
    }

    public static void AddSums(ref float vectors, int apart, ref long sums)
    {
        for (var i = 0; i < 8; i++)
            Unsafe.Add(ref sums, i) += Sum(Load(ref vectors, i * apart));
    }
}
