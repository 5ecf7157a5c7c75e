namespace Auie.Core.Users;

/// <summary>What is left of a record of the journal when it may name certain people no more.</summary>
public static class Forgetting
{
    /// <summary>
    /// The record without what it says of these people; the same one where it says nothing. What was theirs, because it came in their messages or was passed on to them,
    /// goes whole: such a record has no entry, and keeps only its place.
    /// </summary>
    /// <exception cref="Codecs.CodecException">A history that the record hands over cannot be read.</exception>
    public static UserRecord Of(UserRecord record, IReadOnlySet<string> people)
    {
        if (Names(record.PassedOnTo, people) || Names(record.Sender, people))
            return new UserRecord([]);
        var entries = new List<Entry>(record.Entries.Length);
        var changed = false;
        foreach (var entry in record.Entries)
        {
            var left = Of(entry, people);
            changed |= !ReferenceEquals(left, entry);
            if (left is not null)
                entries.Add(left);
        }

        return changed ? record with { Entries = [.. entries] } : record;
    }

    /// <summary>The entry without these people; the same one where it names none of them, and null where nothing is left of it.</summary>
    public static Entry? Of(Entry entry, IReadOnlySet<string> people) => Of(entry, people.Contains, state =>
    {
        var read = UserState.Decode(state);
        return read.Forget(people) ? read.Encode() : state;
    });

    /// <summary>As <see cref="Of(Entry, IReadOnlySet{string})"/>, for people who are told by a question rather than by a list; what is handed over stays.</summary>
    public static Entry? Of(Entry entry, Func<string, bool> isForgotten) => Of(entry, isForgotten, state => state);

    private static Entry? Of(Entry entry, Func<string, bool> isForgotten, Func<byte[], byte[]> stateWithout)
    {
        if (entry.Other is { } other && isForgotten(other))
        {
            // A history stays whoever's it was before; everything else that names somebody is about them.
            if (entry.Kind != EntryKind.Adopt)
                return null;
            entry = entry with { Other = null };
        }
        if (entry.AnonymousId is { } anonymous && isForgotten(UserIds.AnonymousUser(anonymous)))
            entry = entry with { AnonymousId = null };
        if (Without(entry.FriendsAdded, isForgotten) is var added && !ReferenceEquals(added, entry.FriendsAdded))
            entry = entry with { FriendsAdded = added };
        if (Without(entry.FriendsRemoved, isForgotten) is var removed && !ReferenceEquals(removed, entry.FriendsRemoved))
            entry = entry with { FriendsRemoved = removed };
        if (entry.State is { } state && stateWithout(state) is var left && !ReferenceEquals(left, state))
            entry = entry with { State = left };
        return entry;
    }

    /// <summary>A list without these people; the same one where none of them is in it.</summary>
    internal static IReadOnlyList<string>? Without(IReadOnlyList<string>? list, Func<string, bool> isForgotten) =>
        list is null || !list.Any(isForgotten) ? list : [.. list.Where(id => !isForgotten(id))];

    private static bool Names(string? id, IReadOnlySet<string> people) => id is not null && people.Contains(id);
}
