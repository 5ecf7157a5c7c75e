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
    public bool IsOwn => Kind.IsStep() && Kind != EntryKind.Invited;

    /// <summary>Whether it says that the item is wanted.</summary>
    public bool IsWant => Kind is EntryKind.Interested or EntryKind.Maybe or EntryKind.Yes or EntryKind.Purchased or EntryKind.Came;

    public static int Compare(Happening a, Happening b) =>
        a.Ticks != b.Ticks ? a.Ticks.CompareTo(b.Ticks)
        : a.Person != b.Person ? a.Person.CompareTo(b.Person)
        : a.Item != b.Item ? a.Item.CompareTo(b.Item)
        : a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind)
        : a.Count != b.Count ? a.Count.CompareTo(b.Count)
        : a.IsDated.CompareTo(b.IsDated);
}
