using System.Collections.Immutable;
using Auie.Core.Clustering;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>What a job found, from which its model is made.</summary>
public sealed record FittedClusters
{
    public required FeatureSet Features { get; init; }

    public required DateTimeOffset AsOf { get; init; }

    public required Scale Scale { get; init; }

    /// <summary>The columns' sums of squares, as standardising gave them.</summary>
    public required ExactSums Squares { get; init; }

    public required KMeansFit Fit { get; init; }

    /// <summary>The clusters' sizes and means in the columns' own units.</summary>
    public required ClusterSummary Summary { get; init; }

    /// <summary>Every number of clusters that was tried.</summary>
    public required ImmutableArray<ClusterCountScore> Scores { get; init; }

    public required long Seed { get; init; }

    /// <summary>Whether the columns hang together.</summary>
    public required StructureVerdict Structure { get; init; }

    /// <summary>Gathers what a sweep found over some rows: its chosen fit with the largest cluster first, what the clusters are, and whether the columns hang together.</summary>
    /// <param name="features">What the rows' columns are.</param>
    /// <param name="asOf">The instant that they were evaluated at.</param>
    /// <param name="shards">The rows; they are standardised once more.</param>
    /// <param name="sweep">What was found.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="structure">What <see cref="StructureAsync"/> finds with this seed, where that was begun before.</param>
    public static async Task<FittedClusters> FromAsync(
        FeatureSet features,
        DateTimeOffset asOf,
        IFeatureShards shards,
        SweepResult sweep,
        long seed,
        Task<StructureVerdict>? structure = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var input = await StandardisedShards.WithScaleAsync(shards, sweep.Scale, cancellationToken);
        var fit = sweep.Chosen.Fit.LargestFirst();
        return new FittedClusters
        {
            Features = features,
            AsOf = asOf,
            Scale = sweep.Scale,
            Squares = input.Squares,
            Fit = fit,
            Summary = await input.SummariseAsync(fit.Centroids, cancellationToken),
            Scores = [.. sweep.Fits.Select(scored =>
                new ClusterCountScore(scored.Fit.RequestedK, scored.Score, scored.Fit.Inertia))],
            Seed = seed,
            Structure = await (structure ?? StructureAsync(input, seed, cancellationToken: cancellationToken)),
        };
    }

    /// <summary>Whether the columns of some rows hang together, by a sample of them. That hangs on no fit, and may go on beside a sweep.</summary>
    /// <param name="input">The rows; where the sweep goes on meanwhile, they are asked by both.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="compute">Runs a part of the test; on the thread pool where none is given.</param>
    public static async Task<StructureVerdict> StructureAsync(
        StandardisedShards input, long seed, Func<Action, CancellationToken, Task>? compute = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        var sample = await input.Shards.SampleAsync(unchecked((ulong)seed), StructureTest.SampleRows, cancellationToken);
        return await StructureTest.RunAsync(sample, input.Scale, unchecked((ulong)seed), compute, cancellationToken);
    }

    /// <summary>The clusters as they stand against everybody.</summary>
    public ImmutableArray<ClusterProfile> Profiles()
    {
        var columns = Features.Count;
        var profiles = ImmutableArray.CreateBuilder<ClusterProfile>(Fit.Sizes.Length);
        for (var cluster = 0; cluster < Fit.Sizes.Length; cluster++)
        {
            var means = new double[columns];
            var deviations = new double[columns];
            for (var c = 0; c < columns; c++)
            {
                var mean = Summary.Means[cluster * columns + c];
                means[c] = Features.Features[c].InUnit(mean);
                deviations[c] = Scale.Constant[c] ? 0 : (mean - Scale.Mean[c]) / Deviation(c);
            }

            profiles.Add(new ClusterProfile(Summary.Sizes[cluster], [.. means], [.. deviations]));
        }

        return profiles.MoveToImmutable();
    }

    /// <summary>The model: the clusters named, and all that labels rows by them.</summary>
    /// <param name="version">The version to be published; 0 where it is not.</param>
    /// <param name="naming">The archetypes to name by.</param>
    /// <param name="earlier">The segments of the version before; null for the first.</param>
    public SegmentModel ToModel(long version, SegmentNaming naming, EarlierSegments? earlier)
    {
        ArgumentNullException.ThrowIfNull(naming);
        var named = naming.Name(Features, Profiles(), Structure.Withheld is not null, earlier);
        return new SegmentModel
        {
            Version = version,
            Features = Features,
            AsOf = AsOf,
            Scale = Scale,
            Centroids = [.. Fit.Centroids],
            Segments = named.Segments,
            IdsGiven = named.IdsGiven,
            Scores = Scores,
            Inertia = Fit.Inertia,
            Seed = Seed,
            NamesWithheld = Structure.Withheld,
        };
    }

    /// <summary>A column's population deviation, which a scale that only centres does not hold.</summary>
    private double Deviation(int column) => Scale.Raw
        ? Math.Sqrt((double)Squares[column] / Scale.Rows) * Scale.Unit(column)
        : Scale.Deviation[column];
}
