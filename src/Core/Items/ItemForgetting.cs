using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What is left of what was learnt of an item when it may name certain people no more.</summary>
public static class ItemForgetting
{
    /// <summary>The entry without these people; the same one where it names none of them.</summary>
    public static ItemEntry Of(ItemEntry entry, Func<string, bool> isForgotten)
    {
        var (yes, maybe, no, invited, joined) = (Without(entry.Yes), Without(entry.Maybe), Without(entry.No), Without(entry.Invited), Without(entry.Joined));
        var traits = entry.Traits is { } held && held.TryGetValue(ItemTraits.Creator, out var creator) && isForgotten(creator)
            ? held.Where(trait => trait.Key != ItemTraits.Creator).ToDictionary(trait => trait.Key, trait => trait.Value)
            : entry.Traits;
        var same = ReferenceEquals(yes, entry.Yes) && ReferenceEquals(maybe, entry.Maybe) && ReferenceEquals(no, entry.No)
            && ReferenceEquals(invited, entry.Invited) && ReferenceEquals(joined, entry.Joined) && ReferenceEquals(traits, entry.Traits);
        return same ? entry : entry with { Yes = yes, Maybe = maybe, No = no, Invited = invited, Joined = joined, Traits = traits };

        IReadOnlyList<string>? Without(IReadOnlyList<string>? list) => Forgetting.Without(list, isForgotten);
    }
}
