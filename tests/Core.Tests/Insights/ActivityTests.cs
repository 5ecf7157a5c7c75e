using Auie.Core.Insights;
using Auie.Core.Tests.Statistics;

namespace Auie.Core.Tests.Insights;

public sealed class ActivityTests
{
    private static readonly DateTimeOffset AsOf = new(2012, 12, 31, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Hours_weekdays_days_and_iso_weeks_are_counted()
    {
        var activity = new Activity();
        activity.Add(new DateTime(2012, 11, 3, 23, 30, 0), 5);
        activity.Add(new DateTime(2012, 11, 5, 0, 0, 0), 2);
        activity.Add(new DateTime(2012, 11, 5, 7, 0, 0), 1);
        activity.Add(new DateTime(2012, 11, 5, 7, 0, 0), -1);

        (activity.Total, activity.Hours[23], activity.Hours[0], activity.Hours[7]).ShouldBe((7, 5, 2, 0));
        activity.Weekdays.ShouldBe([2, 0, 0, 0, 0, 5, 0]);
        var profile = ActivityProfile.Of("some", "of some", activity, AsOf);
        profile.TopDays.ShouldBe([new Period("2012-11-03", 5), new Period("2012-11-05", 2)]);
        profile.TopWeeks.ShouldBe([new Period("2012-W44", 5), new Period("2012-W45", 2)]);
        Activity.WeekName(new DateOnly(2012, 12, 31)).ShouldBe("2013-W01");
    }

    [Fact]
    public void A_weekday_or_an_hour_is_named_alone_only_where_it_is_told_from_the_others()
    {
        var random = new Random(1);
        Activity Weeks(int hour, Func<DateTime, double> times)
        {
            var activity = new Activity();
            for (var day = new DateTime(2012, 1, 2); day < new DateTime(2012, 12, 24); day = day.AddDays(1))
            {
                for (var at = 0; at < 24; at++) activity.Add(day.AddHours(at), (long)(100 * times(day) * (at == hour ? 2 : 1) * (0.5 + random.NextDouble())));
            }

            return activity;
        }

        var sundays = ActivityProfile.Of("some", "of some", Weeks(20, day => day.DayOfWeek == DayOfWeek.Sunday ? 1.5 : 1), AsOf);
        (string.Join(',', sundays.BusiestWeekdays), string.Join(',', sundays.BusiestHours)).ShouldBe(("6", "20"));
        // Where all are alike one of seven days is named alone in no more than five of a hundred worlds, though one always has most.
        var named = Enumerable.Range(0, 200).Count(_ => Weeks(-1, _ => 1).BusiestWeekdays().Length == 1);
        named.ShouldBeLessThanOrEqualTo(10);
        new Activity().BusiestHours().ShouldBeEmpty();
        var one = new Activity();
        one.Add(new DateTime(2012, 11, 3, 9, 0, 0), 5);
        one.BusiestWeekdays().Length.ShouldBe(7, "one week tells of no weekday");
    }

    [Fact]
    public void A_peak_is_told_with_its_days_how_far_it_stands_out_and_what_made_it()
    {
        var (activity, random) = (new Activity(), new Random(1));
        var first = new DateTime(2012, 6, 1);
        for (var day = 0; day < 120; day++) activity.Add(first.AddDays(day), (day == 60 ? 5_000 : 1_000) + random.Next(100));
        var peak = ActivityProfile.Of("some", "of some", activity, AsOf, day => [new PeakMaker($"less of {day:MM}", 1), new PeakMaker("concert", 4_000)]).Peaks.ShouldHaveSingleItem();
        (peak.From, peak.To, peak.Highest).ShouldBe(("2012-07-31", "2012-07-31", "2012-07-31"));
        peak.Excess.ShouldBe(4.8, 0.3);
        peak.ExcessInterval.Covers(peak.Excess).ShouldBeTrue();
        peak.MadeBy.ShouldBe([new PeakMaker("concert", 4_000), new PeakMaker("less of 07", 1)]);
    }

    [Fact]
    public void A_peak_of_several_days_is_told_with_all_of_them_what_was_expected_of_them_and_its_top_day()
    {
        var (activity, random) = (new Activity(), new Random(1));
        var first = new DateTime(2012, 6, 1);
        long[] planted = [3_000, 6_000, 4_000];
        long[] counts = [.. Enumerable.Range(0, 120).Select(day => (day is >= 60 and < 63 ? planted[day - 60] : 1_000) + random.Next(100))];
        for (var day = 0; day < counts.Length; day++) activity.Add(first.AddDays(day), counts[day]);
        var peak = ActivityProfile.Of("some", "of some", activity, AsOf, day => [new PeakMaker("concert", 1_000), new PeakMaker($"{day:MM-dd}", 10)]).Peaks.ShouldHaveSingleItem();
        (peak.From, peak.To, peak.Lasts, peak.Highest).ShouldBe(("2012-07-31", "2012-08-02", 3, "2012-08-01"));
        (peak.Total, peak.Count).ShouldBe((counts[60..63].Sum(), counts[61]));
        (peak.TotalExpected / 3).ShouldBe(1_050, 60);
        peak.Expected.ShouldBe(1_050, 60);
        peak.MadeBy[0].ShouldBe(new PeakMaker("concert", 3_000));
        peak.MadeBy.Length.ShouldBe(3);
    }

    [Fact]
    public void A_week_stands_out_though_each_of_its_days_may_not_and_is_told_with_what_made_it()
    {
        var (activity, random) = (new Activity(), new Random(1));
        var first = new DateTime(2012, 6, 4);
        for (var day = 0; day < 140; day++) activity.Add(first.AddDays(day), (long)(1_000 * (day / 7 == 9 ? 1.6 : 1) * (0.7 + (0.6 * random.NextDouble()))));
        var profile = ActivityProfile.Of("some", "of some", activity, AsOf, day => [new PeakMaker("each day", 10), new PeakMaker($"{day.DayOfWeek}", 30)]);
        profile.Peaks.ShouldBeEmpty();
        var peak = profile.WeekPeaks.ShouldHaveSingleItem();
        (peak.From, peak.To, peak.Highest).ShouldBe(("2012-W32", "2012-W32", "2012-W32"));
        peak.ExcessInterval.Covers(1.6).ShouldBeTrue();
        peak.MadeBy[0].ShouldBe(new PeakMaker("each day", 70));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    [InlineData(5_000)]
    public void Of_quiet_years_fewer_than_one_in_ten_claims_any_peak_be_it_of_days_or_of_weeks(double eachDay)
    {
        var claimed = 0;
        for (var year = 0; year < 200; year++)
        {
            var (random, activity) = (new Random(year), new Activity());
            var first = new DateTime(2012, 1, 1).AddDays(random.Next(7));
            for (var day = 0; day < 365; day++)
            {
                // Weekends, a rising year, days that differ by a tenth, and people who come by chance.
                var expected = eachDay * (first.AddDays(day).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 2 : 1) * (1 + (day / 365.0)) * Math.Exp(0.1 * CorrelationTests.Normal(random));
                activity.Add(first.AddDays(day), (long)Math.Max(0, Math.Round(expected + (Math.Sqrt(expected) * CorrelationTests.Normal(random)))));
            }

            var told = ActivityProfile.Of("some", "of some", activity, AsOf);
            if (told.Peaks.Length + told.WeekPeaks.Length > 0) claimed++;
        }

        (claimed / 200.0).ShouldBeLessThan(0.1);
    }

    [Fact]
    public void Parts_merge_in_any_order_and_nothing_has_no_peaks()
    {
        var (random, parts) = (new Random(2), Enumerable.Range(0, 4).Select(_ => new Activity()).ToArray());
        var all = new Activity();
        for (var i = 0; i < 1_000; i++)
        {
            var (at, count) = (new DateTime(2012, 1, 1).AddHours(random.Next(2_000)), random.Next(9));
            parts[random.Next(4)].Add(at, count);
            all.Add(at, count);
        }

        var (forwards, backwards) = (new Activity(), new Activity());
        foreach (var part in parts) forwards.Merge(part);
        foreach (var part in parts.Reverse()) backwards.Merge(part);
        foreach (var merged in new[] { forwards, backwards })
        {
            merged.DaySeries().Counts.ShouldBe(all.DaySeries().Counts);
            merged.WeekSeries().Counts.ShouldBe(all.WeekSeries().Counts);
            merged.Hours.ShouldBe(all.Hours);
        }

        ActivityProfile.Of("none", "of none", new Activity(), AsOf).Peaks.ShouldBeEmpty();
    }
}
