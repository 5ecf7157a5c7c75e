using System.Collections.Immutable;
using Auie.Core.Clustering;
using Auie.Core.Clustering.Kernels;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>One number of clusters that was tried: its silhouette and its inertia.</summary>
public sealed record ClusterCountScore(int K, SilhouetteScore Score, double Inertia)
{
    /// <summary>The mean silhouette.</summary>
    public double Silhouette => Score.Value;
}

/// <summary>
/// A segmentation that stands alone: everything that is needed to label a row, to say why, and to show the segments. It never changes; it is
/// stored as <see cref="SegmentModelCodec"/> says.
/// </summary>
public sealed record SegmentModel
{
    private readonly ImmutableArray<double> _centroids;
    private readonly float[] _rounded = [];

    /// <summary>The published version; 0 for a model that is not published.</summary>
    public required long Version { get; init; }

    /// <summary>The feature set itself, so that a later change of its definition does not touch this model.</summary>
    public required FeatureSet Features { get; init; }

    /// <summary>The instant that time-dependent features were taken at when the model was fitted.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>How feature values are standardised.</summary>
    public required Scale Scale { get; init; }

    /// <summary>The standardised centroids, one after the other, <see cref="FeatureSet.Count"/> values each.</summary>
    public required ImmutableArray<double> Centroids
    {
        get => _centroids;
        init
        {
            _centroids = value;
            _rounded = [.. value.Select(coordinate => (float)coordinate)];
        }
    }

    /// <summary>The segments; segment i is the cluster of centroid i.</summary>
    public required ImmutableArray<Segment> Segments { get; init; }

    /// <summary>How many segment ids were given up to this version, so that none is ever given twice.</summary>
    public required int IdsGiven { get; init; }

    /// <summary>Every number of clusters that was tried.</summary>
    public required ImmutableArray<ClusterCountScore> Scores { get; init; }

    /// <summary>The sum of squared distances of the standardised rows to their centroids.</summary>
    public required double Inertia { get; init; }

    public required long Seed { get; init; }

    /// <summary>Why no archetype's name was given; null where names could be given.</summary>
    public string? NamesWithheld { get; init; }

    /// <summary>What sets a segment apart: every feature, the farthest from everybody first.</summary>
    public Contrast[] Contrasts(int segment)
    {
        var overall = new double[Features.Count];
        for (var i = 0; i < overall.Length; i++)
            overall[i] = Features.Features[i].InUnit(Scale.Mean[i]);
        return Contrast.Of(Features, overall, Segments[segment].Profile);
    }

    /// <summary>The segment of a row of source values at an as-of: the label that a shard gives it, bit for bit.</summary>
    public int Label(ReadOnlySpan<double> sources, DateTimeOffset asOf) => Label(sources, asOf, out _);

    /// <param name="row">The row standardised.</param>
    internal int Label(ReadOnlySpan<double> sources, DateTimeOffset asOf, out float[] row)
    {
        row = Standardise(sources, asOf);
        return ScalarAssignmentKernel.Nearest(row, _rounded, out _);
    }

    /// <summary>Where a row of source values belongs at an as-of, and why.</summary>
    public SegmentAssignment Assign(ReadOnlySpan<double> sources, DateTimeOffset asOf)
    {
        var label = Label(sources, asOf, out var row);
        return SegmentAssignment.Explain(this, sources, asOf, row, label);
    }

    /// <summary>A centroid as labels are found by it: rounded to floats.</summary>
    internal ReadOnlySpan<float> Rounded(int segment) => _rounded.AsSpan(segment * Features.Count, Features.Count);

    /// <summary>A row of source values at an as-of, standardised.</summary>
    public float[] Standardise(ReadOnlySpan<double> sources, DateTimeOffset asOf)
    {
        var values = new double[Features.Count];
        Features.Evaluate(sources, asOf, values);
        return Scale.Transform(values);
    }
}
