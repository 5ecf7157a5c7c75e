using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Clustering.Kernels;

/// <summary>Asks for memory before it is needed, where the processor can be told.</summary>
internal static unsafe class Memory
{
    private const int Line = 64 / sizeof(float);

    /// <summary>All of some values.</summary>
    public static void Prefetch(ReadOnlySpan<float> values)
    {
        if (!Sse.IsSupported)
            return;
        for (var at = 0; at < values.Length; at += Line)
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(values), at)));
    }

    /// <summary>Some rows of a tile.</summary>
    public static void Prefetch(ReadOnlySpan<float> tile, ulong rows)
    {
        if (!Sse.IsSupported || rows == 0)
            return;
        for (var first = 0; first < Tiles.Rows; first += Line, rows >>= Line)
        {
            if ((rows & ((1 << Line) - 1)) == 0)
                continue;
            for (var at = first; at < tile.Length; at += Tiles.Rows)
                Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), at)));
        }
    }
}
