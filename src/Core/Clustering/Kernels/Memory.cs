using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering.Kernels;

/// <summary>Asks for memory before it is needed, where the processor can be told.</summary>
internal static unsafe class Memory
{
    /// <summary>Floats in a cache line.</summary>
    public const int LineLength = LineBytes / sizeof(float);

    /// <summary>Bytes of a cache line.</summary>
    public const int LineBytes = 64;

    /// <summary>So many of some values that never move, from where a cache line begins.</summary>
    public static Span<T> Aligned<T>(Span<T> values, int length)
        where T : unmanaged
    {
        var line = LineLength * sizeof(float) / sizeof(T);
        var past = (int)((nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(values)) / (nuint)sizeof(T) % (nuint)line);
        return values.Slice((line - past) % line, length);
    }

    /// <summary>Some values from where a cache line begins.</summary>
    public static Memory<T> Aligned<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var copy = Aligned<T>(values.Length);
        values.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Zeros from where a cache line begins.</summary>
    public static Memory<T> Aligned<T>(int length)
        where T : unmanaged
    {
        var values = GC.AllocateArray<T>(length + (LineLength * sizeof(float) / sizeof(T)), pinned: true);
        var from = (int)(Unsafe.ByteOffset(ref values[0], ref MemoryMarshal.GetReference(Aligned(values.AsSpan(), length))) / sizeof(T));
        return values.AsMemory(from, length);
    }

    /// <summary>Where a value is, or was, if it moved since: to ask for memory that is nobody's does no harm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint Address(ref float value) => (nint)Unsafe.AsPointer(ref value);

    /// <summary>A line into the second cache, which waits for many more lines at a time than the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(nint address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch1((void*)address);
    }

    /// <summary>A line into the first cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PrefetchNear(nint address)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0((void*)address);
    }

    /// <summary>Some rows of a tile.</summary>
    public static void Prefetch(ReadOnlySpan<float> tile, ulong rows)
    {
        if (!Sse.IsSupported || rows == 0)
            return;
        for (var first = 0; first < Tiles.Rows; first += LineLength, rows >>= LineLength)
        {
            if ((rows & ((1 << LineLength) - 1)) == 0)
                continue;
            for (var at = first; at < tile.Length; at += Tiles.Rows)
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), at)));
        }
    }
}
