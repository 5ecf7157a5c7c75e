using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class BinnedCurveTests
{
    [Fact]
    public void Every_known_row_is_in_one_bin_and_equal_values_are_together()
    {
        var random = new Random(1);
        double[] feature = [.. Enumerable.Range(0, 1_000).Select(i => i % 50 == 0 ? double.NaN : (double)(random.Next(3) == 0 ? 0 : random.Next(40)))];
        double[] outcome = [.. feature.Select(one => one > 20 ? 1.0 : 0)];
        var curve = BinnedCurve.OfEqualCounts(feature, outcome, [.. Enumerable.Range(0, 1_000)], 5);

        curve.Length.ShouldBeGreaterThan(2);
        curve.Sum(bin => bin.Rate.N).ShouldBe(980);
        foreach (var bin in curve)
        {
            var of = Enumerable.Range(0, 1_000).Where(i => feature[i] >= bin.From && feature[i] < bin.To).ToArray();
            (bin.Rate.N, bin.Rate.Hits).ShouldBe((of.Length, of.Count(i => outcome[i] > 0)));
        }
    }

    [Fact]
    public void A_value_at_an_edge_is_in_the_bin_that_begins_there()
    {
        var curve = BinnedCurve.Of([-1, 0, 23, 24, 100], [1, 0, 0, 1, 1], [0, 1, 2, 3, 4], [0, 24, 72]);
        curve.Select(bin => (bin.Rate.Hits, bin.Rate.N)).ShouldBe([(1, 1), (0, 2), (1, 1)]);
        BinnedCurve.OfEqualCounts([double.NaN], [1], [0], 4).ShouldBeEmpty();
    }

    [Fact]
    public void Of_one_value_alone_there_is_one_bin() =>
        BinnedCurve.OfEqualCounts([2, 2, 2], [1, 0, 1], [0, 1, 2], 4).Single().Rate.N.ShouldBe(3);
}
