namespace Auie.Core.Features;

/// <summary>
/// A fact of a user's state that features are made of: one number, never relative to now; instants are Unix seconds, an unknown fact is NaN.
/// <see cref="FactCatalogue"/> says what each means. Nothing stores these numbers: stored feature sets name their facts.
/// </summary>
public enum Fact
{
    BirthYear,
    GenderMale,
    Timezone,
    JoinedAt,
    FirstSeen,
    LastSeen,
    Friends,
    Shown,
    Viewed,
    Interested,
    NotInterested,
    Invited,
    Yes,
    Maybe,
    No,
    Purchased,
    Answered,
    Spent,
    Events,
    Platforms,
    WebEvents,
    MobileEvents,
    EmailEvents,
    Impressions,
    ImpressionsInterested,
    ImpressionsNotInterested,
    Tracking,
    Came,
    SpentWeb,
    SpentMobile,
    SpentEmail,
}

/// <summary>A user's facts, as their state holds them; NaN where one is unknown.</summary>
public interface IFacts
{
    double this[Fact fact] { get; }
}

/// <summary>What a fact measures, which decides what may be done with it.</summary>
public enum FactKind
{
    /// <summary>A quantity, a count or a share.</summary>
    Number,

    /// <summary>A year of the Gregorian calendar.</summary>
    Year,

    /// <summary>Unix seconds.</summary>
    Instant,
}

/// <summary>A fact: the name that feature sets give it, its kind, its unit, and what it says.</summary>
public sealed record FactDescription(Fact Fact, string Name, FactKind Kind, string Unit, string Description);

/// <summary>Every fact that a feature may be made of, by name.</summary>
public static class FactCatalogue
{
    /// <summary>All facts, in the order of <see cref="Fact"/>.</summary>
    public static IReadOnlyList<FactDescription> All { get; } =
    [
        new(Fact.BirthYear, "birthyear", FactKind.Year, "year", "The year of birth, where a plausible one is known."),
        new(Fact.GenderMale, "gender_male", FactKind.Number, "0 or 1", "1 for male, 0 for female, unknown for anything else."),
        new(Fact.Timezone, "timezone", FactKind.Number, "minutes from UTC", "The user's offset from UTC."),
        new(Fact.JoinedAt, "joined_at", FactKind.Instant, "instant", "When the user joined the platform."),
        new(Fact.FirstSeen, "first_seen", FactKind.Instant, "instant", "The user's first event."),
        new(Fact.LastSeen, "last_seen", FactKind.Instant, "instant", "The user's latest event."),
        new(Fact.Friends, "friends", FactKind.Number, "users", "How many friends the user has."),
        new(Fact.Shown, "shown", FactKind.Number, "events", "How often the user was shown something."),
        new(Fact.Viewed, "viewed", FactKind.Number, "events", "How often the user viewed something."),
        new(Fact.Interested, "interested", FactKind.Number, "items", "Items that the user said to be interested in."),
        new(Fact.NotInterested, "not_interested", FactKind.Number, "items", "Items that the user said not to be interested in."),
        new(Fact.Invited, "invited", FactKind.Number, "events", "How often others invited the user to something."),
        new(Fact.Yes, "yes", FactKind.Number, "items", "Items that the user said yes to."),
        new(Fact.Maybe, "maybe", FactKind.Number, "items", "Items that the user said maybe to."),
        new(Fact.No, "no", FactKind.Number, "items", "Items that the user said no to."),
        new(Fact.Purchased, "purchased", FactKind.Number, "events", "How often the user bought something."),
        new(Fact.Answered, "answered", FactKind.Number, "items", "Items that were shown to the user or that they answered in any way."),
        new(Fact.Spent, "spent", FactKind.Number, "currency units", "What the user spent."),
        new(Fact.Events, "events", FactKind.Number, "events", "All events of the user's own."),
        new(Fact.Platforms, "platforms", FactKind.Number, "platforms", "On how many platforms the user was seen."),
        new(Fact.WebEvents, "web_events", FactKind.Number, "events", "Events from the web."),
        new(Fact.MobileEvents, "mobile_events", FactKind.Number, "events", "Events from a mobile app."),
        new(Fact.EmailEvents, "email_events", FactKind.Number, "events", "Events from an email."),
        new(Fact.Impressions, "impressions", FactKind.Number, "answers",
            "How often something was shown to the user, answered or not, an item each time anew: how many rows they have where rows are answers."),
        new(Fact.ImpressionsInterested, "impressions_interested", FactKind.Number, "answers", "How many of the impressions were answered with interest."),
        new(Fact.ImpressionsNotInterested, "impressions_not_interested", FactKind.Number, "answers", "How many of the impressions were answered without interest."),
        new(Fact.Tracking, "tracking", FactKind.Number, "0 or 1", "1 where the user allowed to keep what they do, 0 where they forbade it, unknown where they never said."),
        new(Fact.Came, "came", FactKind.Number, "events", "How often the user came to something."),
        new(Fact.SpentWeb, "spent_web", FactKind.Number, "currency units", "What the user spent on the web."),
        new(Fact.SpentMobile, "spent_mobile", FactKind.Number, "currency units", "What the user spent in a mobile app."),
        new(Fact.SpentEmail, "spent_email", FactKind.Number, "currency units", "What the user spent from an email."),
    ];

    private static readonly Dictionary<string, FactDescription> ByName = All.ToDictionary(fact => fact.Name);

    public static FactDescription Of(Fact fact) => All[(int)fact];

    /// <summary>The fact of that name, or null.</summary>
    public static FactDescription? Find(string name) => ByName.GetValueOrDefault(name);
}
