namespace Auie.Core.Features;

/// <summary>
/// One column of what is clustered: where its value comes from, what is done to it, and what stands in where it is unknown.
/// A row holds the <em>source</em> value, which does not depend on time; <see cref="Evaluate"/> gives the feature's value at an as-of.
/// </summary>
public sealed record Feature
{
    public required string Name { get; init; }

    public required FeatureSource Source { get; init; }

    public Transform Transform { get; init; } = Transform.Value;

    public MissingRule Missing { get; init; } = MissingRule.Median;

    /// <summary>What one of it is (years, users); empty for a bare number.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What is said of a segment whose members have more of it than others: "many friends".</summary>
    public required string High { get; init; }

    /// <summary>What is said of a segment whose members have less of it than others: "few friends".</summary>
    public required string Low { get; init; }

    /// <summary>The value that is clustered: the source's value transformed, as of <paramref name="asOf"/>; NaN where it is missing.</summary>
    public double Evaluate(double source, DateTimeOffset asOf)
    {
        var value = Transform switch
        {
            Transform.Value => source,
            Transform.Log1p => double.LogP1(source),
            // A row holds the latest instant there is; seen from an earlier as-of, that is no time ago rather than a negative one.
            Transform.YearsSince or Transform.DaysSince => Math.Max(0, Clock(asOf) - source) / ClockPerUnit,
            _ => throw new InvalidOperationException($"The feature '{Name}' has no such transform: {Transform}."),
        };
        return double.IsFinite(value) ? value : double.NaN;
    }

    /// <summary>A value of this feature as people read it, in <see cref="Unit"/>: the logarithm is undone (a mean becomes the geometric one).</summary>
    public double InUnit(double value) => Transform == Transform.Log1p ? double.ExpM1(value) : value;

    /// <summary>What stands in for a missing value, transformed; NaN where that is the column's median, which only the whole data set knows.</summary>
    public double Substitute => Missing.Constant is not { } constant ? double.NaN : Transform == Transform.Log1p ? double.LogP1(constant) : constant;

    private const double SecondsPerDay = 86_400;
    private const double SecondsPerYear = 365.2425 * SecondsPerDay; // the mean Gregorian year

    /// <summary>Whether its value grows with time.</summary>
    public bool DependsOnTime => Transform is Transform.YearsSince or Transform.DaysSince;

    /// <summary>Whether its value grows by a whole year at each new year, and not all the time.</summary>
    internal bool StepsAtNewYear => Transform == Transform.YearsSince && Source.Kind == FactKind.Year;

    /// <summary>How many ticks of its clock (<see cref="Clock"/>) are one of its unit; 1 where there is no clock.</summary>
    internal double ClockPerUnit => !DependsOnTime || StepsAtNewYear ? 1 : Transform == Transform.DaysSince ? SecondsPerDay : SecondsPerYear;

    /// <summary>The instant as its sources are counted: a year, or Unix seconds.</summary>
    internal double Clock(DateTimeOffset asOf) => StepsAtNewYear ? asOf.UtcDateTime.Year : (asOf - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Whether the value of a source that is known grows at an instant: before, it stands at 0.</summary>
    internal bool HasBegun(double source, DateTimeOffset asOf) => Clock(asOf) >= source;
}

/// <summary>What is done to a source's value.</summary>
public enum Transform
{
    /// <summary>Nothing.</summary>
    Value,

    /// <summary>log(1 + x), for counts of which a few are huge; missing where x ≤ -1.</summary>
    Log1p,

    /// <summary>Years from an instant to the as-of, or calendar years from a year (a birth year becomes an age); never negative.</summary>
    YearsSince,

    /// <summary>Days from an instant to the as-of; never negative.</summary>
    DaysSince,
}

/// <summary>Where a feature's value comes from: a fact, a ratio of two facts ("interested / answered"), or a column of a table.</summary>
public sealed record FeatureSource
{
    private FeatureSource(Fact? fact, Fact? over, string text)
    {
        Fact = fact;
        Over = over;
        Text = text;
    }

    /// <summary>The fact, or the numerator; null for a table's column.</summary>
    public Fact? Fact { get; }

    /// <summary>The denominator; null where there is none.</summary>
    public Fact? Over { get; }

    /// <summary>As a feature set writes it: "friends", "interested / answered", or the column's name.</summary>
    public string Text { get; }

    public FactKind Kind => Fact is { } fact && Over is null ? FactCatalogue.Of(fact).Kind : FactKind.Number;

    /// <summary>Whether it is the share of a user's impressions that were answered in one way, of which each single impression has all or nothing.</summary>
    public bool IsShareOfImpressions => Over == Features.Fact.Impressions && Fact is Features.Fact.ImpressionsInterested or Features.Fact.ImpressionsNotInterested;

    public static FeatureSource Of(Fact fact) => new(fact, null, FactCatalogue.Of(fact).Name);

    public static FeatureSource Ratio(Fact fact, Fact over) => new(fact, over, $"{FactCatalogue.Of(fact).Name} / {FactCatalogue.Of(over).Name}");

    /// <summary>A column of a table that is not about users.</summary>
    public static FeatureSource Column(string name) => new(null, null, name);

    /// <summary>Reads what a feature set writes, of facts; says what is wrong with it otherwise.</summary>
    public static bool TryParse(string text, out FeatureSource? source, out string? error)
    {
        source = null;
        var parts = text.Split('/', StringSplitOptions.TrimEntries);
        if (parts.Length > 2)
        {
            error = $"'{text}' is neither a fact nor a ratio 'a / b' of two facts";
            return false;
        }

        var facts = new FactDescription[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (FactCatalogue.Find(parts[i]) is not { } fact)
            {
                error = $"'{parts[i]}' is no fact; facts are {string.Join(", ", FactCatalogue.All.Select(known => known.Name))}";
                return false;
            }

            if (parts.Length == 2 && fact.Kind != FactKind.Number)
            {
                error = $"'{parts[i]}' is a point in time and can be no part of a ratio";
                return false;
            }

            facts[i] = fact;
        }

        source = facts.Length == 1 ? Of(facts[0].Fact) : Ratio(facts[0].Fact, facts[1].Fact);
        error = null;
        return true;
    }

    /// <summary>The source's value for a user; NaN where a fact is unknown or the denominator is 0.</summary>
    /// <exception cref="InvalidOperationException">The source is a table's column.</exception>
    public double Read(IFacts facts)
    {
        if (Fact is not { } fact)
            throw new InvalidOperationException($"'{Text}' is a column of a table, not a fact of a user.");
        var value = Over is { } over ? facts[fact] / facts[over] : facts[fact];
        return double.IsFinite(value) ? value : double.NaN;
    }

    public override string ToString() => Text;
}

/// <summary>What stands in for a missing value, before standardising: the median of the column's values, or a constant.</summary>
/// <param name="Constant">The constant, as people read the feature (<see cref="Feature.InUnit"/>); null for the median.</param>
public readonly record struct MissingRule(double? Constant)
{
    public static MissingRule Median => new(null);

    public static MissingRule Zero => new(0);

    /// <summary>Reads "median", "zero" or "value:x".</summary>
    public static bool TryParse(string text, out MissingRule rule)
    {
        rule = text == "zero" ? Zero : Median;
        if (text is "median" or "zero")
            return true;
        if (!text.StartsWith("value:", StringComparison.Ordinal) || !double.TryParse(text["value:".Length..], out var constant) || !double.IsFinite(constant))
            return false;
        rule = new MissingRule(constant);
        return true;
    }

    public override string ToString() => Constant switch { null => "median", 0 => "zero", { } value => $"value:{value:R}" };
}
