namespace Auie.Abstractions;

/// <summary>What can be told of users from what the feature shards hold of them; it holds nothing of its own. Key: tenant.</summary>
[Alias("auie.insights")]
public interface IInsightsGrain : IGrainWithStringKey
{
    /// <summary>Who there is.</summary>
    /// <exception cref="InvalidRequestException">A segment is asked for and there is none of that number, or no segmentation.</exception>
    [AlwaysInterleave]
    [return: Immutable]
    Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>Who is interested in what is shown to them, by group.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetWho"/>.</exception>
    [AlwaysInterleave]
    [return: Immutable]
    Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>What drives interest in what is shown: effects over all and among what was shown together, and correlations, of a sample of the latest showings.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetWho"/>.</exception>
    [AlwaysInterleave]
    [ResponseTimeout("00:05:00")]
    [return: Immutable]
    Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>How many users took every step of a list up to each.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetWho"/>, or there is no such step, or nothing of that name to tell users apart by.</exception>
    [AlwaysInterleave]
    [return: Immutable]
    Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken);

    /// <summary>When users are active and interested, on their own clocks, of everybody, by locale and by persona.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetWho"/>.</exception>
    [AlwaysInterleave]
    [return: Immutable]
    Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>Who carries a word among some users.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetWho"/>, the count is not in its range, or there are more people or links than are looked among.</exception>
    [AlwaysInterleave]
    [ResponseTimeout("00:10:00")]
    [return: Immutable]
    Task<InfluencersView> GetInfluencers(AudienceRequest request, int count, CancellationToken cancellationToken);

    /// <summary>Personas in depth; null while no segmentation is published.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:05:00")]
    [return: Immutable]
    Task<PersonasView?> GetPersonas(CancellationToken cancellationToken);

    /// <summary>How far users got in order and within a window, by the latest steps of each.</summary>
    /// <exception cref="InvalidRequestException">As of <see cref="GetFunnel"/>, or the window is not more than nothing.</exception>
    [AlwaysInterleave]
    [return: Immutable]
    Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken);

    /// <summary>How good what is held is, from counters and columns.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<QualityView> GetQuality(CancellationToken cancellationToken);

    /// <summary>What to do for whom: the library, and each of its strategies beside each segment of the published segmentation.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<StrategiesView> GetStrategies(CancellationToken cancellationToken);
}

/// <summary>What to do for a kind of segment.</summary>
/// <param name="Archetype">The archetype that a segment has to resemble.</param>
/// <param name="Most">How often a member is reached at the most, in so many days.</param>
/// <param name="Influencers">How many members are asked to carry it on.</param>
/// <param name="Holdout">The share that is left alone, to compare with.</param>
/// <param name="Measure">The answer by which it is judged.</param>
[GenerateSerializer, Immutable, Alias("auie.strategy-view")]
public sealed record StrategyView(
    [property: Id(0)] string Name, [property: Id(1)] string Summary, [property: Id(2)] string Archetype, [property: Id(3)] string Goal, [property: Id(4)] string Offer,
    [property: Id(5)] string Channel, [property: Id(6)] string Timing, [property: Id(7)] int Most, [property: Id(8)] int Days, [property: Id(9)] int Influencers,
    [property: Id(10)] double Holdout, [property: Id(11)] string Measure)
{
    /// <summary>Which items the offer comes to, in words.</summary>
    [Id(12)] public string Items { get; init; } = "";

    /// <summary>Through what it reaches each, and when, in words.</summary>
    [Id(13)] public string Channels { get; init; } = "";

    [Id(14)] public string Times { get; init; } = "";
}

/// <summary>A condition of a strategy, what the segment has, and whether it holds.</summary>
[GenerateSerializer, Immutable, Alias("auie.strategy-condition-view")]
public sealed record StrategyConditionView([property: Id(0)] string Says, [property: Id(1)] string Found, [property: Id(2)] bool Holds);

/// <summary>A strategy beside a segment: it fits where every condition holds.</summary>
/// <param name="Users">The segment's size when the model was made.</param>
[GenerateSerializer, Immutable, Alias("auie.strategy-match-view")]
public sealed record StrategyMatchView(
    [property: Id(0)] string Strategy, [property: Id(1)] int Segment, [property: Id(2)] string Persona, [property: Id(3)] long Users, [property: Id(4)] bool Fits,
    [property: Id(5)] StrategyConditionView[] Conditions);

/// <summary>The library of strategies by its version, and how it fits the published segmentation, as of that model.</summary>
/// <param name="ModelVersion">0 where no segmentation is published; there are no matches then.</param>
/// <param name="AsOf">The model's instant; null where there is none.</param>
[GenerateSerializer, Immutable, Alias("auie.strategies-view")]
public sealed record StrategiesView(
    [property: Id(0)] int LibraryVersion, [property: Id(1)] long ModelVersion, [property: Id(2)] DateTimeOffset? AsOf, [property: Id(3)] StrategyView[] Strategies,
    [property: Id(4)] StrategyMatchView[] Matches)
{
    /// <summary>Where no segmentation is published, so that there is none to tell of (the version is 0), that in words; null where one is.</summary>
    [Id(5)] public string? NoSegmentation { get; init; }
}

/// <summary>Whom an insight is about; what is null leaves nobody out.</summary>
[GenerateSerializer, Immutable, Alias("auie.audience-request")]
public sealed record AudienceRequest
{
    /// <summary>A segment of the published segmentation.</summary>
    [Id(0)] public int? Segment { get; init; }

    [Id(1)] public string? Locale { get; init; }

    /// <summary>male, female or unknown.</summary>
    [Id(2)] public string? Gender { get; init; }

    /// <summary>web, mobile or email: where the user was ever seen.</summary>
    [Id(3)] public string? Platform { get; init; }

    [Id(4)] public int? AgeFrom { get; init; }

    /// <summary>The last age that is meant.</summary>
    [Id(5)] public int? AgeTo { get; init; }

    /// <summary>The instant that ages and tenures are taken at; null: the last event's.</summary>
    [Id(6)] public DateTimeOffset? AsOf { get; init; }

    /// <summary>A place as users write it, whole or one of its parts (city, region, country), whatever the case of its letters.</summary>
    [Id(7)] public string? Place { get; init; }

    /// <summary>Calendar months since the user joined, at the least.</summary>
    [Id(8)] public int? TenureFrom { get; init; }

    /// <summary>And at the most.</summary>
    [Id(9)] public int? TenureTo { get; init; }

    /// <summary>How many friends, at the least.</summary>
    [Id(10)] public int? FriendsFrom { get; init; }

    /// <summary>And at the most.</summary>
    [Id(11)] public int? FriendsTo { get; init; }
}

/// <summary>How many of how many, with an interval in which the truth lies in 95 of 100 cases. NaN of none.</summary>
[GenerateSerializer, Immutable, Alias("auie.rate-view")]
public sealed record RateView([property: Id(0)] double Value, [property: Id(1)] long Hits, [property: Id(2)] long N, [property: Id(3)] double Low, [property: Id(4)] double High);

/// <summary>A value, and how many of those of whom it is known have it.</summary>
[GenerateSerializer, Immutable, Alias("auie.share-view")]
public sealed record ShareView([property: Id(0)] string Value, [property: Id(1)] RateView Rate);

/// <summary>Users by one thing that is known of them, and how many have values that are too rare to be listed.</summary>
[GenerateSerializer, Immutable, Alias("auie.breakdown-view")]
public sealed record BreakdownView(
    [property: Id(0)] string Name, [property: Id(1)] string Definition, [property: Id(2)] long Known, [property: Id(3)] long Missing,
    [property: Id(4)] ShareView[] Shares, [property: Id(5)] long Others)
{
    /// <summary>Whether one user may have several of these values, so that shares, which are of users, add up to more than all.</summary>
    [Id(6)] public bool Overlaps { get; init; }
}

/// <summary>What a number is among users.</summary>
[GenerateSerializer, Immutable, Alias("auie.number-summary-view")]
public sealed record NumberSummaryView(
    [property: Id(0)] string Name, [property: Id(1)] string Definition, [property: Id(2)] long N, [property: Id(3)] double Mean,
    [property: Id(4)] double LowerQuartile, [property: Id(5)] double Median, [property: Id(6)] double UpperQuartile);

/// <summary>Who there is, as of the last flush; ages and tenures, and nothing else, as of <paramref name="AsOf"/>.</summary>
/// <param name="Users">How many the request is about.</param>
/// <param name="Of">How many there are in all.</param>
/// <param name="ModelVersion">The segmentation that a segment was asked of; 0 where none was.</param>
[GenerateSerializer, Immutable, Alias("auie.audience-view")]
public sealed record AudienceView(
    [property: Id(0)] long Users, [property: Id(1)] long Of, [property: Id(2)] DateTimeOffset AsOf, [property: Id(3)] long ModelVersion,
    [property: Id(4)] BreakdownView[] Breakdowns, [property: Id(5)] NumberSummaryView[] Numbers)
{
    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(6)] public string? Nobody { get; init; }
}

/// <summary>A group's interest: its rate, its share of all that was shown to anybody, and the rate that it is expected to have, for which few showings are drawn towards the rate of all.</summary>
[GenerateSerializer, Immutable, Alias("auie.group-rate-view")]
public sealed record GroupRateView(
    [property: Id(0)] string Value, [property: Id(1)] RateView Rate, [property: Id(2)] double Volume, [property: Id(3)] double Shrunk,
    [property: Id(4)] double ShrunkLow, [property: Id(5)] double ShrunkHigh)
{
    /// <summary>To how many users something was shown.</summary>
    [Id(6)] public long Users { get; init; }

    /// <summary>Whether it is not the first, and not told from it by more than chance: it may be as high. Where any is so, the first is not ahead.</summary>
    [Id(7)] public bool MayBeAsHigh { get; init; }
}

/// <summary>Interest by group, in the order of what each expected rate is at the least. Volume is not rate: <paramref name="MostShown"/> is the group with most showings.</summary>
[GenerateSerializer, Immutable, Alias("auie.group-rates-view")]
public sealed record GroupRatesView([property: Id(0)] string Category, [property: Id(1)] string Definition, [property: Id(2)] GroupRateView[] Groups, [property: Id(3)] string MostShown)
{
    /// <summary>Whether the first is above every other that is told by more than chance makes of groups that are alike, of all categories together in 5 of 100 cases at the most.</summary>
    [Id(4)] public bool FirstIsAhead { get; init; }

    /// <summary>How many groups are not told by themselves, because less was shown to them or, of places, because they are of too few users.</summary>
    [Id(5)] public long LeftOut { get; init; }

    /// <summary>Whether one user may be in several of these groups, so that they add up to more than all.</summary>
    [Id(6)] public bool Overlaps { get; init; }

    /// <summary>All that are not told by themselves, together; null where there are none. Its value is "", and no rate is expected of it.</summary>
    [Id(7)] public GroupRateView? Others { get; init; }

    /// <summary>Those of whom it is not known in which group they are; null where there are none. Its value is "", and no rate is expected of it. With it and the others groups add up to all, but for platforms.</summary>
    [Id(8)] public GroupRateView? Unknown { get; init; }
}

/// <summary>Who is interested in what is shown to them, as of the last flush.</summary>
/// <param name="Users">How many the request is about and were shown anything.</param>
/// <param name="Showings">How often anything was shown to them.</param>
/// <param name="ModelVersion">The segmentation whose personas are told; 0 where there is none.</param>
[GenerateSerializer, Immutable, Alias("auie.interest-view")]
public sealed record InterestView(
    [property: Id(0)] long Users, [property: Id(1)] long Showings, [property: Id(2)] DateTimeOffset AsOf, [property: Id(3)] long ModelVersion,
    [property: Id(4)] RateView Interested, [property: Id(5)] RateView NotInterested, [property: Id(6)] GroupRatesView[] Groups)
{
    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(7)] public string? Nobody { get; init; }

    /// <summary>Where no segmentation is published, so that there is none to tell of (the version is 0), that in words; null where one is.</summary>
    [Id(8)] public string? NoSegmentation { get; init; }
}

/// <summary>Which steps, in turn (none: those of the way to buying or coming that anybody took), of whom, and what users are told apart by: locale, place, gender, age, platform or persona; null for nothing.</summary>
[GenerateSerializer, Immutable, Alias("auie.funnel-request")]
public sealed record FunnelRequest([property: Id(0)] string[] Steps, [property: Id(1)] string? By, [property: Id(2)] AudienceRequest Audience)
{
    /// <summary>Where no steps are named, what the way leads to: purchased or came. Null: purchased where anybody bought something, else came.</summary>
    [Id(3)] public string? To { get; init; }
}

/// <summary>A step of a funnel, and what it says.</summary>
[GenerateSerializer, Immutable, Alias("auie.funnel-step-view")]
public sealed record FunnelStepView([property: Id(0)] string Name, [property: Id(1)] string Definition);

/// <summary>How many of a group took this step and every one before it; of those who took the first, and of those who got as far as the one before (of the first step: of all).</summary>
[GenerateSerializer, Immutable, Alias("auie.funnel-reached-view")]
public sealed record FunnelReachedView([property: Id(0)] long Users, [property: Id(1)] RateView OfFirst, [property: Id(2)] RateView OfBefore);

/// <summary>A group's funnel, and what all of its users spent, in ten-thousandths of the currency unit; of a platform what was spent there, and of the unknown one what was spent on none that is known, by whomever.</summary>
/// <param name="Value">"" for everybody.</param>
[GenerateSerializer, Immutable, Alias("auie.funnel-group-view")]
public sealed record FunnelGroupView([property: Id(0)] string Value, [property: Id(1)] long Users, [property: Id(2)] FunnelReachedView[] Reached, [property: Id(3)] long Spent)
{
    /// <summary>Whether it stands for all locales or places that are not told by themselves.</summary>
    [Id(4)] public bool IsRest { get; init; }

    /// <summary>What of that those spent who took every step.</summary>
    [Id(5)] public long SpentToEnd { get; init; }

    /// <summary>The group's users, of everybody.</summary>
    [Id(6)] public RateView OfAll { get; init; } = new(double.NaN, 0, 0, 0, 1);

    /// <summary>Whether it stands for those of whom it is not known in which group they are; a value that users write has it false.</summary>
    [Id(7)] public bool IsUnknown { get; init; }
}

/// <summary>How many users took every step up to each: ever, whenever, in whatever order and of whatever item. As of the last flush; everybody first, then the largest group, and last, together, those that are not told by themselves, and those of whom it is not known in which group they are.</summary>
/// <param name="ModelVersion">The segmentation whose segment or personas are meant; 0 where neither is.</param>
[GenerateSerializer, Immutable, Alias("auie.funnel-view")]
public sealed record FunnelView(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] long ModelVersion, [property: Id(2)] string? By, [property: Id(3)] FunnelStepView[] Steps, [property: Id(4)] FunnelGroupView[] Groups)
{
    /// <summary>Whether one user may be in several groups, with every step that they took in each, so that groups add up to more than everybody; what was spent is in one alone.</summary>
    [Id(5)] public bool Overlaps { get; init; }

    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(6)] public string? Nobody { get; init; }
}

/// <summary>What a shard tells of a funnel: by group how many there are, how many took every step up to each, and what they spent.</summary>
[GenerateSerializer, Immutable, Alias("auie.funnel-part")]
public sealed record FunnelPart([property: Id(0)] Dictionary<string, long[]> Users, [property: Id(1)] Dictionary<string, long> All, [property: Id(2)] Dictionary<string, long> Spent)
{
    /// <summary>What of that those spent who took every step.</summary>
    [Id(3)] public required Dictionary<string, long> SpentToEnd { get; init; }
}

/// <summary>What a shard is asked: whom it is about, by years of birth and months of joining (from the year 0), and the year at which ages are told. A version of 0 has no segments.</summary>
[GenerateSerializer, Immutable, Alias("auie.audience-query")]
public sealed record AudienceQuery
{
    [Id(0)] public long Version { get; init; }
    [Id(1)] public int? Segment { get; init; }
    [Id(2)] public string? Locale { get; init; }
    [Id(3)] public string? Gender { get; init; }
    [Id(4)] public string? Platform { get; init; }
    [Id(5)] public int? BornFrom { get; init; }
    [Id(6)] public int? BornTo { get; init; }
    [Id(7)] public int Year { get; init; }
    [Id(8)] public string? Place { get; init; }
    [Id(9)] public int? JoinedFrom { get; init; }
    [Id(10)] public int? JoinedTo { get; init; }
    [Id(11)] public int? FriendsFrom { get; init; }
    [Id(12)] public int? FriendsTo { get; init; }
}

/// <summary>Core.Insights.AudienceScan, as a message: counts by what is counted and value, and of interest seven whole sums for each group.</summary>
[GenerateSerializer, Immutable, Alias("auie.audience-part")]
public sealed record AudiencePart
{
    [Id(0)] public required long Users { get; init; }
    [Id(1)] public required long OnPlatforms { get; init; }
    [Id(2)] public required Dictionary<string, Dictionary<string, long>> Texts { get; init; }
    [Id(3)] public required Dictionary<string, Dictionary<int, long>> Numbers { get; init; }
    [Id(4)] public required long[] Interest { get; init; }
    [Id(5)] public required Dictionary<string, Dictionary<string, long[]>> Groups { get; init; }
}
