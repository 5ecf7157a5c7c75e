using System.Text;
using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>What is wrong with an entry: the field, by the name that senders give it, and why.</summary>
public readonly record struct EntryError(string Field, string Reason);

/// <summary>What an entry may hold. The journal takes only entries without errors.</summary>
public static class EntryValidation
{
    /// <summary>The longest id, name or platform, in bytes of UTF-8.</summary>
    public const int LongestId = KeyList.LongestKey;

    /// <summary>The longest anonymous id, in bytes of UTF-8: with its prefix it is a user's id.</summary>
    public static readonly int LongestAnonymousId = LongestId - UserIds.AnonymousPrefix.Length;

    /// <summary>The longest value of a trait, in bytes of UTF-8.</summary>
    public const int LongestTrait = 2048;

    /// <summary>How many traits one entry may bring.</summary>
    public const int MostTraits = 100;

    /// <summary>How many friends one entry may add, and how many it may remove.</summary>
    public const int MostFriends = 100_000;

    /// <summary>The largest amount, in ten-thousandths of the currency unit: a hundred million units.</summary>
    public const long LargestAmount = 1_000_000_000_000;

    /// <summary>Entries lie from this instant on…</summary>
    public static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>
    /// The instant of an entry of which nobody knows when it was: the earliest there is, so that whatever is dated comes after it.
    /// </summary>
    public static readonly DateTimeOffset Undated = Earliest;

    /// <summary>…and before this one.</summary>
    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>This thread's empty list: nearly every entry leaves it so.</summary>
    [ThreadStatic]
    private static List<EntryError>? _errors;

    /// <summary>What is wrong with a user's id, or null.</summary>
    public static EntryError? CheckUser(string? user) => UserError(user) is { } reason ? new EntryError("userId", reason) : null;

    /// <summary>Everything that is wrong with an entry; empty for a good one.</summary>
    public static IReadOnlyList<EntryError> Check(Entry entry)
    {
        var errors = _errors ?? [];
        _errors = null;
        CheckOrigin(errors, entry.MessageId, entry.At);
        if (entry.AnonymousId is not null)
            Add(errors, "anonymousId", IdError(entry.AnonymousId, LongestAnonymousId));
        if (entry.Platform is not null)
            Add(errors, "platform", IdError(entry.Platform));
        if (entry.Channel is not null)
            Add(errors, "channel", IdError(entry.Channel));
        if (Enum.IsDefined(entry.Kind))
            CheckItem(errors, entry);
        else
            Add(errors, "kind", $"{(byte)entry.Kind} is no kind of event");
        CheckName(errors, entry);
        CheckAmount(errors, entry);
        CheckTraits(errors, entry);
        CheckFriends(errors, entry);
        CheckConsent(errors, entry);
        CheckOther(errors, entry);
        if (errors.Count > 0)
            return errors;
        _errors = errors;
        return [];
    }

    private static void CheckItem(List<EntryError> errors, Entry entry)
    {
        if (entry.Item is not null)
            Add(errors, "item", entry.Kind.TakesItem() ? IdError(entry.Item) : $"an event of kind {entry.Kind.Name()} is about no item");
        else if (entry.Kind.NeedsItem())
            Add(errors, "item", $"an event of kind {entry.Kind.Name()} needs one");
    }

    private static void CheckName(List<EntryError> errors, Entry entry)
    {
        if (entry.Kind == EntryKind.Other)
            Add(errors, "name", IdError(entry.Name));
        else if (entry.Name is not null)
            Add(errors, "name", "belongs to events of kind other alone");
    }

    private static void CheckConsent(List<EntryError> errors, Entry entry)
    {
        if (entry.Kind == EntryKind.Consent)
        {
            if (entry.Tracking is null && entry.Personalisation is null)
                Add(errors, "tracking", "must be given, or personalisation");
            return;
        }
        if (entry.Tracking is not null)
            Add(errors, "tracking", "belongs to events of kind consent alone");
        if (entry.Personalisation is not null)
            Add(errors, "personalisation", "belongs to events of kind consent alone");
    }

    private static void CheckOther(List<EntryError> errors, Entry entry)
    {
        if (entry.Kind.IsEnginesOwn() || (entry.Kind == EntryKind.Friends && entry.Other is not null))
            Add(errors, "other", UserError(entry.Other));
        else if (entry.Other is not null)
            Add(errors, "other", "belongs to links and to what friends are told alone");
        if (entry.State is not null && entry.Kind != EntryKind.Adopt)
            Add(errors, "state", "belongs to events of kind adopt alone");
    }

    private static void CheckAmount(List<EntryError> errors, Entry entry)
    {
        if (entry.Amount is not { } amount)
            return;
        if (entry.Kind != EntryKind.Purchased)
            Add(errors, "amount", "belongs to events of kind purchased alone");
        else if (amount is < 0 or > LargestAmount)
            Add(errors, "amount", $"must lie from 0 to {LargestAmount} ten-thousandths");
    }

    private static void CheckTraits(List<EntryError> errors, Entry entry)
    {
        if (entry.Traits is not null && entry.Kind is not (EntryKind.Identify or EntryKind.Other))
            Add(errors, "traits", "belong to events of the kinds identify and other alone");
        CheckTraits(errors, entry.Traits);
    }

    internal static void CheckOrigin(List<EntryError> errors, string? messageId, DateTimeOffset at)
    {
        Add(errors, "messageId", IdError(messageId));
        if (at < Earliest || at >= Latest)
            Add(errors, "at", $"must lie from {Earliest:yyyy} and before {Latest:yyyy}");
    }

    internal static void CheckTraits(List<EntryError> errors, IReadOnlyDictionary<string, string>? traits)
    {
        if (traits is null)
            return;
        if (traits.Count > MostTraits)
            Add(errors, "traits", $"there are {traits.Count}; at most {MostTraits} are taken");
        foreach (var (name, value) in traits)
        {
            Add(errors, "traits", IdError(name) is { } reason ? $"a name {reason}" : null);
            Add(errors, "traits", TraitError(value) is { } wrong ? $"the value of '{name}' {wrong}" : null);
        }
    }

    private static void CheckFriends(List<EntryError> errors, Entry entry)
    {
        if (entry.Kind != EntryKind.Friends && (entry.FriendsAdded is not null || entry.FriendsRemoved is not null))
            Add(errors, "friendsAdded", "friends belong to events of kind friends alone");
        if (entry.Mutual && entry.Kind != EntryKind.Friends && !entry.Kind.AnswersItem())
            Add(errors, "mutual", "belongs to events of friends and to answers alone");
        CheckIds(errors, "friendsAdded", entry.FriendsAdded, MostFriends, UserError);
        CheckIds(errors, "friendsRemoved", entry.FriendsRemoved, MostFriends, UserError);
        if (entry.FriendsAdded is { Count: > 0 } added && entry.FriendsRemoved is { Count: > 0 } removed && added.ToHashSet().Overlaps(removed))
            Add(errors, "friendsRemoved", "names somebody who is in friendsAdded too");
    }

    internal static void CheckIds(List<EntryError> errors, string field, IReadOnlyList<string>? ids, int most, Func<string?, string?>? check = null)
    {
        if (ids is null)
            return;
        if (ids.Count > most)
            Add(errors, field, $"there are {ids.Count}; at most {most} are taken");
        foreach (var id in ids)
        {
            if ((check is null ? IdError(id) : check(id)) is not { } reason)
                continue;
            Add(errors, field, $"an id {reason}");
            return;
        }
    }

    private static void Add(List<EntryError> errors, string field, string? reason)
    {
        if (reason is not null)
            errors.Add(new EntryError(field, reason));
    }

    private static string? UserError(string? user) =>
        IdError(user) ?? (user == UserIds.AnonymousPrefix ? $"must not be '{UserIds.AnonymousPrefix}' alone" : null);

    internal static string? IdError(string? id, int longest = LongestId)
    {
        if (string.IsNullOrEmpty(id))
            return "must not be empty";
        foreach (var unit in id)
        {
            if (char.IsControl(unit))
                return "must not hold control characters";
        }
        return ByteCount(id) switch
        {
            null => "is not valid text (half a surrogate pair)",
            var length when length > longest => $"must not be longer than {longest} bytes",
            _ => null,
        };
    }

    private static string? TraitError(string? value)
    {
        if (value is null)
            return "must not be null";
        if (value.Contains('\0'))
            return "must not hold a null character";
        return ByteCount(value) switch
        {
            null => "is not valid text (half a surrogate pair)",
            > LongestTrait => $"must not be longer than {LongestTrait} bytes",
            _ => null,
        };
    }

    private static int? ByteCount(string text)
    {
        try
        {
            return Utf8.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return null;
        }
    }
}
