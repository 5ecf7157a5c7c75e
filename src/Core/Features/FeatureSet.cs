using System.Collections.Immutable;

namespace Auie.Core.Features;

/// <summary>
/// The features that users, their answers, or the rows of a table, are compared by. A row is the sources' values, one a feature, in order:
/// <see cref="Sources"/> reads it off a user's facts, <see cref="Evaluate"/> turns it into feature values at an as-of. Where rows are answers,
/// <see cref="Sources"/> gives the mean of the user's rows, and <see cref="Rows"/> the rows themselves.
/// </summary>
public sealed record FeatureSet
{
    /// <summary>At most so many features are in a set.</summary>
    public const int MaximumFeatures = 256;

    public required string Name { get; init; }

    public required string Description { get; init; }

    /// <summary>What a row is.</summary>
    public RowKind RowsAre { get; init; }

    public required ImmutableArray<Feature> Features { get; init; }

    public int Count => Features.Length;

    /// <summary>Whether values depend on the as-of, so that somebody may change segment by time alone.</summary>
    public bool DependsOnTime => Features.Any(feature => feature.DependsOnTime);

    /// <summary>A table's columns, taken as they are; a missing value is the column's median.</summary>
    public static FeatureSet OfTable(string name, IEnumerable<string> columns) => new()
    {
        Name = name,
        Description = "The columns of a table.",
        RowsAre = RowKind.TableRow,
        Features = [.. columns.Select(column => new Feature
        {
            Name = column,
            Source = FeatureSource.Column(column),
            High = $"high {column}",
            Low = $"low {column}",
        })],
    };

    /// <summary>How many rows a user has.</summary>
    public int RowsOf(IFacts facts) => RowsAre == RowKind.Answer ? checked((int)facts[Fact.Impressions]) : 1;

    /// <summary>The text that identifies a user's row by its number (from 0) among all rows of the set.</summary>
    public string RowId(string user, int number) => RowsAre == RowKind.Answer ? $"{user}/{number + 1}" : user;

    /// <summary>
    /// Writes all of a user's rows (<see cref="RowsOf"/>), one after the other, evaluated as of an instant as <see cref="Evaluate"/> does. Where
    /// rows are answers, a share of all impressions is 0 or 1 in each: the first rows are those of interest, the next those without, the rest
    /// went unanswered. Nothing else tells a user's answers apart, so this is exact in whatever order they were given.
    /// </summary>
    public void Rows(IFacts facts, DateTimeOffset asOf, Span<double> destination)
    {
        var rows = RowsOf(facts);
        if (destination.Length != (long)rows * Count)
            throw new ArgumentException($"{rows} rows of {Count} features do not take {destination.Length} values.", nameof(destination));
        if (rows == 0)
            return;
        var first = destination[..Count];
        Sources(facts, first);
        Evaluate(first, asOf, first);
        for (var row = 1; row < rows; row++)
            first.CopyTo(destination.Slice(row * Count, Count));
        if (RowsAre != RowKind.Answer)
            return;
        for (var feature = 0; feature < Count; feature++)
        {
            if (!Features[feature].Source.IsShareOfImpressions)
                continue;
            var (from, to) = (0, (int)facts[Fact.ImpressionsInterested]);
            if (Features[feature].Source.Fact == Fact.ImpressionsNotInterested)
                (from, to) = (to, to + (int)facts[Fact.ImpressionsNotInterested]);
            for (var row = 0; row < rows; row++)
                destination[row * Count + feature] = row >= from && row < to ? 1 : 0;
        }
    }

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
        other is not null && Name == other.Name && Description == other.Description && RowsAre == other.RowsAre && Features.SequenceEqual(other.Features);

    public override int GetHashCode() => HashCode.Combine(Name, Features.Length);

    private void CheckLength(int length, string argument)
    {
        if (length != Features.Length)
            throw new ArgumentException($"The feature set '{Name}' has {Features.Length} features; {length} values were given.", argument);
    }
}
