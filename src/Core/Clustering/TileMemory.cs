using System.Runtime.InteropServices;

namespace Auie.Core.Clustering;

/// <summary>
/// A shard's tiles in one block of memory outside of the garbage collector's heap, on a boundary of 64 bytes, so that no vector straddles
/// two cache lines, and for each tile the largest squared norm of its rows. The block is freed when it is disposed of and nobody is at work
/// in it any more, or is forgotten.
/// </summary>
internal sealed unsafe partial class TileMemory : SafeHandle
{
    private const int Alignment = 64;
    private const int LargePage = 2 << 20;
    private readonly int _length;
    private readonly float[] _norms;
    private nint _mapped;

    /// <summary>Tiles of zeros.</summary>
    /// <exception cref="InvalidOperationException">The system has no such block.</exception>
    public TileMemory(int rows, int columns)
        : base(0, ownsHandle: true)
    {
        _length = Tiles.Length(rows, columns);
        _norms = new float[Tiles.Count(rows)];
        if (_length == 0)
            return;
        if (IsMapped)
        {
            SetHandle(Map());
        }
        else
        {
            SetHandle((nint)NativeMemory.AlignedAlloc(Bytes, Alignment));
            new Span<float>((void*)handle, _length).Clear();
        }

        GC.AddMemoryPressure((long)Bytes);
    }

    public override bool IsInvalid => handle == 0 && _length > 0;

    private nuint Bytes => (nuint)_length * sizeof(float);

    /// <summary>The tiles, which stay until the lease ends.</summary>
    /// <exception cref="ObjectDisposedException">They were disposed of.</exception>
    public Lease Use() => new(this);

    // Large blocks are mapped by themselves, so that they are the system's again as soon as they are freed.
    private bool IsMapped => OperatingSystem.IsLinux() && Bytes >= LargePage;

    /// <summary>
    /// A block on the boundary of a large page: where a page of the usual size holds little more than a tile, finding pages takes as long as
    /// reading them. That is advice only: without, everything is as before.
    /// </summary>
    private nint Map()
    {
        const int ReadAndWrite = 3, PrivateAnonymous = 0x22, LargePages = 14;
        _mapped = Map(0, Bytes + LargePage, ReadAndWrite, PrivateAnonymous, -1, 0);
        if (_mapped == -1)
            throw new InvalidOperationException($"There are no {Bytes} bytes for rows.");
        var aligned = (_mapped + LargePage - 1) / LargePage * LargePage;
        _ = Advise(aligned, Bytes / LargePage * LargePage, LargePages);
        return aligned;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    protected override bool ReleaseHandle()
    {
        if (_length == 0)
            return true;
        if (IsMapped)
            _ = Unmap(_mapped, Bytes + LargePage);
        else
            NativeMemory.AlignedFree((void*)handle);
        GC.RemoveMemoryPressure((long)Bytes);
        return true;
    }

    /// <summary>The tiles while somebody is at work in them.</summary>
    public readonly ref struct Lease
    {
        private readonly TileMemory _memory;

        public Lease(TileMemory memory)
        {
            _memory = memory;
            var added = false;
            memory.DangerousAddRef(ref added);
            Values = new Span<float>((void*)memory.handle, memory._length);
        }

        /// <summary>The tiles (<see cref="Tiles"/>).</summary>
        public Span<float> Values { get; }

        /// <summary>For each tile no less than the squared norm of any of its rows.</summary>
        public Span<float> Norms => _memory._norms;

        /// <summary>Computes <see cref="Norms"/> from the tiles.</summary>
        public void SetNorms(int columns)
        {
            Span<double> norms = stackalloc double[Tiles.Rows];
            for (var t = 0; t < Norms.Length; t++)
            {
                norms.Clear();
                var tile = Values.Slice(t * Tiles.Rows * columns, Tiles.Rows * columns);
                for (var at = 0; at < tile.Length; at++)
                    norms[at % Tiles.Rows] += (double)tile[at] * tile[at];
                var largest = 0.0;
                foreach (var norm in norms)
                    largest = Math.Max(largest, norm);
                Norms[t] = MathF.BitIncrement((float)largest);
            }
        }

        public void Dispose() => _memory.DangerousRelease();
    }
}
