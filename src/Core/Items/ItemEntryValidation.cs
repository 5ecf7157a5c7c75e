using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What an entry about an item may hold; ids, traits and instants as in <see cref="EntryValidation"/>.</summary>
public static class ItemEntryValidation
{
    /// <summary>How many people each list of one entry may name; a longer list is sent as several entries.</summary>
    public const int MostPeople = 100_000;

    /// <summary>What is wrong with an item's id, or null.</summary>
    public static EntryError? CheckItem(string? item) => EntryValidation.IdError(item) is { } reason ? new EntryError("itemId", reason) : null;

    /// <summary>Everything that is wrong with an entry; empty for a good one.</summary>
    public static IReadOnlyList<EntryError> Check(ItemEntry entry)
    {
        var errors = new List<EntryError>();
        EntryValidation.CheckOrigin(errors, entry.MessageId, entry.At);
        EntryValidation.CheckTraits(errors, entry.Traits);
        if (entry.Traits?.GetValueOrDefault("kind") is { } kind && kind is not ("event" or "product" or ""))
            errors.Add(new EntryError("traits", $"the kind '{kind}' is neither event nor product"));
        EntryValidation.CheckIds(errors, "yes", entry.Yes, MostPeople);
        EntryValidation.CheckIds(errors, "maybe", entry.Maybe, MostPeople);
        EntryValidation.CheckIds(errors, "no", entry.No, MostPeople);
        EntryValidation.CheckIds(errors, "invited", entry.Invited, MostPeople);
        return errors;
    }
}
