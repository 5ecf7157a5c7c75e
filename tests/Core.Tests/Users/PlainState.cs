using Auie.Core.Users;

namespace Auie.Core.Tests.Users;

/// <summary>The fold once more, written as plainly as can be: what <see cref="UserState"/> is compared to.</summary>
internal sealed class PlainState
{
    public PlainState(IReadOnlyCollection<Entry> entries)
    {
        Friends = [.. Ids(entries).Distinct().Where(id => IsFriend(entries, id)).Order(Order)];
        Items = [.. entries.Where(entry => entry.Kind != EntryKind.Other).Select(entry => entry.Item).OfType<string>().Distinct().Order(Order).Select(item => Answer(entries, item))];
        Traits = entries.Where(entry => entry.Kind == EntryKind.Identify).SelectMany(entry => (entry.Traits ?? new Dictionary<string, string>()).Select(trait => (trait.Key, trait.Value, Entry: entry)))
            .GroupBy(trait => trait.Key)
            .Select(traits => (traits.Key, traits.OrderBy(trait => trait.Entry.At).ThenBy(trait => trait.Entry.MessageId, Order).ThenBy(trait => trait.Value, Order).Last().Value))
            .Where(trait => trait.Value.Length > 0)
            .ToDictionary(trait => trait.Key, trait => trait.Value);
        Platforms = Counts(entries, entry => entry.Platform);
        Channels = Counts(entries, entry => entry.Channel);
        Names = Counts(entries, entry => entry.Name);
        Tracking = Said(entries, entry => entry.Tracking);
        Personalisation = Said(entries, entry => entry.Personalisation);
    }

    public string[] Friends { get; }

    public ItemAnswer[] Items { get; }

    public Dictionary<string, string> Traits { get; }

    public (string, long)[] Platforms { get; }

    public (string, long)[] Channels { get; }

    public (string, long)[] Names { get; }

    public bool? Tracking { get; }

    public bool? Personalisation { get; }

    /// <summary>Code points in order; .NET's ordinal order puts surrogates below U+E000.</summary>
    private static Comparer<string> Order { get; } = Comparer<string>.Create((a, b) =>
        a.EnumerateRunes().Zip(b.EnumerateRunes()).Select(pair => pair.First.CompareTo(pair.Second)).FirstOrDefault(order => order != 0) is var order and not 0
            ? order : a.Length.CompareTo(b.Length));

    private static (string, long)[] Counts(IEnumerable<Entry> entries, Func<Entry, string?> name) =>
        [.. entries.Select(name).OfType<string>().GroupBy(name => name).OrderBy(names => names.Key, Order).Select(names => (names.Key, (long)names.Count()))];

    private static bool? Said(IEnumerable<Entry> entries, Func<Entry, bool?> answer) =>
        entries.Where(entry => answer(entry) is not null).OrderBy(entry => entry.At).ThenBy(entry => entry.MessageId, Order)
            .ThenByDescending(entry => answer(entry)).Select(answer).LastOrDefault();

    private static IEnumerable<string> Ids(IEnumerable<Entry> entries) =>
        entries.SelectMany(entry => (entry.FriendsAdded ?? []).Concat(entry.FriendsRemoved ?? []));

    private static bool IsFriend(IEnumerable<Entry> entries, string id) =>
        entries.Where(entry => (entry.FriendsAdded ?? []).Concat(entry.FriendsRemoved ?? []).Contains(id))
            .OrderBy(entry => entry.At).ThenBy(entry => entry.MessageId, Order).ThenBy(entry => entry.FriendsAdded!.Contains(id) ? 0 : 1)
            .Last().FriendsAdded!.Contains(id);

    private static ItemAnswer Answer(IEnumerable<Entry> entries, string item)
    {
        var about = entries.Where(entry => entry.Item == item).ToArray();
        EntryKind? Latest(params EntryKind[] kinds) => about.Where(entry => kinds.Contains(entry.Kind))
            .OrderBy(entry => entry.At).ThenBy(entry => entry.MessageId, Order).ThenBy(entry => entry.Kind).Select(entry => (EntryKind?)entry.Kind).LastOrDefault();
        long Count(EntryKind kind) => about.Count(entry => entry.Kind == kind);
        return new ItemAnswer(
            item,
            Latest(EntryKind.Interested, EntryKind.NotInterested),
            Latest(EntryKind.Yes, EntryKind.Maybe, EntryKind.No),
            Count(EntryKind.Shown),
            Count(EntryKind.Viewed),
            Count(EntryKind.Invited),
            Count(EntryKind.Purchased)) { Came = Count(EntryKind.Came) };
    }
}
