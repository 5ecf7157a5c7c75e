using Auie.Core.Features;
using Auie.Core.Segments;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Segments;

/// <summary>Segments that are kept up, held against making them anew.</summary>
public sealed class LiveSegmentsTests
{
    private const int Ids = 60;

    [Fact]
    public void After_any_puts_moves_removals_and_steps_of_time_everything_is_as_if_made_anew_bit_for_bit() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var model = LivingModels.Random(seed);
        var users = new LiveUsers();
        var expected = new Dictionary<string, (long Offset, double[] Facts, string Locale)>();
        var (now, offset) = (model.AsOf, 0L);
        LiveSegments? live = null;
        for (var step = 0; step < 250; step++)
        {
            var user = $"u{random.Next(Ids)}";
            switch (random.Next(12))
            {
                case 0:
                    now += TimeSpan.FromMinutes(Math.Pow(10, random.NextDouble() * 5.5));
                    live?.Advance(now);
                    break;
                case 1 or 2:
                    users.Remove(user, ++offset);
                    expected.Remove(user);
                    break;
                case 3 when offset > 20:
                    // Comes late: whoever is known by something later, or went since, stays as they are.
                    if (expected.TryGetValue(user, out var known))
                        users.Put(user, known.Offset - random.Next(2), LivingModels.Facts(random, now), "late");
                    break;
                default:
                    var facts = LivingModels.Facts(random, now);
                    var locale = $"l{random.Next(3)}";
                    users.Put(user, ++offset, facts, locale);
                    expected[user] = (offset, facts, locale);
                    break;
            }

            if (step == 60)
                live = users.Follow(model, now);
            if (step == 90)
                live!.Members(0, null).Count().ShouldBe((int)live.Sums.Sizes[0]);
        }

        live!.Advance(now);
        var anew = new LiveUsers();
        foreach (var (user, (at, facts, locale)) in expected.OrderBy(one => one.Key, StringComparer.Ordinal))
            anew.Put(user, at, facts, locale);
        Same(live, anew.Follow(model, now), model, now);
        SameCounts(users, anew);
        users.After("u3").Select(users.User).ShouldBe(expected.Keys.Where(id => string.CompareOrdinal(id, "u3") > 0).Order(StringComparer.Ordinal));
        foreach (var row in users.Rows)
        {
            var sources = LivingModels.Sources(model, expected[users.User(row)].Facts);
            live.Label(row).ShouldBe(sources is null ? LiveSegments.None : model.Label(sources, now));
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(20121201, 9));

    [Fact]
    public void Parts_of_users_add_up_to_all_users_bit_for_bit()
    {
        var model = LivingModels.Random(12);
        var random = new Random(1);
        var whole = new LiveUsers();
        LiveUsers[] parts = [new(), new(), new()];
        for (var user = 0; user < 500; user++)
        {
            var facts = LivingModels.Facts(random, model.AsOf);
            whole.Put($"u{user}", 1, facts, null);
            parts[user % 3].Put($"u{user}", 1, facts, null);
        }

        var sum = new LiveSums(model);
        foreach (var part in parts.Select(part => part.Follow(model, model.AsOf).Sums))
            sum.Merge(new LiveSums(model, part.Without, part.Sizes, part.Moving, part.Sums));

        Same(sum, whole.Follow(model, model.AsOf).Sums, model, model.AsOf);
    }

    [Fact]
    public void The_live_centroid_is_the_mean_of_the_members_values_as_of_now()
    {
        var model = LivingModels.Random(3);
        var (random, users) = (new Random(5), new LiveUsers());
        var facts = Enumerable.Range(0, 400).Select(_ => LivingModels.Facts(random, model.AsOf)).ToArray();
        for (var user = 0; user < facts.Length; user++)
            users.Put($"u{user}", 1, facts[user], null);
        var live = users.Follow(model, model.AsOf);
        var now = model.AsOf.AddDays(45);
        live.Advance(now);

        var members = facts.Select(each => LivingModels.Sources(model, each)).OfType<double[]>().ToLookup(sources => model.Label(sources, now));
        members.Count.ShouldBeGreaterThan(1);
        for (var segment = 0; segment < model.Segments.Length; segment++)
        {
            live.Sums.Sizes[segment].ShouldBe(members[segment].Count());
            var means = live.Sums.Means(segment, now);
            (means is null).ShouldBe(!members[segment].Any());
            for (var c = 0; c < (means?.Length ?? 0); c++)
            {
                var feature = model.Features.Features[c];
                var mean = members[segment].Average(sources =>
                {
                    var value = feature.Evaluate(sources[c], now);
                    value = double.IsNaN(value) ? feature.Substitute : value;
                    return double.IsNaN(value) ? model.Scale.Fill[c] : value;
                });
                means![c].ShouldBe(feature.InUnit(mean), 1e-6 * Math.Abs(feature.InUnit(mean)) + 1e-9, feature.Name);
            }
        }
    }

    [Fact]
    public void Time_passes_without_looking_at_those_whom_it_cannot_move()
    {
        var engagement = FeatureSets.BuiltIn.All.Single(set => set.Name == "engagement");
        var model = LivingModels.Random(8) with { Features = engagement };
        var random = new Random(8);
        model = model with
        {
            Scale = Models.UnitScale(engagement.Count) with { Mean = [.. new double[engagement.Count].Select(_ => 1)], Deviation = [.. engagement.Features.Select(feature => feature.DependsOnTime ? 30.0 : 1)] },
            Centroids = [.. Enumerable.Range(0, engagement.Count * model.Segments.Length).Select(_ => random.NextDouble() * 4 - 2)],
        };
        var users = new LiveUsers();
        for (var user = 0; user < 5_000; user++)
            users.Put($"u{user}", 1, LivingModels.Facts(random, model.AsOf), null);
        var live = users.Follow(model, model.AsOf);
        var before = users.Rows.Select(live.Label).ToArray();

        var looked = 0;
        for (var minute = 1; minute <= 24 * 60; minute++)
            looked += live.Advance(model.AsOf.AddMinutes(minute));

        looked.ShouldBeLessThan(5_000 * 24 * 60 / 1_000);
        users.Rows.Select(live.Label).ShouldBe(users.Rows.Select(row => Label(users, model, row, live.AsOf)));
        users.Rows.Count(row => live.Label(row) != before[row]).ShouldBeInRange(1, looked);
    }

    [Fact]
    public void An_instant_that_has_passed_changes_nothing()
    {
        var model = LivingModels.Random(2);
        var users = new LiveUsers();
        users.Put("u", 1, LivingModels.Facts(new Random(1), model.AsOf), null);
        var live = users.Follow(model, model.AsOf.AddDays(100));
        live.Advance(model.AsOf).ShouldBe(0);
        live.AsOf.ShouldBe(model.AsOf.AddDays(100));
    }

    [Fact]
    public void Facts_from_before_somebody_went_do_not_bring_them_back_until_that_is_forgotten()
    {
        var (users, random) = (new LiveUsers(), new Random(1));
        users.Put("u", 5, LivingModels.Facts(random, Models.AsOf), "en");
        users.Remove("u", 4);
        users.Count.ShouldBe(1);
        users.Remove("u", 5);
        users.Count.ShouldBe(0);
        users.Put("u", 5, LivingModels.Facts(random, Models.AsOf), "en");
        users.ForgetGone();
        users.Put("u", 4, LivingModels.Facts(random, Models.AsOf), "en");
        users.Count.ShouldBe(0);
        users.Put("u", 6, LivingModels.Facts(random, Models.AsOf), "en");
        users.Count.ShouldBe(1);

        users.Remove("u", 7);
        users.ForgetGone();
        users.ForgetGone();
        users.Put("u", 1, LivingModels.Facts(random, Models.AsOf), "en");
        users.Count.ShouldBe(1);
    }

    [Fact]
    public void A_row_that_was_left_is_given_to_the_next_who_comes()
    {
        var (users, random) = (new LiveUsers(), new Random(1));
        for (var user = 0; user < 100; user++)
        {
            users.Put($"u{user}", 1, LivingModels.Facts(random, Models.AsOf), null);
            users.Remove($"u{user}", 2);
        }

        users.Put("last", 1, LivingModels.Facts(random, Models.AsOf), null);
        users.Rows.ShouldBe([0]);
    }

    private static int Label(LiveUsers users, SegmentModel model, int row, DateTimeOffset asOf)
    {
        var facts = users.Facts(row);
        if (model.Features.RowsOf(facts) == 0)
            return LiveSegments.None;
        var sources = new double[model.Features.Count];
        model.Features.Sources(facts, sources);
        return model.Label(sources, asOf);
    }

    private static void Same(LiveSegments live, LiveSegments anew, SegmentModel model, DateTimeOffset now)
    {
        live.AsOf.ShouldBe(now);
        Same(live.Sums, anew.Sums, model, now);
        for (var segment = 0; segment < model.Segments.Length; segment++)
        {
            live.Members(segment, null).ShouldBe(anew.Members(segment, null));
            live.Members(segment, "u30").ShouldBe(anew.Members(segment, null).Where(id => string.CompareOrdinal(id, "u30") > 0));
        }
    }

    private static void Same(LiveSums live, LiveSums anew, SegmentModel model, DateTimeOffset now)
    {
        live.Without.ShouldBe(anew.Without);
        live.Sizes.ToArray().ShouldBe(anew.Sizes.ToArray());
        live.Moving.ToArray().ShouldBe(anew.Moving.ToArray());
        live.Sums.High.ShouldBe(anew.Sums.High);
        live.Sums.Low.ShouldBe(anew.Sums.Low);
        for (var segment = 0; segment < model.Segments.Length; segment++)
            live.Means(segment, now).ShouldBe(anew.Means(segment, now));
    }

    private static void SameCounts(LiveUsers users, LiveUsers anew)
    {
        users.Count.ShouldBe(anew.Count);
        users.Counts.Users.ShouldBe(anew.Count);
        users.Counts.LastEvent.ShouldBe(anew.Counts.LastEvent);
        users.Counts.Locales.Where(one => one.Key != "").ShouldBe(anew.Counts.Locales.Where(one => one.Key != ""), ignoreOrder: true);
        users.Counts.BirthYears.ShouldBe(anew.Counts.BirthYears, ignoreOrder: true);
        users.Counts.FriendLinks.ShouldBe(anew.Counts.FriendLinks);
    }
}
