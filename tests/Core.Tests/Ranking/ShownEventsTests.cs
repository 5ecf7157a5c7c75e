using Auie.Core.Ranking;

namespace Auie.Core.Tests.Ranking;

public sealed class ShownEventsTests
{
    private static readonly DateTimeOffset Noon = new(2012, 10, 2, 12, 0, 0, TimeSpan.Zero);

    private readonly record struct Shown(ulong User, ulong Event, DateTimeOffset At, bool Invited, bool Interested);

    [Fact]
    public void Shuffling_the_rows_and_regrouping_the_timestamps_within_their_hours_changes_nothing()
    {
        var random = new Random(1);
        var log = Enumerable.Range(0, 400).Select(i => new Shown((ulong)random.Next(30), (ulong)random.Next(60), Noon.AddHours(random.Next(200)), random.Next(9) == 0, random.Next(4) == 0)).ToArray();
        var plain = Build(log);
        // Each alone at its instant, all of an hour together, and whatever order.
        var alone = log.Select((one, i) => one with { At = one.At.AddSeconds(i) }).ToArray();
        random.Shuffle(alone);
        foreach (var regrouped in new[] { Build(alone), Build(log.Reverse()) })
        {
            regrouped.Rows.Values.ShouldBe(plain.Rows.Values);
            regrouped.Rows.Labels.ShouldBe(plain.Rows.Labels);
            regrouped.Rows.Ids.ShouldBe(plain.Rows.Ids);
            regrouped.Rows.GroupStarts.ShouldBe(plain.Rows.GroupStarts);
        }

        Build(alone).Pages.Starts.Length.ShouldBeGreaterThan(plain.Pages.Starts.Length);
    }

    [Fact]
    public void An_event_shown_again_is_one_row_of_the_first_time_relevant_if_it_ever_was()
    {
        var rows = Build([new(1, 5, Noon.AddHours(3), true, true), new(1, 5, Noon, false, false), new(1, 6, Noon, false, false)]);

        rows.Rows.Labels.ShouldBe([1, 0]);
        rows.Times.ShouldBe([Noon, Noon]);
        Value(rows, 0, "invited").ShouldBe(0);
        Value(rows, 0, "hours_to_start").ShouldBe(24 * 5);
        rows.Pages.Labels.Count(label => label > 0).ShouldBe(1);
    }

    [Fact]
    public void The_users_own_answer_is_in_no_feature()
    {
        Shown[] log = [new(1, 5, Noon, false, true)];
        var without = Build(log, shown => shown.AddAnswers(5, [7, 8], [9], [7, 8, 11], [12]));
        var with = Build(log, shown => shown.AddAnswers(5, [7, 8, 1], [9], [7, 8, 11, 1], [12]));

        with.Rows.Values.ShouldBe(without.Rows.Values);
        with.Popularity.ShouldBe(without.Popularity);
    }

    [Fact]
    public void Friends_answers_are_counted_beside_everybodys()
    {
        var rows = Build([new(1, 5, Noon, false, true)], shown => shown.AddAnswers(5, [7, 8, 20], [9], [7, 8, 11, 12], [12]));

        foreach (var (name, value) in new[] { ("yes", 3f), ("maybe", 1), ("invited_count", 4), ("no", 1), ("friends_yes", 2), ("friends_maybe", 1), ("friends_invited", 2), ("friends_no", 0), ("yes_of_invited", 0.75f), ("friends", 3), ("friends_yes_of_friends", 2f / 3) })
            Value(rows, 0, name).ShouldBe(value, name);
    }

    [Fact]
    public void What_is_not_known_is_missing_and_not_zero()
    {
        var rows = Build([new(2, 5, Noon, false, true), new(2, 99, Noon, false, false)]);

        foreach (var name in new[] { "friends", "friends_yes", "birth_year", "locale" }) float.IsNaN(Value(rows, 0, name)).ShouldBeTrue(name);
        foreach (var name in new[] { "yes", "hours_to_start", "country", "events_of_creator" }) float.IsNaN(Value(rows, 1, name)).ShouldBeTrue(name);
    }

    [Fact]
    public void The_place_is_compared_with_the_users_own_words()
    {
        var rows = Build([new(1, 5, Noon, false, true), new(1, 6, Noon, false, false)]);

        Value(rows, 0, "same_city").ShouldBe(1);
        Value(rows, 0, "same_country").ShouldBe(1);
        Value(rows, 1, "same_city").ShouldBe(0);
        Value(rows, 0, "start_hour").ShouldBe(19);
    }

    [Fact]
    public void What_others_made_of_an_event_is_counted_up_to_the_hour_before()
    {
        Shown[] log = [new(1, 5, Noon, false, true), new(2, 5, Noon.AddMinutes(59), false, false), new(3, 5, Noon.AddHours(1), false, false), new(4, 5, Noon.AddHours(9), false, true), new(4, 6, Noon, false, false)];
        var rows = EventHistory.Add(Build(log), [0, 1, 2, 3, 4]);

        History(rows).ShouldBe([(0, float.NaN), (0, float.NaN), (1, 0.5f), (1, 1f / 3), (0, float.NaN)]);
    }

    [Fact]
    public void Rows_that_are_judged_tell_nothing_of_others_nor_of_themselves()
    {
        var random = new Random(2);
        var log = Enumerable.Range(0, 600).Select(_ => new Shown((ulong)random.Next(40), (ulong)random.Next(20), Noon.AddHours(random.Next(200)), false, random.Next(3) == 0)).ToArray();
        var shown = Build(log);
        var fold = EvaluationFolds.ByUser(shown.Rows, shown.Users, 4)[0];
        var judged = fold.Test.Select(row => (shown.Users[Enumerable.Range(0, shown.Users.Length).Last(group => shown.Rows.GroupStarts[group] <= row)])).ToHashSet();
        var otherwise = Build(log.Select(one => judged.Contains(one.User) ? one with { Interested = !one.Interested } : one));

        EventHistory.Add(otherwise, fold.Train).Values.ShouldBe(EventHistory.Add(shown, fold.Train).Values);
        EventHistory.Add(otherwise, fold.Test).Values.ShouldNotBe(EventHistory.Add(shown, fold.Test).Values);
    }

    [Fact]
    public void What_is_learnt_by_time_knows_of_no_interest_that_came_after()
    {
        // Everything is shown at noon and again two days later, when it is of interest.
        var log = Enumerable.Range(0, 12).SelectMany(i => new Shown[] { new((ulong)i, 5, Noon.AddHours(i), false, i == 0), new((ulong)i, 5, Noon.AddDays(2).AddHours(i), false, true) }).ToArray();
        var shown = Build(log);
        shown.Rows.Labels.ShouldAllBe(label => label == 1);
        var learnt = new List<float[]>();
        RankingEvaluation.Run(shown, EvaluationFolds.ByTime(shown.Times, 3), [new RankingMetric(RankingMetricKind.Map, 5)], [new RankerUnderTest("x", rows =>
        {
            learnt.Add(rows.Labels);
            return new PopularityRanker(rows.Columns);
        })]);
        learnt.Select(labels => labels.Length).ShouldBe([3, 6, 9]);
        learnt.ShouldAllBe(labels => labels[0] == 1 && labels.Skip(1).All(label => label == 0));
    }

    [Fact]
    public void Of_chosen_users_each_row_is_judged_and_of_the_others_each_is_learnt_from()
    {
        var shown = Build(Enumerable.Range(0, 30).Select(i => new Shown((ulong)(i % 6), (ulong)(5 + i), Noon.AddHours(i), false, i % 2 == 0)));
        var fold = EvaluationFolds.OfUsers(shown.Rows, shown.Users, new HashSet<ulong> { 2, 4, 99 }).ShouldHaveSingleItem();
        fold.Test.Select(row => row / 5).Distinct().Select(group => shown.Users[group]).ShouldBe([2UL, 4]);
        fold.Train.Concat(fold.Test).Order().ShouldBe(Enumerable.Range(0, 30));
        Should.Throw<ArgumentException>(() => EvaluationFolds.OfUsers(shown.Rows, shown.Users, new HashSet<ulong> { 99 }));
    }

    private static (float Interested, float Rate)[] History(RankingRows rows) =>
        [.. Enumerable.Range(0, rows.Count).Select(row => (rows.Row(row)[^2], rows.Row(row)[^1]))];

    // Events 5, 6 and so on start five days after noon; user 1 lives in Medan and has three friends.
    private static ShownRows Build(IEnumerable<Shown> log, Action<ShownEvents>? answers = null)
    {
        var shown = new ShownEvents();
        foreach (var one in log) shown.AddShowing(one.User, one.Event, one.At, one.Invited, one.Interested);
        shown.AddUser(1, new RankedUser { BirthYear = 1990, Gender = "male", Locale = "id_ID", Location = "Medan  Indonesia", Timezone = 420 });
        shown.AddFriends(1, [7, 8, 9]);
        for (ulong id = 5; id < 60; id++)
            shown.AddEvent(id, new RankedEvent { Start = Noon.AddDays(5), City = id == 5 ? "medan" : "Jakarta", Country = "Indonesia" }, id % 2 == 0 ? 7UL : 70UL);
        if (answers is null) shown.AddAnswers(5, [7], [], [7, 8], []);
        else answers(shown);
        return shown.Build();
    }

    private static float Value(ShownRows rows, int row, string column) => rows.Rows.Row(row)[Array.FindIndex(rows.Rows.Columns, one => one.Name == column)];
}
