namespace Auie.Core.Clustering;

/// <summary>
/// The rows of a job, spread over shards. Each method asks every shard for its partial result (<see cref="ShardRows"/> computes it) and
/// reduces them; none depends on how many shards there are or where a row is. After a shard was rebuilt it must be standardised again by
/// the scale given last. Centroids are row by row, in standardised units.
/// </summary>
public interface IFeatureShards
{
    /// <summary><see cref="ShardRows.Extremes"/>, by <see cref="ColumnExtremes.Reduce"/>.</summary>
    Task<ColumnExtremes> ExtremesAsync(CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Sums"/>, by <see cref="ExactSums.Reduce"/>.</summary>
    Task<ExactSums> SumsAsync(int[] exponents, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Digits"/>, by <see cref="DigitCounts.Reduce"/>.</summary>
    Task<DigitCounts> DigitsAsync(DigitQuery query, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Moments"/>, by <see cref="ExactSums.Reduce"/>.</summary>
    Task<ExactSums> MomentsAsync(double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Standardise"/>, by <see cref="ExactSums.Reduce"/>.</summary>
    Task<ExactSums> StandardiseAsync(Scale scale, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Sample"/>, by <see cref="RowSet.SmallestHash"/>.</summary>
    Task<RowSet> SampleAsync(ulong seed, int count, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.SeedCost"/>, by <see cref="ExactSums.Reduce"/>.</summary>
    Task<ExactSums> SeedCostAsync(float[] candidates, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.SeedSample"/>, by <see cref="RowSet.Union"/>.</summary>
    Task<RowSet> SeedSampleAsync(float[] candidates, SeedDraw draw, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.SeedWeights"/>, added up.</summary>
    Task<long[]> SeedWeightsAsync(float[] candidates, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Step"/>, by <see cref="StepSums.Reduce"/>.</summary>
    Task<StepSums> StepAsync(double[] centroids, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Farthest"/>, by <see cref="RowSet.Farthest"/>.</summary>
    Task<RowSet> FarthestAsync(double[] centroids, int count, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.DistanceSums"/>, added up.</summary>
    Task<long[]> DistanceSumsAsync(float[] points, double[][] fits, CancellationToken cancellationToken);

    /// <summary><see cref="ShardRows.Summarise"/>, by <see cref="ClusterSums.Reduce"/>.</summary>
    Task<ClusterSums> SummariseAsync(double[] centroids, int[] exponents, CancellationToken cancellationToken);
}
