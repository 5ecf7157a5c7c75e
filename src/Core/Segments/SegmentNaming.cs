using System.Collections.Immutable;
using Auie.Core.Features;

namespace Auie.Core.Segments;

/// <summary>The segments that were named before, and how their rows lie over the new clusters: what continuity is judged by.</summary>
/// <param name="Features">The feature set of the model before.</param>
/// <param name="Segments">Its segments.</param>
/// <param name="IdsGiven">How many segment ids were ever given.</param>
/// <param name="Overlap">Row counts [earlier segment, new cluster] over the rows that both models label.</param>
public sealed record EarlierSegments(FeatureSet Features, ImmutableArray<Segment> Segments, int IdsGiven, long[,] Overlap);

/// <summary>Segments with identities and names, and how many ids were given so far.</summary>
public sealed record NamedSegments(ImmutableArray<Segment> Segments, int IdsGiven);

/// <summary>
/// Gives clusters their identities and names. A cluster that continues an earlier segment keeps its id, and its name for as long as it still
/// passes for it; the others are matched with the archetypes that are left, by optimal assignment over resemblance; one that resembles none
/// is named after its own extremes.
/// </summary>
public sealed class SegmentNaming(Archetypes archetypes)
{
    /// <summary>From so many standard deviations on, a feature is worth being named after.</summary>
    public const double Telling = 0.5;

    /// <summary>Below so many standard deviations, a name after a feature does not hold any more.</summary>
    public const double StillTelling = 0.25;

    /// <summary>Names a model's clusters; segment i of the result is cluster i.</summary>
    /// <param name="features">What the clusters were found by.</param>
    /// <param name="clusters">What was found.</param>
    /// <param name="withheld">Whether archetypes' names are withheld (StructureTest).</param>
    /// <param name="earlier">The segments of the version before; null for the first.</param>
    public NamedSegments Name(FeatureSet features, IReadOnlyList<ClusterProfile> clusters, bool withheld, EarlierSegments? earlier)
    {
        var continues = Continued(clusters.Count, earlier);
        var given = withheld ? new (Archetype, double)?[clusters.Count] : MatchArchetypes(features, clusters, continues);
        var used = given.Where(match => match is not null).Select(match => match!.Value.Item1.Name).ToHashSet();
        var extremes = KeepExtremes(features, clusters, given, continues, earlier, used);

        var ids = earlier?.IdsGiven ?? 0;
        var segments = ImmutableArray.CreateBuilder<Segment>(clusters.Count);
        for (var i = 0; i < clusters.Count; i++)
        {
            var id = continues[i]?.Id ?? $"s{++ids}";
            if (given[i] is (var archetype, var resemblance))
            {
                segments.Add(new Segment
                {
                    Id = id,
                    Persona = archetype.Name,
                    Description = archetype.Description,
                    Resemblance = resemblance,
                    Profile = clusters[i],
                });
                continue;
            }

            var (name, traits) = extremes[i] ?? AfterExtremes(features, clusters[i], used);
            segments.Add(new Segment
            {
                Id = id,
                Persona = name,
                Description = Describe(features, clusters[i], traits),
                NamedAfter = traits,
                Profile = clusters[i],
            });
        }

        return new NamedSegments(segments.MoveToImmutable(), ids);
    }

    private static Segment?[] Continued(int clusters, EarlierSegments? earlier)
    {
        var continues = new Segment?[clusters];
        if (earlier is null)
            return continues;
        if (earlier.Overlap.GetLength(0) != earlier.Segments.Length || earlier.Overlap.GetLength(1) != clusters)
            throw new ArgumentException("The overlap has to have a row for each earlier segment and a column for each cluster.", nameof(earlier));

        var matched = Continuity.Match(earlier.Overlap);
        for (var i = 0; i < clusters; i++)
            continues[i] = matched[i] < 0 ? null : earlier.Segments[matched[i]];
        return continues;
    }

    private (Archetype, double)?[] MatchArchetypes(FeatureSet features, IReadOnlyList<ClusterProfile> clusters, Segment?[] continues)
    {
        var all = archetypes.All;
        var given = new (Archetype, double)?[clusters.Count];
        var resemblance = new double[clusters.Count, all.Length];
        for (var i = 0; i < clusters.Count; i++)
        {
            for (var j = 0; j < all.Length; j++)
                resemblance[i, j] = archetypes.Resemblance(all[j], features, clusters[i]);
        }

        for (var i = 0; i < clusters.Count; i++)
        {
            if (continues[i] is not { Resemblance: not null } before)
                continue;
            for (var j = 0; j < all.Length; j++)
            {
                if (all[j].Name == before.Persona && resemblance[i, j] >= archetypes.Minimum)
                    given[i] = (all[j], resemblance[i, j]);
            }
        }

        var open = new double[clusters.Count, all.Length];
        for (var i = 0; i < clusters.Count; i++)
        {
            for (var j = 0; j < all.Length; j++)
                open[i, j] = given[i] is not null || given.Any(match => match?.Item1 == all[j]) ? double.NaN : resemblance[i, j];
        }

        var matched = OptimalAssignment.Maximise(open, archetypes.Minimum);
        for (var i = 0; i < clusters.Count; i++)
        {
            if (matched[i] >= 0)
                given[i] = (all[matched[i]], resemblance[i, matched[i]]);
        }

        return given;
    }

    /// <summary>The names after extremes that stay, because their segments do and are still extreme in the same ways.</summary>
    private static (string, ImmutableArray<Trait>)?[] KeepExtremes(
        FeatureSet features, IReadOnlyList<ClusterProfile> clusters, (Archetype, double)?[] given, Segment?[] continues, EarlierSegments? earlier, HashSet<string> used)
    {
        var kept = new (string, ImmutableArray<Trait>)?[clusters.Count];
        for (var i = 0; i < clusters.Count; i++)
        {
            if (given[i] is not null || continues[i] is not { Resemblance: null } before || !features.Equals(earlier!.Features))
                continue;
            var deviations = clusters[i].Deviations;
            var holds = before.NamedAfter.Length > 0
                && before.NamedAfter.All(trait => (trait.High ? deviations[trait.Feature] : -deviations[trait.Feature]) >= StillTelling);
            if (holds && used.Add(before.Persona))
                kept[i] = (before.Persona, before.NamedAfter);
        }

        return kept;
    }

    /// <summary>
    /// A name that no other segment has, after one or two features that are telling, more where others have the same ones, and a number
    /// where even that does not tell them apart.
    /// </summary>
    private static (string Name, ImmutableArray<Trait> Traits) AfterExtremes(FeatureSet features, ClusterProfile cluster, HashSet<string> used)
    {
        var traits = Enumerable.Range(0, features.Count)
            .Where(feature => cluster.Deviations[feature] != 0)
            .OrderByDescending(feature => Math.Abs(cluster.Deviations[feature]))
            .Select(feature => new Trait(feature, cluster.Deviations[feature] > 0))
            .ToImmutableArray();
        var telling = traits.Count(trait => Math.Abs(cluster.Deviations[trait.Feature]) >= Telling);

        for (var count = Math.Min(telling, 2); count <= telling; count++)
        {
            var named = traits[..count];
            if (used.Add(Phrase(features, named)))
                return (Phrase(features, named), named);
        }

        var first = traits[..Math.Min(telling, 2)];
        for (var number = 2; ; number++)
        {
            var name = $"{Phrase(features, first)} ({number})";
            if (used.Add(name))
                return (name, first);
        }
    }

    private static string Phrase(FeatureSet features, ImmutableArray<Trait> traits)
    {
        if (traits.IsEmpty)
            return "Like everybody";
        var phrase = string.Join(", ", traits.Select(trait => Word(features, trait)));
        return char.ToUpperInvariant(phrase[0]) + phrase[1..];
    }

    private static string Describe(FeatureSet features, ClusterProfile cluster, ImmutableArray<Trait> traits) => traits.IsEmpty
        ? "No feature is far from everybody's mean."
        : $"Named after what sets it apart: {string.Join(", ", traits.Select(trait =>
            $"{Word(features, trait)} ({features.Features[trait.Feature].Name} {cluster.Deviations[trait.Feature]:+0.0;-0.0} standard deviations)"))}.";

    private static string Word(FeatureSet features, Trait trait) =>
        trait.High ? features.Features[trait.Feature].High : features.Features[trait.Feature].Low;
}
