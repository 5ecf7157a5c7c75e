namespace Auie.Core.Clustering;

/// <summary>
/// One round's draw of k-means||: each row is taken with probability Oversampling x its squared distance to the nearest candidate / Cost,
/// decided by the hash of (Seed, row id, Round).
/// </summary>
public sealed record SeedDraw(ulong Seed, int Round, double Oversampling, double Cost)
{
    /// <summary>The hashes that decide.</summary>
    internal RowHashes Hashes => new(Seed, Round);

    /// <summary>Whether a row with this hash, at this squared distance, is taken.</summary>
    internal bool Takes(ulong hash, float squaredDistance) => StableHash.ToUnit(hash) * Cost < Oversampling * squaredDistance;
}
