using System.Numerics;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

/// <summary>
/// Bounds of rows' distances (Hamerly, SDM 2010): as long as a row's own centroid, by all that it has moved, is nearer than any other can
/// have come, the row keeps its label and is not looked at. The bounds hold for the distances as the direct form rounds them, so that
/// labels are the same bits with and without.
/// </summary>
/// <remarks>
/// Bounds pay late, when centroids hardly move. Before, every <see cref="SampleEvery"/>th tile has them only to foresee the share of rows
/// that would have to be looked at all the same; when it falls below <see cref="BeginBelow"/> all rows get them. When more than
/// <see cref="EndAbove"/> of the rows fail, they are given up again.
/// </remarks>
internal sealed class HamerlyBounds
{
    private const int SampleEvery = 16;
    private const double BeginBelow = 0.35;
    private const double EndAbove = 0.5;

    // With fewer columns times centroids a row is sooner compared with all centroids than its bounds are kept.
    private const int LeastWork = 256;

    // Each sum below is rounded once.
    private const float Up = 1 + (4f / (1 << 24));
    private const float Down = 1 - (4f / (1 << 24));

    // More than all that underflow can take away.
    private static readonly float Least = MathF.ScaleB(1, -50);

    private readonly float[] _upper;
    private readonly float[] _lower;
    private readonly ulong[] _failed;
    private readonly int _rows;
    private float[] _centroids = [];
    private bool _all;

    private HamerlyBounds(int rows)
    {
        var tiles = Tiles.Count(rows);
        (_upper, _lower, _failed) = (new float[tiles * Tiles.Rows], new float[tiles * Tiles.Rows], new ulong[tiles]);
        _rows = rows;
    }

    /// <summary>How many rows had to be labelled when the centroids moved last.</summary>
    public int Looked { get; private set; }

    /// <summary>Bounds for some rows; null where they would not pay at any time.</summary>
    public static HamerlyBounds? For(int rows, int clusters, int columns) =>
        clusters > 1 && clusters * columns > LeastWork ? new HamerlyBounds(rows) : null;

    /// <summary>
    /// Follows the centroids to where they are now. True: only rows that <see cref="Failed"/> names have to be labelled; false: all, and
    /// <see cref="Of"/> takes down bounds of what is labelled.
    /// </summary>
    public bool MoveTo(float[] centroids, int columns, ReadOnlySpan<byte> labels)
    {
        var began = _centroids.Length == centroids.Length;
        var (moved, farthest, next) = began ? Moved(_centroids, centroids, columns) : ([], 0, 0);
        _centroids = centroids;
        var share = began ? Fail(moved, farthest, next, labels, columns) : 1;
        if (_all && share <= EndAbove)
        {
            Looked = (int)Math.Round(share * _rows);
            return true;
        }

        (_all, Looked) = (share < BeginBelow, _rows);
        return false;
    }

    /// <summary>For each row of a tile whether its label may have changed.</summary>
    public ulong Failed(int tile) => _failed[tile];

    /// <summary>Where the bounds of some tiles' rows go; nowhere for those that need none.</summary>
    public LabelBounds Of(int tile, int count) => _all || tile % SampleEvery == 0
        ? new LabelBounds(_upper, _lower).Slice(tile * Tiles.Rows, count * Tiles.Rows)
        : default;

    /// <summary>Takes down the bounds of one row.</summary>
    public void Set(int row, float upper, float lower) => (_upper[row], _lower[row]) = (upper, lower);

    /// <summary>How many tiles from this one on have the same need of bounds.</summary>
    public int Run(int tile, int most) => _all ? most : Math.Min(most, tile % SampleEvery == 0 ? 1 : SampleEvery - (tile % SampleEvery));

    /// <summary>How far each centroid is from where it was, no less; the farthest of these, and the farthest of the others.</summary>
    private static (float[] Each, int Farthest, int Next) Moved(float[] from, float[] to, int columns)
    {
        var moved = new float[from.Length / columns];
        for (var k = 0; k < moved.Length; k++)
        {
            var squared = 0.0;
            for (var at = k * columns; at < (k + 1) * columns; at++)
                squared += ((double)to[at] - from[at]) * ((double)to[at] - from[at]);
            moved[k] = squared == 0 ? 0 : MathF.BitIncrement((float)Math.Sqrt(squared));
        }

        var farthest = Array.IndexOf(moved, moved.Max());
        var next = farthest == 0 ? 1 : 0;
        for (var k = 0; k < moved.Length; k++)
            next = k != farthest && moved[k] > moved[next] ? k : next;
        return (moved, farthest, next);
    }

    /// <summary>Moves the bounds and gives the share of rows whose bounds no longer tell their label.</summary>
    private double Fail(float[] moved, int farthest, int next, ReadOnlySpan<byte> labels, int columns)
    {
        // Two squared distances in the direct form are in their order when they are farther apart than it rounds.
        var apart = 1 + (4 * (columns + 3) / (float)(1 << 24));
        var (failed, looked) = (0L, 0L);
        Span<float> own = stackalloc float[Tiles.Rows], others = stackalloc float[Tiles.Rows];
        for (var tile = 0; tile < _failed.Length; tile += _all ? 1 : SampleEvery)
        {
            var start = tile * Tiles.Rows;
            var rows = Math.Min(Tiles.Rows, _rows - start);
            var upper = _upper.AsSpan(start, rows);
            var lower = _lower.AsSpan(start, rows);
            for (var r = 0; r < rows; r++)
            {
                var label = labels[start + r];
                own[r] = moved[label];
                others[r] = moved[label == farthest ? next : farthest];
            }

            var mask = 0UL;
            for (var r = 0; r < rows; r++)
            {
                upper[r] = (upper[r] + own[r]) * Up;
                lower[r] = (lower[r] - others[r]) * Down;
                mask |= (upper[r] * apart) + Least < lower[r] ? 0UL : 1UL << r;
            }

            _failed[tile] = mask;
            failed += BitOperations.PopCount(mask);
            looked += rows;
        }

        return looked == 0 ? 1 : (double)failed / looked;
    }
}
