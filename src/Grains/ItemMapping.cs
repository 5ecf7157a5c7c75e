using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>Items between the messages of grains and Core.</summary>
internal static class ItemMapping
{
    /// <summary>The entry of the journal, or the first thing that is wrong with the event.</summary>
    public static EntryError? ToEntry(ItemEvent @event, out ItemEntry entry)
    {
        entry = new ItemEntry
        {
            MessageId = @event.MessageId,
            At = @event.At,
            Traits = @event.Traits,
            Yes = @event.Yes,
            Maybe = @event.Maybe,
            No = @event.No,
            Invited = @event.Invited,
        };
        return ItemEntryValidation.CheckItem(@event.ItemId) ?? (ItemEntryValidation.Check(entry) is { Count: > 0 } errors ? errors[0] : null);
    }

    public static ItemView View(string item, ItemHead head) => new()
    {
        Id = item,
        Traits = head.Traits.ToDictionary(),
        Answers = new Dictionary<string, long>
        {
            [EntryKind.Yes.Name()] = head.Yes,
            [EntryKind.Maybe.Name()] = head.Maybe,
            [EntryKind.No.Name()] = head.No,
            [EntryKind.Invited.Name()] = head.Invited,
        },
    };

    public static ItemAnswerView View(PersonsAnswer answer) => new(answer.Person, answer.Answer?.Name(), answer.Invited);
}
