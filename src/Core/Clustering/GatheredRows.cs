using System.Numerics;
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
        Span<int> lanes = stackalloc int[Tiles.Rows];
        while (chosen != 0)
        {
            var taken = 0;
            for (; chosen != 0 && _count + taken < Tiles.Rows; chosen &= chosen - 1)
            {
                lanes[taken] = BitOperations.TrailingZeroCount(chosen);
                _rows[_count + taken] = (tileIndex * Tiles.Rows) + lanes[taken];
                taken++;
            }

            for (var c = 0; c < centroids.Columns; c++)
            {
                var from = tile.Slice(c * Tiles.Rows, Tiles.Rows);
                var to = _tile.AsSpan((c * Tiles.Rows) + _count, taken);
                for (var i = 0; i < to.Length; i++)
                    to[i] = from[lanes[i]];
            }

            _count += taken;
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
