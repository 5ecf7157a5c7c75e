namespace Auie.Core.Users;

/// <summary>An entry that a record sends to another user, and the user whose message it is.</summary>
public readonly record struct OutgoingMessage(string Target, Entry Entry, string Sender)
{
    /// <summary>What the target knows it by.</summary>
    public (ulong Sender, UInt128 Message) Identity => MessageIdentity.Of(Sender, Entry.MessageId, Target, Role);

    private MessageRole Role => Entry switch
    {
        { Kind: EntryKind.Link } => MessageRole.Link,
        { Kind: EntryKind.Adopt } => MessageRole.Adopt,
        { Kind: EntryKind.Friends, Other: not null, FriendsRemoved.Count: > 0 } => MessageRole.FriendRemoved,
        { Kind: EntryKind.Friends, Other: not null } => MessageRole.FriendAdded,
        _ => MessageRole.Event,
    };
}

/// <summary>
/// What a committed record sends to other users; <see cref="Items.AnswersToItems"/> has what it tells items. It follows from the record alone, so the journal is the outbox: a message that was lost is made
/// again, and its identity, which is the same one each time, keeps it from taking effect twice.
/// </summary>
public static class Outbox
{
    /// <summary>The message id of an <see cref="EntryKind.Adopt"/>: an id's history is handed over once.</summary>
    public const string AdoptMessage = "adopt";

    /// <summary>Whether a record of these entries sends anything, to users or to items; it may say so of one that then does not.</summary>
    public static bool MaySend(IReadOnlyList<Entry> entries, string? passedOnTo)
    {
        if (passedOnTo is not null)
            return true;
        for (var i = 0; i < entries.Count; i++)
        {
            if (entries[i].Kind is EntryKind.Identify && entries[i].AnonymousId is not null || entries[i].Mutual
                || entries[i].Kind is EntryKind.Link or EntryKind.Adopt)
                return true;
        }
        return false;
    }

    /// <summary>
    /// The messages of a user's record, in their order. The state of an <see cref="EntryKind.Adopt"/> is left to the caller: it is the user's as of the record.
    /// </summary>
    public static IEnumerable<OutgoingMessage> Of(string user, UserRecord record)
    {
        var sender = record.Sender ?? user;
        foreach (var entry in record.Entries)
        {
            if (record.PassedOnTo is { } target)
            {
                yield return new OutgoingMessage(target, entry, sender);
                continue;
            }
            switch (entry.Kind)
            {
                case EntryKind.Identify when entry.AnonymousId is { } anonymousId && !UserIds.IsAnonymous(sender):
                    yield return new OutgoingMessage(
                        UserIds.AnonymousUser(anonymousId),
                        new Entry { Kind = EntryKind.Link, MessageId = entry.MessageId, At = entry.At, Other = user },
                        sender);
                    break;
                case EntryKind.Friends when entry.Mutual:
                    foreach (var message in Told(user, sender, entry))
                        yield return message;
                    break;
                case EntryKind.Link when entry.Other is { } owner:
                    yield return new OutgoingMessage(
                        owner, new Entry { Kind = EntryKind.Adopt, MessageId = AdoptMessage, At = entry.At, Other = user }, user);
                    break;
            }
        }
    }

    private static IEnumerable<OutgoingMessage> Told(string user, string sender, Entry entry)
    {
        var told = new Entry { Kind = EntryKind.Friends, MessageId = entry.MessageId, At = entry.At, Other = user };
        foreach (var friend in entry.FriendsAdded ?? [])
        {
            if (friend != user)
                yield return new OutgoingMessage(friend, told with { FriendsAdded = [user] }, sender);
        }
        foreach (var friend in entry.FriendsRemoved ?? [])
        {
            if (friend != user)
                yield return new OutgoingMessage(friend, told with { FriendsRemoved = [user] }, sender);
        }
    }
}
