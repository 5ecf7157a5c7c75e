using Auie.Core.Users;

namespace Auie.Core.Items;

/// <summary>What was learnt of an event or a product: traits, and who answered or was invited; what the journal holds and the state is folded from.</summary>
public sealed record ItemEntry
{
    /// <summary>The sender's own id of the event; the tie-break between two of one instant.</summary>
    public required string MessageId { get; init; }

    /// <summary>When it was so; <see cref="EntryValidation.Undated"/> where nobody knows. An undated entry is before every dated one.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>What was learnt of the item, by name; empty text takes a trait back.</summary>
    public IReadOnlyDictionary<string, string>? Traits { get; init; }

    /// <summary>Who said yes. A set, as the others are: the journal keeps it in the order of UTF-8.</summary>
    public IReadOnlyList<string>? Yes { get; init; }

    /// <summary>Who said maybe; somebody who is in <see cref="Yes"/> too said maybe.</summary>
    public IReadOnlyList<string>? Maybe { get; init; }

    /// <summary>Who said no; somebody who is in <see cref="Yes"/> or <see cref="Maybe"/> too said no.</summary>
    public IReadOnlyList<string>? No { get; init; }

    /// <summary>Who was invited, whatever they answered.</summary>
    public IReadOnlyList<string>? Invited { get; init; }

    /// <summary>Ids that turned out to be somebody else's, who answers for them: whatever is said of these, before or after, counts no more. The engine's own: nobody sends it.</summary>
    public IReadOnlyList<string>? Joined { get; init; }

    /// <summary>Whether it says anything of anybody.</summary>
    public bool NamesAnybody => Yes is { Count: > 0 } || Maybe is { Count: > 0 } || No is { Count: > 0 } || Invited is { Count: > 0 } || Joined is { Count: > 0 };
}
