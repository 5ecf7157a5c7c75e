using System.Collections.Immutable;
using Auie.Core.Recommendation;
using Auie.Core.Segments;

namespace Auie.Core.Strategies;

/// <summary>What to do for a kind of segment, and how one tells such a segment.</summary>
public sealed record Strategy
{
    public required string Name { get; init; }

    /// <summary>What it is about, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The archetype that a segment has to resemble.</summary>
    public required string Archetype { get; init; }

    /// <summary>How closely; null: as closely as a segment has to be given the archetype's name.</summary>
    public double? Resemblance { get; init; }

    /// <summary>How many members a segment has to have.</summary>
    public required long Fewest { get; init; }

    /// <summary>Ranges that means of features have to be in; a segment that lacks the feature is not matched.</summary>
    public ImmutableArray<Bound> Bounds { get; init; } = [];

    public required string Goal { get; init; }

    public required string Offer { get; init; }

    /// <summary>Which items that comes to.</summary>
    public OfferedItems Items { get; init; } = new();

    public required string Channel { get; init; }

    /// <summary>What that comes to for each member.</summary>
    public ChannelRule Channels { get; init; } = ChannelRule.Usual;

    public required string Timing { get; init; }

    /// <summary>What that comes to for each member.</summary>
    public TimingRule Times { get; init; } = new();

    /// <summary>How often a member is reached at the most, in <see cref="Days"/>.</summary>
    public required int Most { get; init; }

    public required int Days { get; init; }

    /// <summary>How many members are asked to carry it on.</summary>
    public required int Influencers { get; init; }

    /// <summary>The share that is left alone, to compare with.</summary>
    public required double Holdout { get; init; }

    /// <summary>The answer by which it is judged.</summary>
    public required string Measure { get; init; }
}
