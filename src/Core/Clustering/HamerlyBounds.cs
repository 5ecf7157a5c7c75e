using System.Numerics;
using System.Runtime.Intrinsics;
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

    // By label: how far the own centroid has moved, and the farthest of the others.
    private readonly float[] _own = new float[byte.MaxValue + 1];
    private readonly float[] _others = new float[byte.MaxValue + 1];
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
        var share = 1.0;
        if (began)
        {
            Measure(_centroids, centroids, columns);
            share = Fail(labels, columns);
        }

        _centroids = centroids;
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

    /// <summary>The first tile, from this one on, that has such rows; the number of tiles where none has.</summary>
    public int NextFailed(int tile) => _failed.AsSpan(tile).IndexOfAnyExcept(0UL) is >= 0 and var ahead ? tile + ahead : _failed.Length;

    /// <summary>Where the bounds of some tiles' rows go; nowhere for those that need none.</summary>
    public LabelBounds Of(int tile, int count) => _all || tile % SampleEvery == 0
        ? new LabelBounds(_upper, _lower).Slice(tile * Tiles.Rows, count * Tiles.Rows)
        : default;

    /// <summary>Takes down the bounds of one row.</summary>
    public void Set(int row, float upper, float lower) => (_upper[row], _lower[row]) = (upper, lower);

    /// <summary>How many tiles from this one on have the same need of bounds.</summary>
    public int Run(int tile, int most) => _all ? most : Math.Min(most, tile % SampleEvery == 0 ? 1 : SampleEvery - (tile % SampleEvery));

    /// <summary>How far each centroid is from where it was, and the farthest of the others.</summary>
    private void Measure(float[] from, float[] to, int columns)
    {
        var clusters = from.Length / columns;
        for (var k = 0; k < clusters; k++)
        {
            var squared = 0.0;
            for (var at = k * columns; at < (k + 1) * columns; at++)
                squared += ((double)to[at] - from[at]) * ((double)to[at] - from[at]);
            _own[k] = squared == 0 ? 0 : MathF.BitIncrement((float)Math.Sqrt(squared));
        }

        var farthest = _own.AsSpan(0, clusters).IndexOf(_own.Max());
        var next = 0f;
        for (var k = 0; k < clusters; k++)
            next = k == farthest ? next : Math.Max(next, _own[k]);
        _others.AsSpan().Fill(_own[farthest]);
        _others[farthest] = next;
    }

    /// <summary>Moves the bounds and gives the share of rows whose bounds no longer tell their label.</summary>
    private double Fail(ReadOnlySpan<byte> labels, int columns)
    {
        // Two squared distances in the direct form are in their order when they are farther apart than it rounds.
        var apart = Vector128.Create(1 + (4 * (columns + 3) / (float)(1 << 24)));
        var (up, down, least) = (Vector128.Create(Up), Vector128.Create(Down), Vector128.Create(Least));
        var (failed, looked) = (0L, 0L);
        Span<float> own = stackalloc float[Tiles.Rows];
        Span<float> others = stackalloc float[Tiles.Rows];
        for (var tile = 0; tile < _failed.Length; tile += _all ? 1 : SampleEvery)
        {
            var start = tile * Tiles.Rows;
            var tileLabels = labels.Slice(start, Tiles.Rows);
            for (var r = 0; r < Tiles.Rows; r++)
            {
                own[r] = _own[tileLabels[r]];
                others[r] = _others[tileLabels[r]];
            }

            var told = 0UL;
            for (var r = 0; r < Tiles.Rows; r += Vector128<float>.Count)
            {
                var upper = (Vector128.Create(_upper.AsSpan(start + r)) + Vector128.Create<float>(own[r..])) * up;
                var lower = (Vector128.Create(_lower.AsSpan(start + r)) - Vector128.Create<float>(others[r..])) * down;
                upper.CopyTo(_upper, start + r);
                lower.CopyTo(_lower, start + r);
                told |= (ulong)Vector128.LessThan((upper * apart) + least, lower).ExtractMostSignificantBits() << r;
            }

            var rows = Math.Min(Tiles.Rows, _rows - start);
            _failed[tile] = ~told & (ulong.MaxValue >> (Tiles.Rows - rows));
            failed += BitOperations.PopCount(_failed[tile]);
            looked += rows;
        }

        return looked == 0 ? 1 : (double)failed / looked;
    }
}
