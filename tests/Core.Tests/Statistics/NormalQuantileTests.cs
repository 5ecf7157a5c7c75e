using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class NormalQuantileTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.5, 0.6744898)]
    [InlineData(0.6826895, 1)]
    [InlineData(0.9, 1.6448536)]
    [InlineData(0.95, 1.9599640)]
    [InlineData(0.99, 2.5758293)]
    [InlineData(0.999999, 4.8916385)]
    public void They_are_those_of_the_tables(double confidence, double quantile) => NormalQuantile.TwoSided(confidence).ShouldBe(quantile, 2e-6);

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1)]
    [InlineData(double.NaN)]
    public void What_is_no_probability_is_refused(double confidence) => Should.Throw<ArgumentOutOfRangeException>(() => NormalQuantile.TwoSided(confidence));
}
