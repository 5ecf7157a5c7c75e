using Auie.Core.Codecs;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Statistics;
using Auie.Core.Users;

namespace Auie.Core.Tests.Insights;

public sealed class RhythmTests
{
    private static readonly DateTimeOffset Monday = new(2012, 10, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0)]
    [InlineData(420)]
    [InlineData(-300)]
    [InlineData(330)]
    [InlineData(-210)]
    public void Hours_weekdays_and_days_are_those_of_the_users_own_clock(int zone)
    {
        var random = new Random(1);
        var state = new UserState();
        DateTimeOffset[] times = [.. Enumerable.Range(0, 300).Select(_ => Monday.AddHours(random.Next(24 * 14)).ToOffset(TimeSpan.FromHours(random.Next(-8, 9))))];
        foreach (var (at, i) in times.Select((at, i) => (at, i))) state.Apply(Entry(EntryKind.Viewed, at, i));
        var first = DateOnly.FromDateTime(Monday.UtcDateTime).DayNumber - 2;
        var (tally, own) = (new RhythmTally(days: 20), new UserRhythm(first));
        own.Read(state.Head.Rhythm.Encode(), state.Head.Trail.Encode(), zone);
        tally.Add(own);

        // Of a zone off the whole hour an hour counts where it begins.
        var local = times.Select(at => at.UtcDateTime.AddHours(Math.Floor(zone / 60.0))).ToArray();
        tally.Hours().ShouldBe(Enumerable.Range(0, 24).Select(hour => (long)local.Count(at => at.Hour == hour)));
        tally.Weekdays().ShouldBe(Enumerable.Range(0, 7).Select(day => (long)local.Count(at => Activity.WeekdayOf(at.DayOfWeek) == day)));
        tally.Days.ToArray().ShouldBe(Enumerable.Range(first, 20).Select(day => (long)local.Count(at => DateOnly.FromDateTime(at).DayNumber == day)));
        (tally.ActiveUsers, tally.Activity).ShouldBe((1, 300));
    }

    [Fact]
    public void What_was_done_to_a_user_or_learnt_of_them_or_has_no_date_is_no_activity()
    {
        var state = new UserState();
        state.Apply(
            Entry(EntryKind.Invited, Monday, 1), new Entry { Kind = EntryKind.Identify, MessageId = "i", At = Monday, Traits = new Dictionary<string, string> { ["locale"] = "en_GB" } },
            Entry(EntryKind.Viewed, EntryValidation.Undated, 2), new Entry { Kind = EntryKind.Consent, MessageId = "c", At = Monday, Tracking = true });
        state.Head.Rhythm.Encode().ShouldBeEmpty();
        new UserFacts(state.Head)[Fact.Tracking].ShouldBe(1);
    }

    [Fact]
    public void Ten_events_of_many_name_no_weekday_and_what_one_user_did_is_one()
    {
        Busiest.Of([315_793, 1, 2, 3, 4, 5, 315_803], 1).ShouldBe([6, 0]);
        Busiest.Of([1_000, 2_000, 1_100], 1).ShouldBe([1]);
        Busiest.Of([1_000, 2_000, 1_100], 10_000).ShouldBe([1, 2, 0]);
        Busiest.Of([0, 0], 1).ShouldBeEmpty();
        // Each user is there on one day of the week alone, drawn, and does much then.
        var named = 0;
        for (var world = 0; world < 200; world++)
        {
            var (random, tally) = (new Random(world), new RhythmTally());
            for (var user = 0; user < 60; user++)
            {
                var (state, day) = (new UserState(), random.Next(7));
                for (var i = 0; i < 20; i++) state.Apply(Entry(EntryKind.Viewed, Monday.AddDays(day).AddHours(random.Next(24)), i));
                tally.Add(Own(state, 0));
            }

            if (tally.BusiestWeekdays().Length == 1) named++;
        }

        named.ShouldBeLessThanOrEqualTo(10);
    }

    [Fact]
    public void What_was_shown_is_no_activity_though_interest_is_of_it()
    {
        var (shown, looks) = (new UserState(), new UserState());
        shown.Apply(Entry(EntryKind.Shown, Monday.AddHours(9), 1), Entry(EntryKind.Shown, Monday.AddHours(9), 2));
        looks.Apply(Entry(EntryKind.Shown, Monday.AddHours(9), 1), Entry(EntryKind.Interested, Monday.AddHours(30), 1), Entry(EntryKind.Viewed, Monday.AddHours(31), 2), Entry(EntryKind.Came, Monday.AddHours(50), 3));
        var tally = new RhythmTally(days: 5);
        foreach (var state in (UserState[])[shown, looks]) tally.Add(Own(state, 0, DateOnly.FromDateTime(Monday.UtcDateTime).DayNumber));

        // On Tuesday one of them answered and looked; on Monday nobody did anything.
        (tally.ActiveUsers, tally.Activity, tally.Days[0], tally.Days[1], tally.Hours()[9]).ShouldBe((1, 2, 0, 2, 0));
        // Of three things shown in the morning one was of interest: who did nothing counts, too.
        (tally.InterestIn(9).N, tally.InterestIn(9).Hits).ShouldBe((3, 1));

        var users = new LiveUsers();
        users.Put("a", 1, new double[FactCatalogue.All.Count], "id_ID", rhythm: shown.Head.Rhythm.Encode(), trail: shown.Head.Trail.Encode());
        users.Put("b", 1, new double[FactCatalogue.All.Count], "en_US", rhythm: looks.Head.Rhythm.Encode(), trail: looks.Head.Trail.Encode());
        RhythmScan.Locales(AudienceRow.Of(users, null, new AudienceFilter()), 9).ShouldBe(new Dictionary<string, long> { ["en_US"] = 1 });
        RhythmScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), [], DateOnly.FromDateTime(Monday.UtcDateTime)).All.InterestIn(9).N.ShouldBe(3);
    }

    [Fact]
    public void Parts_add_up_to_the_whole_and_rates_and_lifts_equal_those_of_single_showings()
    {
        var random = new Random(2);
        var (parts, whole) = (new[] { new RhythmTally(), new RhythmTally() }, new RhythmTally());
        var (inside, interested, users) = (new List<double>(), new List<double>(), new List<int>());
        const int window = 18;
        for (var user = 0; user < 200; user++)
        {
            var state = new UserState();
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var (at, yes) = (Monday.AddHours(random.Next(24)), random.NextDouble() < 0.3 + (user % 3 * 0.1));
                state.Apply(Entry(EntryKind.Shown, at, i), Entry(yes ? EntryKind.Interested : EntryKind.NotInterested, at, i + 1_000));
                inside.Add(at.Hour - window is >= 0 and < RhythmTally.WindowHours ? 1 : 0);
                interested.Add(yes ? 1 : 0);
                users.Add(user);
            }

            whole.Add(Own(state, 0));
            parts[user % 2].Add(Own(state, 0));
        }

        parts[0].Merge(new RhythmTally(parts[1].Sums.ToArray()));
        parts[0].Sums.ToArray().ShouldBe(whole.Sums.ToArray());

        int[] here = [.. Enumerable.Range(0, inside.Count).Where(i => inside[i] > 0)];
        var rate = whole.InterestIn(window);
        (rate.N, rate.Hits).ShouldBe((here.Length, here.Count(i => interested[i] > 0)));
        var (lift, expected) = (whole.LiftIn(window), Effect.Raw([.. inside], [.. interested], [.. users]));
        lift.Slope.ShouldBe(expected.Slope, 1e-12);
        lift.N.ShouldBe(expected.N);
        // Sums of all users do not tell what each alone does to a lift: its deviation is of what each adds to either rate, and of as many users of equal weight as are behind it.
        var (rateHere, rateElsewhere) = (Mean(1), Mean(0));
        var of = Enumerable.Range(0, inside.Count).GroupBy(i => users[i]).Select(user => (
            Here: user.Sum(i => inside[i]), Elsewhere: user.Sum(i => 1 - inside[i]),
            AddsHere: user.Sum(i => inside[i] * (interested[i] - rateHere)) / here.Length, AddsElsewhere: user.Sum(i => (1 - inside[i]) * (interested[i] - rateElsewhere)) / (inside.Count - here.Length))).ToArray();
        var (worthHere, worthElsewhere) = (here.Length * here.Length / of.Sum(user => user.Here * user.Here), Math.Pow(inside.Count - here.Length, 2) / of.Sum(user => user.Elsewhere * user.Elsewhere));
        var squares = (of.Sum(user => user.AddsHere * user.AddsHere) * worthHere / (worthHere - 1)) + (of.Sum(user => user.AddsElsewhere * user.AddsElsewhere) * worthElsewhere / (worthElsewhere - 1))
            - (2 * of.Sum(user => user.AddsHere * user.AddsElsewhere) * 200 / 199);
        var (deviation, freedom) = (Math.Sqrt(squares), Math.Min(worthHere, worthElsewhere) - 1);
        lift.Interval.Low.ShouldBe(lift.Slope - (Student.Reach(freedom) * deviation), 1e-9);
        lift.Interval.High.ShouldBe(lift.Slope + (Student.Reach(freedom) * deviation), 1e-9);
        lift.P.ShouldBe(Student.TwoSided(lift.Slope / deviation, freedom), 1e-9);

        double Mean(double where) => Enumerable.Range(0, inside.Count).Where(i => inside[i] == where).Average(i => interested[i]);
    }

    [Fact]
    public void A_planted_window_is_found_with_its_lift_and_where_none_is_planted_hardly_any_is_claimed()
    {
        var (covered, found, claimed) = (0, 0, 0);
        for (var world = 0; world < 200; world++)
        {
            var planted = RhythmProfile.Of(World(world, 0.15))[0];
            covered += planted.Windows.Single(window => window.From == 18).Lift.Interval.Covers(0.15) ? 1 : 0;
            found += planted.Best is { Basis: SendingBasis.Interest, From: 18 } ? 1 : 0;
            claimed += RhythmProfile.Of(World(10_000 + world, 0)).SelectMany(group => group.Windows).Any(window => window.StandsOut) ? 1 : 0;
        }

        // 95 % of 200, to what 200 can tell.
        covered.ShouldBeInRange(181, 199);
        found.ShouldBeGreaterThan(195);
        claimed.ShouldBeLessThanOrEqualTo(19);
    }

    [Theory]
    [InlineData(19)]
    [InlineData(22)]
    [InlineData(23)]
    public void A_window_is_found_at_whatever_hour_it_begins_and_past_midnight(int from)
    {
        var (found, covered) = (0, 0);
        for (var world = 0; world < 50; world++)
        {
            var of = RhythmProfile.Of(World(60_000 + world, 0.15, from: from))[0];
            of.Windows.Length.ShouldBe(RhythmTally.Windows);
            found += of.Best is { Basis: SendingBasis.Interest } best && best.From == from && best.To == (from + 3) % 24 ? 1 : 0;
            covered += of.Best.Lift.Interval.Covers(0.15) ? 1 : 0;
        }

        found.ShouldBeGreaterThan(47);
        covered.ShouldBeGreaterThan(45);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    public void Where_activity_alone_decides_the_day_is_the_busiest_and_the_hours_those_in_which_most_is_done(int events)
    {
        var (random, state) = (new Random(events), new UserState());
        // Most of Monday's is done in the morning, and of the few evenings' things most on Sunday.
        for (var i = 0; i < events; i++)
        {
            var at = i % 2 == 0 ? Monday.AddHours(7 + random.Next(3)) : i % 10 == 1 ? Monday.AddDays(6).AddHours(18 + random.Next(3)) : Monday.AddDays(random.Next(7)).AddHours(random.Next(24));
            state.Apply(Entry(EntryKind.Viewed, at.AddDays(7 * random.Next(4)), i));
        }

        var scan = new RhythmScan();
        scan.All.Add(Own(state, 0));
        var best = RhythmProfile.Of(scan)[0].Best;
        var (weekdays, hours) = (scan.All.Weekdays(), scan.All.Hours());
        best.Weekday.ShouldBe(Array.IndexOf(weekdays, weekdays.Max()));
        best.Weekday.ShouldBe(0);
        best.Basis.ShouldBe(events < SendingTime.FewestEvents ? SendingBasis.Default : SendingBasis.Activity);
        if (best.Basis == SendingBasis.Default)
        {
            best.From.ShouldBe(18);
            return;
        }

        long[] windows = [.. Enumerable.Range(0, 24).Select(from => Enumerable.Range(from, 3).Sum(hour => hours[hour % 24]))];
        best.From.ShouldBe(Array.IndexOf(windows, windows.Max()));
        best.Share.Hits.ShouldBe(windows.Max());
        // Between given hours no window may pass them.
        var late = SendingTime.Of(scan.All, [], 17, 23);
        (late.From, late.To).ShouldBe((Array.IndexOf(windows, windows[17..21].Max(), 17), late.From + 3));
        Enumerable.Range(0, 24).Select(window => scan.All.ActiveIn(window).Hits).ShouldBe(windows);
    }

    /// <summary>What is shown in the evening is of more interest, and answered by the next evening; the hours of answering must not look good.</summary>
    [Fact]
    public void Where_answers_come_hours_late_the_hours_of_showing_are_found_and_no_others_are_claimed()
    {
        var (covered, found, claimed) = (0, 0, 0);
        for (var world = 0; world < 100; world++)
        {
            var planted = RhythmProfile.Of(World(30_000 + world, 0.15, late: 20))[0];
            covered += planted.Windows.Single(window => window.From == 18).Lift.Interval.Covers(0.15) ? 1 : 0;
            found += planted.Best is { Basis: SendingBasis.Interest, From: 18 } ? 1 : 0;
            claimed += RhythmProfile.Of(World(40_000 + world, 0, late: 20))[0].Windows.Any(window => window.StandsOut) ? 1 : 0;
        }

        covered.ShouldBeInRange(89, 100);
        found.ShouldBeGreaterThan(95);
        claimed.ShouldBeLessThanOrEqualTo(11);
    }

    /// <summary>Whichever window looks best, and by however little: its interval knows that it was chosen.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.05)]
    [InlineData(0.15)]
    public void The_interval_of_the_window_that_looks_best_covers_its_lift_at_the_stated_rate(double lift)
    {
        var (covered, alone) = (0, 0);
        for (var world = 0; world < 200; world++)
        {
            var scan = World(50_000 + world, lift, users: 60);
            var best = Enumerable.Range(0, RhythmTally.Windows).MaxBy(window => scan.All.LiftIn(window).Slope);
            // Some of its hours may be of the evening, and the others are compared with the rest of it, too.
            var evening = RhythmTally.WindowHours - Math.Min(RhythmTally.WindowHours, Math.Abs(best - 18));
            var truth = (lift * evening / RhythmTally.WindowHours) - (lift * (RhythmTally.WindowHours - evening) / (24 - RhythmTally.WindowHours));
            covered += scan.All.LiftIn(best, RhythmTally.Windows).Interval.Covers(truth) ? 1 : 0;
            alone += scan.All.LiftIn(best).Interval.Covers(truth) ? 1 : 0;
        }

        covered.ShouldBeGreaterThanOrEqualTo(184);
        alone.ShouldBeLessThan(covered);
    }

    [Fact]
    public void An_answer_counts_where_its_item_was_last_shown_before_it_and_the_latest_answer_to_a_showing_holds()
    {
        var state = new UserState();
        state.Apply(
            Entry(EntryKind.Shown, Monday.AddHours(1), 1), Entry(EntryKind.Shown, Monday.AddHours(9), 2), Entry(EntryKind.Shown, Monday.AddHours(12), 1),
            // Of the first at noon; of the second in the morning, and taken back.
            Entry(EntryKind.Interested, Monday.AddHours(20), 1_001), Entry(EntryKind.Interested, Monday.AddHours(21), 1_002), Entry(EntryKind.NotInterested, Monday.AddHours(22), 2_002),
            // Of what nobody showed.
            Entry(EntryKind.Interested, Monday.AddHours(23), 1_003));
        var tally = new RhythmTally();
        tally.Add(Own(state, 0));
        Enumerable.Range(0, 8).Select(third => (tally.InterestIn(3 * third).Hits, tally.InterestIn(3 * third).N)).ShouldBe([(0, 1), (0, 0), (0, 0), (0, 1), (1, 1), (0, 0), (0, 0), (0, 0)]);

        // Where nothing is known to have been shown, answers alone tell.
        var (answers, only) = (new UserState(), new RhythmTally());
        answers.Apply(Entry(EntryKind.Interested, Monday.AddHours(20), 1), Entry(EntryKind.NotInterested, Monday.AddHours(1), 2));
        only.Add(Own(answers, 0));
        (only.InterestIn(18).Hits, only.InterestIn(18).N, only.InterestIn(0).Hits, only.InterestIn(0).N).ShouldBe((1, 1, 0, 1));
    }

    /// <summary>Of twelve users one did a fourth of all: of such a window an interval is easily too narrow.</summary>
    [Fact]
    public void Of_few_users_one_of_whom_did_most_the_lift_is_covered_and_of_one_alone_nothing_is_told()
    {
        var (covered, told) = (0, 0);
        for (var world = 0; world < 400; world++)
        {
            var scan = World(20_000 + world, 0.15, users: 12, first: 88);
            var lift = scan.All.LiftIn(18);
            if (double.IsNaN(lift.Interval.Low)) continue;
            told++;
            covered += lift.Interval.Covers(0.15) ? 1 : 0;
        }

        told.ShouldBeGreaterThan(390);
        // 95 % of 400, to what 400 can tell; few users are not told too narrowly.
        (covered / (double)told).ShouldBeInRange(0.93, 1);
        World(1, 0.15, users: 1, first: 400).All.LiftIn(18).Interval.Low.ShouldBe(double.NaN);
    }

    [Fact]
    public void Planted_days_are_found_as_peaks_with_who_made_them()
    {
        var random = new Random(5);
        var first = DateOnly.FromDateTime(Monday.UtcDateTime);
        var users = new LiveUsers();
        int[] planted = [40, 100];
        for (var user = 0; user < 200; user++)
        {
            var state = new UserState();
            // At weekends they do half as much again; on the planted days, those of one locale do more.
            state.Apply([.. Enumerable.Range(0, 140).SelectMany(day =>
                Enumerable.Range(0, (random.NextDouble() < (day % 7 > 4 ? 0.45 : 0.3) ? 1 : 0) + (user < 60 && planted.Contains(day) ? 2 : 0)).Select(i => Entry(EntryKind.Viewed, Monday.AddDays(day).AddHours(i), (10 * day) + i)))]);
            users.Put($"u{user}", 1, new double[FactCatalogue.All.Count], user < 60 ? "id_ID" : "en_US", rhythm: state.Head.Rhythm.Encode());
        }

        var scan = RhythmScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), ["id_ID", "en_US"], first);
        var days = RhythmProfile.DaysOf(scan, first, Monday.AddDays(140), (_, value) => value);
        days.Peaks.Select(peak => peak.Highest).ShouldBe(planted.Select(day => first.AddDays(day).ToString("yyyy-MM-dd")), ignoreOrder: true);
        days.Peaks.ShouldAllBe(peak => peak.MadeBy[0].Name == "id_ID" && peak.Excess > 2);
        days.Total.ShouldBe(scan.All.Activity);
    }

    [Fact]
    public void There_is_a_tally_for_the_locales_that_are_asked_for_alone()
    {
        var (users, state) = (new LiveUsers(), new UserState());
        state.Apply(Entry(EntryKind.Viewed, Monday, 1));
        for (var user = 0; user < 50; user++) users.Put($"u{user}", 1, new double[FactCatalogue.All.Count], $"locale {user / 2}", rhythm: state.Head.Rhythm.Encode());
        users.Put("u0", 2, new double[FactCatalogue.All.Count], "locale 3", rhythm: null);
        var largest = RhythmScan.Locales(AudienceRow.Of(users, null, new AudienceFilter()), 2);
        largest.ShouldBe(new Dictionary<string, long> { ["locale 3"] = 3, ["locale 1"] = 2 });
        var scan = RhythmScan.Of(AudienceRow.Of(users, null, new AudienceFilter()), largest.Keys, new DateOnly(2012, 1, 1));
        scan.Groups[Audience.Locale].Select(one => (one.Key, one.Value.ActiveUsers)).ShouldBe([("locale 3", 3), ("locale 1", 2)], ignoreOrder: true);
        scan.All.ActiveUsers.ShouldBe(50);
    }

    [Fact]
    public void Of_too_little_activity_the_usual_evening_is_told_as_such()
    {
        var scan = new RhythmScan();
        RhythmProfile.Of(scan).ShouldHaveSingleItem().Best.ShouldSatisfyAllConditions(best => best.Basis.ShouldBe(SendingBasis.Default), best => best.From.ShouldBe(18));
    }

    [Theory]
    [InlineData(null, "de_DE", 60, ZoneSource.Locale)]
    [InlineData(-210.0, "de_DE", -210, ZoneSource.Profile)]
    [InlineData(null, "es_LA", 0, ZoneSource.None)]
    [InlineData(null, "", 0, ZoneSource.None)]
    public void A_zone_is_the_profiles_or_the_locales_or_utc(double? own, string locale, int minutes, ZoneSource source)
    {
        var facts = new double[FactCatalogue.All.Count];
        facts[(int)Fact.Timezone] = own ?? double.NaN;
        var users = new LiveUsers();
        users.Put("u", 1, facts, locale);
        UserZone.Of(users.Facts(0), locale).ShouldBe(new UserZone(minutes, source));
    }

    [Fact]
    public void Damaged_bytes_are_refused()
    {
        Should.Throw<CodecException>(() => new UserRhythm().Read([1, 0xF0, 1, 1, 0], [], 0)).Message.ShouldContain("hours that a week does not have");
        Should.Throw<CodecException>(() => new UserRhythm().Read([1, 0, 0, 0], [], 0)).Message.ShouldContain("a count of 0");
    }

    /// <param name="late">By how many hours answers come after what they answer was shown, at the most.</param>
    /// <param name="from">From which hour of the day on, for three hours, what is shown is of more interest.</param>
    private static RhythmScan World(int seed, double lift, int users = 150, int first = 24, int late = 0, int from = 18)
    {
        var random = new Random(seed);
        var scan = new RhythmScan();
        for (var user = 0; user < users; user++)
        {
            // People differ, so that what one did hangs together.
            var own = 0.2 + (0.2 * random.NextDouble());
            var entries = new List<Entry>();
            for (var i = 0; i < (user == 0 ? first : 24); i++)
            {
                var at = Monday.AddHours(random.Next(24));
                entries.Add(Entry(EntryKind.Shown, at, i));
                if (random.NextDouble() < own + ((at.Hour - from + 24) % 24 < 3 ? lift : 0)) entries.Add(Entry(EntryKind.Interested, at.AddMinutes(random.Next((60 * late) + 1)), i + 1_000));
            }

            var state = new UserState();
            state.Apply([.. entries]);
            scan.All.Add(Own(state, 0));
        }

        return scan;
    }

    private static UserRhythm Own(UserState state, int zone, int firstDay = 0)
    {
        var own = new UserRhythm(firstDay);
        own.Read(state.Head.Rhythm.Encode(), state.Head.Trail.Encode(), zone);
        return own;
    }

    private static Entry Entry(EntryKind kind, DateTimeOffset at, int message) => new() { Kind = kind, At = at, MessageId = $"m{message}", Item = kind == EntryKind.Viewed ? null : $"e{message % 1_000}" };
}
