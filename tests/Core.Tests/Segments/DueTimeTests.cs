using System.Collections.Immutable;
using Auie.Core.Features;
using Auie.Core.Segments;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Segments;

/// <summary>The instant until which nobody needs to be looked at, held against looking at them all the time.</summary>
public sealed class DueTimeTests
{
    private static readonly TimeSpan[] Steps = [TimeSpan.FromMinutes(1), TimeSpan.FromHours(1), TimeSpan.FromHours(13), TimeSpan.FromDays(9), TimeSpan.FromDays(101)];

    [Fact]
    public void No_label_changes_before_its_due_time() => Prop.ForAll<int>(seed =>
    {
        var random = new Random(seed);
        var model = LivingModels.Random(seed);
        var dueTime = new DueTime(model);
        for (var user = 0; user < 10; user++)
        {
            if (LivingModels.Sources(model, LivingModels.Facts(random, model.AsOf)) is not { } sources)
                continue;
            var label = model.Label(sources, model.AsOf);
            var due = dueTime.After(sources, model.AsOf);
            var step = Steps[random.Next(Steps.Length)];
            for (var at = model.AsOf; at < model.AsOf + 300 * step && !(at >= due); at += step)
                model.Label(sources, at).ShouldBe(label, $"seed {seed}, user {user}, at {at:O}, due {due:O}");
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(300).WithReplay(20121201, 7));

    [Fact]
    public void Who_is_looked_at_only_when_due_is_always_in_the_right_segment_and_seldom_looked_at()
    {
        var (moves, looks, steps) = (0, 0, 0);
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var model = LivingModels.Random(seed);
            var dueTime = new DueTime(model);
            if (LivingModels.Sources(model, LivingModels.Facts(random, model.AsOf)) is not { } sources)
                continue;
            var (label, due) = (model.Label(sources, model.AsOf), dueTime.After(sources, model.AsOf));
            for (var hour = 1; hour <= 24 * 400; hour++, steps++)
            {
                var at = model.AsOf.AddHours(hour);
                var now = model.Label(sources, at);
                if (at >= due)
                {
                    moves += now == label ? 0 : 1;
                    (label, due) = (now, dueTime.After(sources, at));
                    looks++;
                }

                now.ShouldBe(label, $"seed {seed} at {at:O}");
            }
        }

        moves.ShouldBeGreaterThan(10);
        looks.ShouldBeLessThan(steps / 100);
    }

    [Fact]
    public void A_user_falls_due_just_before_crossing_the_border()
    {
        // Two segments over the days since somebody was last seen, at 10 and 30: the border is at 20.
        var model = OfRecency();
        var seen = (Models.AsOf - DateTimeOffset.UnixEpoch).TotalSeconds - 12 * 86_400;

        var due = new DueTime(model).After([seen], Models.AsOf).ShouldNotBeNull();

        (due - Models.AsOf).TotalDays.ShouldBeInRange(7.99, 8);
        model.Label([seen], Models.AsOf.AddDays(7.99)).ShouldBe(0);
        model.Label([seen], Models.AsOf.AddDays(8.01)).ShouldBe(1);
    }

    [Fact]
    public void Who_moves_away_from_every_border_falls_due_only_because_distances_round()
    {
        var seen = (Models.AsOf - DateTimeOffset.UnixEpoch).TotalSeconds - 40 * 86_400;
        var due = new DueTime(OfRecency()).After([seen], Models.AsOf);
        due.ShouldNotBeNull().ShouldBeGreaterThan(Models.AsOf.AddDays(15));
    }

    [Fact]
    public void Without_a_value_that_grows_nobody_ever_falls_due()
    {
        new DueTime(OfRecency()).After([double.NaN], Models.AsOf).ShouldBeNull();
        new DueTime(Models.Random(1, 4, 3)).After([0, 1, 2], Models.AsOf).ShouldBeNull();
    }

    [Fact]
    public void An_instant_in_the_future_is_due_when_it_has_come()
    {
        var begins = Models.AsOf.AddDays(3);
        var due = new DueTime(OfRecency()).After([(begins - DateTimeOffset.UnixEpoch).TotalSeconds], Models.AsOf).ShouldNotBeNull();
        due.ShouldBeInRange(begins.AddMilliseconds(-2), begins);
    }

    [Fact]
    public void A_year_of_birth_is_due_at_the_new_year_that_may_decide()
    {
        // Ages of 20 and 30, deviation 10, as of December 2012: whoever is 22 is 26 in 2016, and 25 on the border in 2015.
        var model = Models.Small();
        model = model with
        {
            Features = model.Features with { Features = [model.Features.Features[0]] },
            Scale = Models.UnitScale(1) with { Mean = [25], Deviation = [10] }, Centroids = [-.5, .5],
        };
        new DueTime(model).After([1990], Models.AsOf).ShouldBe(new DateTimeOffset(2015, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    private static SegmentModel OfRecency()
    {
        var recency = FeatureSets.BuiltIn.All.Single(set => set.Name == "engagement").Features.Single(feature => feature.Name == "recency");
        var model = Models.Small();
        return model with
        {
            Features = model.Features with { Features = [recency] },
            Scale = Models.UnitScale(1) with { Mean = [20], Deviation = [10] },
            Centroids = ImmutableArray.Create(-1.0, 1.0),
        };
    }
}
