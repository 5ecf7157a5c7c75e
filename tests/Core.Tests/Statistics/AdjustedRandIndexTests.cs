using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class AdjustedRandIndexTests
{
    [Fact]
    public void The_same_parts_under_other_names_score_1() =>
        AdjustedRandIndex.Of([1, 1, 2, 2, 3], [7, 7, -1, -1, 0]).ShouldBe(1);

    // By the formula in fractions.
    [Theory]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 1, 2 }, 0.5714285714285714)]
    [InlineData(new[] { 0, 0, 1, 2 }, new[] { 0, 0, 1, 1 }, 0.5714285714285714)]
    [InlineData(new[] { 0, 0, 0, 0 }, new[] { 0, 1, 2, 3 }, 0.0)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 1, 0, 1 }, -0.5)]
    public void Known_values(int[] first, int[] second, double expected) =>
        AdjustedRandIndex.Of(first, second).ShouldBe(expected, 1e-15);

    [Fact]
    public void Chance_scores_about_0()
    {
        var random = new Random(1);
        var (a, b) = (new int[20_000], new int[20_000]);
        for (var i = 0; i < a.Length; i++)
            (a[i], b[i]) = (random.Next(5), random.Next(3));
        AdjustedRandIndex.Of(a, b).ShouldBe(0, 0.003);
    }

    [Theory]
    [InlineData(new[] { 0, 0 }, new[] { 4, 4 })]
    [InlineData(new[] { 0, 1 }, new[] { 4, 5 })]
    [InlineData(new[] { 0 }, new[] { 4 })]
    public void Labellings_without_anything_to_tell_apart_agree(int[] first, int[] second) =>
        AdjustedRandIndex.Of(first, second).ShouldBe(1);

    [Fact]
    public void Different_lengths_and_nothing_at_all_are_refused()
    {
        Should.Throw<ArgumentException>(() => AdjustedRandIndex.Of([1], [1, 2]));
        Should.Throw<ArgumentException>(() => AdjustedRandIndex.Of([], []));
    }
}
