namespace Auie.Abstractions;

/// <summary>Who is in a shard of users, or in all of them: counts that add up, kept as users change and never found by a scan.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-census")]
public sealed record UserCensus
{
    [Id(0)] public required long Users { get; init; }

    /// <summary>male, female and unknown.</summary>
    [Id(1)] public required Dictionary<string, long> Genders { get; init; }

    /// <summary>For each year of birth how many users; those without one are in no year.</summary>
    [Id(2)] public required Dictionary<int, long> BirthYears { get; init; }

    /// <summary>For each locale, and "" for none, how many users.</summary>
    [Id(3)] public required Dictionary<string, long> Locales { get; init; }

    /// <summary>Links in the users' lists of friends.</summary>
    [Id(4)] public required long FriendLinks { get; init; }

    /// <summary>For each kind of event (shown, viewed, invited, purchased) how many there were, and for each answer (interested, not_interested, yes, maybe, no) of how many items it is the user's latest; impressions: how many rows there are where rows are answers.</summary>
    [Id(5)] public required Dictionary<string, long> Counts { get; init; }

    /// <summary>The time of the last event in Unix seconds; NaN for none.</summary>
    [Id(6)] public required double LastEvent { get; init; }

    /// <summary>Users with at least one friend in their list: the lists that <see cref="FriendLinks"/> are in.</summary>
    [Id(7)] public required long WithFriends { get; init; }
}

/// <summary>A page of the rows that users, or their answers, are clustered by: each row's id, and its values (NaN: missing), row by row.</summary>
[GenerateSerializer, Immutable, Alias("auie.feature-page")]
public sealed record FeaturePage(
    [property: Id(0)] string[] Columns, [property: Id(1)] string[] Ids, [property: Id(2)] double[] Values, [property: Id(3)] string? Next);

/// <summary>A page of users as they are written to a table; <paramref name="Next"/> is where the page after it begins, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-page")]
public sealed record UserPage([property: Id(0)] UserRow[] Users, [property: Id(1)] string? Next);

/// <summary>A user in a table: what is held, as <see cref="UserView"/> has it, and the segment under the published model (null: none).</summary>
[GenerateSerializer, Immutable, Alias("auie.user-row")]
public sealed record UserRow(
    [property: Id(0)] UserView User, [property: Id(1)] int? Segment, [property: Id(2)] string? Persona, [property: Id(3)] double? Margin);
