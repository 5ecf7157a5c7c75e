using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class ContinuityTests
{
    [Fact]
    public void A_cluster_continues_the_segment_that_most_of_its_rows_come_from()
    {
        // Earlier 0 became cluster 2, earlier 1 stayed cluster 1, earlier 2 became cluster 0; a few rows moved.
        var overlap = new long[,] { { 3, 1, 90 }, { 0, 80, 5 }, { 70, 2, 2 } };

        Continuity.Match(overlap).ShouldBe([2, 1, 0]);
    }

    [Fact]
    public void A_segment_that_fell_apart_is_continued_by_none_of_its_parts()
    {
        var overlap = new long[,] { { 40, 30, 30 } };

        Continuity.Match(overlap).ShouldBe([-1, -1, -1]);
    }

    [Fact]
    public void A_segment_that_split_is_continued_by_the_part_that_holds_at_least_half()
    {
        Continuity.Match(new long[,] { { 60, 40 } }).ShouldBe([0, -1]);
        Continuity.Match(new long[,] { { 40, 60 } }).ShouldBe([-1, 0]);
    }

    [Fact]
    public void Two_segments_that_merged_are_continued_as_the_one_that_makes_up_at_least_half() =>
        Continuity.Match(new long[,] { { 60 }, { 40 } }).ShouldBe([0]);

    [Fact]
    public void Empty_clusters_continue_nothing() => Continuity.Match(new long[,] { { 0, 5 }, { 0, 0 } }).ShouldBe([-1, 0]);
}
