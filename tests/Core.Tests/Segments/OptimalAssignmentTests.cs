using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class OptimalAssignmentTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(5, 3)]
    [InlineData(5, 5)]
    [InlineData(6, 6)]
    public void No_matching_has_a_greater_total_above_the_minimum(int rows, int columns)
    {
        var random = new Random(rows * 31 + columns);
        for (var round = 0; round < 200; round++)
        {
            // Coarse weights make ties; some pairs are forbidden.
            var weights = new double[rows, columns];
            for (var i = 0; i < rows; i++)
            {
                for (var j = 0; j < columns; j++)
                    weights[i, j] = random.Next(8) == 0 ? double.NaN : round % 2 == 0 ? random.Next(-4, 5) / 4.0 : random.NextDouble() * 2 - 1;
            }

            var matched = OptimalAssignment.Maximise(weights, 0.25);

            matched.Where(column => column >= 0).ShouldBeUnique();
            for (var i = 0; i < rows; i++)
                (matched[i] < 0 || weights[i, matched[i]] >= 0.25).ShouldBeTrue();
            Gain(weights, matched).ShouldBe(BestGain(weights, 0, 0), 1e-12);
        }
    }

    [Fact]
    public void A_pair_exactly_at_the_minimum_is_matched()
    {
        OptimalAssignment.Maximise(new[,] { { 0.5 } }, 0.5).ShouldBe([0]);
        OptimalAssignment.Maximise(new[,] { { 0.49999 } }, 0.5).ShouldBe([-1]);
    }

    [Fact]
    public void One_strong_pair_is_worth_more_than_two_that_barely_pass() =>
        OptimalAssignment.Maximise(new[,] { { 0.95, 0.61 }, { 0.61, 0.1 } }, 0.6).ShouldBe([0, -1]);

    [Fact]
    public void Nothing_is_matched_where_there_is_nothing()
    {
        OptimalAssignment.Maximise(new double[0, 3], 0.5).ShouldBeEmpty();
        OptimalAssignment.Maximise(new double[2, 0], 0.5).ShouldBe([-1, -1]);
    }

    private static double Gain(double[,] weights, int[] matched) =>
        matched.Select((column, row) => column < 0 ? 0 : weights[row, column] - 0.25).Sum();

    private static double BestGain(double[,] weights, int row, int taken)
    {
        if (row == weights.GetLength(0))
            return 0;
        var best = BestGain(weights, row + 1, taken);
        for (var column = 0; column < weights.GetLength(1); column++)
        {
            if ((taken & 1 << column) == 0 && weights[row, column] >= 0.25)
                best = Math.Max(best, weights[row, column] - 0.25 + BestGain(weights, row + 1, taken | 1 << column));
        }

        return best;
    }
}
