using Auie.Core.Items;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Items.SomeItemEntries;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Items;

public sealed class ItemStateTests
{
    private static ItemEntry Said(string message, DateTimeOffset at, string[]? yes = null, string[]? maybe = null, string[]? no = null, string[]? invited = null) =>
        new() { MessageId = message, At = at, Yes = yes, Maybe = maybe, No = no, Invited = invited };

    [Fact]
    public void Any_order_of_the_same_entries_gives_the_same_bytes() =>
        ForAll(from entries in SomeItemEntries.Some from shuffled in Gen.Shuffle(entries) select (entries, shuffled), drawn =>
            SomeItemEntries.Bytes(Fold(drawn.shuffled)).ShouldBe(SomeItemEntries.Bytes(Fold(drawn.entries))));

    [Fact]
    public void One_record_of_all_entries_gives_the_same_bytes_as_one_record_each() =>
        ForAll(SomeItemEntries.Some, entries =>
        {
            var together = new ItemState();
            together.Apply(entries);
            SomeItemEntries.Bytes(together).ShouldBe(SomeItemEntries.Bytes(Fold(entries)));
        });

    [Fact]
    public void Merging_in_any_grouping_and_order_gives_the_same_bytes() =>
        ForAll(from a in SomeItemEntries.Some from b in SomeItemEntries.Some from c in SomeItemEntries.Some select (a, b, c), drawn =>
        {
            var (a, b, c) = (Fold(drawn.a), Fold(drawn.b), Fold(drawn.c));
            var whole = SomeItemEntries.Bytes(Fold([.. drawn.a, .. drawn.b, .. drawn.c]));
            SomeItemEntries.Bytes(ItemState.Merge(ItemState.Merge(a, b), c)).ShouldBe(whole);
            SomeItemEntries.Bytes(ItemState.Merge(a, ItemState.Merge(c, b))).ShouldBe(whole);
            SomeItemEntries.Bytes(a).ShouldBe(SomeItemEntries.Bytes(Fold(drawn.a)), "what is merged stays as it was");
        });

    [Fact]
    public void The_state_says_what_a_plain_reading_of_the_entries_says() =>
        ForAll(SomeItemEntries.Some, entries =>
        {
            var state = Fold(entries);
            var expected = new PlainItem(entries);
            state.AnswersAfter(null).ShouldBe(expected.Answers);
            state.Head.Traits.ToDictionary().ShouldBe(expected.Traits, ignoreOrder: true);
            (state.Head.Yes, state.Head.Maybe, state.Head.No, state.Head.Invited)
                .ShouldBe((expected.Count(EntryKind.Yes), expected.Count(EntryKind.Maybe), expected.Count(EntryKind.No), expected.Count(EntryKind.Invited)));
        });

    [Fact]
    public void What_a_store_was_given_by_snapshots_loads_as_the_same_state_and_its_totals_add_up() =>
        ForAll(from entries in SomeItemEntries.Some.Where(entries => entries.Length > 0) from saves in Gen.Choose(0, 1).ArrayOf(40) select (entries, saves), drawn =>
        {
            var stored = new Dictionary<(byte Map, string FirstKey), UserChunk>();
            byte[] head = [];
            var state = new ItemState();
            var totals = default(ItemTotals);
            for (var i = 0; i < drawn.entries.Length; i++)
            {
                var before = ItemTotals.Of(state.Head);
                state.ApplyRecord(10 * i + 10, ItemEntryCodec.Encode(drawn.entries[i])).ShouldBeTrue();
                totals += ItemTotals.Of(state.Head) - before;
                if (drawn.saves[i % 40] == 0 && i < drawn.entries.Length - 1)
                    continue;
                var snapshot = state.TakeSnapshot();
                snapshot.Offset.ShouldBe(10 * i + 10);
                head = snapshot.Head;
                foreach (var chunk in snapshot.Chunks)
                {
                    if (chunk.Data is null)
                        stored.Remove((chunk.Map, chunk.FirstKey));
                    else
                        stored[(chunk.Map, chunk.FirstKey)] = chunk;
                }
                state = ItemState.Load(head, stored.Values.Reverse());
                state.TakeSnapshot().Chunks.ShouldBeEmpty();
            }

            stored.Keys.Order().ShouldBe(Reload(state).Chunks.Select(chunk => (chunk.Map, chunk.FirstKey)).Order());
            var expected = new PlainItem(drawn.entries);
            state.AnswersAfter(null).ShouldBe(expected.Answers);
            totals.ShouldBe(new ItemTotals(1, expected.Traits.GetValueOrDefault("start") == "2012-10-05T18:00:00Z" ? 1 : 0,
                expected.Count(EntryKind.Yes), expected.Count(EntryKind.Maybe), expected.Count(EntryKind.No), expected.Count(EntryKind.Invited)));
        });

    [Fact]
    public void A_record_takes_effect_once_and_older_ones_not_at_all()
    {
        var state = new ItemState();
        var payload = ItemEntryCodec.Encode(Said("m1", Noon, yes: ["ann"]));

        state.ApplyRecord(5, payload).ShouldBeTrue();
        state.ApplyRecord(5, ItemEntryCodec.Encode(Said("m2", Noon, yes: ["bob"]))).ShouldBeFalse();
        state.ApplyRecord(4, payload).ShouldBeFalse();

        state.Head.Yes.ShouldBe(1);
        state.Offset.ShouldBe(5);
    }

    [Fact]
    public void An_undated_answer_gives_way_to_any_dated_one_and_an_invitation_told_twice_is_one()
    {
        var state = Fold(
            Said("m1", Noon, yes: ["ann"], invited: ["bob"]),
            Said("m9", EntryValidation.Undated, no: ["ann", "cid"], invited: ["ann", "bob"]));

        state.AnswersAfter(null).ShouldBe([
            new PersonsAnswer("ann", EntryKind.Yes, true), new PersonsAnswer("bob", null, true), new PersonsAnswer("cid", EntryKind.No, false)]);
        (state.Head.Yes, state.Head.No, state.Head.Invited).ShouldBe((1, 1, 2));
    }

    [Fact]
    public void Whoever_was_joined_to_somebody_else_counts_no_more_whatever_is_said_of_them_before_or_after()
    {
        var state = Fold(Said("m1", Noon, yes: ["visitor"], invited: ["visitor"]), Said("m2", Noon, yes: ["ann"]));
        var joined = new ItemEntry { MessageId = "adopt", At = Noon.AddDays(-9), Joined = ["visitor"] };
        state.Apply(joined, Said("m3", Noon.AddDays(9), no: ["visitor"], invited: ["visitor"]));
        state.Apply(Said("m4", Noon.AddDays(10), maybe: ["visitor"]));

        state.AnswersAfter(null).ShouldBe([new PersonsAnswer("ann", EntryKind.Yes, false)]);
        (state.Head.Yes, state.Head.Maybe, state.Head.No, state.Head.Invited).ShouldBe((1, 0, 0, 0));
        state.JoinedIds.ShouldBe(["visitor"]);
        state.Forget(new HashSet<string> { "visitor" }).ShouldBe((0, true));
        state.Forget(new HashSet<string> { "ann" }).ShouldBe((1, true));
        state.IsEmpty.ShouldBeTrue();
    }

    [Theory]
    [InlineData("2012-10-05T18:00:00Z", true)]
    [InlineData("2012-10-05", true)]
    [InlineData("tomorrow", false)]
    [InlineData("1492-10-12T00:00:00Z", false)]
    [InlineData("", false)]
    public void A_start_that_makes_no_sense_is_missing(string text, bool known)
    {
        var state = new ItemState();
        state.ApplyRecord(1, ItemEntryCodec.Encode(new ItemEntry { MessageId = "m", At = Noon, Traits = new Dictionary<string, string> { ["start"] = text } }));

        (state.Head.Traits.Start is not null).ShouldBe(known);
        ItemTotals.Of(state.Head).ShouldBe(new ItemTotals(1, known ? 1 : 0, 0, 0, 0, 0));
    }

    [Fact]
    public void An_answer_costs_about_six_bytes_in_the_journal_and_in_the_state()
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, 10_000).Select(_ => $"{random.NextInt64(1L << 32)}").Distinct().ToArray();
        var record = ItemEntryCodec.Encode(Said("attendees:17", EntryValidation.Undated, yes: ids[..5_000], invited: ids[5_000..]));
        var state = new ItemState();
        state.ApplyRecord(1, record);

        (record.Length / (double)ids.Length).ShouldBeInRange(3, 5);
        (Reload(state).Chunks.Sum(chunk => chunk.Data!.Length) / (double)ids.Length).ShouldBeInRange(3, 7);
    }
}
