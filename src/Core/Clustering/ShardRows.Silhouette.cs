namespace Auie.Core.Clustering;

public sealed partial class ShardRows
{
    /// <summary>The standardised rows, labelled by the nearest of these centroids and sorted by label.</summary>
    public SilhouetteBlock Block(double[] centroids)
    {
        var labels = Assigned(centroids).Labels.AsSpan(0, Count);
        var values = new float[Count * Columns];
        for (var r = 0; r < Count; r++)
            Tiles.CopyRow(_tiles, r, values.AsSpan(r * Columns, Columns));
        return SilhouetteBlock.Of(values, Columns, labels, Clusters(centroids));
    }
}
