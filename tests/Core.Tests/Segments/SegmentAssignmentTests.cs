using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class SegmentAssignmentTests
{
    private static IEnumerable<(SegmentModel Model, double[] Row)> Cases()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var columns = 1 + seed % 6;
            var row = new double[columns];
            for (var i = 0; i < columns; i++)
                row[i] = random.Next(10) == 0 ? double.NaN : random.NextDouble() * 8 - 4;
            yield return (Models.Random(seed, 2 + seed % 7, columns), row);
        }
    }

    [Fact]
    public void Shares_sum_to_1_and_come_weightiest_first()
    {
        foreach (var (model, row) in Cases())
        {
            var assignment = model.Assign(row, model.AsOf);

            assignment.Reasons.Sum(reason => reason.Share).ShouldBe(1, 1e-9);
            assignment.Reasons.Select(reason => reason.Share).ShouldBeInOrder(SortDirection.Descending);
            assignment.Reasons.Select(reason => reason.Feature).ShouldBe(model.Features.Features.Select(feature => feature.Name), ignoreOrder: true);
        }
    }

    [Fact]
    public void The_segment_is_the_nearest_and_the_others_follow_by_distance()
    {
        foreach (var (model, row) in Cases())
        {
            var assignment = model.Assign(row, model.AsOf);

            assignment.Segment.ShouldBe(model.Label(row, model.AsOf));
            assignment.Distances[0].Segment.ShouldBe(assignment.Segment);
            assignment.Distances.Select(distance => distance.Distance).ShouldBeInOrder();
            assignment.Distances.Select(distance => distance.Segment).ShouldBe(Enumerable.Range(0, model.Segments.Length), ignoreOrder: true);
            assignment.Margin.ShouldBe(1 - assignment.Distances[0].Distance / assignment.Distances[1].Distance, 1e-12);
            assignment.Margin.ShouldBeInRange(0, 1);
        }
    }

    [Fact]
    public void Without_the_features_that_speak_for_the_segment_the_runner_up_is_nearer()
    {
        foreach (var (model, row) in Cases())
        {
            var assignment = model.Assign(row, model.AsOf);
            var columns = model.Features.Count;
            var opposed = assignment.Reasons.Where(reason => reason.Share < 0).Select(reason => int.Parse(reason.Feature[1..])).ToArray();
            double Squared(int segment) => opposed.Sum(i =>
                Math.Pow((double.IsNaN(row[i]) ? 0 : row[i]) - model.Centroids[segment * columns + i], 2));

            if (opposed.Length > 0)
                Squared(assignment.Distances[1].Segment).ShouldBeLessThan(Squared(assignment.Segment));
        }
    }

    [Fact]
    public void A_row_at_a_centroid_has_margin_1()
    {
        var model = Models.Small();

        var assignment = model.Assign([Models.AsOf.Year - 20, 0.5], Models.AsOf);

        assignment.Segment.ShouldBe(0);
        assignment.Distances[0].Distance.ShouldBe(0);
        assignment.Margin.ShouldBe(1);
    }

    [Fact]
    public void A_row_on_the_border_has_margin_0_no_shares_and_the_lower_segment()
    {
        var model = Models.Random(1, 2, 2) with { Centroids = [-1, 0, 1, 0] };

        var assignment = model.Assign([0, 3], model.AsOf);

        assignment.Segment.ShouldBe(0);
        assignment.Margin.ShouldBe(0);
        assignment.Reasons.ShouldAllBe(reason => reason.Share == 0);
    }

    [Fact]
    public void Two_centroids_in_one_place_leave_no_margin_even_there()
    {
        var model = Models.Random(1, 2, 2) with { Centroids = [1, 1, 1, 1] };

        model.Assign([1, 1], model.AsOf).Margin.ShouldBe(0);
    }

    [Fact]
    public void A_reason_gives_the_rows_own_value_beside_both_means()
    {
        var model = Models.Small();

        var reasons = model.Assign([Models.AsOf.Year - 58, double.NaN], Models.AsOf).Reasons;

        reasons[0].ShouldBe(new Reason("age", 58, Centroid: 50, RunnerUp: 20, reasons[0].Share));
        reasons[1].ShouldBe(new Reason("interested", null, Centroid: 0, RunnerUp: 0.5, reasons[1].Share));
    }

    [Fact]
    public void A_missing_value_counts_as_its_rule_says()
    {
        var model = Models.Small();
        double Nearest(double year, double share) => model.Assign([year, share], Models.AsOf).Distances[0].Distance;

        Nearest(1992, double.NaN).ShouldBe(Nearest(1992, 0.5)); // value:0.5
        Nearest(double.NaN, 0.5).ShouldBe(Nearest(Models.AsOf.Year - 29, 0.5)); // the median age
    }

    [Fact]
    public void Somebody_may_change_segment_by_time_alone()
    {
        var model = Models.Small();
        double[] row = [1985, 0.25];

        model.Assign(row, Models.AsOf).Segment.ShouldBe(0);
        model.Assign(row, Models.AsOf.AddYears(20)).Segment.ShouldBe(1);
    }

    [Fact]
    public void Contrasts_are_in_the_units_of_the_features()
    {
        var contrasts = Models.Small().Contrasts(1);

        contrasts[0].ShouldBe(new Contrast("age", 50, 30, 2));
        contrasts[1].ShouldBe(new Contrast("interested", 0, 0.25, -0.5));
    }
}
