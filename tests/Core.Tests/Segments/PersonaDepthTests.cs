using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

/// <summary>Drift and stability of personas.</summary>
public sealed class PersonaDepthTests
{
    [Fact]
    public void The_stability_index_is_0_of_equal_shares_and_grows_as_they_part()
    {
        Drift.StabilityOf([10, 30, 60], [100, 300, 600]).ShouldBe(0, 1e-12);
        Drift.StabilityOf([50, 50], [75, 25]).ShouldBe((0.25 * Math.Log(1.5)) + (-0.25 * Math.Log(0.5)), 1e-12);
        Drift.StabilityOf([50, 50], [100, 0]).ShouldBeGreaterThan(1);
        Drift.StabilityOf([0, 0], [1, 1]).ShouldBe(double.NaN);
    }

    [Theory]
    [InlineData(0.1, 0.05, false)]
    [InlineData(-0.2, 0.05, true)]
    [InlineData(0.1, 0.2, true)]
    [InlineData(0.1, double.NaN, false)]
    public void It_is_far_once_a_column_or_the_shares_reach_their_trigger(double column, double index, bool far) => new Drift([0, column], index).IsFar.ShouldBe(far);

    [Fact]
    public async Task Crowds_that_stand_apart_come_out_again_and_one_crowd_does_not()
    {
        var random = new Random(1);
        float[][] Rows(double apart) => [.. Enumerable.Range(0, 600).Select(i => new[] { (float)((i % 3 * apart) + Normal()), (float)((i % 3 == 1 ? apart : 0) + Normal()) })];
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 3)];
        var clear = await PersonaStability.OfAsync(Rows(12), labels, 3, 1, Run, CancellationToken.None);
        clear.Seeds.Concat(clear.Bootstraps).ShouldAllBe(index => index > 0.99);
        (clear.Rows, clear.Seeds.Length, clear.Bootstraps.Length).ShouldBe((600, 5, 5));
        var none = await PersonaStability.OfAsync(Rows(0), labels, 3, 1, Run, CancellationToken.None);
        none.Seeds.Concat(none.Bootstraps).ShouldAllBe(index => index < 0.1);
        // Of fewer rows than clusters nothing can be told.
        (await PersonaStability.OfAsync([.. Rows(12).Take(2)], [0, 1], 3, 1, Run, CancellationToken.None)).Seeds.ShouldBeEmpty();

        static Task<(double, double)> Run(Func<(double, double)> drawing) => Task.Run(drawing);

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    [Fact]
    public void Parts_add_up_to_what_all_users_together_give()
    {
        var random = new Random(4);
        var model = LivingModels.Random(4);
        var facts = Enumerable.Range(0, 300).Select(_ => LivingModels.Facts(random, model.AsOf)).ToArray();
        var (whole, parts) = (new LiveUsers(), new[] { new LiveUsers(), new LiveUsers() });
        for (var user = 0; user < facts.Length; user++)
        {
            whole.Put($"u{user}", 1, facts[user], null);
            parts[user % 2].Put($"u{user}", 1, facts[user], null);
        }

        PersonaScan Scan(LiveUsers users) => PersonaScan.Of(users, users.Follow(model, model.AsOf), users.Follow(model, model.AsOf), 50);
        var (all, merged) = (Scan(whole), new PersonaScan(model, model.Segments.Length));
        foreach (var part in parts.Select(Scan)) merged.Merge(part.Sizes, part.Border, part.Flows, part.Rows, part.Sums, part.Sample, 50);
        merged.Sizes.ShouldBe(all.Sizes);
        merged.Border.ShouldBe(all.Border);
        merged.Flows.ShouldBe(all.Flows);
        merged.Rows.ShouldBe(all.Rows);
        merged.Sums.ShouldBe(all.Sums);
        merged.Sample.Select(one => (one.Hash, one.Segment)).ShouldBe(all.Sample.Select(one => (one.Hash, one.Segment)));
        all.Sample.Count.ShouldBe(Math.Min(50, (int)all.Sizes.Sum()));
        // By the same model before and now, nobody has moved.
        var k = model.Segments.Length;
        for (var from = 0; from <= k; from++)
        {
            for (var to = 0; to < k; to++) all.Flows[(from * k) + to].ShouldBe(from == to ? all.Sizes[to] : 0);
        }
    }
}
