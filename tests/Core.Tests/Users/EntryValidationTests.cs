using Auie.Core.Users;
using static Auie.Core.Tests.Users.SomeEntries;

namespace Auie.Core.Tests.Users;

public sealed class EntryValidationTests
{
    private static readonly Entry Shown = new() { Kind = EntryKind.Shown, MessageId = "m", At = Noon, Item = "e" };
    private static readonly Entry Identify = new() { Kind = EntryKind.Identify, MessageId = "m", At = Noon };
    private static readonly Entry Friends = new() { Kind = EntryKind.Friends, MessageId = "m", At = Noon };

    private static readonly Entry Other = new() { Kind = EntryKind.Other, MessageId = "m", At = Noon, Name = "Song Played" };
    private static readonly Entry Consent = new() { Kind = EntryKind.Consent, MessageId = "m", At = Noon, Tracking = true };

    [Fact]
    public void Every_drawn_entry_passes() => ForAll(SomeOfAnyKind, entries => entries.ShouldAllBe(entry => EntryValidation.Check(entry).Count == 0));

    public static TheoryData<string, Entry> Wrong() => new()
    {
        { "messageId", Shown with { MessageId = "" } },
        { "messageId", Shown with { MessageId = new string('x', 257) } },
        { "messageId", Shown with { MessageId = new string('é', 129) } },
        { "messageId", Shown with { MessageId = "a\nb" } },
        { "messageId", Shown with { MessageId = "\uD800" } },
        { "at", Shown with { At = new DateTimeOffset(1899, 12, 31, 23, 59, 59, TimeSpan.Zero) } },
        { "at", Shown with { At = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero) } },
        { "kind", Shown with { Kind = (EntryKind)200 } },
        { "kind", Shown with { Kind = (EntryKind)18 } },
        { "item", Shown with { Item = null } },
        { "item", Shown with { Item = "" } },
        { "item", Identify with { Item = "e" } },
        { "platform", Shown with { Platform = "" } },
        { "anonymousId", Shown with { AnonymousId = "\0" } },
        { "amount", Shown with { Amount = 1 } },
        { "amount", Shown with { Kind = EntryKind.Purchased, Amount = -1 } },
        { "amount", Shown with { Kind = EntryKind.Purchased, Amount = EntryValidation.LargestAmount + 1 } },
        { "traits", Shown with { Traits = new Dictionary<string, string> { ["a"] = "b" } } },
        { "traits", Identify with { Traits = new Dictionary<string, string> { [""] = "b" } } },
        { "traits", Identify with { Traits = new Dictionary<string, string> { ["a"] = new('x', 2049) } } },
        { "traits", Identify with { Traits = new Dictionary<string, string> { ["a"] = null! } } },
        { "traits", Identify with { Traits = Enumerable.Range(0, 101).ToDictionary(i => $"{i}", _ => "x") } },
        { "traits", Other with { Traits = new Dictionary<string, string> { ["a"] = new('x', 2049) } } },
        { "anonymousId", Shown with { AnonymousId = new string('x', 247) } },
        { "channel", Shown with { Channel = "" } },
        { "name", Other with { Name = null } },
        { "name", Other with { Name = new string('x', 257) } },
        { "name", Shown with { Name = "Song Played" } },
        { "item", Other with { Item = "" } },
        { "item", Consent with { Item = "e" } },
        { "tracking", Consent with { Tracking = null } },
        { "tracking", Shown with { Tracking = true } },
        { "personalisation", Identify with { Personalisation = false } },
        { "mutual", Shown with { Mutual = true } },
        { "other", Shown with { Other = "u" } },
        { "other", Friends with { Other = "" } },
        { "other", Friends with { Kind = EntryKind.Link } },
        { "other", Friends with { Kind = EntryKind.Relink, Other = "anonymous:" } },
        { "state", Friends with { Kind = EntryKind.Link, Other = "u", State = [1] } },
        { "friendsAdded", Friends with { FriendsAdded = ["anonymous:"] } },
        { "friendsAdded", Shown with { FriendsAdded = ["a"] } },
        { "friendsAdded", Friends with { FriendsAdded = ["a", ""] } },
        { "friendsAdded", Friends with { FriendsAdded = [.. Enumerable.Range(0, 100_001).Select(i => $"{i}")] } },
        { "friendsRemoved", Friends with { FriendsRemoved = [new string('x', 257)] } },
        { "friendsRemoved", Friends with { FriendsAdded = ["a"], FriendsRemoved = ["a"] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_an_entry_may_not_hold_is_refused_by_field(string field, Entry entry)
    {
        var error = EntryValidation.Check(entry).ShouldHaveSingleItem();

        error.Field.ShouldBe(field);
        error.Reason.ShouldNotBeEmpty();
    }

    [Fact]
    public void Every_error_is_told() =>
        EntryValidation.Check(new Entry { Kind = EntryKind.Yes, MessageId = "", At = default }).Select(error => error.Field)
            .ShouldBe(["messageId", "at", "item"]);

    [Fact]
    public void A_view_may_be_of_no_item() => EntryValidation.Check(Shown with { Kind = EntryKind.Viewed, Item = null }).ShouldBeEmpty();

    [Theory]
    [InlineData("link")]
    [InlineData("adopt")]
    [InlineData("relink")]
    public void Nobody_sends_the_engines_own_kinds(string name)
    {
        EntryKinds.TryParse(name, out _).ShouldBeFalse();
        Should.Throw<FormatException>(() => EntryKinds.Parse(name)).Message.ShouldEndWith("purchased, other, consent, came.");
    }

    [Fact]
    public void What_shows_presence_and_what_is_about_an_item_follows_from_the_kind()
    {
        EntryKinds.All.Where(kind => !kind.ShowsPresence()).ShouldBe(
            [EntryKind.Friends, EntryKind.Invited, EntryKind.Consent, EntryKind.Link, EntryKind.Adopt, EntryKind.Relink]);
        EntryKinds.All.Where(kind => !kind.TakesItem()).ShouldBe(
            [EntryKind.Identify, EntryKind.Friends, EntryKind.Consent, EntryKind.Link, EntryKind.Adopt, EntryKind.Relink]);
        EntryKinds.All.Where(kind => kind.TakesItem() && !kind.NeedsItem()).ShouldBe([EntryKind.Viewed, EntryKind.Other]);
    }

    [Theory]
    [InlineData("u1", true)]
    [InlineData("user with spaces and / and é", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("tab\t", false)]
    [InlineData("anonymous:17", true)]
    [InlineData("anonymous:", false)]
    public void A_users_id_is_checked_alike(string? user, bool good) => EntryValidation.CheckUser(user).HasValue.ShouldBe(!good);

    [Fact]
    public void Kinds_have_the_names_that_senders_use()
    {
        EntryKinds.All.Select(kind => kind.Name()).ShouldBe(
            ["identify", "friends", "shown", "viewed", "interested", "not_interested", "invited", "yes", "maybe", "no", "purchased", "other", "consent", "link", "adopt", "relink", "came"]);
        EntryKinds.Sent.ShouldAllBe(kind => EntryKinds.Parse(kind.Name()) == kind);
        Should.Throw<FormatException>(() => EntryKinds.Parse("Shown")).Message.ShouldContain("not_interested");
    }
}
