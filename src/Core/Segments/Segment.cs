using System.Collections.Immutable;

namespace Auie.Core.Segments;

/// <summary>A cluster as it stands against everybody: its size and, for each feature, its mean and how far that is from the mean over all.</summary>
/// <param name="Size">How many rows.</param>
/// <param name="Means">The members' mean of each feature, as people read it (<see cref="Features.Feature.InUnit"/>).</param>
/// <param name="Deviations">The members' mean less everybody's, in population standard deviations; 0 for a feature that is constant.</param>
public sealed record ClusterProfile(long Size, ImmutableArray<double> Means, ImmutableArray<double> Deviations);

/// <summary>An extreme that a segment is named after: a feature, and whether its members have more or less of it than others.</summary>
public readonly record struct Trait(int Feature, bool High);

/// <summary>One segment of a model: a cluster with an identity and a name.</summary>
public sealed record Segment
{
    /// <summary>Stays with the segment from version to version while most of its members do.</summary>
    public required string Id { get; init; }

    /// <summary>The archetype's name, or one made of the segment's own extremes; no two segments of a model share one.</summary>
    public required string Persona { get; init; }

    /// <summary>What the archetype's file says of the persona, or the extremes in words.</summary>
    public required string Description { get; init; }

    /// <summary>The cosine to the archetype, -1 to 1; null where the segment is named after its own extremes.</summary>
    public double? Resemblance { get; init; }

    /// <summary>The extremes that the segment is named after; empty where an archetype gave the name.</summary>
    public ImmutableArray<Trait> NamedAfter { get; init; } = [];

    public required ClusterProfile Profile { get; init; }
}

/// <summary>A feature's mean in a segment and over all, as people read them, and the difference in population standard deviations.</summary>
public sealed record Contrast(string Feature, double Mean, double Overall, double Deviations)
{
    /// <summary>What sets a cluster apart: every feature, the farthest from everybody first, ties in the order of the features.</summary>
    public static Contrast[] Of(Features.FeatureSet features, ReadOnlySpan<double> overall, ClusterProfile cluster)
    {
        var contrasts = new Contrast[features.Count];
        for (var i = 0; i < contrasts.Length; i++)
            contrasts[i] = new Contrast(features.Features[i].Name, cluster.Means[i], overall[i], cluster.Deviations[i]);
        return [.. contrasts.OrderByDescending(contrast => Math.Abs(contrast.Deviations))];
    }
}
