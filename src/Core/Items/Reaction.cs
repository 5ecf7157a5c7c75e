using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What somebody did about an item, as far as it counts for others: the greater holds.</summary>
public enum Reaction : byte
{
    None = 0,

    /// <summary>It was shown to them, or they looked at it.</summary>
    Seen = 1,

    /// <summary>They are not interested.</summary>
    NotInterested = 2,

    /// <summary>They said no.</summary>
    No = 3,

    /// <summary>They are interested.</summary>
    Interested = 4,

    /// <summary>They said maybe.</summary>
    Maybe = 5,

    /// <summary>They said yes.</summary>
    Yes = 6,

    /// <summary>They bought it, or came to it.</summary>
    Had = 7,
}

/// <summary>
/// Reactions as users' and items' states have them. There is one order: what was bought, or come to, holds for ever; else what somebody said of coming, yes, maybe or no, the last of it; else whether they are
/// interested, the last of it; else that they saw it.
/// </summary>
public static class Reactions
{
    /// <summary>Whether somebody wants it.</summary>
    public static bool IsWant(this Reaction reaction) => reaction >= Reaction.Interested;

    /// <summary>Whether somebody said that they do not want it.</summary>
    public static bool IsDecline(this Reaction reaction) => reaction is Reaction.NotInterested or Reaction.No;

    /// <summary>What a user did with an item.</summary>
    public static Reaction Of(ItemAnswer answer) =>
        answer.Purchased > 0 || answer.Came > 0 ? Reaction.Had
        : answer.Attendance is { } said ? OfKind(said)
        : answer.Interest is { } interest ? OfKind(interest)
        : answer.Shown + answer.Viewed + answer.Invited > 0 ? Reaction.Seen
        : Reaction.None;

    /// <summary>
    /// What somebody's reaction is after they did something more, as it comes: of an answer that comes late it may differ from what the user's state says, which goes
    /// by the answers' own times, until the index is made anew.
    /// </summary>
    public static Reaction After(Reaction before, EntryKind kind) => kind switch
    {
        EntryKind.Purchased or EntryKind.Came => Reaction.Had,
        EntryKind.Yes or EntryKind.No or EntryKind.Maybe when before != Reaction.Had => OfKind(kind),
        EntryKind.Interested or EntryKind.NotInterested when before is Reaction.None or Reaction.Seen or Reaction.Interested or Reaction.NotInterested => OfKind(kind),
        EntryKind.Shown or EntryKind.Viewed or EntryKind.Invited when before == Reaction.None => Reaction.Seen,
        _ => before,
    };

    private static Reaction OfKind(EntryKind kind) => kind switch
    {
        EntryKind.Yes => Reaction.Yes,
        EntryKind.Maybe => Reaction.Maybe,
        EntryKind.No => Reaction.No,
        EntryKind.Interested => Reaction.Interested,
        EntryKind.NotInterested => Reaction.NotInterested,
        _ => Reaction.None,
    };

    /// <summary>What somebody answered to an item; an invitation alone is none.</summary>
    public static Reaction Of(PersonsAnswer answer) => answer.Answer is { } said ? OfKind(said) : Reaction.None;
}

/// <summary>What somebody belongs to whose reactions are counted apart: an empty text and a segment below 0 are none.</summary>
public readonly record struct Audience(string Locale, string Place, string Platform, int Segment)
{
    public static Audience None { get; } = new("", "", "", -1);
}
