using Auie.Abstractions;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>An event as it arrives, as an entry of the journal.</summary>
internal static class EventMapping
{
    /// <summary>The entry, or the first thing that is wrong with the event.</summary>
    public static EntryError? ToEntry(UserEvent @event, out Entry entry)
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
        };
        if (EntryValidation.CheckUser(@event.UserId) is { } error)
            return error;
        if (kind == default)
            return new EntryError("kind", $"'{@event.Kind}' is no kind of event; there are {string.Join(", ", EntryKinds.All.Select(known => known.Name()))}");
        return EntryValidation.Check(entry) is { Count: > 0 } errors ? errors[0] : null;
    }
}
