using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class FalseDiscoveriesTests
{
    // The example of Benjamini and Hochberg's paper, section 4: at 5 % the four smallest are found.
    [Fact]
    public void The_papers_example_finds_what_the_paper_finds()
    {
        double[] p = [.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1.0];
        var q = FalseDiscoveries.Adjust(p);
        q.Count(one => one <= .05).ShouldBe(4);
        q[3].ShouldBe(.0095 * 15 / 4, 1e-12);
        q[^1].ShouldBe(1);
    }

    [Fact]
    public void The_order_of_tests_does_not_matter_and_what_was_not_tested_stays_so()
    {
        var random = new Random(1);
        var p = Enumerable.Range(0, 100).Select(i => i % 10 == 0 ? double.NaN : random.NextDouble()).ToArray();
        var q = FalseDiscoveries.Adjust(p);
        FalseDiscoveries.Adjust([.. p.Reverse()]).Reverse().ShouldBe(q);
        for (var i = 0; i < p.Length; i++)
        {
            double.IsNaN(q[i]).ShouldBe(double.IsNaN(p[i]));
            if (double.IsNaN(p[i])) continue;
            // By the definition: the least, over all cuts at or above p, of the tests' share that chance alone would pass.
            var tests = p.Where(one => !double.IsNaN(one)).ToArray();
            q[i].ShouldBe(tests.Where(cut => cut >= p[i]).Min(cut => cut * tests.Length / tests.Count(one => one <= cut)), 1e-12);
        }
    }
}
