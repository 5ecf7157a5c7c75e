using Auie.Core.Privacy;
using Auie.Core.Users;
using FsCheck;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class ForgettingTests
{
    private static readonly Gen<Entry> OneWithOthers =
        from entry in One
        from other in Gen.Elements("7919", "15838", "é", "\U0001F600")
        select entry.Kind switch
        {
            EntryKind.Adopt => entry with { Other = other },
            EntryKind.Friends when entry.MessageId == "m3" => new Entry { Kind = entry.Kind, MessageId = entry.MessageId, At = entry.At, Other = other, FriendsAdded = [other] },
            // Whose an id is follows the order of the journal, and is not the affair of these tests.
            EntryKind.Link or EntryKind.Relink => entry with { Kind = EntryKind.Viewed },
            _ => entry,
        };

    private static readonly Gen<Entry[]> Entries = OneWithOthers.ArrayOf().Resize(60);

    private static readonly Gen<HashSet<string>> People =
        from count in Gen.Choose(1, 60)
        from friends in Gen.Elements(Enumerable.Range(0, 300).Select(i => $"{i * 7919 % 100_000}").ToArray()).ArrayOf(count)
        from others in Gen.SubListOf("é", "\uFF5E", "\U0001F600", "anonymous:anon-1", "nobody")
        select friends.Concat(others).ToHashSet();

    private static readonly Gen<(Entry[] Entries, HashSet<string> People)> Drawn = from entries in Entries from people in People select (entries, people);

    [Fact]
    public void Forgetting_people_gives_the_state_of_the_entries_that_never_named_them() =>
        ForAll(Drawn, drawn =>
        {
            var state = Fold(drawn.Entries);
            var without = Fold(Without(drawn.Entries, drawn.People));
            state.Forget(drawn.People).ShouldBe(!Bytes(Fold(drawn.Entries)).AsSpan().SequenceEqual(Bytes(without)));
            Bytes(state).ShouldBe(Bytes(without));
            state.Forget(drawn.People).ShouldBeFalse();
        });

    [Fact]
    public void What_a_snapshot_writes_after_forgetting_makes_the_stored_state_that_of_the_entries_that_never_named_them() =>
        ForAll(Drawn, drawn =>
        {
            var store = new Dictionary<(byte, string), byte[]>();
            var stored = new UserState();
            stored.ApplyRecord(9, EntryCodec.Encode(drawn.Entries));
            var head = Save(store, stored.TakeSnapshot());
            var loaded = UserState.Load(head, Chunks(store));
            loaded.Forget(drawn.People);
            loaded.Offset.ShouldBe(9);
            head = Save(store, loaded.TakeSnapshot());

            var expected = new UserState();
            expected.ApplyRecord(9, EntryCodec.Encode(Without(drawn.Entries, drawn.People)));
            Bytes(UserState.Load(head, Chunks(store))).ShouldBe(Bytes(expected));
            var fresh = new Dictionary<(byte, string), byte[]>();
            Save(fresh, expected.TakeSnapshot());
            store.Keys.Order().ShouldBe(fresh.Keys.Order(), "no chunk is left under a name that it has no more");
        });

    [Fact]
    public void A_state_that_forgot_takes_in_what_comes_later_as_any_other() =>
        ForAll(from drawn in Drawn from later in Entries select (drawn, later), drawn =>
        {
            var state = Fold(drawn.drawn.Entries);
            state.Forget(drawn.drawn.People);
            state.Apply(drawn.later);
            Bytes(state).ShouldBe(Bytes(Fold([.. Without(drawn.drawn.Entries, drawn.drawn.People), .. drawn.later])));
        });

    [Fact]
    public void A_record_says_nothing_of_the_people_and_all_else_that_it_said() =>
        ForAll(Drawn, drawn =>
        {
            var record = new UserRecord(drawn.Entries);
            var left = Forgetting.Of(record, drawn.People);
            Bytes(Fold(left.Entries)).ShouldBe(Bytes(Fold(Without(drawn.Entries, drawn.People))));
            Forgetting.Of(left, drawn.People).ShouldBeSameAs(left);
        });

    [Fact]
    public void Of_a_record_that_is_passed_on_to_the_people_or_is_theirs_only_its_place_is_left()
    {
        HashSet<string> people = ["ann"];
        var entry = new Entry { Kind = EntryKind.Viewed, MessageId = "m", At = Noon };
        foreach (var record in new[] { new UserRecord([entry], PassedOnTo: "ann"), new UserRecord([entry], Sender: "ann") })
        {
            var left = Forgetting.Of(record, people);
            left.Entries.ShouldBeEmpty();
            var bytes = EntryCodec.Encode(left.Entries, left.PassedOnTo, left.Sender);
            EntryCodec.DecodeRecord(bytes).ShouldSatisfyAllConditions(read => read.Entries.ShouldBeEmpty(), read => read.PassedOnTo.ShouldBeNull(), read => read.Sender.ShouldBeNull());
            var state = new UserState();
            state.ApplyRecord(3, bytes).ShouldBeTrue();
            state.Offset.ShouldBe(3);
        }
    }

    [Fact]
    public void A_history_that_is_handed_over_names_the_people_no_more_and_stays_otherwise()
    {
        var source = new UserState();
        source.Apply(new Entry { Kind = EntryKind.Friends, MessageId = "m", At = Noon, FriendsAdded = ["ann", "bob"] });
        var adopt = new Entry { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "ann-before", State = source.Encode() };
        var left = Forgetting.Of(new UserRecord([adopt]), new HashSet<string> { "ann", "ann-before" });
        var state = Fold(left.Entries);
        state.FriendsAfter(null).ShouldBe(["bob"]);
        state.Head.Sources.ShouldBeEmpty();
        state.Head.Count(EntryKind.Friends).ShouldBe(1);
    }

    [Fact]
    public void A_tombstone_is_the_hmac_of_the_id_and_differs_by_key()
    {
        // RFC 4231, test case 2, whose key is padded to the block anyway.
        Tombstone.Of("Jefe"u8, "what do ya want for nothing?").ShouldBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        Tombstone.Of(new byte[32], "ann").ShouldNotBe(Tombstone.Of([.. Enumerable.Repeat((byte)1, 32)], "ann"));
    }

    private static UserState Fold(IReadOnlyList<Entry> entries)
    {
        var state = new UserState();
        state.Apply([.. entries]);
        return state;
    }

    /// <summary>The entries without the people, by a plain reading of what an entry is.</summary>
    private static Entry[] Without(Entry[] entries, HashSet<string> people) =>
    [
        .. entries.Where(entry => entry.Kind == EntryKind.Adopt || entry.Other is null || !people.Contains(entry.Other)).Select(entry => entry with
        {
            Other = entry.Other is { } other && people.Contains(other) ? null : entry.Other,
            FriendsAdded = entry.FriendsAdded?.Except(people).ToArray(),
            FriendsRemoved = entry.FriendsRemoved?.Except(people).ToArray(),
            AnonymousId = entry.AnonymousId is { } id && people.Contains("anonymous:" + id) ? null : entry.AnonymousId,
        }),
    ];

    private static byte[] Save(Dictionary<(byte, string), byte[]> store, StateSnapshot snapshot)
    {
        foreach (var chunk in snapshot.Chunks)
        {
            if (chunk.Data is null)
                store.Remove((chunk.Map, chunk.FirstKey));
            else
                store[(chunk.Map, chunk.FirstKey)] = chunk.Data;
        }

        return snapshot.Head;
    }

    private static IEnumerable<UserChunk> Chunks(Dictionary<(byte, string), byte[]> store) =>
        store.Select(chunk => new UserChunk(chunk.Key.Item1, chunk.Key.Item2, chunk.Value));
}
