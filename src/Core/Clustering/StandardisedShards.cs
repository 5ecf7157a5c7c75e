namespace Auie.Core.Clustering;

/// <summary>Shards whose rows are standardised, with the scale and the columns' sums of squares: what a fit starts from.</summary>
public sealed record StandardisedShards(IFeatureShards Shards, Scale Scale, ExactSums Squares)
{
    /// <summary>Computes the scale and standardises.</summary>
    /// <exception cref="ArgumentException">As <see cref="Scaling.ComputeAsync"/>.</exception>
    public static async Task<StandardisedShards> PrepareAsync(
        IFeatureShards shards, ScaleOptions options, CancellationToken cancellationToken) =>
        await WithScaleAsync(shards, await Scaling.ComputeAsync(shards, options, cancellationToken), cancellationToken);

    /// <summary>Standardises by a scale that was computed from the same rows.</summary>
    public static async Task<StandardisedShards> WithScaleAsync(IFeatureShards shards, Scale scale, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        return new StandardisedShards(shards, scale, await shards.StandardiseAsync(scale, cancellationToken));
    }

    /// <summary>The clusters' sizes and their means in the columns' own units, exact, missing values filled.</summary>
    public async Task<ClusterSummary> SummariseAsync(double[] centroids, CancellationToken cancellationToken)
    {
        var exponents = (await Shards.ExtremesAsync(cancellationToken)).Exponents();
        return (await Shards.SummariseAsync(centroids, exponents, cancellationToken)).Summary(exponents);
    }
}
