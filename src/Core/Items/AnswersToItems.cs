using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>
/// What a committed record of a user tells items. As of <see cref="Outbox"/>, it follows from the record alone; what is told twice is told once
/// (<see cref="ItemState"/>), so that nothing needs to be remembered of it.
/// </summary>
public static class AnswersToItems
{
    /// <summary>Whether a record tells items anything; it may say so of one that then does not.</summary>
    public static bool MayTell(UserRecord record) =>
        record.PassedOnTo is null && Array.Exists(record.Entries, entry => entry.Kind == EntryKind.Adopt || (entry.Mutual && entry.Kind.AnswersItem()));

    /// <summary>What the record tells each item. What is passed on is told by whom it is passed on to.</summary>
    /// <exception cref="Codecs.CodecException">A history that the record hands over cannot be read.</exception>
    public static IEnumerable<(string Item, ItemEntry Entry)> Of(string user, UserRecord record)
    {
        if (record.PassedOnTo is not null)
            yield break;
        foreach (var entry in record.Entries)
        {
            if (entry is { Mutual: true, Item: { } item } && entry.Kind.AnswersItem())
                yield return (item, Said(user, entry.Kind, entry.At, entry.MessageId));
            else if (entry is { Kind: EntryKind.Adopt, State: { } state })
            {
                foreach (var told in TakenOver(user, entry, UserState.Decode(state)))
                    yield return told;
            }
        }
    }

    /// <summary>The answers of an id that was joined to the user: they are the user's from now on, as of when they were given.</summary>
    private static IEnumerable<(string Item, ItemEntry Entry)> TakenOver(string user, Entry adopt, UserState history)
    {
        foreach (var (answer, answeredAt) in history.ItemsAnswered())
        {
            if (answer.Attendance is { } attendance && answeredAt is { } stamp)
                yield return (answer.Item, Said(user, attendance, new DateTimeOffset(stamp.Ticks, TimeSpan.Zero), stamp.MessageId));
            if (answer.Invited > 0)
                yield return (answer.Item, Said(user, EntryKind.Invited, adopt.At, adopt.MessageId));
            if (adopt.Other is { } joined)
                yield return (answer.Item, new ItemEntry { MessageId = adopt.MessageId, At = adopt.At, Joined = [joined] });
        }
    }

    private static ItemEntry Said(string user, EntryKind kind, DateTimeOffset at, string messageId)
    {
        var entry = new ItemEntry { MessageId = messageId, At = at };
        return kind switch
        {
            EntryKind.Yes => entry with { Yes = [user] },
            EntryKind.Maybe => entry with { Maybe = [user] },
            EntryKind.No => entry with { No = [user] },
            _ => entry with { Invited = [user] },
        };
    }
}
