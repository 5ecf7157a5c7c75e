using Auie.Core.Codecs;
using Auie.Core.Features;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class UserHeadTests
{
    private static UserState Ann()
    {
        var state = new UserState();
        state.ApplyRecord(7, EntryCodec.Encode(
            new Entry
            {
                Kind = EntryKind.Identify, MessageId = "m-1", At = Noon, AnonymousId = "anon", Platform = "ios",
                Traits = new Dictionary<string, string> { ["gender"] = "male", ["birthyear"] = "1990", ["joinedAt"] = "2012-10-01", ["timezone"] = "420", ["tier"] = "gold" },
            },
            new Entry { Kind = EntryKind.Friends, MessageId = "m-2", At = Noon, FriendsAdded = ["17", "18", "9"], FriendsRemoved = ["19"] },
            new Entry { Kind = EntryKind.Invited, MessageId = "m-3", At = Noon.AddDays(9), Item = "e1" },
            new Entry { Kind = EntryKind.Shown, MessageId = "m-4", At = Noon.AddDays(1), Item = "e1", Platform = "web" },
            new Entry { Kind = EntryKind.Interested, MessageId = "m-5", At = Noon.AddDays(1), Item = "e1", Platform = "web" },
            new Entry { Kind = EntryKind.Yes, MessageId = "m-6", At = Noon.AddDays(2), Item = "e1", Platform = "email" },
            new Entry { Kind = EntryKind.NotInterested, MessageId = "m-7", At = Noon.AddDays(2), Item = "e2" },
            new Entry { Kind = EntryKind.Purchased, MessageId = "m-8", At = Noon.AddDays(3), Item = "e3", Platform = "android", Amount = 125_000 }));
        return state;
    }

    [Fact]
    public void A_head_alone_gives_the_same_facts() =>
        ForAll(Some, entries =>
        {
            var state = new UserState();
            state.Apply(entries);
            var decoded = UserHeadCodec.Decode(state.TakeSnapshot().Head);
            var (of, from) = (new UserFacts(state.Head), new UserFacts(decoded));
            foreach (var fact in Enum.GetValues<Fact>())
                from[fact].ShouldBe(of[fact], fact.ToString());
            decoded.FirstSeen?.Offset.ShouldBe(state.Head.FirstSeen!.Value.Offset);
            UserHeadCodec.Encode(decoded).ShouldBe(UserHeadCodec.Encode(state.Head));
        });

    [Fact]
    public void Heads_of_earlier_versions_are_read_for_ever_and_know_less_of_when_the_user_was_there()
    {
        // Up to version 6 what was shown was counted as activity, too, and it was not kept where anything was spent.
        var (days, dated) = (UserHeadCodec.Decode(Convert.FromHexString(Golden.Head4)), UserHeadCodec.Decode(Convert.FromHexString(Golden.Head6)));
        foreach (var (bytes, of, hours) in new[] { (Golden.Head1, Ann().Head, false), (Golden.Head2, dated, false), (Golden.Head3, dated, true) })
        {
            var head = UserHeadCodec.Decode(Convert.FromHexString(bytes));
            head.Rhythm.Held().ShouldBe(hours ? of.Rhythm.Held() : []);
            head.Rhythm.HeldDated().ShouldBeEmpty();
            head.Trail.Held().ShouldBeEmpty();
            // All but the rhythm, the trail and where anything was spent, which stand last, and of which none are four bytes.
            var (again, now) = (UserHeadCodec.Encode(head), UserHeadCodec.Encode(of));
            again[..^(hours ? head.Rhythm.Encode().Length + 2 : 4)].ShouldBe(now[..^(of.Rhythm.Encode().Length + of.Trail.Encode().Length + SpentLength(of))]);
        }

        // Of days that were kept without their hours each is told at noon.
        days.Rhythm.HeldDated().ShouldBe(dated.Rhythm.HeldDated().GroupBy(one => one.Day).Select(day => (day.Key, 12, day.Sum(one => one.Count))));
        days.Trail.Held().ShouldBe(dated.Trail.Held());
        // Of steps that were kept without marks of items each is told.
        UserHeadCodec.Decode(Convert.FromHexString(Golden.Head5)).ShouldSatisfyAllConditions(head => head.Trail.Held().ShouldBe(dated.Trail.Held()), head => head.Rhythm.HeldDated().ShouldBe(dated.Rhythm.HeldDated()));
        UserState.Decode(Convert.FromHexString(Golden.State5)).Head.Trail.Held().ShouldBe(dated.Trail.Held());
        UserState.Decode(Convert.FromHexString(Golden.State4)).Head.Rhythm.Encode().ShouldBe(days.Rhythm.Encode());
        UserState.Decode(Convert.FromHexString(Golden.State2)).Head.Rhythm.Encode().ShouldBeEmpty();
        UserState.Decode(Convert.FromHexString(Golden.State3)).Head.Rhythm.Held().ShouldBe(dated.Rhythm.Held());
        (dated.Spent, dated.SpentOn(PlatformKind.Mobile), AnnWithHistory().Head.SpentOn(PlatformKind.Mobile)).ShouldBe((125_000, 0, 125_000));
        UserState.Decode(Convert.FromHexString(Golden.State6)).Head.Rhythm.Encode().ShouldBe(dated.Rhythm.Encode());

        // A byte that says where, and of each the sum.
        static int SpentLength(UserHead head) => Enum.GetValues<PlatformKind>().All(kind => head.SpentOn(kind) == 0) ? 1 : 5;
    }

    [Fact]
    public void A_head_of_a_newer_version_is_refused_with_both_versions() =>
        Should.Throw<CodecException>(() => UserHeadCodec.Decode([8])).Message.ShouldContain("version 8, this program knows versions up to 7");

    private static UserState AnnWithHistory()
    {
        var visitor = new UserState();
        visitor.Apply(new Entry { Kind = EntryKind.Viewed, MessageId = "v", At = Noon, Item = "e4", Channel = "browser" });
        var ann = Ann();
        ann.ApplyRecord(8, EntryCodec.Encode(
            new Entry { Kind = EntryKind.Consent, MessageId = "c", At = Noon, Tracking = true, Personalisation = false },
            new Entry { Kind = EntryKind.Other, MessageId = "o", At = Noon, Name = "Song Played", Channel = "browser" },
            new Entry { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "anonymous:1", State = visitor.Encode() },
            new Entry { Kind = EntryKind.Link, MessageId = "l", At = Noon, Other = "bob" }));
        return ann;
    }

    [Fact]
    public void The_bytes_of_a_whole_state_never_change()
    {
        var bytes = AnnWithHistory().Encode();

        Convert.ToHexStringLower(bytes).ShouldBe(Golden.State);
        UserState.Decode(bytes).Encode().ShouldBe(bytes);
    }

    [Fact]
    public void The_bytes_of_a_head_and_of_chunks_never_change()
    {
        Convert.ToHexStringLower(AnnWithHistory().TakeSnapshot().Head).ShouldBe(Golden.Head);
        var snapshot = Ann().TakeSnapshot();

        snapshot.Chunks.Select(chunk => $"{chunk.Map} '{chunk.FirstKey}' {Convert.ToHexStringLower(chunk.Data!)}").ShouldBe(Golden.Chunks);
    }

    [Fact]
    public void The_bytes_of_who_came_never_change_and_come_back_as_what_they_were()
    {
        var state = new UserState();
        state.Apply(
            About(EntryKind.Yes, "e1", 0), About(EntryKind.Came, "e1", 1), About(EntryKind.Came, "e1", 2), About(EntryKind.Shown, "e2", 3), About(EntryKind.Came, "e3", 4));
        var bytes = state.Encode();
        Convert.ToHexStringLower(bytes).ShouldBe(Golden.StateOfWhoCame);
        var again = UserState.Decode(bytes);
        again.Encode().ShouldBe(bytes);
        again.ItemsAfter(null).Select(one => (one.Item, one.Came, one.Attendance, one.Shown)).ShouldBe([("e1", 2, EntryKind.Yes, 0), ("e2", 0, null, 1), ("e3", 1, null, 0)]);
        (new UserFacts(again.Head)[Fact.Came], again.Head.Yes, again.Head.LastSeen).ShouldBe((3, 1, Noon.AddHours(4)));
        again.Head.Trail.Held().Select(step => step.Kind).ShouldBe([EntryKind.Yes, EntryKind.Came, EntryKind.Came, EntryKind.Shown, EntryKind.Came]);

        static Entry About(EntryKind kind, string item, int hour) => new() { Kind = kind, MessageId = $"m{hour}", At = Noon.AddHours(hour), Item = item };
    }

    [Fact]
    public void Facts_say_what_happened()
    {
        var facts = new UserFacts(Ann().Head);

        var expected = new Dictionary<Fact, double>
        {
            [Fact.BirthYear] = 1990, [Fact.GenderMale] = 1, [Fact.Timezone] = 420, [Fact.JoinedAt] = 1_349_049_600,
            [Fact.FirstSeen] = Noon.ToUnixTimeSeconds(), [Fact.LastSeen] = Noon.AddDays(3).ToUnixTimeSeconds(),
            [Fact.Friends] = 3, [Fact.Shown] = 1, [Fact.Viewed] = 0, [Fact.Interested] = 1, [Fact.NotInterested] = 1, [Fact.Invited] = 1,
            [Fact.Yes] = 1, [Fact.Maybe] = 0, [Fact.No] = 0, [Fact.Purchased] = 1, [Fact.Answered] = 2, [Fact.Spent] = 12.5,
            [Fact.Events] = 5, [Fact.Platforms] = 4, [Fact.WebEvents] = 2, [Fact.MobileEvents] = 2, [Fact.EmailEvents] = 1,
            [Fact.Impressions] = 2, [Fact.ImpressionsInterested] = 1, [Fact.ImpressionsNotInterested] = 1, [Fact.Tracking] = double.NaN, [Fact.Came] = 0,
            [Fact.SpentWeb] = 0, [Fact.SpentMobile] = 12.5, [Fact.SpentEmail] = 0,
        };
        Enum.GetValues<Fact>().ToDictionary(fact => fact, fact => facts[fact]).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public void Facts_of_somebody_unknown_are_missing_or_none()
    {
        var facts = new UserFacts(new UserState().Head);

        Fact[] missing = [Fact.BirthYear, Fact.GenderMale, Fact.Timezone, Fact.JoinedAt, Fact.FirstSeen, Fact.LastSeen, Fact.Tracking];
        foreach (var fact in Enum.GetValues<Fact>())
            facts[fact].ShouldBe(missing.Contains(fact) ? double.NaN : 0, fact.ToString());
    }

    [Fact]
    public void An_undated_entry_counts_yields_to_every_dated_one_and_says_nothing_of_when_the_user_was_there()
    {
        Entry Identify(string year, DateTimeOffset at, string message) => new()
        {
            Kind = EntryKind.Identify, MessageId = message, At = at, Traits = new Dictionary<string, string> { ["birthyear"] = year },
        };
        var undated = EntryValidation.Undated.ToOffset(TimeSpan.FromHours(7));
        var state = new UserState();
        state.Apply(
            Identify("1990", EntryValidation.Undated.AddTicks(1), "a"), Identify("1950", undated, "z"),
            new Entry { Kind = EntryKind.Yes, MessageId = "m", At = undated, Item = "e1" });

        state.Head.Entries.ShouldBe(3);
        state.Head.Yes.ShouldBe(1);
        state.Head.Traits.BirthYear.ShouldBe(1990);
        state.Head.FirstSeen.ShouldBe(EntryValidation.Undated.AddTicks(1));
        EntryValidation.Check(Identify("1950", undated, "z")).ShouldBeEmpty();

        var onlyUndated = new UserState();
        onlyUndated.Apply(Identify("1950", undated, "z"));
        (onlyUndated.Head.FirstSeen, onlyUndated.Head.LastSeen).ShouldBe((null, null));
        UserState.Merge(state, onlyUndated).Head.FirstSeen.ShouldBe(state.Head.FirstSeen);
    }

    [Fact]
    public void Garbage_in_a_head_is_refused_clearly() =>
        ForAll(from entries in Some from damage in Damage.Any select (entries, damage), drawn =>
        {
            var state = new UserState();
            state.Apply(drawn.entries);
            Damage.Reads(drawn.damage(state.TakeSnapshot().Head), bytes => UserHeadCodec.Encode(UserHeadCodec.Decode(bytes)));
        });

    [Fact]
    public void Garbage_in_a_whole_state_is_refused_clearly_and_before_anything_is_taken_over() =>
        ForAll(from entries in Some from damage in Damage.Any select (entries, damage), drawn =>
        {
            var state = new UserState();
            state.Apply(drawn.entries);
            Damage.Reads(drawn.damage(state.Encode()), bytes =>
            {
                var adopt = new Entry { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "anonymous:1", State = bytes };
                var adopting = new UserState();
                try
                {
                    adopting.Apply([new Entry { Kind = EntryKind.Viewed, MessageId = "v", At = Noon }, adopt]);
                    adopting.TakeSnapshot();
                }
                catch (CodecException)
                {
                    Bytes(adopting).ShouldBe(Bytes(new UserState()));
                    throw;
                }
            });
        });

    [Fact]
    public void Garbage_in_a_chunk_is_refused_clearly() =>
        ForAll(from entries in Some from damage in Damage.Any select (entries, damage), drawn =>
        {
            var state = new UserState();
            state.Apply(drawn.entries);
            var snapshot = state.TakeSnapshot();
            foreach (var chunk in snapshot.Chunks)
            {
                Damage.Reads(drawn.damage(chunk.Data!), bytes =>
                {
                    var loaded = UserState.Load(snapshot.Head, [chunk with { Data = bytes }]);
                    _ = loaded.FriendsAfter(null).Count() + loaded.ItemsAfter(null).Count();
                    loaded.Apply(drawn.entries);
                    loaded.TakeSnapshot();
                });
            }
        });
}
