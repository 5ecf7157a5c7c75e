using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What somebody did about an item, as far as it counts for others: the greater holds.</summary>
public enum Reaction : byte
{
    None = 0,

    /// <summary>It was shown to them, or they looked at it.</summary>
    Seen = 1,

    /// <summary>They said that they do not want it.</summary>
    Declined = 2,

    /// <summary>They were interested, or said maybe.</summary>
    Interested = 3,

    /// <summary>They said yes.</summary>
    Yes = 4,

    Purchased = 5,
}

/// <summary>Reactions as users' and items' states have them.</summary>
public static class Reactions
{
    /// <summary>What a user did with an item; what they declined last they declined, whatever was before.</summary>
    public static Reaction Of(ItemAnswer answer) =>
        answer.Purchased > 0 ? Reaction.Purchased
        : answer.Attendance == EntryKind.No ? Reaction.Declined
        : answer.Attendance == EntryKind.Yes ? Reaction.Yes
        : answer.Attendance == EntryKind.Maybe || answer.Interest == EntryKind.Interested ? Reaction.Interested
        : answer.Interest == EntryKind.NotInterested ? Reaction.Declined
        : answer.Shown + answer.Viewed + answer.Invited > 0 ? Reaction.Seen
        : Reaction.None;

    /// <summary>
    /// What somebody's reaction is after they did something more, as it comes: of an answer that comes late it may differ from what the user's state says, which goes
    /// by the answers' own times, until the index is made anew.
    /// </summary>
    public static Reaction After(Reaction before, EntryKind kind) => kind switch
    {
        EntryKind.Purchased => Reaction.Purchased,
        _ when before == Reaction.Purchased => before,
        EntryKind.Yes => Reaction.Yes,
        EntryKind.No => Reaction.Declined,
        EntryKind.Maybe => Reaction.Interested,
        EntryKind.Interested when before != Reaction.Yes => Reaction.Interested,
        EntryKind.NotInterested when before != Reaction.Yes => Reaction.Declined,
        EntryKind.Shown or EntryKind.Viewed or EntryKind.Invited when before == Reaction.None => Reaction.Seen,
        _ => before,
    };

    /// <summary>What somebody answered to an item; an invitation alone is none.</summary>
    public static Reaction Of(PersonsAnswer answer) => answer.Answer switch
    {
        EntryKind.Yes => Reaction.Yes,
        EntryKind.Maybe => Reaction.Interested,
        EntryKind.No => Reaction.Declined,
        _ => Reaction.None,
    };
}

/// <summary>What somebody belongs to whose reactions are counted apart: an empty text and a segment below 0 are none.</summary>
public readonly record struct Audience(string Locale, string Place, string Platform, int Segment)
{
    public static Audience None { get; } = new("", "", "", -1);
}
