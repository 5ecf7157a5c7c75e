using Auie.Core.Users;

namespace Auie.Core.Recommendation.Training;

/// <summary>
/// Something that happened: somebody did a thing to an item so many times, or (without a kind) is from then on in a segment, whose number is the count. Persons and items are places in
/// lists.
/// </summary>
/// <param name="IsDated">Whether it happened then; else it happened then or before, and nobody knows when.</param>
internal readonly record struct Happening(long Ticks, int Person, int Item, int Count, EntryKind Kind, bool IsDated)
{
    public const EntryKind Segment = default;

    /// <summary>Whether the person was there and did it themselves.</summary>
    public bool IsOwn => Kind is >= EntryKind.Shown and <= EntryKind.Purchased and not EntryKind.Invited;

    /// <summary>How much it says that the item is wanted: 1 interested or maybe, 2 yes or bought, else 0.</summary>
    public int Grade => Kind switch { EntryKind.Interested or EntryKind.Maybe => 1, EntryKind.Yes or EntryKind.Purchased => 2, _ => 0 };

    public static int Compare(Happening a, Happening b) =>
        a.Ticks != b.Ticks ? a.Ticks.CompareTo(b.Ticks)
        : a.Person != b.Person ? a.Person.CompareTo(b.Person)
        : a.Item != b.Item ? a.Item.CompareTo(b.Item)
        : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind)
        : a.Count != b.Count ? a.Count.CompareTo(b.Count)
        : a.IsDated.CompareTo(b.IsDated);
}
