namespace Auie.Core.Users;

/// <summary>Something that a user did or that was learnt of them; what the journal holds and the state is folded from.</summary>
public sealed record Entry
{
    /// <summary>The sender's own id of the event; the tie-break between two of one instant.</summary>
    public required string MessageId { get; init; }

    /// <summary>
    /// When it happened, with the user's own offset from UTC; <see cref="EntryValidation.Undated"/> where nobody knows. An undated entry
    /// counts, is before every dated one, and says nothing of when the user was there.
    /// </summary>
    public required DateTimeOffset At { get; init; }

    public required EntryKind Kind { get; init; }

    /// <summary>The id under which the person was seen before they were known, if they were.</summary>
    public string? AnonymousId { get; init; }

    /// <summary>The event or product that it concerns.</summary>
    public string? Item { get; init; }

    /// <summary>web, ios, android, email, …</summary>
    public string? Platform { get; init; }

    /// <summary>What was paid, in ten-thousandths of the currency unit.</summary>
    public long? Amount { get; init; }

    /// <summary>What was learnt of the user, by name; empty text takes a trait back.</summary>
    public IReadOnlyDictionary<string, string>? Traits { get; init; }

    /// <summary>The ids that became friends. A set: the journal keeps it in the order of UTF-8.</summary>
    public IReadOnlyList<string>? FriendsAdded { get; init; }

    /// <summary>The ids that ceased to be friends. A set: the journal keeps it in the order of UTF-8.</summary>
    public IReadOnlyList<string>? FriendsRemoved { get; init; }

    /// <summary>browser, mobile, server, email, …: through what the sender reached the engine.</summary>
    public string? Channel { get; init; }

    /// <summary>Other: what the sender calls the event.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// Friends, and what answers an item (<see cref="EntryKinds.AnswersItem"/>): whether the friends or the item are told, so that both sides have it; else it is the
    /// user's own alone.
    /// </summary>
    public bool Mutual { get; init; }

    /// <summary>Consent: whether what the user does may be kept; null where nothing is said of it.</summary>
    public bool? Tracking { get; init; }

    /// <summary>Consent: whether the user may be put into segments and be recommended to; null where nothing is said of it.</summary>
    public bool? Personalisation { get; init; }

    /// <summary>
    /// Link, Relink: the user who owns this id from here on. Adopt: the id whose history is taken over. Friends: the friend whose event told of it, where it
    /// was not the user's own.
    /// </summary>
    public string? Other { get; init; }

    /// <summary>Adopt: the whole state that is taken over, encoded.</summary>
    public byte[]? State { get; init; }
}
