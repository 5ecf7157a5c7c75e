using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Auie.Core.Features;

/// <summary>
/// The feature sets that jobs may name. The built-in ones stand in feature-sets.json beside this file; an installation adds its own from a file
/// of the same form, which may replace built-in ones by name and choose another default.
/// </summary>
public sealed class FeatureSets
{
    private readonly ImmutableSortedDictionary<string, FeatureSet> _sets;

    private FeatureSets(ImmutableSortedDictionary<string, FeatureSet> sets, string defaultName)
    {
        _sets = sets;
        Default = sets[defaultName];
    }

    public static FeatureSets BuiltIn { get; } = Parse("feature-sets.json", EmbeddedFile.Read("feature-sets.json"), others: null);

    /// <summary>The set that a job takes unless it names one.</summary>
    public FeatureSet Default { get; }

    /// <summary>All sets, by name.</summary>
    public IEnumerable<FeatureSet> All => _sets.Values;

    public bool TryGet(string name, [NotNullWhen(true)] out FeatureSet? set) => _sets.TryGetValue(name, out set);

    /// <summary>These sets and those of a file, which win where a name is in both.</summary>
    /// <param name="file">The file's name, for complaints.</param>
    /// <param name="json">Its text.</param>
    /// <exception cref="DefinitionException">The file is not of the form; the message says file, set, feature, field and what is allowed.</exception>
    public FeatureSets With(string file, string json) => Parse(file, json, this);

    private static FeatureSets Parse(string file, string json, FeatureSets? others)
    {
        var root = Definition.Parse(file, json);
        root.AllowOnly("default", "sets");

        var own = new Dictionary<string, FeatureSet>();
        foreach (var definition in root.Items("sets", "set"))
        {
            var set = ParseSet(definition);
            if (!own.TryAdd(set.Name, set))
                throw definition.Wrong("name", "is used by an earlier set");
        }

        var sets = (others?._sets ?? ImmutableSortedDictionary.Create<string, FeatureSet>(StringComparer.Ordinal)).SetItems(own);
        var defaultName = root.OptionalText("default") ?? others?.Default.Name ?? throw root.Wrong("default", "is missing; it has to name a set");
        if (!sets.ContainsKey(defaultName))
            throw root.Wrong("default", $"'{defaultName}' is no set; sets are {string.Join(", ", sets.Keys)}");
        return new FeatureSets(sets, defaultName);
    }

    private static FeatureSet ParseSet(Definition definition)
    {
        var name = definition.Text("name");
        definition.Called($"set '{name}'").AllowOnly("name", "description", "rows", "features");
        var rows = definition.OptionalText("rows") switch
        {
            null or "users" => RowKind.User,
            "answers" => RowKind.Answer,
            { } other => throw definition.Wrong("rows", $"'{other}' is nothing that rows can be; they are users or answers"),
        };

        var features = ImmutableArray.CreateBuilder<Feature>();
        foreach (var inner in definition.Items("features", "feature"))
        {
            var feature = ParseFeature(inner, definition.Where);
            if (rows == RowKind.Answer)
                CheckOfAnswers(feature, inner);
            if (features.Any(earlier => earlier.Name == feature.Name))
                throw inner.Wrong("name", "is used by an earlier feature of the set");
            features.Add(feature);
        }

        if (features.Count is 0 or > FeatureSet.MaximumFeatures)
            throw definition.Wrong("features", $"there have to be 1 to {FeatureSet.MaximumFeatures}, not {features.Count}");
        if (rows == RowKind.Answer && !features.Any(feature => feature.Source.IsShareOfImpressions))
            throw definition.Wrong("features", $"rows are answers, so one of them at least has to be {Shares}");
        return new FeatureSet { Name = name, Description = definition.Text("description"), RowsAre = rows, Features = features.ToImmutable() };
    }

    private const string Shares = "'impressions_interested / impressions' or 'impressions_not_interested / impressions'";

    /// <summary>A share of impressions is 0 or 1 in a single row, and its mean the share itself, only where it is taken as it is.</summary>
    private static void CheckOfAnswers(Feature feature, Definition definition)
    {
        if (feature.Source.Over == Fact.Impressions && !feature.Source.IsShareOfImpressions)
            throw definition.Wrong("source", $"'{feature.Source}' has no value for a single answer; where rows are answers, what is divided by impressions is {Shares}");
        if (feature.Source.IsShareOfImpressions && feature.Transform != Transform.Value)
            throw definition.Wrong("transform", $"'{feature.Source}' is 0 or 1 in each row, and takes only value");
    }

    private static Feature ParseFeature(Definition definition, string set)
    {
        var name = definition.Text("name");
        definition.Called($"{set}, feature '{name}'").AllowOnly("name", "source", "transform", "missing", "unit", "high", "low");

        if (!FeatureSource.TryParse(definition.OptionalText("source") ?? name, out var source, out var error))
            throw definition.Wrong("source", error!);

        var transform = definition.OptionalText("transform") switch
        {
            null or "value" => Transform.Value,
            "log1p" => Transform.Log1p,
            "years_since" => Transform.YearsSince,
            "days_since" => Transform.DaysSince,
            { } other => throw definition.Wrong("transform", $"'{other}' is no transform; transforms are value, log1p, years_since, days_since"),
        };

        var fits = (transform, source!.Kind) switch
        {
            (Transform.Value, not FactKind.Instant) or (Transform.Log1p, FactKind.Number) => true,
            (Transform.YearsSince, FactKind.Year or FactKind.Instant) or (Transform.DaysSince, FactKind.Instant) => true,
            _ => false,
        };
        if (!fits)
        {
            var allowed = source.Kind switch
            {
                FactKind.Instant => "years_since or days_since",
                FactKind.Year => "value or years_since",
                _ => "value or log1p",
            };
            throw definition.Wrong("transform", $"'{source}' takes {allowed}");
        }

        var missing = definition.OptionalText("missing") ?? "median";
        if (!MissingRule.TryParse(missing, out var rule))
            throw definition.Wrong("missing", $"'{missing}' is no rule; rules are median, zero, value:x");

        return new Feature
        {
            Name = name,
            Source = source,
            Transform = transform,
            Missing = rule,
            Unit = definition.OptionalText("unit") ?? "",
            High = definition.OptionalText("high") ?? $"high {name}",
            Low = definition.OptionalText("low") ?? $"low {name}",
        };
    }
}
