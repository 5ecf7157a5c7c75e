using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Core.Tests.Insights;

public sealed class PointsTests
{
    [Theory]
    [InlineData(0.0002, 0.009, 2, "+0.02")]
    [InlineData(0.00002, 0.009, 3, "+0.002")]
    [InlineData(0.02, 0.09, 1, "+2.0")]
    [InlineData(-0.0002, 0.009, 1, "0.0")]
    [InlineData(double.NaN, double.NaN, 1, "not a number")]
    public void As_many_digits_are_told_as_show_that_an_interval_without_0_has_none(double low, double high, int digits, string told)
    {
        Points.DigitsOf(new Interval(low, high)).ShouldBe(digits);
        if (!double.IsNaN(low)) Points.Of(low, digits).ShouldBe(told);
    }

    [Fact]
    public void Below_0_too() => Points.DigitsOf(new Interval(-0.009, -0.0002)).ShouldBe(2);
}
