namespace Auie.Core.Clustering;

/// <summary>
/// The silhouette of all rows as estimated from some of them: rows drawn without replacement, by the hash of (seed, row id), are compared
/// with *all* rows, so that each has its own silhouette exactly, and only the mean over them is an estimate, unbiased and of bounded values,
/// with the error of <see cref="SilhouetteScore.OfSample"/>. Every shard compares the drawn rows with its own; no row but these moves.
/// </summary>
public static class SampledSilhouette
{
    // How many clusters' sums one pass brings from every shard, and how many points, so that an answer stays below some 4 MB.
    private const int MaxClusters = 512;
    private const int MaxSums = 1 << 19;

    /// <summary>The silhouettes of as many of the first fits as suit one pass, which is one at least.</summary>
    /// <param name="shards">All rows, standardised.</param>
    /// <param name="sample">The rows drawn, at least one.</param>
    /// <param name="fits">Fits of these rows.</param>
    /// <param name="confidence">That of the stated errors, more than 0 and at most 0.999999.</param>
    /// <param name="onProgress">Called with how many fits' worth of the pass is done; what it throws ends the pass.</param>
    public static async Task<SilhouetteScore[]> OfFirstAsync(
        IFeatureShards shards,
        RowSet sample,
        IReadOnlyList<KMeansFit> fits,
        double confidence,
        Func<double, ValueTask>? onProgress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(fits);
        ArgumentOutOfRangeException.ThrowIfZero(sample.Count);
        ArgumentOutOfRangeException.ThrowIfZero(fits.Count);
        var (taken, clusters) = (1, fits[0].K);
        while (taken < fits.Count && clusters + fits[taken].K <= MaxClusters)
            clusters += fits[taken++].K;
        double[][] centroids = [.. fits.Take(taken).Select(fit => fit.Centroids)];
        var moments = new Moments[taken];

        var columns = sample.Values.Length / sample.Count;
        var most = Math.Clamp(MaxSums / clusters / Tiles.Rows * Tiles.Rows, Tiles.Rows, 4096);
        for (var from = 0; from < sample.Count; from += most)
        {
            var to = Math.Min(sample.Count, from + most);
            var sums = await shards.DistanceSumsAsync(sample.Values[(from * columns)..(to * columns)], centroids, cancellationToken);
            var first = 0;
            for (var fit = 0; fit < taken; first += fits[fit++].K)
            {
                for (var r = from; r < to; r++)
                    moments[fit].Add(LabelGroups.OfRow(sums.AsSpan((first * (to - from)) + r - from), to - from, fits[fit].Sizes, fits[fit].Label(sample.Row(r), out _)));
            }

            if (onProgress is not null)
                await onProgress((double)taken * to / sample.Count);
        }

        return [.. moments.Select((of, fit) => of.Score(sample.Count, fits[fit].Sizes.Sum(), confidence))];
    }

    /// <summary>Exact sums of silhouettes and of their squares, so that no order of rows shows.</summary>
    private struct Moments
    {
        private static readonly double One = FixedPoint.Factor(0);

        private Int128 _sum;
        private Int128 _squares;

        public void Add(double silhouette)
        {
            _sum += FixedPoint.ToFixed(silhouette, One);
            _squares += FixedPoint.ToFixed(silhouette * silhouette, One);
        }

        public readonly SilhouetteScore Score(int count, long rows, double confidence)
        {
            var mean = FixedPoint.ToDouble(_sum, 0, count);
            return SilhouetteScore.OfSample(mean, Math.Max(0, FixedPoint.ToDouble(_squares, 0, count) - (mean * mean)), count, rows, confidence);
        }
    }
}
