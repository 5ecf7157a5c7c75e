namespace Auie.Core.Users;

/// <summary>What an entry says happened. The numbers are stored: one is never changed or given to another kind.</summary>
public enum EntryKind : byte
{
    /// <summary>Traits of the user were learnt.</summary>
    Identify = 1,

    /// <summary>Others became or ceased to be the user's friends.</summary>
    Friends = 2,

    /// <summary>The user was shown an item.</summary>
    Shown = 3,

    /// <summary>The user looked at an item, or at a page that is about none.</summary>
    Viewed = 4,

    Interested = 5,
    NotInterested = 6,

    /// <summary>Somebody invited the user to an item.</summary>
    Invited = 7,

    Yes = 8,
    Maybe = 9,
    No = 10,
    Purchased = 11,

    /// <summary>Something that the engine has no kind for; kept under its own name, and counted.</summary>
    Other = 12,

    /// <summary>The user allowed or forbade something.</summary>
    Consent = 13,

    /// <summary>This id, which had no owner, belongs to another user, who gets its history too. The engine's own: nobody sends it.</summary>
    Link = 14,

    /// <summary>The history of another id is this user's. The engine's own: nobody sends it.</summary>
    Adopt = 15,

    /// <summary>This id, which had an owner, belongs to another one; only what comes from here on goes there. The engine's own: nobody sends it.</summary>
    Relink = 16,

    /// <summary>The user came to an item: attended an event, was checked in.</summary>
    Came = 17,
}

/// <summary>The kinds of entries by the names that they have outside the engine.</summary>
public static class EntryKinds
{
    private static readonly string[] Names =
        ["identify", "friends", "shown", "viewed", "interested", "not_interested", "invited", "yes", "maybe", "no", "purchased", "other", "consent", "link", "adopt", "relink", "came"];

    /// <summary>Every kind, by number.</summary>
    public static IReadOnlyList<EntryKind> All { get; } = Enum.GetValues<EntryKind>();

    /// <summary>The kinds that senders may name: all but the engine's own.</summary>
    public static IReadOnlyList<EntryKind> Sent { get; } = [.. All.Where(kind => !kind.IsEnginesOwn())];

    private static readonly Dictionary<string, EntryKind> ByName = Sent.ToDictionary(kind => kind.Name());

    public static string Name(this EntryKind kind) => Names[(int)kind - 1];

    /// <summary>The kind that a sender names; none of the engine's own.</summary>
    public static bool TryParse(string name, out EntryKind kind) => ByName.TryGetValue(name, out kind);

    /// <exception cref="FormatException">There is no such kind that a sender may name.</exception>
    public static EntryKind Parse(string name) =>
        TryParse(name, out var kind) ? kind : throw new FormatException($"'{name}' is no kind of event; there are {string.Join(", ", ByName.Keys)}.");

    /// <summary>Whether the engine alone makes entries of this kind.</summary>
    public static bool IsEnginesOwn(this EntryKind kind) => kind is EntryKind.Link or EntryKind.Adopt or EntryKind.Relink;

    /// <summary>Whether an entry of this kind is something that the user did with an item, or that was done to them with it, which the engine knows the meaning of.</summary>
    public static bool IsStep(this EntryKind kind) => kind is (>= EntryKind.Shown and <= EntryKind.Purchased) or EntryKind.Came;

    /// <summary>Whether an entry of this kind is about an item and says nothing without one.</summary>
    public static bool NeedsItem(this EntryKind kind) => kind.IsStep() && kind != EntryKind.Viewed;

    /// <summary>Whether an entry of this kind may name an item.</summary>
    public static bool TakesItem(this EntryKind kind) => kind.IsStep() || kind == EntryKind.Other;

    /// <summary>Whether an entry of this kind is in the item's state too: who answered it, and who was invited.</summary>
    public static bool AnswersItem(this EntryKind kind) => kind is >= EntryKind.Invited and <= EntryKind.No;

    /// <summary>
    /// Whether an entry of this kind is something that the user did of their own, which says when they are there: looking, answering, buying, and whatever else the platform tells of them. Not what was done to them
    /// (shown, invited), nor what was learnt of them; and when they came to an event says nothing of when they may be reached.
    /// </summary>
    public static bool IsActivity(this EntryKind kind) => kind is >= EntryKind.Viewed and <= EntryKind.Other and not EntryKind.Invited;

    /// <summary>Whether the user was there when it happened. Others add friends and send invitations whether the user is there or not.</summary>
    public static bool ShowsPresence(this EntryKind kind) => kind == EntryKind.Identify || (kind.TakesItem() && kind != EntryKind.Invited);
}
