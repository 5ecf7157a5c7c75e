using System.Collections.Immutable;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>A range that a cluster's mean of a feature has to be in.</summary>
public sealed record Bound(string Feature, double Minimum, double Maximum);

/// <summary>
/// A persona that clusters are matched with: how its members differ from everybody, as weights over standardised features, and ranges that
/// the means themselves have to be in, for what is meant absolutely ("old", not "older").
/// </summary>
public sealed record Archetype(string Name, string Description, ImmutableArray<KeyValuePair<string, double>> Weights, ImmutableArray<Bound> Bounds);

/// <summary>
/// The archetypes of archetypes.json beside this file, or of a file that an installation puts in its place, and how clusters are measured
/// against them.
/// </summary>
public sealed class Archetypes
{
    private readonly Dictionary<string, (string Weighted, int Sign)> _alternatives;

    private Archetypes(ImmutableArray<Archetype> all, double minimum, double deviation, Dictionary<string, (string, int)> alternatives)
    {
        All = all;
        Minimum = minimum;
        Deviation = deviation;
        _alternatives = alternatives;
    }

    public static Archetypes BuiltIn { get; } = Parse("archetypes.json", EmbeddedFile.Read("archetypes.json"));

    public ImmutableArray<Archetype> All { get; }

    /// <summary>The resemblance that a cluster has to reach to be given an archetype's name.</summary>
    public double Minimum { get; }

    /// <summary>How many standard deviations a cluster has to differ from everybody, over an archetype's features, to be given its name.</summary>
    public double Deviation { get; }

    /// <summary>The archetype of that name, or null.</summary>
    public Archetype? Find(string name) => All.FirstOrDefault(archetype => archetype.Name == name);

    /// <summary>
    /// How closely a cluster resembles an archetype: the cosine between its deviations from everybody and the archetype's weights, over the
    /// features that both have. A weight on a feature that the cluster lacks counts as not met, so that an archetype needs most of what it is
    /// about. NaN where the archetype is out of the question: a bound is broken, or the cluster hardly differs from everybody.
    /// </summary>
    public double Resemblance(Archetype archetype, FeatureSet features, ClusterProfile cluster)
    {
        double product = 0, weights = 0, deviations = 0;
        foreach (var (name, weight) in archetype.Weights)
        {
            weights += weight * weight;
            if (Locate(features, name) is not { } found)
                continue;
            var deviation = cluster.Deviations[found.Feature] * found.Sign;
            product += weight * deviation;
            deviations += deviation * deviation;
        }

        if (Math.Sqrt(deviations) < Deviation || !archetype.Bounds.All(bound => Holds(bound, features, cluster)))
            return double.NaN;
        return Math.Clamp(product / Math.Sqrt(weights * deviations), -1, 1);
    }

    /// <summary>Reads a file of archetypes.</summary>
    /// <param name="file">The file's name, for complaints.</param>
    /// <param name="json">Its text.</param>
    /// <exception cref="DefinitionException">The file is not of the form; the message says file, archetype, field and what is allowed.</exception>
    public static Archetypes Parse(string file, string json)
    {
        var root = Definition.Parse(file, json);
        root.AllowOnly("minimum", "deviation", "alternatives", "archetypes");

        var alternatives = new Dictionary<string, (string, int)>();
        if (root.OptionalObject("alternatives") is { } map)
        {
            foreach (var name in map.Fields)
            {
                var text = map.Text(name);
                alternatives[name] = text[0] == '-' ? (text[1..], -1) : (text, 1);
            }
        }

        var all = ImmutableArray.CreateBuilder<Archetype>();
        foreach (var definition in root.Items("archetypes", "archetype"))
        {
            var archetype = ParseArchetype(definition);
            if (all.Any(earlier => earlier.Name == archetype.Name))
                throw definition.Wrong("name", "is used by an earlier archetype");
            all.Add(archetype);
        }

        return new Archetypes(all.ToImmutable(), root.Number("minimum", 1e-3, 1), root.Number("deviation", 0, 1e3), alternatives);
    }

    private static Archetype ParseArchetype(Definition definition)
    {
        var name = definition.Text("name");
        definition.Called($"archetype '{name}'").AllowOnly("name", "description", "weights", "bounds");

        var map = definition.OptionalObject("weights") ?? throw definition.Wrong("weights", "is missing; it has to give a number to each feature");
        var weights = map.Fields.Select(feature => KeyValuePair.Create(feature, map.Number(feature, -1e6, 1e6))).ToImmutableArray();
        if (weights.All(weight => weight.Value == 0))
            throw definition.Wrong("weights", "one of them at least has to be other than 0");

        var bounds = ImmutableArray.CreateBuilder<Bound>();
        if (definition.OptionalObject("bounds") is { } ranges)
        {
            foreach (var feature in ranges.Fields)
            {
                var range = ranges.OptionalObject(feature)!;
                range.AllowOnly("minimum", "maximum");
                var bound = new Bound(
                    feature,
                    range.OptionalNumber("minimum") ?? double.NegativeInfinity,
                    range.OptionalNumber("maximum") ?? double.PositiveInfinity);
                if (bound.Minimum > bound.Maximum || double.IsInfinity(bound.Minimum) && double.IsInfinity(bound.Maximum))
                    throw range.Wrong("", "has to have a minimum, a maximum, or both, the minimum not above the maximum");
                bounds.Add(bound);
            }
        }

        return new Archetype(name, definition.Text("description"), weights, bounds.ToImmutable());
    }

    /// <summary>Where the features have a weighted one, by its own name or by an alternative's, and in which direction.</summary>
    private (int Feature, int Sign)? Locate(FeatureSet features, string weighted)
    {
        (int, int)? found = null;
        for (var i = 0; i < features.Count; i++)
        {
            var name = features.Features[i].Name;
            if (name == weighted)
                return (i, 1);
            if (found is null && _alternatives.TryGetValue(name, out var alternative) && alternative.Weighted == weighted)
                found = (i, alternative.Sign);
        }

        return found;
    }

    /// <summary>A bound on a feature that the cluster lacks holds; one that runs the other way (an age) needs a bound of its own.</summary>
    private bool Holds(Bound bound, FeatureSet features, ClusterProfile cluster) =>
        Locate(features, bound.Feature) is not (var feature, 1)
        || (cluster.Means[feature] >= bound.Minimum && cluster.Means[feature] <= bound.Maximum);
}
