namespace Auie.Core.Ranking;

/// <summary>What is known of a user to whom events are ranked; null and empty where it is not known.</summary>
public sealed record RankedUser
{
    public string Locale { get; init; } = "";
    public int? BirthYear { get; init; }
    public string Gender { get; init; } = "";

    /// <summary>Minutes from UTC.</summary>
    public int? Timezone { get; init; }

    /// <summary>Free text, such as "Medan  Indonesia".</summary>
    public string Location { get; init; } = "";

    public int? Friends { get; init; }
}

/// <summary>What is known of an event.</summary>
public sealed record RankedEvent
{
    public DateTimeOffset? Start { get; init; }
    public string City { get; init; } = "";
    public string State { get; init; } = "";
    public string Country { get; init; } = "";

    /// <summary>How many answered so, or were invited; null where nothing is known of the event's answers.</summary>
    public AnswerCounts? Answers { get; init; }

    /// <summary>How many events of the same creator there are, with this one; null where the creator is not known.</summary>
    public int? EventsOfCreator { get; init; }
}

/// <summary>How many said what of an event.</summary>
public readonly record struct AnswerCounts(int Yes, int Maybe, int Invited, int No);

/// <summary>What is between a user and an event.</summary>
/// <param name="Friends">How many of the user's friends said what; null where the user's friends or the event's answers are not known.</param>
/// <param name="IsInvited">Whether the user was invited to it.</param>
public readonly record struct EventRelation(AnswerCounts? Friends, bool IsInvited, bool CreatorIsFriend);
