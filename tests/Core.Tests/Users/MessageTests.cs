using Auie.Core.Users;
using FsCheck.Fluent;
using Record = Auie.Core.Users.Record;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class MessageTests
{
    private static readonly Entry Identify = new()
    {
        Kind = EntryKind.Identify, MessageId = "m1", At = Noon, AnonymousId = "a", Traits = new Dictionary<string, string> { ["gender"] = "male", ["shoe size"] = "44" },
    };

    private static readonly Entry Befriended = new()
    {
        Kind = EntryKind.Friends, MessageId = "m2", At = Noon, Mutual = true, FriendsAdded = ["bob", "cid"], FriendsRemoved = ["ann", "dan"],
    };

    private static OutgoingMessage[] Sent(string user, Record record) => [.. Outbox.Of(user, record)];

    // Stored beside every message: a change here makes the engine take what it has for new.
    [Theory]
    [InlineData("u1", "m1", null, MessageRole.Event, 13284030356496733343UL, "5bb478fa5f4b16106c03f9a9695642aa")]
    [InlineData("u1", "m1", "u2", MessageRole.Event, 13284030356496733343UL, "678801344469cea3fba0ee400fd59d6a")]
    [InlineData("u1", "m1", "u2", MessageRole.FriendRemoved, 13284030356496733343UL, "291fe14945e68444b06154c47427759f")]
    [InlineData("é", "\U0001F600", "anonymous:a", MessageRole.Link, 7936488146098753722UL, "d142bc43600ea995e90bd16efa414daf")]
    public void What_a_message_is_known_by_never_changes(string sender, string message, string? target, MessageRole role, ulong senderHash, string hash)
    {
        var identity = MessageIdentity.Of(sender, message, target, role);

        (identity.Sender, identity.Message.ToString("x32")).ShouldBe((senderHash, hash));
    }

    [Fact]
    public void Messages_with_another_sender_id_target_or_role_are_other_messages()
    {
        string[] texts = ["", "a", "b", "ab", "\0\0\0\u0001", new string('a', 2000)];
        var identities =
            from sender in texts
            from message in texts
            from target in (string?[])[.. texts, null]
            from role in Enum.GetValues<MessageRole>()
            select MessageIdentity.Of(sender, message, target, role).Message;

        identities.Distinct().Count().ShouldBe(6 * 6 * 7 * 5);
        MessageIdentity.Of("u1", "m").Sender.ShouldBe(StableHash.OfKey("u1"));
    }

    [Fact]
    public void The_digest_of_a_message_never_changes()
    {
        MessageIdentity.Digest(Identify, null).ShouldBe(-5865837294308336487);
        MessageIdentity.Digest(Befriended, Noon.AddSeconds(-3)).ShouldBe(5053205422075831265);
        MessageIdentity.Digest(Befriended, DateTimeOffset.MinValue).ShouldBe(8384487049582550587);
    }

    [Fact]
    public void A_digest_is_of_the_content_at_the_time_that_the_sender_wrote_in_whatever_order_it_comes() =>
        ForAll(from entry in One from other in One select (entry, other), drawn =>
        {
            var (entry, other) = drawn;
            var digest = MessageIdentity.Digest(entry, null);
            digest.ShouldBe((long)StableHash.OfBytes(EntryCodec.Encode(entry)));
            MessageIdentity.Digest(entry with { At = Noon.AddYears(1) }, entry.At).ShouldBe(digest);
            MessageIdentity.Digest(entry, DateTimeOffset.MinValue).ShouldBe(MessageIdentity.Digest(entry with { At = EntryValidation.Undated }, null));
            MessageIdentity.Digest(entry with
            {
                Traits = entry.Traits?.Reverse().ToDictionary(), FriendsAdded = entry.FriendsAdded?.Reverse().ToArray(),
            }, null).ShouldBe(digest);
            (MessageIdentity.Digest(other, null) == digest).ShouldBe(EntryCodec.Encode(other).SequenceEqual(EntryCodec.Encode(entry)));
        });

    [Fact]
    public void A_history_is_the_same_message_however_its_state_is_encoded()
    {
        var adopt = new Entry { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "anonymous:a" };

        MessageIdentity.Digest(adopt with { State = [1, 2] }, null).ShouldBe(MessageIdentity.Digest(adopt, null));
        MessageIdentity.Digest(adopt with { Other = "anonymous:b" }, null).ShouldNotBe(MessageIdentity.Digest(adopt, null));
    }

    [Fact]
    public void A_record_that_is_passed_on_sends_every_entry_and_nothing_else()
    {
        Sent("u1", new Record([Identify, Befriended], "u2")).ShouldBe([new("u2", Identify, "u1"), new("u2", Befriended, "u1")]);
        Sent("u1", new Record([Identify], "u2", "u0")).ShouldBe([new("u2", Identify, "u0")]);
    }

    [Fact]
    public void An_identify_links_the_visitor_to_whom_it_is_kept_at()
    {
        foreach (var sender in (string?[])[null, "u0"])
        {
            var message = Sent("u1", new Record([Identify], Sender: sender)).ShouldHaveSingleItem();
            message.ShouldBe(new("anonymous:a", new Entry { Kind = EntryKind.Link, MessageId = "m1", At = Noon, Other = "u1" }, sender ?? "u1"));
            EntryValidation.Check(message.Entry).ShouldBeEmpty();
        }
        Sent("u1", new Record([Identify with { AnonymousId = null }])).ShouldBeEmpty();
        Sent("u1", new Record([new Entry { Kind = EntryKind.Viewed, MessageId = "m", At = Noon, AnonymousId = "a" }])).ShouldBeEmpty();
    }

    [Fact]
    public void A_visitor_owns_nobody_and_what_they_say_themselves_links_nobody()
    {
        Sent("anonymous:a", new Record([Identify])).ShouldBeEmpty();
        Sent("anonymous:b", new Record([Identify])).ShouldBeEmpty();
        Sent("u1", new Record([Identify], Sender: "anonymous:a")).ShouldBeEmpty();
    }

    [Fact]
    public void Friends_of_both_sides_are_told_and_nobody_of_themselves()
    {
        var messages = Sent("ann", new Record([Befriended], Sender: "ann2"));

        messages.Select(message => message.Target).ShouldBe(["bob", "cid", "dan"]);
        messages.ShouldAllBe(message => message.Sender == "ann2" && message.Entry.Other == "ann" && !message.Entry.Mutual
            && message.Entry.MessageId == "m2" && message.Entry.At == Noon && EntryValidation.Check(message.Entry).Count == 0);
        messages.Select(message => (message.Entry.FriendsAdded?.Single(), message.Entry.FriendsRemoved?.Single()))
            .ShouldBe([("ann", null), ("ann", null), (null, "ann")]);
        Sent("ann", new Record([Befriended with { Mutual = false }])).ShouldBeEmpty();
    }

    [Fact]
    public void A_link_hands_the_history_over_and_a_later_one_does_not()
    {
        var link = new Entry { Kind = EntryKind.Link, MessageId = "m1", At = Noon, Other = "u1" };

        Sent("anonymous:a", new Record([link], Sender: "u1")).ShouldBe(
            [new("u1", new Entry { Kind = EntryKind.Adopt, MessageId = "adopt", At = Noon, Other = "anonymous:a" }, "anonymous:a")]);
        Sent("anonymous:a", new Record([link with { Kind = EntryKind.Relink }], Sender: "u1")).ShouldBeEmpty();
    }

    [Fact]
    public void What_comes_of_different_things_at_one_target_is_known_by_different_names()
    {
        // The target was a friend and became the one that another friend, who is no friend any more, is merged into.
        var added = new OutgoingMessage("g", Befriended with { FriendsAdded = ["u1"], FriendsRemoved = null, Mutual = false, Other = "u1" }, "u1");
        var removed = added with { Entry = added.Entry with { FriendsAdded = null, FriendsRemoved = ["u1"] } };
        // A sender may call an event of theirs as the engine calls the handing over of a history.
        var adopt = Sent("u1", new Record([new Entry { Kind = EntryKind.Link, MessageId = "m", At = Noon, Other = "g" }])).Single();
        var called = Sent("u1", new Record([new Entry { Kind = EntryKind.Viewed, MessageId = "adopt", At = Noon }], "g")).Single();

        OutgoingMessage[] messages = [added, removed, adopt, called];
        messages.Select(message => message.Identity).Distinct().Count().ShouldBe(4);
    }
}
