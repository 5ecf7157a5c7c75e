using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class AdjustedEffectsTests
{
    [Fact]
    public void Within_groups_it_is_the_slope_of_a_regression_on_all_at_once()
    {
        // y = 2a - 3b + the group's own, exactly; a and b go together.
        var random = new Random(1);
        int[] groups = [.. Enumerable.Range(0, 200).Select(i => i / 5)];
        double[] a = [.. groups.Select(_ => random.NextDouble())];
        double[] b = [.. a.Select(value => value + (0.2 * random.NextDouble()))];
        double[] outcome = [.. groups.Select((group, i) => (2 * a[i]) - (3 * b[i]) + group)];
        var adjusted = AdjustedEffects.Of([(a, null), (b, null)], [], outcome, groups, groups);
        adjusted.Of(0, [a])[0].Slope.ShouldBe(2, 1e-9);
        adjusted.Of(1, [b])[0].Slope.ShouldBe(-3, 1e-9);
        // By themselves both look alike, and like neither.
        Effect.Within(a, outcome, groups, groups).Slope.ShouldBe(-1, 0.2);
    }

    [Fact]
    public void What_the_others_tell_wholly_or_what_does_not_vary_has_no_effect_of_its_own()
    {
        int[] groups = [.. Enumerable.Range(0, 60).Select(i => i / 3)];
        double[] a = [.. groups.Select((_, i) => i * 7 % 11 / 10.0)];
        double[] outcome = [.. groups.Select((_, i) => i * 5 % 7 / 7.0)];
        var adjusted = AdjustedEffects.Of([(a, null), ([.. a.Select(value => 3 - (2 * value))], null), ([.. groups.Select(group => (double)group)], null)], [], outcome, groups, groups);
        for (var feature = 0; feature < 3; feature++) adjusted.Of(feature, [feature == 2 ? [.. groups.Select(group => (double)group)] : a])[0].Slope.ShouldBe(double.NaN);
        AdjustedEffects.Of([(a, null)], [], outcome, groups, groups).Of(0, [a])[0].Slope.ShouldBe(Effect.Within(a, outcome, groups, groups).Slope, 1e-12);
    }

    /// <summary>One feature does something; another goes together with it, a third with its square, and of some showings the second is not known.</summary>
    [Fact]
    public void A_feature_that_only_goes_together_with_another_is_claimed_no_more_than_chance_allows_and_the_other_is_covered()
    {
        const int worlds = 200;
        var (covered, found, alone, claimed) = (0, 0, 0, 0);
        for (var world = 0; world < worlds; world++)
        {
            var random = new Random(world);
            int[] groups = [.. Enumerable.Range(0, 800).Select(i => i / 4)];
            int[] users = [.. groups.Select(group => group / 2)];
            double[] does = [.. groups.Select(_ => (2 * random.NextDouble()) - 1)];
            double[] together = [.. does.Select(value => random.Next(5) == 0 ? double.NaN : value + (0.7 * random.NextDouble()))];
            double[] square = [.. does.Select(value => (value * value) + (0.3 * random.NextDouble()))];
            double[] bias = [.. Enumerable.Range(0, 100).Select(_ => 0.3 * random.NextDouble())];
            double[] outcome = [.. does.Select((value, i) => random.NextDouble() < 0.3 + bias[users[i]] + (0.2 * value) ? 1.0 : 0)];
            var adjusted = AdjustedEffects.Of([(does, null), (together, null), (square, null)], [], outcome, groups, users);
            var effect = adjusted.Of(0, [does])[0];
            covered += effect.Interval.Covers(0.2) ? 1 : 0;
            found += effect.P < 0.05 ? 1 : 0;
            alone += Effect.Within(together, outcome, groups, users).P < 0.05 ? 1 : 0;
            claimed += (adjusted.Of(1, [together])[0].P < 0.05 ? 1 : 0) + (adjusted.Of(2, [square])[0].P < 0.05 ? 1 : 0);
        }

        // 95 % of 200, to what 200 can tell.
        covered.ShouldBeInRange(181, 199);
        found.ShouldBeGreaterThan(150);
        alone.ShouldBeGreaterThan(150, "by itself it looks like much");
        (claimed / (2.0 * worlds)).ShouldBeLessThan(0.08);
    }
}
