using Auie.Core.Items;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Recommendation.Training;
using Auie.Core.Users;

namespace Auie.Core.Tests.Recommendation;

public sealed class ExampleReplayTests
{
    [Fact]
    public void What_is_wanted_later_is_in_no_feature_however_it_is_known()
    {
        var (plain, leaky) = (new SomePast(1), new SomePast(1));
        var end = leaky.Users.Max(user => user.Entries.Max(entry => entry.At)).AddDays(1);
        // Those who are not learnt from come once more after all else: in one world they do to everything what would give away that it is wanted.
        foreach (var (_, entries) in plain.Users.Skip(plain.Limits.Learners))
            entries.Add(plain.Did(EntryKind.Shown, "i000", end));
        foreach (var (_, entries) in leaky.Users.Skip(leaky.Limits.Learners))
        {
            entries.Add(leaky.Did(EntryKind.Shown, "i000", end));
            foreach (var item in leaky.Items.Keys)
                entries.AddRange(new[] { EntryKind.Purchased, EntryKind.Yes, EntryKind.Viewed, EntryKind.Shown }.Select(kind => leaky.Did(kind, item, end)));
        }

        // Once by the journal, once by their states alone, in which nobody knows when they bought.
        foreach (var kept in new Func<int, int>?[] { null, place => place < leaky.Limits.Learners ? int.MaxValue : 0 })
        {
            var (expected, found) = (plain.Examples(kept), leaky.Examples(kept));
            Same(found.Train, expected.Train);
            Same(found.Validation, expected.Validation);
            Same(found.HeldOut, expected.HeldOut);
        }
    }

    [Fact]
    public void A_test_for_leaks_sees_what_comes_in_time()
    {
        var early = new SomePast(1);
        var begin = early.Users.Min(user => user.Entries.Min(entry => entry.At)).AddMinutes(-1);
        foreach (var (_, entries) in early.Users.Skip(early.Limits.Learners))
            entries.Insert(0, early.Did(EntryKind.Interested, "i000", begin));
        early.Examples().Train.Values.ShouldNotBe(new SomePast(1).Examples().Train.Values);
    }

    [Fact]
    public void Counts_that_nobody_dated_are_not_known_before_their_user_was_last_seen()
    {
        var world = new SomePast(2);
        // With answers alone every date is known, whether from the journal or from the state.
        foreach (var (_, entries) in world.Users)
            entries.RemoveAll(entry => entry.Kind is EntryKind.Shown or EntryKind.Viewed or EntryKind.Purchased);
        OnlyTheLastAnswers(world);
        var (_, _, whole) = world.Make().InOrder();
        var (_, _, cut) = world.Make(place => place % 7 * 3).InOrder();
        cut.ShouldBe(whole);

        var bought = new SomePast(2);
        var last = bought.Users.Select(user => user.Entries.Max(entry => entry.At).UtcTicks).ToHashSet();
        var undated = bought.Make(_ => 0).InOrder().Happenings.Where(one => one.Kind == EntryKind.Purchased).ToArray();
        undated.Length.ShouldBeGreaterThan(100);
        undated.ShouldAllBe(one => !one.IsDated && last.Contains(one.Ticks));
    }

    [Fact]
    public void A_label_is_what_followed_and_each_part_lies_behind_the_one_before()
    {
        var world = new SomePast(3);
        var (people, _, happenings) = world.Make().InOrder();
        var own = happenings.Where(one => people[one.Person].Friends is not null && one.IsOwn).GroupBy(one => one.Person).ToDictionary(group => group.Key, group => group.ToList());
        var occasions = Occasions.Of(own, person => people[person].Hash, world.Limits, SomePast.Seed);
        occasions.Count.ShouldBeGreaterThan(100);
        for (var part = ExamplePart.Train; part < ExamplePart.HeldOut; part++)
        {
            var behind = occasions.Where(one => one.Part > part).Min(one => one.Ticks);
            foreach (var one in occasions.Where(one => one.Part == part))
            {
                one.Ticks.ShouldBeLessThan(behind);
                one.Until.ShouldBeLessThanOrEqualTo(behind, "a label is of the time of the part behind it");
            }
        }

        foreach (var one in occasions)
            own[one.Person].Any(did => did.Ticks < one.Ticks && one.Ticks - did.Ticks < Past.Pause.Ticks).ShouldBeFalse("the user was there already");
        occasions.GroupBy(one => one.Person).ShouldAllBe(person => person.Count() <= world.Limits.OccasionsOfUser);

        var examples = world.Examples();
        examples.HeldOutUsers.Length.ShouldBe(examples.HeldOut.Groups);
        examples.HeldOutFound.Length.ShouldBe(examples.HeldOut.Groups);
        examples.HeldOutFound.ShouldAllBe(found => found >= 0 && found <= 1);
        examples.Late.Groups.ShouldBeGreaterThanOrEqualTo(examples.Validation.Groups);
        foreach (var rows in new[] { examples.Train, examples.Late, examples.Validation, examples.HeldOut })
        {
            // A third of the mean price and three times it are the least and the most that something bought counts by.
            rows.Labels.ShouldAllBe(label => label == 0 || (label >= 1 && label <= Math.Log2(10) + 1e-6));
            for (var group = 0; group < rows.Groups && rows != examples.HeldOut; group++)
                rows.Labels[rows.GroupStarts[group]..rows.GroupStarts[group + 1]].Max().ShouldBeGreaterThan(0);
        }
    }

    [Fact]
    public void The_order_in_which_users_and_items_come_changes_nothing()
    {
        var (one, other) = (new SomePast(4).Examples(), new SomePast(4).Examples(reversed: true));
        Same(one.Train, other.Train);
        Same(one.Validation, other.Validation);
        Same(one.HeldOut, other.HeldOut);
        one.HeldOutUsers.ShouldBe(other.HeldOutUsers);
    }

    [Fact]
    public void Limits_hold()
    {
        var world = new SomePast(5) { Limits = new TrainingLimits { Learners = 12, Occasions = 40, LeastOccasions = 10, Happenings = 900, Items = 100 } };
        var past = world.Make();
        past.Count.ShouldBeLessThanOrEqualTo(900 + 900 / 4);
        for (var i = 0; i < 200; i++)
            past.AddItem($"other{i}", ItemFacts.Unknown);
        past.Facts.Count.ShouldBe(100);
        ExampleReplay.Run(past, world.Limits, SomePast.Seed, out var occasions).ShouldNotBeNull().Occasions.ShouldBe(occasions);
        occasions.ShouldBeLessThanOrEqualTo(40);
        ExampleReplay.Run(world.Make(), world.Limits with { LeastOccasions = occasions + 40 }, SomePast.Seed, out _).ShouldBeNull();
    }

    [Fact]
    public void Nothing_is_a_candidate_before_it_was_known_of()
    {
        var (plain, later) = (new SomePast(7), new SomePast(7));
        var last = plain.Users.Max(user => user.Entries.Max(entry => entry.At));
        for (var i = 0; i < 30; i++)
        {
            plain.Since[$"new{i}"] = null;
            later.Since[$"new{i}"] = last.AddDays(1);
        }

        // Known of ever since they are among the candidates, and else there is nothing of them.
        var without = new SomePast(7).Examples();
        later.Examples().HeldOut.Count.ShouldBe(without.HeldOut.Count);
        Same(later.Examples().Train, without.Train);
        plain.Examples().HeldOut.Count.ShouldBeGreaterThan(without.HeldOut.Count);
        // What something happened to was there by then, whatever its catalogue says of when.
        var dated = new SomePast(7);
        foreach (var item in dated.Items.Keys)
            dated.Since[item] = last.AddDays(1);
        dated.Examples().Train.Groups.ShouldBeGreaterThan(without.Train.Groups / 2);
    }

    [Fact]
    public void Judged_is_as_it_is_served_and_what_candidates_do_not_bring_is_missed()
    {
        var examples = new SomePast(8, items: 400, visits: 10).Examples();
        examples.HeldOutFound.ShouldContain(found => found < 1);
        examples.HeldOutFound.ShouldContain(found => found > 0);
        for (var group = 0; group < examples.HeldOut.Groups; group++)
            (examples.HeldOut.Labels[examples.HeldOut.GroupStarts[group]..examples.HeldOut.GroupStarts[group + 1]].Max() > 0).ShouldBe(examples.HeldOutFound[group] > 0);
    }

    [Fact]
    public void Of_nobody_nothing_is_learnt()
    {
        ExampleReplay.Run(new Past(new TrainingLimits(), 1), new TrainingLimits(), 1, out var occasions).ShouldBeNull();
        occasions.ShouldBe(0);
    }

    [Fact]
    public void What_was_shown_before_counts_as_shown_and_what_was_not_known_is_missing()
    {
        var rows = new SomePast(6).Examples().Train;
        var shown = Column(rows, RecommendationColumn.Shown);
        shown.Min().ShouldBe(0);
        shown.Max().ShouldBeGreaterThan(0);
        Column(rows, RecommendationColumn.DaysToStart).ShouldAllBe(value => float.IsNaN(value));
        Column(rows, RecommendationColumn.Price).ShouldAllBe(value => value >= 1);

        static float[] Column(RankingRows rows, RecommendationColumn column) => [.. Enumerable.Range(0, rows.Count).Select(row => rows.Row(row)[(int)column])];
    }

    private static void OnlyTheLastAnswers(SomePast world)
    {
        foreach (var (_, entries) in world.Users)
        {
            var last = entries.GroupBy(entry => entry.Item).Select(item => item.MaxBy(entry => entry.At)!).OrderBy(entry => entry.At).ToArray();
            entries.Clear();
            entries.AddRange(last);
        }
    }

    private static void Same(RankingRows one, RankingRows other)
    {
        one.GroupStarts.ShouldBe(other.GroupStarts);
        one.Ids.ShouldBe(other.Ids);
        one.Labels.ShouldBe(other.Labels);
        one.Values.Select(BitConverter.SingleToInt32Bits).ShouldBe(other.Values.Select(BitConverter.SingleToInt32Bits));
    }
}
