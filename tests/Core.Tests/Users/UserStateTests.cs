using Auie.Core.Features;
using Auie.Core.Users;
using FsCheck;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class UserStateTests
{
    private static UserState Fold(params IEnumerable<Entry> entries)
    {
        var state = new UserState();
        foreach (var entry in entries)
            state.Apply(entry);
        return state;
    }

    private static Entry Friends(string message, DateTimeOffset at, string[]? added = null, string[]? removed = null) =>
        new() { Kind = EntryKind.Friends, MessageId = message, At = at, FriendsAdded = added, FriendsRemoved = removed };

    private static Entry About(EntryKind kind, string item, string message, DateTimeOffset at) =>
        new() { Kind = kind, Item = item, MessageId = message, At = at };

    private static Entry Identify(string message, DateTimeOffset at, params (string Name, string Value)[] traits) =>
        new() { Kind = EntryKind.Identify, MessageId = message, At = at, Traits = traits.ToDictionary(trait => trait.Name, trait => trait.Value) };

    [Fact]
    public void Any_order_of_the_same_entries_gives_the_same_bytes() =>
        ForAll(from entries in Some from shuffled in Gen.Shuffle(entries) select (entries, shuffled), drawn =>
            Bytes(Fold(drawn.shuffled)).ShouldBe(Bytes(Fold(drawn.entries))));

    [Fact]
    public void One_record_of_all_entries_gives_the_same_bytes_as_one_record_each() =>
        ForAll(Some, entries =>
        {
            var together = new UserState();
            together.Apply(entries);
            Bytes(together).ShouldBe(Bytes(Fold(entries)));
        });

    [Fact]
    public void Merging_in_any_grouping_and_order_gives_the_same_bytes() =>
        ForAll(from a in Some from b in Some from c in Some select (a, b, c), drawn =>
        {
            var (a, b, c) = (Fold(drawn.a), Fold(drawn.b), Fold(drawn.c));
            var whole = Bytes(Fold([.. drawn.a, .. drawn.b, .. drawn.c]));
            Bytes(UserState.Merge(UserState.Merge(a, b), c)).ShouldBe(whole);
            Bytes(UserState.Merge(a, UserState.Merge(c, b))).ShouldBe(whole);
            Bytes(a).ShouldBe(Bytes(Fold(drawn.a)), "what is merged stays as it was");
        });

    [Fact]
    public void The_state_says_what_a_plain_reading_of_the_entries_says() =>
        ForAll(Some, entries =>
        {
            var state = Fold(entries);
            var expected = new PlainState(entries);
            state.FriendsAfter(null).ShouldBe(expected.Friends);
            state.Head.Friends.ShouldBe(expected.Friends.Length);
            state.ItemsAfter(null).ShouldBe(expected.Items);
            state.Head.Interested.ShouldBe(expected.Items.Count(item => item.Interest == EntryKind.Interested));
            state.Head.NotInterested.ShouldBe(expected.Items.Count(item => item.Interest == EntryKind.NotInterested));
            state.Head.Yes.ShouldBe(expected.Items.Count(item => item.Attendance == EntryKind.Yes));
            state.Head.Maybe.ShouldBe(expected.Items.Count(item => item.Attendance == EntryKind.Maybe));
            state.Head.No.ShouldBe(expected.Items.Count(item => item.Attendance == EntryKind.No));
            state.Head.ItemsShown.ShouldBe(expected.Items.Count(item => item.Shown > 0));
            state.Head.ItemsShownOrAnswered.ShouldBe(
                expected.Items.Count(item => item.Shown > 0 || item.Interest is not null || item.Attendance is not null));
            state.Head.Traits.ToDictionary().ShouldBe(expected.Traits, ignoreOrder: true);
            foreach (var kind in EntryKinds.All)
                state.Head.Count(kind).ShouldBe(entries.Count(entry => entry.Kind == kind && entry.Other is null));
            state.Head.Entries.ShouldBe(entries.Count(entry => entry.Other is null));
            state.Head.Platforms.ShouldBe(expected.Platforms);
            state.Head.Channels.ShouldBe(expected.Channels);
            state.Head.Names.ShouldBe(expected.Names);
            (state.Head.Tracking, state.Head.Personalisation).ShouldBe((expected.Tracking, expected.Personalisation));
            state.Head.Spent.ShouldBe(entries.Sum(entry => entry.Amount ?? 0));
            state.Head.AnonymousIds.ShouldBe(entries.Select(entry => entry.AnonymousId).OfType<string>().Distinct().Order());
            var seen = entries.Where(entry => entry.Kind.ShowsPresence()).Select(entry => (DateTimeOffset?)entry.At).ToArray();
            state.Head.FirstSeen.ShouldBe(seen.Min());
            state.Head.LastSeen.ShouldBe(seen.Max());
        });

    [Fact]
    public void What_a_store_was_given_by_snapshots_loads_as_the_same_state() =>
        ForAll(from entries in Some.Where(entries => entries.Length > 0) from saves in Gen.Choose(0, 3).ArrayOf(60) select (entries, saves), drawn =>
        {
            var stored = new StoredState();
            var state = new UserState();
            for (var i = 0; i < drawn.entries.Length; i++)
            {
                state.ApplyRecord(10 * i + 10, EntryCodec.Encode(drawn.entries[i])).ShouldBeTrue();
                if (drawn.saves[i % 60] == 0 && i < drawn.entries.Length - 1)
                    continue;
                var snapshot = state.TakeSnapshot();
                snapshot.Offset.ShouldBe(10 * i + 10);
                stored.Write(snapshot);
                // A snapshot that was lost on the way is simply taken again, with what came since.
                if (drawn.saves[i % 60] > 1)
                    state.Saved(snapshot.Offset);
                // Now and then the user is let go of, and comes back from the store.
                if (drawn.saves[i % 60] == 3)
                    state = stored.Load();
            }

            var loaded = stored.Load();

            Bytes(loaded).ShouldBe(Bytes(state));
            loaded.TakeSnapshot().Chunks.ShouldBeEmpty();
            stored.Names.ShouldBe(Reload(state).Chunks.Select(chunk => (chunk.Map, chunk.FirstKey)).Order());
        });

    [Fact]
    public void A_record_takes_effect_once_and_older_ones_not_at_all()
    {
        var state = new UserState();
        var payload = EntryCodec.Encode(About(EntryKind.Shown, "e1", "m1", Noon));

        state.ApplyRecord(5, payload).ShouldBeTrue();
        state.ApplyRecord(5, payload).ShouldBeFalse();
        state.ApplyRecord(4, payload).ShouldBeFalse();

        state.Head.Count(EntryKind.Shown).ShouldBe(1);
        state.Offset.ShouldBe(5);
    }

    [Fact]
    public void The_latest_answer_holds_and_of_one_instant_the_greater_message_id()
    {
        var state = Fold(
            About(EntryKind.Interested, "e1", "m1", Noon.AddMinutes(1)),
            About(EntryKind.NotInterested, "e1", "m9", Noon),
            About(EntryKind.Yes, "e1", "m2", Noon),
            About(EntryKind.Maybe, "e1", "m1", Noon),
            About(EntryKind.Shown, "e2", "m3", Noon));

        state.Item("e1").ShouldBe(new ItemAnswer("e1", EntryKind.Interested, EntryKind.Yes, 0, 0, 0, 0));
        state.Item("e2").ShouldBe(new ItemAnswer("e2", null, null, 1, 0, 0, 0));
        state.Item("e3").ShouldBeNull();
        (state.Head.Interested, state.Head.Yes, state.Head.ItemsShownOrAnswered).ShouldBe((1, 1, 2));
    }

    [Fact]
    public void A_friend_who_left_stays_away_when_an_older_entry_arrives_late()
    {
        var state = Fold(
            Friends("m2", Noon.AddMinutes(1), removed: ["ann"]),
            Friends("m1", Noon, added: ["ann", "bob"]));

        state.FriendsAfter(null).ShouldBe(["bob"]);
        state.IsFriend("ann").ShouldBeFalse();
        state.Head.Friends.ShouldBe(1);
    }

    [Fact]
    public void Friends_are_read_in_pages_in_the_order_of_ids()
    {
        var ids = Enumerable.Range(0, 1000).Select(i => $"{i * 7919 % 1009}").ToArray();
        var state = Fold(Friends("m1", Noon, added: ids));
        var sorted = ids.Order(StringComparer.Ordinal).ToArray();

        var read = new List<string>();
        for (string? after = null; state.FriendsAfter(after).Take(70).ToArray() is { Length: > 0 } page; after = page[^1])
            read.AddRange(page);

        read.ShouldBe(sorted);
        state.FriendsAfter("000").First().ShouldBe(sorted.First(id => string.CompareOrdinal(id, "000") > 0));
        state.FriendsAfter("x").ShouldBeEmpty();
    }

    [Fact]
    public void One_event_writes_one_chunk_of_a_thousand_friends_anew()
    {
        var ids = Enumerable.Range(0, 1100).Select(i => $"{3_000_000_000 + i * 1_234_567L}").ToArray();
        var state = new UserState();
        state.ApplyRecord(1, EntryCodec.Encode(Friends("m1", Noon, added: ids)));
        state.Saved(1);

        state.ApplyRecord(2, EntryCodec.Encode(Friends("m2", Noon, added: ["3500000000"])));
        var changed = state.TakeSnapshot().Chunks;

        Reload(state).Chunks.Length.ShouldBeGreaterThan(10);
        changed.Length.ShouldBeInRange(1, 2);
        changed.Sum(chunk => chunk.Data!.Length).ShouldBeLessThan(2500);
    }

    [Fact]
    public void Where_chunks_begin_follows_from_the_keys_alone()
    {
        var ids = Enumerable.Range(0, 2000).Select(i => $"{i * 104_729L % 4_000_000_007}").ToArray();
        var names = Reload(Fold(Friends("m1", Noon, added: ids))).Chunks.Select(chunk => chunk.FirstKey).ToArray();

        var oneByOne = new UserState();
        foreach (var id in ids.Reverse())
            oneByOne.Apply(Friends("m1", Noon, added: [id]));

        Reload(oneByOne).Chunks.Select(chunk => chunk.FirstKey).ShouldBe(names);
        names[0].ShouldBe("");
        names.Skip(1).ShouldAllBe(name => ids.Contains(name));
    }

    [Fact]
    public void A_friend_costs_about_five_bytes_in_the_journal_and_in_the_state()
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, 1100).Select(_ => $"{random.NextInt64(1L << 32)}").Distinct().ToArray();
        var state = new UserState();
        var record = EntryCodec.Encode(Friends("import-friends-17", Noon, added: ids));
        state.ApplyRecord(1, record);

        (record.Length / (double)ids.Length).ShouldBeInRange(3, 5);
        (Reload(state).Chunks.Sum(chunk => chunk.Data!.Length) / (double)ids.Length).ShouldBeInRange(3, 6);
    }

    [Fact]
    public void Traits_keep_what_was_said_last_and_read_the_usual_ones()
    {
        var state = Fold(
            Identify("m2", Noon.AddDays(1), ("birthyear", "1985"), ("gender", "Female"), ("nickname", "Ann")),
            Identify("m1", Noon, ("birthyear", "1990"), ("locale", "id_ID"), ("timezone", "-420"), ("location", "Medan  Indonesia")),
            Identify("m3", Noon.AddDays(2), ("joinedAt", "2012-10-02T06:40:55.524Z"), ("nickname", "")));
        var traits = state.Head.Traits;

        (traits.BirthYear, traits.Gender, traits.Locale, traits.TimezoneMinutes, traits.Location)
            .ShouldBe((1985, "female", "id_ID", -420, "Medan  Indonesia"));
        traits.JoinedAt.ShouldBe(new DateTimeOffset(2012, 10, 2, 6, 40, 55, 524, TimeSpan.Zero));
        traits.Others().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("1900", 1900)]
    [InlineData("2000", 2000)]
    [InlineData("1905", 1905)]
    [InlineData("1899", null)]
    [InlineData("2001", null)]
    [InlineData("None", null)]
    [InlineData("23-May", null)]
    [InlineData("1990.0", null)]
    [InlineData("", null)]
    public void A_birth_year_from_1900_to_2000_is_kept_and_anything_else_is_missing(string text, int? year)
    {
        var traits = Fold(Identify("m1", Noon, ("birthyear", text))).Head.Traits;

        traits.BirthYear.ShouldBe(year);
        traits["birthyear"].ShouldBe(text.Length > 0 ? text : null);
    }

    [Theory]
    [InlineData("timezone", "841")]
    [InlineData("timezone", "7h")]
    [InlineData("joinedAt", "yesterday")]
    [InlineData("joinedAt", "1812-10-02")]
    public void Traits_that_make_no_sense_are_missing(string name, string value)
    {
        var traits = Fold(Identify("m1", Noon, (name, value))).Head.Traits;

        traits.TimezoneMinutes.ShouldBeNull();
        traits.JoinedAt.ShouldBeNull();
    }

    [Fact]
    public void Sums_never_wrap_and_the_view_of_them_stops_at_the_largest_number()
    {
        var purchase = About(EntryKind.Purchased, "e1", "m1", Noon) with { Amount = long.MaxValue };

        var state = Fold(purchase, purchase, purchase);

        state.Head.Spent.ShouldBe(long.MaxValue);
        new UserFacts(UserHeadCodec.Decode(state.TakeSnapshot().Head))[Fact.Spent].ShouldBe(3 * (long.MaxValue / 10_000.0), 1e6);
    }
}
