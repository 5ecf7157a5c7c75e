using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// A vector of floats of some width, with what the kernels do to each lane. Every operation is exact or rounded once, as IEEE 754 has it,
/// so that a lane gives the same bits at every width. The 32-bit integers of the silhouette share the type, as bits.
/// </summary>
internal interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract int Width { get; }

    /// <summary>How many vectors of rows, 2 or 4, the registers hold beside their scores for a group of centroids.</summary>
    static abstract int Held { get; }

    static abstract TSelf Load(ref float source, int offset);

    static abstract void Store(TSelf value, Span<float> destination, int offset);

    static abstract void Store(TSelf value, ref float destination, int offset);

    /// <summary>The lowest byte of each lane, one behind the other.</summary>
    static abstract void StoreBytes(TSelf value, ref byte destination, int offset);

    static abstract TSelf Broadcast(float value);

    static abstract TSelf Subtract(TSelf a, TSelf b);

    /// <summary>value * value + sum, rounded once.</summary>
    static abstract TSelf AddSquare(TSelf value, TSelf sum);

    /// <summary>a * b + sum, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf sum);

    /// <summary>The lesser of two numbers; neither is NaN.</summary>
    static abstract TSelf Min(TSelf a, TSelf b);

    /// <summary>The greater of two numbers; neither is NaN.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The highest bit of each lane.</summary>
    static abstract ulong Bits(TSelf value);

    /// <summary>All bits of a lane where a is less than b.</summary>
    static abstract TSelf Less(TSelf a, TSelf b);

    static abstract TSelf Select(TSelf mask, TSelf whereSet, TSelf otherwise);

    static abstract TSelf Root(TSelf value);

    /// <summary>The same, where that is possible by multiplying in place of dividing; of a number below 2^-100 anything below 2^-50.</summary>
    static abstract TSelf RootByMultiplying(TSelf value);

    /// <summary>A number times a factor, cut off to an integer; it must be below 2^31.</summary>
    static abstract TSelf ToFixed(TSelf value, TSelf factor);

    /// <summary>The lower 16 bits of each integer.</summary>
    static abstract TSelf Low(TSelf value);

    /// <summary>Each integer without its lower 16 bits, shifted down.</summary>
    static abstract TSelf High(TSelf value);

    static abstract TSelf And(TSelf a, TSelf b);

    /// <summary>The sum of the integers in each lane.</summary>
    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary>The sum of the integers of all lanes, without signs.</summary>
    static abstract long Sum(TSelf value);

    /// <summary>Adds <see cref="Sum"/> of each of eight vectors to a number each.</summary>
    /// <param name="vectors">The first.</param>
    /// <param name="apart">How far they are apart.</param>
    /// <param name="sums">The first number.</param>
    static abstract void AddSums(ref float vectors, int apart, ref long sums);
}

internal readonly struct Lanes512(Vector512<float> value) : ILanes<Lanes512>
{
    private readonly Vector512<float> _value = value;

    public static int Width => 16;

    public static int Held => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Load(ref float source, int offset) => new(Vector512.LoadUnsafe(ref source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 value, Span<float> destination, int offset) =>
        value._value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes512 value, ref float destination, int offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes512 value, ref byte destination, int offset)
    {
        if (Avx512F.IsSupported)
        {
            Avx512F.ConvertToVector128Byte(value._value.AsUInt32()).StoreUnsafe(ref destination, (nuint)offset);
            return;
        }

        Lanes256.StoreBytes(new(value._value.GetLower()), ref destination, offset);
        Lanes256.StoreBytes(new(value._value.GetUpper()), ref destination, offset + Lanes256.Width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Subtract(Lanes512 a, Lanes512 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 AddSquare(Lanes512 value, Lanes512 sum) =>
        new(Vector512.FusedMultiplyAdd(value._value, value._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 MultiplyAdd(Lanes512 a, Lanes512 b, Lanes512 sum) => new(Vector512.FusedMultiplyAdd(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Min(Lanes512 a, Lanes512 b) => new(Vector512.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Max(Lanes512 a, Lanes512 b) => new(Vector512.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Lanes512 value) => Vector512.ExtractMostSignificantBits(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Less(Lanes512 a, Lanes512 b) => new(Vector512.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Select(Lanes512 mask, Lanes512 whereSet, Lanes512 otherwise) =>
        new(Vector512.ConditionalSelect(mask._value, whereSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Root(Lanes512 value) => new(Vector512.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 RootByMultiplying(Lanes512 value) => new(RootByMultiplying(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 ToFixed(Lanes512 value, Lanes512 factor) => new(Vector512.ConvertToInt32Native(value._value * factor._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Low(Lanes512 value) => new((value._value.AsInt32() & Vector512.Create(0xFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 High(Lanes512 value) => new(Vector512.ShiftRightLogical(value._value.AsInt32(), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 And(Lanes512 a, Lanes512 b) => new((a._value.AsInt32() & b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes512 Add(Lanes512 a, Lanes512 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Lanes512 value)
    {
        var pairs = value._value.AsUInt64();
        return (long)Vector512.Sum((pairs & Vector512.Create((ulong)uint.MaxValue)) + Vector512.ShiftRightLogical(pairs, 32));
    }

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
        static Vector512<ulong> Quarters(ref float vectors, int at, int apart)
        {
            var (one, other) = (Pairs(ref vectors, at), Pairs(ref vectors, at + apart));
            return Avx512F.UnpackLow(one, other) + Avx512F.UnpackHigh(one, other);
        }

        static Vector512<ulong> Pairs(ref float vectors, int at)
        {
            var pairs = Vector512.LoadUnsafe(ref vectors, (nuint)at).AsUInt64();
            return (pairs & Vector512.Create((ulong)uint.MaxValue)) + Vector512.ShiftRightLogical(pairs, 32);
        }
    }

    /// <summary>
    /// The square root, rounded as ever, in half of the time that the processor's own takes at this width (Markstein 1990): the reciprocal
    /// root, known to 14 bits, is refined once, and the root by what its square leaves over. A number below 2^-100 gives one below 2^-50,
    /// no more.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector512<float> RootByMultiplying(Vector512<float> x)
    {
        if (!Avx512F.IsSupported)
            return Vector512.Sqrt(x);
        var reciprocal = Avx512F.ReciprocalSqrt14(Vector512.MaxNative(x, Vector512.Create(1.17549435e-38f)));
        var root = x * reciprocal;
        var half = reciprocal * 0.5f;
        var error = Vector512.FusedMultiplyAdd(-root, half, Vector512.Create(0.5f));
        root = Vector512.FusedMultiplyAdd(root, error, root);
        half = Vector512.FusedMultiplyAdd(half, error, half);
        return Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(-root, root, x), half, root);
    }
}

internal readonly struct Lanes256(Vector256<float> value) : ILanes<Lanes256>
{
    private readonly Vector256<float> _value = value;

    public static int Width => 8;

    public static int Held => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Load(ref float source, int offset) => new(Vector256.LoadUnsafe(ref source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, Span<float> destination, int offset) =>
        value._value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes256 value, ref float destination, int offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes256 value, ref byte destination, int offset)
    {
        var halves = Vector128.Narrow(value._value.GetLower().AsUInt32(), value._value.GetUpper().AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(halves, halves).AsUInt64().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Subtract(Lanes256 a, Lanes256 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 AddSquare(Lanes256 value, Lanes256 sum) =>
        new(Vector256.FusedMultiplyAdd(value._value, value._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 MultiplyAdd(Lanes256 a, Lanes256 b, Lanes256 sum) => new(Vector256.FusedMultiplyAdd(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Min(Lanes256 a, Lanes256 b) => new(Vector256.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Max(Lanes256 a, Lanes256 b) => new(Vector256.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Lanes256 value) => Vector256.ExtractMostSignificantBits(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Less(Lanes256 a, Lanes256 b) => new(Vector256.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Select(Lanes256 mask, Lanes256 whereSet, Lanes256 otherwise) =>
        new(Vector256.ConditionalSelect(mask._value, whereSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Root(Lanes256 value) => new(Vector256.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 RootByMultiplying(Lanes256 value) => Root(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 ToFixed(Lanes256 value, Lanes256 factor) => new(Vector256.ConvertToInt32Native(value._value * factor._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Low(Lanes256 value) => new((value._value.AsInt32() & Vector256.Create(0xFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 High(Lanes256 value) => new(Vector256.ShiftRightLogical(value._value.AsInt32(), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 And(Lanes256 a, Lanes256 b) => new((a._value.AsInt32() & b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes256 Add(Lanes256 a, Lanes256 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Lanes256 value)
    {
        var pairs = value._value.AsUInt64();
        return (long)Vector256.Sum((pairs & Vector256.Create((ulong)uint.MaxValue)) + Vector256.ShiftRightLogical(pairs, 32));
    }

    public static void AddSums(ref float vectors, int apart, ref long sums)
    {
        for (var i = 0; i < 8; i++)
            Unsafe.Add(ref sums, i) += Sum(Load(ref vectors, i * apart));
    }
}

internal readonly struct Lanes128(Vector128<float> value) : ILanes<Lanes128>
{
    private readonly Vector128<float> _value = value;

    public static int Width => 4;

    public static int Held => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Load(ref float source, int offset) => new(Vector128.LoadUnsafe(ref source, (nuint)offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, Span<float> destination, int offset) =>
        value._value.StoreUnsafe(ref MemoryMarshal.GetReference(destination), (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Lanes128 value, ref float destination, int offset) => value._value.StoreUnsafe(ref destination, (nuint)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreBytes(Lanes128 value, ref byte destination, int offset)
    {
        var halves = Vector128.Narrow(value._value.AsUInt32(), value._value.AsUInt32());
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref destination, offset), Vector128.Narrow(halves, halves).AsUInt32().ToScalar());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Broadcast(float value) => new(Vector128.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Subtract(Lanes128 a, Lanes128 b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 AddSquare(Lanes128 value, Lanes128 sum) =>
        new(Vector128.FusedMultiplyAdd(value._value, value._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 MultiplyAdd(Lanes128 a, Lanes128 b, Lanes128 sum) => new(Vector128.FusedMultiplyAdd(a._value, b._value, sum._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Min(Lanes128 a, Lanes128 b) => new(Vector128.MinNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Max(Lanes128 a, Lanes128 b) => new(Vector128.MaxNative(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(Lanes128 value) => Vector128.ExtractMostSignificantBits(value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Less(Lanes128 a, Lanes128 b) => new(Vector128.LessThan(a._value, b._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Select(Lanes128 mask, Lanes128 whereSet, Lanes128 otherwise) =>
        new(Vector128.ConditionalSelect(mask._value, whereSet._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Root(Lanes128 value) => new(Vector128.Sqrt(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 RootByMultiplying(Lanes128 value) => Root(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 ToFixed(Lanes128 value, Lanes128 factor) => new(Vector128.ConvertToInt32Native(value._value * factor._value).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Low(Lanes128 value) => new((value._value.AsInt32() & Vector128.Create(0xFFFF)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 High(Lanes128 value) => new(Vector128.ShiftRightLogical(value._value.AsInt32(), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 And(Lanes128 a, Lanes128 b) => new((a._value.AsInt32() & b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Lanes128 Add(Lanes128 a, Lanes128 b) => new((a._value.AsInt32() + b._value.AsInt32()).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Sum(Lanes128 value)
    {
        var pairs = value._value.AsUInt64();
        return (long)Vector128.Sum((pairs & Vector128.Create((ulong)uint.MaxValue)) + Vector128.ShiftRightLogical(pairs, 32));
    }

    public static void AddSums(ref float vectors, int apart, ref long sums)
    {
        for (var i = 0; i < 8; i++)
            Unsafe.Add(ref sums, i) += Sum(Load(ref vectors, i * apart));
    }
}
