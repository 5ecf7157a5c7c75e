using Auie.Core.Items;
using Auie.Core.Users;
using FsCheck.Fluent;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Items;

public sealed class AnswersToItemsTests
{
    private static readonly EntryKind[] Kinds = [EntryKind.Invited, EntryKind.Yes, EntryKind.Maybe, EntryKind.No];

    private static Entry Answer(EntryKind kind, string message, DateTimeOffset at) => new() { Kind = kind, MessageId = message, At = at, Item = "e", Mutual = true };

    private static string Text((string Item, ItemEntry Entry) told) => string.Join('|',
        told.Item, told.Entry.MessageId, told.Entry.At.ToString("O"), Names(told.Entry.Yes), Names(told.Entry.Maybe), Names(told.Entry.No), Names(told.Entry.Invited), Names(told.Entry.Joined));

    private static string Names(IReadOnlyList<string>? names) => string.Join(',', names ?? []);

    private static UserRecord HandedOver(string from, params Entry[] entries)
    {
        var state = new UserState();
        state.Apply(entries);
        return new UserRecord([new Entry { Kind = EntryKind.Adopt, MessageId = Outbox.AdoptMessage, At = Noon, Other = from, State = state.Encode() }], Sender: from);
    }

    [Fact]
    public void Answers_and_invitations_are_told_to_their_items_as_of_when_they_were_given() =>
        AnswersToItems.Of("ann", new UserRecord([.. EntryKinds.Sent.Where(kind => kind.TakesItem()).Select(kind => Answer(kind, kind.Name(), Noon))])).Select(Text).ShouldBe(
        [
            $"e|invited|{Noon:O}||||ann|", $"e|yes|{Noon:O}|ann||||", $"e|maybe|{Noon:O}||ann|||", $"e|no|{Noon:O}|||ann||",
        ]);

    [Fact]
    public void Nothing_is_told_of_an_import_and_of_what_is_passed_on()
    {
        var yes = Answer(EntryKind.Yes, "m", Noon);
        foreach (var record in new[] { new UserRecord([yes with { Mutual = false }]), new UserRecord([yes], PassedOnTo: "bob") })
        {
            AnswersToItems.MayTell(record).ShouldBeFalse();
            AnswersToItems.Of("ann", record).ShouldBeEmpty();
        }

        AnswersToItems.MayTell(new UserRecord([yes])).ShouldBeTrue();
    }

    [Fact]
    public void A_digest_is_the_same_whether_the_item_is_told_or_not()
    {
        foreach (var kind in Kinds)
            MessageIdentity.Digest(Answer(kind, "m", Noon), null).ShouldBe(MessageIdentity.Digest(Answer(kind, "m", Noon) with { Mutual = false }, null));
    }

    [Fact]
    public void A_history_that_is_handed_over_brings_its_answers_and_takes_them_from_whose_they_were()
    {
        var history = HandedOver("visitor", Answer(EntryKind.Yes, "m1", Noon.AddDays(-1)), Answer(EntryKind.Invited, "m2", Noon), Answer(EntryKind.Shown, "m3", Noon) with { Item = "f" });

        AnswersToItems.MayTell(history).ShouldBeTrue();
        AnswersToItems.Of("ann", history).Select(Text).ShouldBe(
        [
            $"e|m1|{Noon.AddDays(-1).ToUniversalTime():O}|ann||||", $"e|adopt|{Noon:O}||||ann|", $"e|adopt|{Noon:O}|||||visitor",
        ]);
    }

    [Fact]
    public void Whatever_comes_first_or_twice_an_item_has_the_answers_of_ids_that_were_joined_as_if_they_had_been_one()
    {
        var answer =
            from kind in Gen.Elements(Kinds)
            from message in Gen.Elements("m1", "m2", "m3")
            from second in Gen.Choose(0, 3)
            select Answer(kind, message, Noon.AddSeconds(second));
        ForAll(from before in answer.ArrayOf(4) from own in answer.ArrayOf(4) from seed in Gen.Choose(0, 9_999) select (before, own, seed), drawn =>
        {
            ItemEntry[] told =
            [
                .. Told("visitor", new UserRecord(drawn.before)), .. Told("ann", new UserRecord(drawn.own)), .. Told("ann", HandedOver("visitor", drawn.before)),
            ];
            var order = new Random(drawn.seed);
            ItemEntry[] delivered = [.. told, .. told.Where(_ => order.Next(2) == 0)];
            order.Shuffle(delivered);

            var state = SomeItemEntries.Fold(delivered);
            state.AnswersAfter(null).ShouldBe(SomeItemEntries.Fold(Told("ann", new UserRecord([.. drawn.before, .. drawn.own]))).AnswersAfter(null));
        });

        static ItemEntry[] Told(string user, UserRecord record) => [.. AnswersToItems.Of(user, record).Select(told => told.Entry)];
    }
}
