using System.Collections.Immutable;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

/// <summary>Random models of users whose features depend on time, and random users to go with them.</summary>
internal static class LivingModels
{
    private static readonly FeatureSet Living = FeatureSets.BuiltIn.With("f", """
        { "sets": [ { "name": "living", "description": "All kinds of time.", "features": [
            { "name": "age", "source": "birthyear", "transform": "years_since", "high": "older", "low": "younger" },
            { "name": "friends_count", "source": "friends", "transform": "log1p", "missing": "zero" },
            { "name": "recency", "source": "last_seen", "transform": "days_since" },
            { "name": "tenure", "source": "joined_at", "transform": "years_since", "missing": "value:2" },
            { "name": "interested", "source": "interested / answered" } ] } ] }
        """).All.Single(set => set.Name == "living");

    /// <summary>Two to six segments; of the features some, and of those that are constant some.</summary>
    public static SegmentModel Random(int seed)
    {
        var random = new Random(seed);
        var features = random.Next(4) == 0 ? Living with { RowsAre = RowKind.Answer } : Living;
        if (random.Next(2) == 0)
            features = features with { Features = [.. features.Features.Where(_ => random.Next(3) > 0).DefaultIfEmpty(features.Features[random.Next(5)])] };
        var (k, columns) = (random.Next(2, 7), features.Count);
        double[] mean = new double[columns], deviation = new double[columns];
        for (var c = 0; c < columns; c++)
        {
            var (middle, spread) = features.Features[c].Name switch
            {
                "age" => (30, 10), "friends_count" => (3, 1.5), "recency" => (20, 30), "tenure" => (1.5, 1), _ => (.3, .25),
            };
            // Here and there a deviation that has nothing to do with the values.
            (mean[c], deviation[c]) = (middle * random.NextDouble() * 2, spread * Math.Pow(10, random.Next(5) == 0 ? random.Next(-4, 5) : 0));
        }

        var centroids = Enumerable.Range(0, k * columns).Select(_ => random.NextDouble() * 4 - 2).ToImmutableArray();
        return new SegmentModel
        {
            Version = 1,
            Features = features,
            AsOf = Models.AsOf.AddSeconds(random.Next(100_000_000)),
            Scale = Models.UnitScale(columns) with
            {
                Mean = mean, Deviation = deviation, Fill = [.. mean.Select(middle => middle * 1.1)],
                Constant = [.. mean.Select(_ => random.Next(8) == 0)], Exponent = [.. mean.Select(_ => random.Next(1, 5))],
            },
            Centroids = centroids,
            Segments = [.. Enumerable.Range(0, k).Select(i => new Segment
            {
                Id = $"s{i}", Persona = $"p{i}", Description = "", Profile = new ClusterProfile(1, [.. new double[columns]], [.. new double[columns]]),
            })],
            IdsGiven = k,
            Scores = [],
            Inertia = 0,
            Seed = 0,
        };
    }

    /// <summary>A user's facts: many are unknown, and some instants lie in the future.</summary>
    public static double[] Facts(Random random, DateTimeOffset asOf)
    {
        var facts = new double[FactCatalogue.All.Count];
        var now = (asOf - DateTimeOffset.UnixEpoch).TotalSeconds;
        facts[(int)Fact.BirthYear] = random.Next(5) == 0 ? double.NaN : random.Next(1940, 2020);
        facts[(int)Fact.Friends] = random.Next(200);
        facts[(int)Fact.LastSeen] = Instant(100);
        facts[(int)Fact.JoinedAt] = Instant(1500);
        facts[(int)Fact.Answered] = random.Next(6);
        facts[(int)Fact.Interested] = random.Next((int)facts[(int)Fact.Answered] + 1);
        facts[(int)Fact.Impressions] = random.Next(4);
        facts[(int)Fact.GenderMale] = random.Next(3) - 1;
        return facts;

        double Instant(int days) => random.Next(5) == 0 ? double.NaN : Math.Round((now - (random.NextDouble() * days - days / 10.0) * 86_400) * 1e3) / 1e3;
    }

    public static double[]? Sources(SegmentModel model, double[] facts)
    {
        var row = new Row(facts);
        if (model.Features.RowsOf(row) == 0)
            return null;
        var sources = new double[model.Features.Count];
        model.Features.Sources(row, sources);
        return sources;
    }

    private sealed class Row(double[] facts) : IFacts
    {
        public double this[Fact fact] => facts[(int)fact];
    }
}
