using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Tests.Shared;

namespace Auie.Core.Tests.Segments;

public sealed class FittedClustersTests
{
    private static readonly SegmentNaming Naming = new(Archetypes.BuiltIn);
    private static readonly FeatureSet Interest = FeatureSet.OfTable("people", ["birthyear", "friends_count", "interested", "not_interested"]);

    private static async Task<(SegmentModel Model, LocalShards Shards, FittedClusters Fitted)> Fit(
        FeatureSet features, double[] values, int k, int shards = 3, bool raw = false, EarlierSegments? earlier = null)
    {
        var local = LocalShards.Split(values, features.Count, shards);
        var sweep = await Sweep.RunAsync(local, new SweepOptions { KMin = k, KMax = k, Raw = raw, Starts = 6, ExactSilhouetteRows = 0, SampleRows = 200 });
        var fitted = await FittedClusters.FromAsync(features, Models.AsOf, local, sweep, seed: 1);
        return (fitted.ToModel(1, Naming, earlier), local, fitted);
    }

    [Fact]
    public async Task Five_planted_kinds_are_given_their_personas()
    {
        var (values, kinds) = Kinds.Draw(1, 12_000);

        var (model, shards, _) = await Fit(Interest, values, 5);

        model.NamesWithheld.ShouldBeNull();
        var labels = await shards.LabelsAsync([.. model.Centroids], CancellationToken.None);
        var right = labels.Where((label, row) => model.Segments[label].Persona == Kinds.Persona(kinds[row])).Count();
        right.ShouldBeGreaterThan((int)(0.93 * labels.Length));
        model.Segments.Sum(segment => segment.Profile.Size).ShouldBe(12_000);
    }

    [RealDataFact]
    public async Task The_five_personas_of_the_event_challenge_are_given_to_the_right_clusters()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var shards = LocalShards.Split(EventChallenge.Rows(), 4);
            var sweep = await Sweep.RunAsync(shards, new SweepOptions { KMin = 5, KMax = 5, Seed = (ulong)seed });
            var fitted = await FittedClusters.FromAsync(Interest, Models.AsOf, shards, sweep, seed);

            var model = fitted.ToModel(0, Naming, earlier: null);

            model.NamesWithheld.ShouldBeNull();
            var bySize = model.Segments.OrderByDescending(segment => segment.Profile.Size).ToArray();
            bySize.Select(segment => segment.Persona)
                .ShouldBe(["Silent Observers", "Enthusiasts", "Social Butterflies", "Traditionalists", "Detached Critics"]);
            bySize.ShouldAllBe(segment => segment.Resemblance > 0.9);
            bySize[2].Profile.Means[1].ShouldBeGreaterThan(3000);
            bySize[3].Profile.Means[0].ShouldBe(1959.37, 0.5);
        }
    }

    [RealDataFact]
    public async Task The_columns_of_the_event_challenge_once_shuffled_are_given_no_archetypes_name()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var (model, _, _) = await Fit(Interest, Kinds.Shuffle(EventChallenge.Rows(), 4, seed), 5);

            model.NamesWithheld.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task Without_old_users_there_are_no_Traditionalists()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            for (var k = 4; k <= 6; k++)
            {
                var (model, _, _) = await Fit(Interest, Kinds.Draw(seed, 6_000, withOld: false).Values, k);

                model.NamesWithheld.ShouldBeNull();
                model.Segments.ShouldAllBe(segment => segment.Persona != "Traditionalists");
            }
        }
    }

    [Fact]
    public async Task Shuffled_columns_are_given_no_archetypes_name()
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            var (model, _, _) = await Fit(Interest, Kinds.Shuffle(Kinds.Draw(seed, 5_000).Values, 4, seed), 5);

            model.NamesWithheld.ShouldNotBeNull();
            model.Segments.ShouldAllBe(segment => Archetypes.BuiltIn.Find(segment.Persona) == null && segment.Resemblance == null);
        }
    }

    [Fact]
    public async Task A_model_labels_a_row_as_the_shard_does_bit_for_bit()
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var random = new Random(seed);
            var columns = 1 + seed;
            var values = new double[2_000 * columns];
            for (var i = 0; i < values.Length; i++)
                values[i] = random.Next(15) == 0 ? double.NaN : seed % 2 == 0 ? random.NextDouble() : Math.Exp(2 * Kinds.Normal(random));

            var (model, shards, _) = await Fit(FeatureSet.OfTable("t", Enumerable.Range(0, columns).Select(c => $"c{c}")), values, 4, raw: seed % 3 == 0);

            var labels = await shards.LabelsAsync([.. model.Centroids], CancellationToken.None);
            var stored = SegmentModelCodec.Decode(SegmentModelCodec.Encode(model));
            for (var row = 0; row < labels.Length; row++)
            {
                var sources = values.AsSpan(row * columns, columns);
                stored.Label(sources, Models.AsOf).ShouldBe(labels[row]);
                stored.Assign(sources, Models.AsOf).Segment.ShouldBe(labels[row]);
            }
        }
    }

    [Fact]
    public async Task The_same_rows_give_the_same_bytes_for_any_number_of_shards()
    {
        var values = Kinds.Draw(4, 3_000).Values;

        var bytes = SegmentModelCodec.Encode((await Fit(Interest, values, 5, shards: 1)).Model);

        SegmentModelCodec.Encode((await Fit(Interest, values, 5, shards: 7)).Model).ShouldBe(bytes);
    }

    [Fact]
    public async Task Means_and_deviations_are_those_of_the_members()
    {
        var values = Kinds.Draw(2, 4_000).Values;
        foreach (var raw in new[] { false, true })
        {
            var (model, shards, fitted) = await Fit(Interest, values, 4, raw: raw);

            var labels = await shards.LabelsAsync([.. model.Centroids], CancellationToken.None);
            double Value(int row, int c) => double.IsNaN(values[row * 4 + c]) ? fitted.Scale.Fill[c] : values[row * 4 + c];
            for (var c = 0; c < 4; c++)
            {
                var all = Enumerable.Range(0, 4_000).Select(row => Value(row, c)).ToArray();
                var deviation = Math.Sqrt(all.Average(value => Math.Pow(value - all.Average(), 2)));
                for (var i = 0; i < 4; i++)
                {
                    var members = Enumerable.Range(0, 4_000).Where(row => labels[row] == i).Select(row => all[row]).ToArray();
                    model.Segments[i].Profile.Size.ShouldBe(members.Length);
                    model.Segments[i].Profile.Means[c].ShouldBe(members.Average(), 1e-9 * Math.Abs(all.Average()));
                    model.Segments[i].Profile.Deviations[c].ShouldBe((members.Average() - all.Average()) / deviation, 1e-5);
                }
            }
        }
    }

    [Fact]
    public async Task A_refit_on_more_rows_keeps_ids_and_names_wherever_the_clusters_stand_now()
    {
        var values = Kinds.Draw(6, 8_000).Values;
        var (first, _, _) = await Fit(Interest, values[..(6_000 * 4)], 5);
        var (unnamed, shards, fitted) = await Fit(Interest, values, 5);

        var now = await shards.LabelsAsync([.. unnamed.Centroids], CancellationToken.None);
        var overlap = new long[5, 5];
        for (var row = 0; row < 6_000; row++)
            overlap[first.Label(values.AsSpan(row * 4, 4), Models.AsOf), now[row]]++;
        var second = fitted.ToModel(2, Naming, new EarlierSegments(first.Features, first.Segments, first.IdsGiven, overlap));

        second.Segments.Select(segment => (segment.Id, segment.Persona)).ShouldBe(first.Segments.Select(segment => (segment.Id, segment.Persona)), ignoreOrder: true);
        second.IdsGiven.ShouldBe(5);
    }
}
