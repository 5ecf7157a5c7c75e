using Auie.Core.Clustering;

namespace Auie.Core.Tests.Clustering;

public sealed class ScaleTests
{
    // More columns than are counted in one pass over the rows.
    [Theory]
    [InlineData(4)]
    [InlineData(70)]
    public async Task Mean_median_and_deviation_are_those_of_the_definition(int columns)
    {
        var values = TestRows.LogNormal(1001, columns, seed: 3, missing: 0.1);
        var scale = await Compute(values, columns);

        for (var c = 0; c < columns; c++)
        {
            var column = values.Where((_, i) => i % columns == c).ToArray();
            var present = column.Where(v => !double.IsNaN(v)).Order().ToArray();
            var median = (present[(present.Length - 1) / 2] + present[present.Length / 2]) / 2;
            var filled = column.Select(v => double.IsNaN(v) ? median : v).ToArray();
            var mean = filled.Average();
            scale.Fill[c].ShouldBe(median);
            scale.Missing[c].ShouldBe(column.Length - present.Length);
            scale.Mean[c].ShouldBe(mean, 1e-13 * mean);
            var deviation = Math.Sqrt(filled.Average(v => (v - mean) * (v - mean)));
            scale.Deviation[c].ShouldBe(deviation, 1e-12 * deviation);
            scale.Transform(filled[7], c).ShouldBe((float)((filled[7] - mean) / deviation), 1e-5f);
        }
    }

    [Theory]
    [InlineData(new[] { 3.0, 1, 2 }, 2.0)]
    [InlineData(new[] { 4.0, 1, 2, 3 }, 2.5)]
    [InlineData(new[] { -1.0, -0.0, 0.0, 7 }, 0.0)]
    [InlineData(new[] { -5.0, double.NaN, -7 }, -6.0)]
    [InlineData(new[] { 1e-300, 1e149, -1e149 }, 1e-300)]
    [InlineData(new[] { 8.0 }, 8.0)]
    public async Task The_median_of_an_even_number_is_the_mean_of_the_middle_two(double[] values, double median) =>
        (await Compute(values, 1)).Fill[0].ShouldBe(median);

    [Fact]
    public async Task A_constant_column_has_deviation_1_and_is_0_for_later_rows_too()
    {
        var scale = await Compute([5, 1, 5, 2, double.NaN, 3], 2);
        scale.Constant.ShouldBe([true, false]);
        scale.Deviation[0].ShouldBe(1);
        scale.Mean[0].ShouldBe(5);
        scale.Transform([77, 2])[0].ShouldBe(0);
    }

    [Fact]
    public async Task A_column_without_values_is_refused_by_number_or_taken_as_0_where_allowed()
    {
        double[] values = [1, double.NaN, 2, double.NaN];
        (await Should.ThrowAsync<ArgumentException>(() => Compute(values, 2))).Message.ShouldContain("Column 1 has no value");
        var scale = await Scaling.ComputeAsync(TestRows.Spread(values, 2, 2), new ScaleOptions { AllowEmptyColumns = true }, default);
        scale.Fill[1].ShouldBe(0);
        scale.Transform([1, double.NaN])[1].ShouldBe(0);
    }

    [Fact]
    public async Task No_rows_are_refused() =>
        (await Should.ThrowAsync<ArgumentException>(() => Compute([], 2))).Message.ShouldContain("no rows");

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e151)]
    public void Infinities_and_the_like_are_refused_by_row_and_column(double value) =>
        Should.Throw<ArgumentException>(() => new ShardRows([1, 2, 3, value], 2, [0, 1])).Message.ShouldContain("Row 1 has");

    [Fact]
    public async Task A_raw_row_to_transform_must_be_finite_and_as_wide_as_the_scale()
    {
        var scale = await Compute([1, 2, 3, 4], 2);
        Should.Throw<ArgumentException>(() => scale.Transform([1])).Message.ShouldContain("1 columns where the scale has 2");
        Should.Throw<ArgumentException>(() => scale.Transform([1, double.NegativeInfinity])).Message.ShouldContain("Column 1");
    }

    [Fact]
    public async Task Raw_columns_are_centred_and_keep_their_unit()
    {
        var scale = await Scaling.ComputeAsync(TestRows.Spread([10, 20, 60], 1, 2), new ScaleOptions { Raw = true }, default);
        scale.Deviation[0].ShouldBe(1);
        scale.Transform([60.0])[0].ShouldBe(30);
        scale.ToRaw(30, 0).ShouldBe(60);
        await Should.ThrowAsync<ArgumentException>(() => Scaling.ComputeAsync(TestRows.Spread([0, 1e16], 1, 1), new ScaleOptions { Raw = true }, default));
    }

    [Fact]
    public async Task Standardised_values_lie_on_the_grid_within_its_range()
    {
        var values = TestRows.LogNormal(500, 3, seed: 5);
        var scale = await Compute(values, 3);
        foreach (var row in TestRows.Points(values, scale))
        {
            for (var c = 0; c < 3; c++)
            {
                var units = row[c] / scale.Unit(c);
                units.ShouldBe(Math.Round(units));
                Math.Abs(units).ShouldBeLessThanOrEqualTo(1 << Scale.GridBits);
            }
        }
    }

    [Fact]
    public async Task Rows_outside_of_the_scale_are_not_standardised_by_it()
    {
        var scale = await Compute([0, 1, 2], 1);
        Should.Throw<ArgumentException>(() => new ShardRows([1000], 1, [9]).Standardise(scale)).Message.ShouldContain("column 0");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(32)]
    public async Task The_scale_has_the_same_bits_for_any_spread(int shards)
    {
        var values = TestRows.LogNormal(2000, 3, seed: 8, missing: 0.05);
        var one = await Scaling.ComputeAsync(TestRows.Spread(values, 3, 1), new ScaleOptions(), default);
        var many = await Scaling.ComputeAsync(TestRows.Spread(values, 3, shards, shuffleSeed: shards), new ScaleOptions(), default);
        many.SameAs(one).ShouldBeTrue();
    }

    private static Task<Scale> Compute(double[] values, int columns) =>
        Scaling.ComputeAsync(TestRows.Spread(values, columns, 2), new ScaleOptions(), default);
}
