using System.Numerics;
using System.Runtime.InteropServices;
using Auie.Core.Clustering.Kernels;

namespace Auie.Core.Clustering;

public sealed partial class ShardRows
{
    // So many floats of rows are labelled and grouped at a time: they stay in the nearest caches while all points pass.
    private const int GroupedLength = 1 << 17;

    /// <summary>
    /// The sums of the distances of some points to the rows of each cluster of some fits, as integers of 30 bits under
    /// 2^<see cref="Scale.DistanceExponent"/>: exact sums, to which other shards' add. It takes (points x rows) distances, whatever the
    /// number of fits.
    /// </summary>
    /// <param name="points">Standardised rows, one after the other.</param>
    /// <param name="fits">Centroids, row by row, of each fit; a row belongs to the nearest.</param>
    /// <returns>For each cluster, fit after fit, the sums of all points.</returns>
    public long[] DistanceSums(float[] points, double[][] fits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(fits);
        if (points.Length % Columns != 0)
            throw new ArgumentException($"{points.Length} values are not points of {Columns} columns.", nameof(points));
        var clusters = Array.ConvertAll(fits, Clusters);
        var centroids = Array.ConvertAll(fits, fit => new CentroidGroups(Array.ConvertAll(fit, c => (float)c), Columns));
        var (count, length) = (points.Length / Columns, Tiles.Rows * Columns);
        var factor = Silhouette.Factor(Scale.DistanceExponent);
        var pointTiles = Tiles.FromRows(Array.ConvertAll(points, x => x * factor), Columns);
        var stride = Tiles.Count(count) * Tiles.Rows;
        var sums = new long[clusters.Sum() * stride];

        using var tiles = Standardised();
        var run = Math.Max(1, GroupedLength / length);
        var labellings = Array.ConvertAll(fits, _ => new byte[run * Tiles.Rows]);
        var buffer = new float[run * length];
        long[] ofGroups = [];
        for (var first = 0; first < tiles.Norms.Length; first += run)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = Grouped(tiles, first, Math.Min(run, tiles.Norms.Length - first), centroids, factor, labellings, buffer);
            if (ofGroups.Length < rows.Labels.Length * Tiles.Rows)
                ofGroups = new long[rows.Labels.Length * Tiles.Rows];
            for (var point = 0; point < stride; point += Tiles.Rows)
            {
                Array.Clear(ofGroups);
                DistanceSumKernel.Sum(pointTiles.AsSpan(point * Columns, length), Columns, rows.Values.Span, rows.Starts, ofGroups);
                AddByCluster(ofGroups, rows.Labels, clusters, sums, stride, point);
            }
        }

        return stride == count ? sums : [.. sums.Where((_, i) => i % stride < count)];
    }

    private GroupedRows Grouped(TileMemory.Lease tiles, int first, int count, CentroidGroups[] fits, float factor, byte[][] labellings, float[] buffer)
    {
        var length = Tiles.Rows * Columns;
        var values = tiles.Values.Slice(first * length, count * length);
        for (var fit = 0; fit < fits.Length; fit++)
            _kernel.Label(values, tiles.Norms.Slice(first, count), fits[fit], labellings[fit].AsSpan(0, count * Tiles.Rows));
        return GroupedRows.Of(values, Columns, Math.Min(count * Tiles.Rows, Count - (first * Tiles.Rows)), labellings, factor, buffer);
    }

    /// <summary>Adds a tile's sums to groups to those of the clusters that the groups are in.</summary>
    private static void AddByCluster(ReadOnlySpan<long> ofGroups, int[][] labels, int[] clusters, long[] sums, int stride, int point)
    {
        for (var g = 0; g < labels.Length; g++)
        {
            var from = MemoryMarshal.Cast<long, Vector<long>>(ofGroups.Slice(g * Tiles.Rows, Tiles.Rows));
            var first = 0;
            for (var fit = 0; fit < clusters.Length; first += clusters[fit++])
            {
                var to = MemoryMarshal.Cast<long, Vector<long>>(sums.AsSpan(((first + labels[g][fit]) * stride) + point, Tiles.Rows));
                for (var i = 0; i < from.Length; i++)
                    to[i] += from[i];
            }
        }
    }
}
