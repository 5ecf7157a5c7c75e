using System.Collections.Immutable;

namespace Auie.Core.Features;

/// <summary>
/// The features that users, or the rows of a table, are compared by. A row is the sources' values, one a feature, in order:
/// <see cref="Sources"/> reads it off a user's facts, <see cref="Evaluate"/> turns it into feature values at an as-of.
/// </summary>
public sealed record FeatureSet
{
    /// <summary>At most so many features are in a set.</summary>
    public const int MaximumFeatures = 256;

    public required string Name { get; init; }

    public required string Description { get; init; }

    public required ImmutableArray<Feature> Features { get; init; }

    public int Count => Features.Length;

    /// <summary>Whether values depend on the as-of, so that somebody may change segment by time alone.</summary>
    public bool DependsOnTime => Features.Any(feature => feature.Transform is Transform.YearsSince or Transform.DaysSince);

    /// <summary>A table's columns, taken as they are; a missing value is the column's median.</summary>
    public static FeatureSet OfTable(string name, IEnumerable<string> columns) => new()
    {
        Name = name,
        Description = "The columns of a table.",
        Features = [.. columns.Select(column => new Feature
        {
            Name = column,
            Source = FeatureSource.Column(column),
            High = $"high {column}",
            Low = $"low {column}",
        })],
    };

    /// <summary>Writes a user's row, <see cref="Count"/> values, NaN where one is missing.</summary>
    public void Sources(IFacts facts, Span<double> destination)
    {
        CheckLength(destination.Length, nameof(destination));
        for (var i = 0; i < Features.Length; i++)
            destination[i] = Features[i].Source.Read(facts);
    }

    /// <summary>
    /// Writes the row's feature values as of an instant; a missing one is the constant of its rule, or NaN where the rule is the median.
    /// Source and destination may be the same.
    /// </summary>
    public void Evaluate(ReadOnlySpan<double> sources, DateTimeOffset asOf, Span<double> destination)
    {
        CheckLength(sources.Length, nameof(sources));
        CheckLength(destination.Length, nameof(destination));
        for (var i = 0; i < Features.Length; i++)
        {
            var value = Features[i].Evaluate(sources[i], asOf);
            destination[i] = double.IsNaN(value) ? Features[i].Substitute : value;
        }
    }

    /// <summary>Equal when everything that is computed or said by it is.</summary>
    public bool Equals(FeatureSet? other) =>
        other is not null && Name == other.Name && Description == other.Description && Features.SequenceEqual(other.Features);

    public override int GetHashCode() => HashCode.Combine(Name, Features.Length);

    private void CheckLength(int length, string argument)
    {
        if (length != Features.Length)
            throw new ArgumentException($"The feature set '{Name}' has {Features.Length} features; {length} values were given.", argument);
    }
}
