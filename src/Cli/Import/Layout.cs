using Auie.Core.Features;

namespace Auie.Cli.Import;

/// <summary>How the five tables are laid out: names, columns, and what is done where a value is missing.</summary>
internal static class Layout
{
    public const string Source = "event-challenge";

    public const string Users = "users", Train = "train", Events = "events", Attendees = "event_attendees", Friends = "user_friends";

    /// <summary>Reported as one: how often each of a hundred words, and any other, comes in an event's description.</summary>
    public const string Words = "c_1..c_other";

    private const int CountedWords = 100;
    private const string NoRow = "the row is left out", LeftOut = "left out";

    private static readonly Column[] PlaceOfEvents =
    [
        new("event_id", NoRow), new("user_id", "left out: the creator is not known"), new("start_time", "left out: the start is not known"),
        new("city", LeftOut), new("state", LeftOut), new("zip", LeftOut), new("country", LeftOut), new("lat", LeftOut), new("lng", LeftOut),
    ];

    private static readonly Dictionary<string, Column[]> ByTable = new()
    {
        [Users] =
        [
            new("user_id", NoRow), new("locale", LeftOut), new("birthyear", "the median stands in where it is clustered", Fact.BirthYear),
            new("gender", "counted as unknown", Fact.GenderMale), new("joinedAt", "left out: the profile is undated", Fact.JoinedAt), new("location", LeftOut),
            new("timezone", "left out: the user's times are kept in UTC", Fact.Timezone),
        ],
        [Train] =
        [
            new("user", NoRow), new("event", NoRow), new("invited", NoRow), new("timestamp", NoRow), new("interested", NoRow),
            new("not_interested", NoRow),
        ],
        [Events] =
        [
            .. PlaceOfEvents,
            .. Enumerable.Range(1, CountedWords).Select(word => $"c_{word}").Append("c_other").Select(name => new Column(name, "left out: counts as none")),
        ],
        [Attendees] =
        [
            new("event", NoRow), new("yes", "nobody is known to have answered so"), new("maybe", "nobody is known to have answered so"),
            new("invited", "nobody is known to be invited"), new("no", "nobody is known to have answered so"),
        ],
        [Friends] = [new("user", NoRow), new("friends", "counts as no friends; users without a row are among the missing", Fact.Friends, IsList: true)],
    };

    /// <summary>In the order that they are read and reported in.</summary>
    public static string[] Tables { get; } = [Users, Train, Friends, Events, Attendees];

    /// <summary>Where the counts of words begin in the table of events.</summary>
    public static int FirstWord => PlaceOfEvents.Length;

    public static Column[] ColumnsOf(string table) => ByTable[table];
}

/// <summary>A column's name in the header, and what is done about a missing value.</summary>
/// <param name="Fact">The fact of the user that its cells are; null for none.</param>
/// <param name="IsList">Whether a cell is a list, of which parts may be left out.</param>
internal sealed record Column(string Name, string Treatment, Fact? Fact = null, bool IsList = false)
{
    /// <summary>What stands in where a cell has no value, and in which features of the built-in sets; null where nothing does.</summary>
    public string? ImputedAs { get; } = Fact is null ? null : Imputation(Fact.Value);

    private static string? Imputation(Fact fact)
    {
        var rules = FeatureSets.BuiltIn.All.SelectMany(set => set.Features).Where(feature => feature.Source.Fact == fact || feature.Source.Over == fact)
            .GroupBy(feature => feature.Missing, feature => feature.Name)
            .Select(rule => $"{rule.Key.Constant switch { null => "the median", { } constant => $"{constant:R}" }} in {string.Join(", ", rule.Distinct())}");
        return string.Join("; ", rules) is { Length: > 0 } text ? text : null;
    }
}
