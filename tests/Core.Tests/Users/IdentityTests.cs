using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;
using Record = Auie.Core.Users.Record;

namespace Auie.Core.Tests.Users;

/// <summary>Who has done what in the end follows from the order in which links were committed, whatever else came when, twice, or after a crash.</summary>
public sealed class IdentityTests
{
    private static readonly string[] People = ["ann", "bob", "cid", "dan", "eve"];
    private static readonly string[] Visitors = ["1", "2", "3", "4"];
    private static readonly string[] Everybody = [.. People, .. Visitors.Select(UserIds.AnonymousUser)];

    [Fact]
    public void Every_event_counts_once_and_for_whom_the_committed_order_of_links_says() =>
        ForAll(Gen.Choose(0, 1_000_000), seed =>
        {
            var random = new Random(seed);
            var world = new IdentityWorld();
            var sent = new List<(string User, Entry[] Entries)>();
            for (var step = random.Next(150); step > 0; step--)
                Step(world, random, sent, friends: true);
            Settle(world, random);

            Check(world, sent.SelectMany(batch => batch.Entries.Select(entry => (batch.User, entry.MessageId))).Distinct().Count());
        });

    [Fact]
    public void Whatever_is_no_link_may_be_delivered_at_any_time() =>
        ForAll(from events in Gen.Choose(0, 1_000_000) from first in Gen.Choose(0, 1_000_000) from second in Gen.Choose(0, 1_000_000) select (events, first, second), seeds =>
        {
            var one = Outcome(seeds.events, new Random(seeds.first));
            var other = Outcome(seeds.events, new Random(seeds.second));

            foreach (var user in Everybody)
                one[user].ShouldBe(other[user], user);
        });

    /// <summary>The states of all roots after the same events, links at once and in one order, and the rest as deliveries happen to be drawn.</summary>
    private static Dictionary<string, byte[]> Outcome(int events, Random deliveries)
    {
        var random = new Random(events);
        var world = new IdentityWorld();
        var sent = new List<(string User, Entry[] Entries)>();
        for (var step = 0; step < 80; step++)
        {
            SendOrAlias(world, random, sent, friends: false);
            while (world.UnderWay.FindIndex(message => DecidesLinks(message.Message.Entry)) is >= 0 and var place)
                world.Deliver(place, acknowledge: true);
            for (var i = deliveries.Next(4); i > 0 && world.UnderWay.Count > 0; i--)
                world.Deliver(deliveries.Next(world.UnderWay.Count), acknowledge: deliveries.Next(5) > 0);
        }
        Settle(world, deliveries);
        return Everybody.ToDictionary(user => user, user => Place(world, user) == user ? WithoutOffset(world.State(user)) : []);
    }

    private static bool DecidesLinks(Entry entry) => entry.Kind is EntryKind.Link or EntryKind.Identify;

    private static void Step(IdentityWorld world, Random random, List<(string User, Entry[] Entries)> sent, bool friends)
    {
        switch (random.Next(20))
        {
            case < 9:
                SendOrAlias(world, random, sent, friends);
                break;
            case < 17 when world.UnderWay.Count > 0:
                world.Deliver(random.Next(world.UnderWay.Count), acknowledge: random.Next(4) > 0);
                break;
            case 17:
                world.Flush(random.Next(3));
                break;
            case 18:
                world.Crash(random.Next(3));
                break;
            case 19 when random.Next(4) == 0:
                world.RepeatAliases();
                break;
        }
    }

    private static void SendOrAlias(IdentityWorld world, Random random, List<(string User, Entry[] Entries)> sent, bool friends)
    {
        if (random.Next(8) == 0)
        {
            var previous = Everybody[random.Next(Everybody.Length)];
            // An alias's id is of its own sender's, as that of an event is, and there is nothing else that goes by it.
            world.Alias(previous, People[random.Next(People.Length)], $"alias{sent.Count}-{random.Next()}", At(random));
            return;
        }
        if (sent.Count > 0 && random.Next(3) == 0)
        {
            var (again, entries) = sent[random.Next(sent.Count)];
            world.Send(again, entries);
            return;
        }
        var user = Everybody[random.Next(Everybody.Length)];
        var known = sent.Where(batch => batch.User == user).Sum(batch => batch.Entries.Length);
        Entry[] events = [.. Enumerable.Range(known, 1 + random.Next(2)).Select(number => Draw(user, $"m{number}", random, friends))];
        sent.Add((user, events));
        world.Send(user, events);
    }

    private static DateTimeOffset At(Random random) => Noon.AddSeconds(random.Next(5));

    private static Entry Draw(string user, string messageId, Random random, bool friends)
    {
        var visitor = UserIds.IsAnonymous(user) ? user[UserIds.AnonymousPrefix.Length..] : null;
        var entry = new Entry
        {
            Kind = EntryKind.Viewed, MessageId = messageId, At = At(random), Platform = random.Next(2) == 0 ? "web" : "ios",
            AnonymousId = visitor ?? (random.Next(2) == 0 ? Visitors[random.Next(Visitors.Length)] : null),
        };
        return random.Next(friends ? 8 : 7) switch
        {
            0 or 1 => entry with { Kind = EntryKind.Identify, Traits = new Dictionary<string, string> { ["gender"] = $"{random.Next(3)}", ["nick"] = user } },
            2 => entry with { Kind = EntryKind.Interested, Item = $"e{random.Next(3)}" },
            3 => entry with { Kind = EntryKind.Purchased, Item = $"e{random.Next(3)}", Amount = random.Next(100) },
            4 => entry with { Kind = EntryKind.Consent, Tracking = random.Next(2) == 0 },
            5 => entry with { Kind = EntryKind.Other, Name = $"n{random.Next(3)}" },
            6 => entry,
            _ => Befriend(entry, random),
        };
    }

    private static Entry Befriend(Entry entry, Random random)
    {
        var others = People.ToArray();
        random.Shuffle(others);
        var added = random.Next(3);
        return entry with
        {
            Kind = EntryKind.Friends, Mutual = random.Next(4) > 0, FriendsAdded = others[..added], FriendsRemoved = others[added..(added + random.Next(3))],
        };
    }

    /// <summary>Delivers all that is under way, and what comes of it.</summary>
    private static void Settle(IdentityWorld world, Random random)
    {
        while (world.UnderWay.Count > 0)
            world.Deliver(random.Next(world.UnderWay.Count), acknowledge: true);
    }

    private static void Check(IdentityWorld world, int events)
    {
        var counted = 0L;
        foreach (var user in Everybody)
        {
            var state = world.State(user);
            state.Head.Owner.ShouldBe(Owners(world.Journal(user)).LastOrDefault());
            if (Place(world, user) != user)
                continue;
            counted += state.Head.Entries;
            WithoutOffset(state).ShouldBe(WithoutOffset(Expected(world, user)), user);
        }
        counted.ShouldBe(events);
    }

    /// <summary>The state that folding everything that ends at a user gives, read off the journals.</summary>
    private static UserState Expected(IdentityWorld world, string root)
    {
        var expected = new UserState();
        foreach (var user in Everybody)
        {
            string? owner = null;
            foreach (var record in world.Journal(user))
            {
                owner = Owners([record]).LastOrDefault() ?? owner;
                foreach (var entry in record.Entries.Where(entry => entry.Other is null && record.Sender is null))
                {
                    if ((owner is null ? Place(world, user) : Root(world, owner)) == root)
                        expected.Apply(entry);
                }
                if (record.PassedOnTo is null)
                    ApplyTold(world, expected, root, user, record);
            }
            if (user != root && Place(world, user) == root)
                expected.Apply(new Entry { Kind = EntryKind.Adopt, MessageId = Outbox.AdoptMessage, At = Noon, Other = user });
        }
        return expected;
    }

    /// <summary>What friends at the root were told by a record that is kept at a user.</summary>
    private static void ApplyTold(IdentityWorld world, UserState expected, string root, string user, Record record)
    {
        foreach (var entry in record.Entries.Where(entry => entry.Mutual))
        {
            var told = entry with { Other = user, Mutual = false, Platform = null, AnonymousId = null };
            foreach (var friend in entry.FriendsAdded!.Where(friend => friend != user && Root(world, friend) == root))
                expected.Apply(told with { FriendsAdded = [user], FriendsRemoved = null });
            foreach (var friend in entry.FriendsRemoved!.Where(friend => friend != user && Root(world, friend) == root))
                expected.Apply(told with { FriendsAdded = null, FriendsRemoved = [user] });
        }
    }

    private static IEnumerable<string> Owners(IEnumerable<Record> records) =>
        records.SelectMany(record => record.Entries).Where(entry => entry.Kind is EntryKind.Link or EntryKind.Relink).Select(entry => entry.Other!);

    /// <summary>Where all ends that a user did while nobody owned them.</summary>
    private static string Place(IdentityWorld world, string user) => Owners(world.Journal(user)).FirstOrDefault() is { } first ? Root(world, first) : user;

    private static string Root(IdentityWorld world, string person)
    {
        var links = Owners(world.Journal(person)).ToArray();
        links.Length.ShouldBeLessThan(2, "a person is merged once");
        return links.Length == 0 ? person : Root(world, links[0]);
    }

    private static byte[] WithoutOffset(UserState state)
    {
        var copy = UserState.Decode(state.Encode());
        copy.Head.Offset = 0;
        return copy.Encode();
    }
}
