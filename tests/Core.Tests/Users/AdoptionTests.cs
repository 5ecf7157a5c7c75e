using Auie.Core.Codecs;
using Auie.Core.Features;
using Auie.Core.Users;
using FsCheck;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class AdoptionTests
{
    private const int Parts = 4;

    private static Entry Adopt(string source, byte[]? state) =>
        new() { Kind = EntryKind.Adopt, MessageId = Outbox.AdoptMessage, At = Noon, Other = source, State = state };

    private static Entry Viewed(string item) => new() { Kind = EntryKind.Viewed, MessageId = "m", At = Noon, Item = item };

    /// <summary>Entries, of each whose it is, whom each source is adopted by, and in which order what concerns somebody comes.</summary>
    private static readonly Gen<(Entry[] Entries, int[] Whose, int[] Adopters, int Seed)> Histories =
        from entries in Some
        from whose in Gen.Choose(0, Parts).ArrayOf(60)
        from adopters in Gen.Choose(0, 1000).ArrayOf(Parts)
        from seed in Gen.Choose(0, 1_000_000)
        select (entries, whose, adopters.Select((drawn, source) => source + 1 + drawn % (Parts - source)).ToArray(), seed);

    [Fact]
    public void Who_adopts_the_parts_of_a_history_in_any_order_and_grouping_is_as_if_all_of_it_had_been_theirs() =>
        ForAll(Histories, drawn =>
        {
            var random = new Random(drawn.Seed);
            var encoded = new byte[Parts + 1][];
            UserState last = new();
            var offset = 0L;
            for (var user = 0; user <= Parts; user++)
            {
                var own = drawn.Entries.Where((_, i) => drawn.Whose[i] == user);
                var sources = Enumerable.Range(0, user).Where(source => drawn.Adopters[source] == user).Select(source => Adopt($"s{source}", encoded[source]));
                Entry[] record = [.. own, .. sources];
                random.Shuffle(record);
                (last, offset) = Live(record, random);
                encoded[user] = last.Encode();
            }

            // What it was adopted from is noted by entries that bring nothing.
            var whole = new UserState();
            Entry[] all = [.. drawn.Entries, .. Enumerable.Range(0, Parts).Select(source => Adopt($"s{source}", null))];
            whole.ApplyRecord(Math.Max(offset, 1), EntryCodec.Encode(all));
            last.ApplyRecord(Math.Max(offset, 1), EntryCodec.Encode([Viewed("e")], "u", null));
            Bytes(last).ShouldBe(Bytes(whole));
            last.Head.Sources.ShouldBe(["s0", "s1", "s2", "s3"]);
        });

    /// <summary>Folds records of one entry each; now and then the state is written to a store, and read from it.</summary>
    private static (UserState, long Offset) Live(Entry[] entries, Random random)
    {
        var state = new UserState();
        var stored = new StoredState();
        var offset = 0L;
        foreach (var entry in entries)
        {
            state.ApplyRecord(++offset, EntryCodec.Encode(entry)).ShouldBeTrue();
            if (random.Next(3) > 0)
                continue;
            stored.Write(state.TakeSnapshot());
            state.Saved(offset);
            if (random.Next(2) == 0)
                state = stored.Load();
        }
        if (offset > 0)
        {
            stored.Write(state.TakeSnapshot());
            Bytes(stored.Load()).ShouldBe(Bytes(state));
        }
        return (state, offset);
    }

    [Fact]
    public void A_whole_state_comes_back_from_its_bytes() =>
        ForAll(SomeOfAnyKind, entries =>
        {
            var state = new UserState();
            state.Apply(entries);

            var decoded = UserState.Decode(state.Encode());

            Bytes(decoded).ShouldBe(Bytes(state));
            decoded.Encode().ShouldBe(state.Encode());
            (decoded.Head.Owner, decoded.Offset).ShouldBe((state.Head.Owner, state.Offset));
        });

    [Fact]
    public void A_state_of_a_newer_version_is_refused_with_both_versions() =>
        Should.Throw<CodecException>(() => UserState.Decode([2])).Message.ShouldContain("version 2, this program knows version 1");

    [Fact]
    public void A_record_that_is_passed_on_moves_the_offset_and_nothing_else()
    {
        var state = new UserState();
        state.ApplyRecord(1, EntryCodec.Encode(Viewed("e1")));
        var before = state.TakeSnapshot();

        state.ApplyRecord(5, EntryCodec.Encode([Viewed("e2"), Adopt("x", null)], "bob", null)).ShouldBeTrue();
        state.ApplyRecord(5, EntryCodec.Encode(Viewed("e3"))).ShouldBeFalse();

        state.Offset.ShouldBe(5);
        state.TakeSnapshot().Chunks.ShouldHaveSingleItem().Data.ShouldBe(before.Chunks.ShouldHaveSingleItem().Data);
        state.Head.Sources.ShouldBeEmpty();
        state.Head.Entries.ShouldBe(1);
    }

    [Fact]
    public void Whose_an_id_is_follows_the_order_of_the_journal_and_is_not_taken_over()
    {
        Entry Owner(EntryKind kind, string owner, DateTimeOffset at) => new() { Kind = kind, MessageId = "m", At = at, Other = owner };
        var state = new UserState();
        state.ApplyRecord(1, EntryCodec.Encode(Owner(EntryKind.Link, "ann", Noon.AddDays(1))));
        state.Head.Owner.ShouldBe("ann");
        state.ApplyRecord(2, EntryCodec.Encode(Owner(EntryKind.Relink, "bob", Noon)));
        state.Head.Owner.ShouldBe("bob");

        var adopter = new UserState();
        adopter.ApplyRecord(9, EntryCodec.Encode(Adopt("anonymous:1", state.Encode())));

        adopter.Head.Owner.ShouldBeNull();
        adopter.Offset.ShouldBe(9);
        (state.Head.Entries, adopter.Head.Entries).ShouldBe((0, 0));
        EntryKinds.All.ShouldAllBe(kind => state.Head.Count(kind) == 0 && adopter.Head.Count(kind) == 0);
        UserHeadCodec.Decode(state.TakeSnapshot().Head).Owner.ShouldBe("bob");
    }

    [Fact]
    public void What_a_friend_told_makes_a_friend_and_nobody_known()
    {
        var state = new UserState();
        state.Apply(new Entry { Kind = EntryKind.Friends, MessageId = "m", At = Noon, FriendsAdded = ["ann"], Other = "ann" });

        state.IsFriend("ann").ShouldBeTrue();
        (state.Head.Friends, state.Head.Entries, state.Head.Count(EntryKind.Friends)).ShouldBe((1, 0, 0));
    }

    [Fact]
    public void What_the_user_allowed_last_holds_and_of_one_stamp_the_refusal()
    {
        Entry Consent(bool? tracking, bool? personalisation, DateTimeOffset at) =>
            new() { Kind = EntryKind.Consent, MessageId = "m", At = at, Tracking = tracking, Personalisation = personalisation };
        Entry[] entries = [Consent(true, null, Noon.AddDays(2)), Consent(false, false, Noon), Consent(null, true, Noon), Consent(null, null, Noon.AddDays(3))];

        foreach (var order in (Entry[][])[entries, [.. entries.Reverse()]])
        {
            var state = new UserState();
            state.Apply(order);
            (state.Head.Tracking, state.Head.Personalisation).ShouldBe((true, false));
            state.Head.FirstSeen.ShouldBeNull();
            state.Head.Entries.ShouldBe(4);
        }
        (new UserState().Head.Tracking, new UserState().Head.Personalisation).ShouldBe((null, null));
    }

    [Fact]
    public void Of_more_names_than_a_state_holds_the_first_are_counted_each_and_the_rest_together_whatever_the_order_and_grouping() =>
        ForAll(
            from names in Gen.Choose(0, 200).Select(number => number == 200 ? "\U0001F600" : $"{number * 7919 % 1000}").ArrayOf(400)
            from whose in Gen.Choose(0, 2).ArrayOf(400)
            from reloads in Gen.Choose(0, 30).ArrayOf(400)
            select (names, whose, reloads),
            drawn =>
            {
                var states = Enumerable.Range(0, 3).Select(_ => new UserState()).ToArray();
                foreach (var (name, whose, reload) in drawn.names.Zip(drawn.whose, drawn.reloads))
                {
                    states[whose].Apply(new Entry
                    {
                        Kind = EntryKind.Other, MessageId = "m", At = Noon, Name = name, Platform = name, Channel = name, AnonymousId = name,
                    });
                    if (reload == 0)
                        states[whose] = UserState.Decode(states[whose].Encode());
                }
                states[1].Absorb(states[2], 1);
                var head = UserState.Merge(states[1], states[0]).Head;

                var plain = drawn.names.GroupBy(name => name).OrderBy(name => name.Key, Utf8Order.Instance).Select(name => (name.Key, (long)name.Count())).ToArray();
                var rest = plain.Skip(UserHead.MostNames).Sum(name => name.Item2);
                (string, long)[] expected = [.. rest > 0 ? [("", rest)] : Array.Empty<(string, long)>(), .. plain.Take(UserHead.MostNames)];
                head.Names.ShouldBe(expected);
                head.Platforms.ShouldBe(expected);
                head.Channels.ShouldBe(expected);
                head.AnonymousIds.ShouldBe(plain.Select(name => name.Key));
            });

    [Fact]
    public void Of_more_anonymous_ids_than_a_state_holds_the_first_are_held_in_any_order()
    {
        var ids = Enumerable.Range(0, 3 * UserHead.MostAnonymousIds).Select(i => $"{i:D4}").ToArray();
        new Random(1).Shuffle(ids);
        UserState Of(IEnumerable<string> some)
        {
            var state = new UserState();
            state.Apply([.. some.Select(id => Viewed("e") with { AnonymousId = id })]);
            return state;
        }

        var merged = UserState.Merge(Of(ids.Skip(100)), Of(ids.Take(200)));

        merged.Head.AnonymousIds.ShouldBe(ids.Order().Take(UserHead.MostAnonymousIds));
        Of(ids).Head.AnonymousIds.ShouldBe(merged.Head.AnonymousIds);
    }

    [Fact]
    public void Other_events_are_the_users_own_and_their_properties_are_no_traits()
    {
        var state = new UserState();
        state.Apply(
            new Entry { Kind = EntryKind.Other, MessageId = "m1", At = Noon, Name = "a", Item = "e1", Traits = new Dictionary<string, string> { ["gender"] = "male" } },
            new Entry { Kind = EntryKind.Consent, MessageId = "m2", At = Noon, Tracking = true },
            Viewed("e2"));

        state.Head.Traits["gender"].ShouldBeNull();
        state.Head.FirstSeen.ShouldBe(Noon);
        state.ItemsAfter(null).Select(item => item.Item).ShouldBe(["e2"]);
        new UserFacts(state.Head)[Fact.Events].ShouldBe(2);
    }
}
