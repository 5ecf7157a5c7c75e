using Auie.Core.Codecs;
using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Tests.Items;

/// <summary>The fold once more, written as plainly as can be: what <see cref="ItemState"/> is compared to.</summary>
internal sealed class PlainItem
{
    public PlainItem(IReadOnlyCollection<ItemEntry> entries)
    {
        var joined = entries.SelectMany(entry => entry.Joined ?? []).ToHashSet();
        var said = entries.SelectMany(entry => Said(entry.Yes, EntryKind.Yes).Concat(Said(entry.Maybe, EntryKind.Maybe)).Concat(Said(entry.No, EntryKind.No))
            .Select(one => (one.Person, one.Kind, Entry: entry))).Where(one => !joined.Contains(one.Person)).ToArray();
        var invited = entries.SelectMany(entry => entry.Invited ?? []).Where(person => !joined.Contains(person)).ToHashSet();
        Answers = [.. said.Select(one => one.Person).Concat(invited).Distinct().Order(Utf8Order.Instance).Select(person => new PersonsAnswer(
            person,
            said.Where(one => one.Person == person).OrderBy(one => one.Entry.At).ThenBy(one => one.Entry.MessageId, Utf8Order.Instance).ThenBy(one => one.Kind)
                .Select(one => (EntryKind?)one.Kind).LastOrDefault(),
            invited.Contains(person)))];
        Traits = entries.SelectMany(entry => (entry.Traits ?? new Dictionary<string, string>()).Select(trait => (trait.Key, trait.Value, Entry: entry)))
            .GroupBy(trait => trait.Key)
            .Select(all => (all.Key, all.OrderBy(trait => trait.Entry.At).ThenBy(trait => trait.Entry.MessageId, Utf8Order.Instance)
                .ThenBy(trait => trait.Value, Utf8Order.Instance).Last().Value))
            .Where(trait => trait.Value.Length > 0)
            .ToDictionary(trait => trait.Key, trait => trait.Value);
    }

    public PersonsAnswer[] Answers { get; }

    public Dictionary<string, string> Traits { get; }

    public int Count(EntryKind kind) => Answers.Count(answer => kind == EntryKind.Invited ? answer.Invited : answer.Answer == kind);

    private static IEnumerable<(string Person, EntryKind Kind)> Said(IReadOnlyList<string>? people, EntryKind kind) =>
        (people ?? []).Select(person => (person, kind));
}
