using Auie.Abstractions;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>An event as it arrives, as an entry of the journal.</summary>
internal static class EventMapping
{
    /// <summary>The entry, or the first thing that is wrong with the event.</summary>
    /// <param name="isImport">Whether it comes in a bulk, whose lists of friends are each user's own, and whose items have their answers from the bulk of items.</param>
    public static EntryError? ToEntry(UserEvent @event, bool isImport, out Entry entry)
    {
        entry = new Entry
        {
            MessageId = @event.MessageId,
            At = @event.At,
            Kind = EntryKinds.TryParse(@event.Kind, out var kind) ? kind : default,
            AnonymousId = @event.AnonymousId,
            Item = @event.Item,
            Platform = @event.Platform,
            Amount = @event.Amount,
            Traits = @event.Traits,
            FriendsAdded = @event.FriendsAdded,
            FriendsRemoved = @event.FriendsRemoved,
            Channel = @event.Channel,
            Name = @event.Name,
            Mutual = !isImport && (kind == EntryKind.Friends ? !@event.OneSided : kind.AnswersItem()),
            Tracking = @event.Tracking,
            Personalisation = @event.Personalisation,
        };
        if (EntryValidation.CheckUser(@event.UserId) is { } error)
            return error;
        if (kind == default)
            return new EntryError("kind", $"'{@event.Kind}' is no kind of event; there are {string.Join(", ", EntryKinds.Sent.Select(known => known.Name()))}{(isImport ? "" : " and alias")}");
        return EntryValidation.Check(entry) is { Count: > 0 } errors ? errors[0] : null;
    }

    /// <summary>The first thing that is wrong with an event of kind alias, or null.</summary>
    public static EntryError? CheckAlias(UserEvent alias)
    {
        if (EntryValidation.CheckUser(alias.UserId) is { } error)
            return error;
        if (UserIds.IsAnonymous(alias.UserId))
            return new EntryError("userId", "is an anonymous visitor's; an alias joins another id to a user's");
        if (alias.PreviousId is null)
            return new EntryError("previousId", "is needed by an event of kind alias");
        if (EntryValidation.CheckUser(alias.PreviousId) is { } previous)
            return new EntryError("previousId", previous.Reason);
        var entry = new Entry { Kind = EntryKind.Link, MessageId = alias.MessageId, At = alias.At, Other = alias.UserId };
        return EntryValidation.Check(entry) is { Count: > 0 } errors ? errors[0] : null;
    }
}
