using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>Rows from here and there, put together to tiles of their own to be labelled.</summary>
internal sealed class GatheredRows(IAssignmentKernel kernel, CentroidGroups centroids, LabelledSums sums, HamerlyBounds bounds)
{
    private readonly float[] _tile = new float[Tiles.Rows * centroids.Columns];
    private readonly int[] _rows = new int[Tiles.Rows];
    private readonly byte[] _labels = new byte[Tiles.Rows];
    private readonly float[] _upper = new float[Tiles.Rows];
    private readonly float[] _lower = new float[Tiles.Rows];
    private int _count;
    private float _norm;

    /// <summary>Takes some rows of a tile, and labels them when there are enough.</summary>
    /// <param name="tileIndex">Which tile.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="norm">No less than the squared norm of any of its rows.</param>
    /// <param name="chosen">A bit for each row.</param>
    public void Add(int tileIndex, ReadOnlySpan<float> tile, float norm, ulong chosen)
    {
        for (; chosen != 0; chosen &= chosen - 1)
        {
            var lane = BitOperations.TrailingZeroCount(chosen);
            ref var from = ref Unsafe.Add(ref MemoryMarshal.GetReference(tile), lane);
            ref var to = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_tile), _count);
            for (var at = 0; at < tile.Length; at += Tiles.Rows)
                Unsafe.Add(ref to, at) = Unsafe.Add(ref from, at);
            _rows[_count++] = (tileIndex * Tiles.Rows) + lane;
            _norm = Math.Max(_norm, norm);
            if (_count == Tiles.Rows)
                Label();
        }
    }

    /// <summary>Labels the rows that are left.</summary>
    public void Label()
    {
        // Beyond the rows are some of before: their norms count as little as their labels.
        kernel.Label(_tile, new ReadOnlySpan<float>(in _norm), centroids, _labels, new LabelBounds(_upper, _lower));
        for (var i = 0; i < _count; i++)
        {
            sums.Relabel(_rows[i], _tile, i, _labels[i]);
            bounds.Set(_rows[i], _upper[i], _lower[i]);
        }

        (_count, _norm) = (0, 0);
    }
}
