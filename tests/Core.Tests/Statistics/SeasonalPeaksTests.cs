using Auie.Core.Statistics;

namespace Auie.Core.Tests.Statistics;

public sealed class SeasonalPeaksTests
{
    private const int Days = 300;

    [Fact]
    public void Planted_peaks_are_found_and_hardly_any_others()
    {
        var (found, planted, claimed) = (0, 0, 0);
        for (var run = 0; run < 200; run++)
        {
            var (random, counts, peaks) = (new Random(run), new long[Days], new HashSet<int>());
            while (peaks.Count < 5) peaks.Add(20 + random.Next(Days - 40));
            for (var day = 0; day < Days; day++) counts[day] = Day(random, day, peaks.Contains(day) ? 2.5 : 1);
            var at = SeasonalPeaks.Find(counts, 7);
            (planted, claimed) = (planted + peaks.Count, claimed + at.Length);
            found += at.Count(peak => peaks.Contains(peak.At));
        }

        (found / (double)planted).ShouldBeGreaterThan(0.95);
        (found / (double)claimed).ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Weekends_and_a_rising_year_are_no_peaks()
    {
        var runs = 0;
        for (var run = 0; run < 200; run++)
        {
            var random = new Random(run);
            if (SeasonalPeaks.Find([.. Enumerable.Range(0, Days).Select(day => Day(random, day, 1))], 7).Length > 0) runs++;
        }

        (runs / 200.0).ShouldBeLessThan(0.1);
    }

    [Fact]
    public void Planted_weeks_are_found_in_a_year_of_weeks_and_hardly_any_others()
    {
        var (found, planted, claimed, quiet) = (0, 0, 0, 0);
        for (var run = 0; run < 200; run++)
        {
            var (random, peaks) = (new Random(run), new HashSet<int>());
            while (peaks.Count < 4) peaks.Add(4 + (4 * random.Next(11)));
            long[] plain = [.. Enumerable.Range(0, 52).Select(week => Enumerable.Range(7 * week, 7).Sum(day => Day(random, day, 1)))];
            var at = SeasonalPeaks.Find([.. plain.Select((count, week) => peaks.Contains(week) ? 5 * count / 2 : count)], 1);
            (planted, claimed) = (planted + peaks.Count, claimed + at.Length);
            found += at.Count(peak => peaks.Contains(peak.At));
            if (SeasonalPeaks.Find(plain, 1).Length > 0) quiet++;
        }

        (found / (double)planted).ShouldBeGreaterThan(0.95);
        (found / (double)claimed).ShouldBeGreaterThan(0.95);
        (quiet / 200.0).ShouldBeLessThan(0.1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(44)]
    [InlineData(200)]
    public void Weeks_in_which_next_to_nothing_was_done_say_nothing_of_how_ordinary_weeks_vary(int quiet)
    {
        var (claimed, found) = (0, 0);
        for (var run = 0; run < 400; run++)
        {
            var random = new Random(run);
            long[] ordinary = [.. Enumerable.Range(0, 12).Select(_ => (long)(1_000 * Math.Exp(0.2 * CorrelationTests.Normal(random))))];
            // One event, long before them.
            long[] before = [.. Enumerable.Range(0, quiet).Select(week => week == 0 ? 1L : 0)];
            if (SeasonalPeaks.Find([.. before, .. ordinary], 1).Length > 0) claimed++;
            if (SeasonalPeaks.Find([.. before, .. ordinary.Select((count, week) => week == 7 ? 10 * count : count)], 1).Any(peak => peak.At == quiet + 7)) found++;
        }

        (claimed / 400.0).ShouldBeLessThan(0.1);
        (found / 400.0).ShouldBeGreaterThan(0.9);
    }

    [Fact]
    public void A_peak_of_several_days_is_one_with_its_highest_day_and_what_was_expected_there()
    {
        var random = new Random(1);
        var counts = Enumerable.Range(0, Days).Select(day => Day(random, day, day switch { 149 or 151 => 3, 150 => 6, _ => 1 })).ToArray();
        var peak = SeasonalPeaks.Find(counts, 7).ShouldHaveSingleItem();
        (peak.From, peak.At, peak.To, peak.Count).ShouldBe((149, 150, 151, counts[150]));
        peak.Expected.ShouldBe(counts[150] / 6.0, 0.2 * counts[150] / 6);
        peak.ExpectedInterval.Covers(peak.Expected).ShouldBeTrue();
    }

    /// <summary>Where days vary little, less stands out as clearly; the top day is the one with the most times as much all the same.</summary>
    [Fact]
    public void The_top_day_is_the_most_times_as_much_as_expected_and_not_the_least_likely_by_chance()
    {
        var random = new Random(3);
        var counts = Enumerable.Range(0, 120).Select(day => (long)(100_000 * Math.Exp((day < 60 ? 0.01 : 0.2) * ((2 * random.NextDouble()) - 1)) * (day is >= 57 and <= 63 ? 1.5 + (0.2 * (day - 57)) : 1))).ToArray();
        var peak = SeasonalPeaks.Find(counts, 7).Single(peak => peak.From <= 60 && peak.To >= 60);
        counts[peak.At].ShouldBe(counts[peak.From..(peak.To + 1)].Max());
        peak.Count.ShouldBe(counts[peak.At]);
    }

    [Fact]
    public void On_a_calendar_that_is_all_but_empty_nothing_stands_out()
    {
        var counts = new long[Days];
        (counts[40], counts[200]) = (5_000, 3);
        SeasonalPeaks.Find(counts, 7).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_and_a_constant_have_none()
    {
        SeasonalPeaks.Find([], 7).ShouldBeEmpty();
        SeasonalPeaks.Find([5], 7).ShouldBeEmpty();
        SeasonalPeaks.Find([.. Enumerable.Repeat(100L, 50)], 7).ShouldBeEmpty();
    }

    /// <summary>Twice as many at weekends, thrice as many at the end of the year, a tenth more or less by chance.</summary>
    private static long Day(Random random, int day, double times) =>
        (long)(1_000 * (1 + (2.0 * day / Days)) * (day % 7 >= 5 ? 2 : 1) * Math.Exp(0.1 * CorrelationTests.Normal(random)) * times);
}
