using System.Collections.Immutable;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

/// <summary>Models to test with.</summary>
internal static class Models
{
    public static readonly DateTimeOffset AsOf = new(2012, 12, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A model of random centroids over columns without a scale to speak of: mean 0, deviation 1.</summary>
    public static SegmentModel Random(int seed, int k, int columns)
    {
        var random = new Random(seed);
        double Next() => Math.Round((random.NextDouble() * 8 - 4) * 1024) / 1024;
        var centroids = Enumerable.Range(0, k * columns).Select(_ => Next()).ToImmutableArray();
        return new SegmentModel
        {
            Version = random.NextInt64(),
            Features = FeatureSet.OfTable($"t{seed}", Enumerable.Range(0, columns).Select(column => $"c{column}")),
            AsOf = AsOf.AddMinutes(random.Next(1_000_000)),
            Scale = UnitScale(columns),
            Centroids = centroids,
            Segments = [.. Enumerable.Range(0, k).Select(i => new Segment
            {
                Id = $"s{i + 1}",
                Persona = $"Persona {i}",
                Description = $"The {i}th — \"é\"",
                Resemblance = random.Next(2) == 0 ? null : random.NextDouble(),
                NamedAfter = random.Next(2) == 0 ? [] : [new Trait(random.Next(columns), random.Next(2) == 0)],
                Profile = new ClusterProfile(random.Next(1000), [.. Coordinates(centroids, i, columns)], [.. Coordinates(centroids, i, columns)]),
            })],
            IdsGiven = k + random.Next(3),
            Scores = [.. Enumerable.Range(2, random.Next(5)).Select(n => new ClusterCountScore(n, n > 4 ? SilhouetteScore.OfSample(random.NextDouble(), random.NextDouble(), random.Next(1, 9), 9, 0.9) : SilhouetteScore.Exact(random.NextDouble(), random.Next()), random.NextDouble() * 1e6))],
            Inertia = random.NextDouble() * 1e6,
            Seed = random.NextInt64(),
            NamesWithheld = random.Next(2) == 0 ? null : "for a reason",
        };
    }

    public static Scale UnitScale(int columns) => new()
    {
        Rows = 1000,
        Raw = false,
        Missing = new long[columns],
        Fill = new double[columns],
        Mean = new double[columns],
        Deviation = [.. Enumerable.Repeat(1.0, columns)],
        Constant = new bool[columns],
        Exponent = [.. Enumerable.Repeat(3, columns)],
    };

    /// <summary>Two segments over the default feature set: everything that the codec writes is in it, with numbers that have few digits.</summary>
    public static SegmentModel Small() => new()
    {
        Version = 7,
        Features = FeatureSets.BuiltIn.With("f", """
            { "sets": [ { "name": "two", "description": "Two features.", "features": [
                { "name": "age", "source": "birthyear", "transform": "years_since", "unit": "years", "high": "older", "low": "younger" },
                { "name": "interested", "source": "interested / answered", "missing": "value:0.5" } ] } ] }
            """).All.Single(set => set.Name == "two"),
        AsOf = AsOf,
        Scale = UnitScale(2) with { Mean = [30, 0.25], Deviation = [10, 0.5], Fill = [29, 0], Missing = [3, 0], Constant = [false, false], Exponent = [3, 2] },
        Centroids = [-1, 0.5, 2, -0.5],
        Segments =
        [
            new Segment
            {
                Id = "s1",
                Persona = "Enthusiasts",
                Description = "They like it.",
                Resemblance = 0.75,
                Profile = new ClusterProfile(600, [20, 0.5], [-1, 0.5]),
            },
            new Segment
            {
                Id = "s3",
                Persona = "Older",
                Description = "Named after what sets it apart.",
                NamedAfter = [new Trait(0, High: true)],
                Profile = new ClusterProfile(400, [50, 0], [2, -0.5]),
            },
        ],
        IdsGiven = 3,
        Scores = [new ClusterCountScore(2, SilhouetteScore.Exact(0.5, 1000), 128)],
        Inertia = 128,
        Seed = 1,
        NamesWithheld = null,
    };

    private static IEnumerable<double> Coordinates(ImmutableArray<double> centroids, int i, int columns) => centroids.Skip(i * columns).Take(columns);
}
