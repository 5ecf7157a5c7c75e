using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class StudentTests
{
    // From any printed table.
    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(10, 2.2281)]
    [InlineData(30, 2.0423)]
    [InlineData(1_000_000, 1.9600)]
    public void The_middle_95_percent_reach_as_far_as_tables_say(double freedom, double reach) => Student.Reach(freedom).ShouldBe(reach, 5e-5);

    [Fact]
    public void With_one_and_two_degrees_of_freedom_it_is_the_closed_form()
    {
        foreach (var t in new[] { 0.0, 0.1, 1, 2.5, 40, 1e5 })
        {
            Student.TwoSided(t, 1).ShouldBe(1 - (2 / Math.PI * Math.Atan(t)), 1e-12);
            Student.TwoSided(-t, 2).ShouldBe(1 - (t / Math.Sqrt(2 + (t * t))), 1e-12);
        }

        Student.Above(-1, 1).ShouldBe(0.75, 1e-12);
        Student.Above(1, 1).ShouldBe(0.25, 1e-12);
    }
}
