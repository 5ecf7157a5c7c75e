namespace Auie.Core.Clustering;

/// <summary>
/// One round's draw of k-means||: each row is taken with probability Oversampling x its squared distance to the nearest candidate / Cost,
/// decided by the hash of (Seed, row id, Round).
/// </summary>
public sealed record SeedDraw(ulong Seed, int Round, double Oversampling, double Cost)
{
    /// <summary>Whether a row at this squared distance is taken.</summary>
    public bool Takes(ulong rowId, float squaredDistance) =>
        StableHash.ToUnit(StableHash.OfRow(Seed, rowId, Round)) * Cost < Oversampling * squaredDistance;
}
