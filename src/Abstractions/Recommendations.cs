namespace Auie.Abstractions;

/// <summary>What is to be recommended; to whom is said by the grain.</summary>
[GenerateSerializer, Immutable, Alias("auie.recommendation-request")]
public sealed record RecommendationRequest
{
    /// <summary>How many, from 1 to 100.</summary>
    [Id(0)] public int Count { get; init; } = 10;

    /// <summary>event or product; null for both.</summary>
    [Id(1)] public string? Kind { get; init; }

    /// <summary>A category or tag that they must have; null for any.</summary>
    [Id(2)] public string? Category { get; init; }

    /// <summary>Where the user is, as latitude and longitude, or as a place's name; null for where their profile says.</summary>
    [Id(3)] public double? Latitude { get; init; }
    [Id(4)] public double? Longitude { get; init; }
    [Id(5)] public string? Place { get; init; }

    /// <summary>Only what starts then or later, and then or earlier.</summary>
    [Id(6)] public DateTimeOffset? From { get; init; }
    [Id(7)] public DateTimeOffset? To { get; init; }

    /// <summary>Items that are left out.</summary>
    [Id(8)] public string[] Exclude { get; init; } = [];

    /// <summary>The instant that it is asked for; null for now, or where the engine's data ended long ago, for what follows on its end.</summary>
    [Id(9)] public DateTimeOffset? At { get; init; }

    /// <summary>Where the user is told: web, ios, email, …; null for the platform that they use most.</summary>
    [Id(10)] public string? Platform { get; init; }

    /// <summary>The page that it is for, as the platform calls it; the answer names it again.</summary>
    [Id(11)] public string? Page { get; init; }

    /// <summary>The locale of somebody of whom none is known.</summary>
    [Id(12)] public string? Locale { get; init; }

    /// <summary>Whether what is recommended counts as shown to the user.</summary>
    [Id(13)] public bool Record { get; init; } = true;

    /// <summary>Traits that the user is taken to have; nothing of them is stored, or recorded.</summary>
    [Id(14)] public Dictionary<string, string>? SupposedTraits { get; init; }

    /// <summary>Events that the user is taken to have sent; nothing of them is stored, or recorded.</summary>
    [Id(15)] public UserEvent[]? SupposedEvents { get; init; }

    /// <summary>The user's version that the answer has to include; 0 for whatever is known.</summary>
    [Id(16)] public long AtLeast { get; init; }

    /// <summary>The only items that are to be judged, whatever else there is, each by itself: none loses for being like another. Null for any.</summary>
    [Id(17)] public string[]? Only { get; init; }

    /// <summary>The ranker that is to rank, as an answer names it; null for the one that is published.</summary>
    [Id(20)] public string? Ranker { get; init; }

    /// <summary>What else has to hold of the items; null for nothing.</summary>
    [Id(21)] public OfferMessage? Offer { get; init; }
}

/// <summary>Which items an offer is of, as Core's; kind, category and time are the request's.</summary>
/// <param name="First">Core's number of what comes first.</param>
/// <param name="Top">Of how many of them.</param>
[GenerateSerializer, Immutable, Alias("auie.offer")]
public sealed record OfferMessage(
    [property: Id(0)] double? PriceAtMost, [property: Id(1)] double? NearKm, [property: Id(2)] bool WithFriends, [property: Id(3)] bool Familiar, [property: Id(4)] int First, [property: Id(5)] int Top);

/// <summary>What is recommended to a user, the best first, and why.</summary>
[GenerateSerializer, Immutable, Alias("auie.recommendations")]
public sealed record Recommendations
{
    /// <summary>What the answer is known by; its items are recorded as shown under it.</summary>
    [Id(0)] public required string RecommendationId { get; init; }

    [Id(1)] public required string UserId { get; init; }

    /// <summary>The instant that everything relative to time was taken at.</summary>
    [Id(2)] public required DateTimeOffset AsOf { get; init; }

    /// <summary>What ranked them: baseline, or ranker-N, N its version.</summary>
    [Id(3)] public required string Ranker { get; init; }

    /// <summary>The version of the segmentation that was read; 0 where none is published.</summary>
    [Id(4)] public required long ModelVersion { get; init; }

    /// <summary>The persona of the user's segment; null where they are in none.</summary>
    [Id(5)] public string? Persona { get; init; }

    /// <summary>Whether they count as shown to the user now.</summary>
    [Id(6)] public required bool Recorded { get; init; }

    /// <summary>Of how many candidates these are the best.</summary>
    [Id(7)] public required int Candidates { get; init; }

    [Id(8)] public required RecommendedItem[] Items { get; init; }

    /// <summary>The page that it was asked for.</summary>
    [Id(9)] public string? Page { get; init; }
}

/// <summary>One thing that is recommended.</summary>
[GenerateSerializer, Immutable, Alias("auie.recommended-item")]
public sealed record RecommendedItem
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public string? Kind { get; init; }
    [Id(2)] public string? Title { get; init; }
    [Id(3)] public DateTimeOffset? Start { get; init; }
    [Id(4)] public string? City { get; init; }

    /// <summary>In currency units.</summary>
    [Id(5)] public double? Price { get; init; }

    /// <summary>The higher the better; comparable within one answer.</summary>
    [Id(6)] public required double Score { get; init; }

    /// <summary>Why, in words, the weightiest first; without the fact each would score lower.</summary>
    [Id(7)] public required string[] Reasons { get; init; }

    /// <summary>Where it was found: friends_answers, near_and_soon, segment, …, popular.</summary>
    [Id(8)] public required string[] Sources { get; init; }
}

/// <summary>What is recommended to several users together: what pleases the least pleased of them most comes first.</summary>
/// <param name="Unknown">Who of them is not known; the others were asked about.</param>
/// <param name="Items">Each with its score: the least of the members'.</param>
[GenerateSerializer, Immutable, Alias("auie.group-recommendations")]
public sealed record GroupRecommendations(
    [property: Id(0)] string RecommendationId,
    [property: Id(1)] string[] UserIds,
    [property: Id(2)] string[] Unknown,
    [property: Id(3)] DateTimeOffset AsOf,
    [property: Id(4)] RecommendedItem[] Items);

/// <summary>Items that are like one: by words, and by who wanted both.</summary>
[GenerateSerializer, Immutable, Alias("auie.similar-items")]
public sealed record SimilarItems([property: Id(0)] string ItemId, [property: Id(1)] SimilarItem[] Items);

/// <summary>An item that is like another: how many of those who wanted the other wanted it, and which words they have in common.</summary>
[GenerateSerializer, Immutable, Alias("auie.similar-item")]
public sealed record SimilarItem(
    [property: Id(0)] string Id,
    [property: Id(1)] string? Title,
    [property: Id(2)] double Score,
    [property: Id(3)] int WantedByBoth,
    [property: Id(4)] string[] Words);

/// <summary>Users who wanted what one wanted.</summary>
[GenerateSerializer, Immutable, Alias("auie.similar-users")]
public sealed record SimilarUsers([property: Id(0)] string UserId, [property: Id(1)] SimilarUser[] Users);

/// <summary>A user who wanted the same things as another: how many, and a score in which things that few wanted weigh more.</summary>
[GenerateSerializer, Immutable, Alias("auie.similar-user")]
public sealed record SimilarUser([property: Id(0)] string Id, [property: Id(1)] int InCommon, [property: Id(2)] double Score);

/// <summary>For whom, where and when an item shard is to find candidates. People are known by hashes of their ids.</summary>
[GenerateSerializer, Immutable, Alias("auie.candidate-request")]
public sealed record CandidateRequest
{
    [Id(0)] public required DateTimeOffset At { get; init; }
    [Id(1)] public required ulong[] Friends { get; init; }
    [Id(2)] public required ulong[] Neighbours { get; init; }

    /// <summary>How much each of the neighbours has in common with the user.</summary>
    [Id(3)] public required float[] Weights { get; init; }

    [Id(4)] public required AudienceMessage Audience { get; init; }
    [Id(5)] public double? Latitude { get; init; }
    [Id(6)] public double? Longitude { get; init; }
    [Id(7)] public required string[] Words { get; init; }
    [Id(8)] public required string[] Viewed { get; init; }
    [Id(9)] public required string[] Excluded { get; init; }
    [Id(10)] public string? Kind { get; init; }
    [Id(11)] public string? Category { get; init; }
    [Id(12)] public DateTimeOffset? From { get; init; }
    [Id(13)] public DateTimeOffset? To { get; init; }

    /// <summary>The only items that are wanted; null for any.</summary>
    [Id(14)] public string[]? Only { get; init; }
}

/// <summary>What somebody belongs to whose reactions are counted apart: empty texts and a segment below 0 are none. Version: that of the segmentation, 0 for none.</summary>
[GenerateSerializer, Immutable, Alias("auie.audience")]
public sealed record AudienceMessage(
    [property: Id(0)] string Locale, [property: Id(1)] string Place, [property: Id(2)] string Platform, [property: Id(3)] int Segment, [property: Id(4)] long Version);

/// <summary>What a shard found.</summary>
/// <param name="Candidates">None is null: silos of before had a class here, and say of each element that it is there.</param>
[GenerateSerializer, Immutable, Alias("auie.candidate-batch")]
public sealed record CandidateBatch(
    [property: Id(0)] CandidateMessage?[] Candidates, [property: Id(1)] WordTallyMessage[] Overall, [property: Id(2)] WordTallyMessage[] InSegment);

/// <summary>How many people had something of a word before them, and how many of these wanted it.</summary>
[GenerateSerializer, Immutable, Alias("auie.word-tally")]
public readonly record struct WordTallyMessage([property: Id(0)] string Word, [property: Id(1)] long Wanted, [property: Id(2)] long Seen);

/// <summary>A candidate as a shard tells of it; as Core's. Of the hundreds of an answer none is an object of its own.</summary>
[GenerateSerializer, Immutable, Alias("auie.candidate")]
public readonly record struct CandidateMessage
{
    [Id(0)] public required ItemFactsMessage Item { get; init; }
    [Id(1)] public required int Sources { get; init; }
    [Id(2)] public required int Seen { get; init; }
    [Id(3)] public required int Wanted { get; init; }
    [Id(4)] public required int FriendsYes { get; init; }
    [Id(5)] public required int FriendsInterested { get; init; }
    [Id(6)] public required bool CreatorIsFriend { get; init; }
    [Id(7)] public required int WantedInSegment { get; init; }
    [Id(8)] public required int WantedInLocale { get; init; }
    [Id(9)] public required int WantedInPlace { get; init; }
    [Id(10)] public required int WantedOnPlatform { get; init; }
    [Id(11)] public required float CoAnswered { get; init; }
    [Id(12)] public required double Trending { get; init; }
    [Id(13)] public required int Yes { get; init; }
    [Id(14)] public required int Declined { get; init; }
    [Id(15)] public required int FriendsDeclined { get; init; }
}

/// <summary>What recommending reads of an item.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-facts")]
public readonly record struct ItemFactsMessage
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public string? Kind { get; init; }
    [Id(2)] public string? Title { get; init; }
    [Id(3)] public string? Creator { get; init; }
    [Id(4)] public DateTimeOffset? Start { get; init; }
    [Id(5)] public DateTimeOffset? End { get; init; }
    [Id(6)] public string? City { get; init; }
    [Id(7)] public double? Latitude { get; init; }
    [Id(8)] public double? Longitude { get; init; }
    [Id(9)] public double? Price { get; init; }
    [Id(10)] public required string[] Words { get; init; }
}

/// <summary>Items as they are in a shard's index, and where a place is that was asked about; null where no item there says.</summary>
[GenerateSerializer, Immutable, Alias("auie.described-items")]
public sealed record DescribedItems([property: Id(0)] DescribedItem[] Items, [property: Id(1)] double? Latitude, [property: Id(2)] double? Longitude);

/// <summary>An item, some of those who wanted it, and how many did.</summary>
[GenerateSerializer, Immutable, Alias("auie.described-item")]
public sealed record DescribedItem([property: Id(0)] ItemFactsMessage Item, [property: Id(1)] ulong[] People, [property: Id(2)] int Wanted);

/// <summary>What users did with items of a shard, in the order of their commits, and what the user belongs to; null where that is not known.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-reactions")]
public sealed record UserReactions([property: Id(0)] string UserId, [property: Id(1)] AudienceMessage? Audience, [property: Id(2)] ReactionMessage[] Reactions);

/// <summary>Something that a user did with an item (the kind as the journal numbers it), and when.</summary>
[GenerateSerializer, Immutable, Alias("auie.reaction")]
public readonly record struct ReactionMessage([property: Id(0)] string Item, [property: Id(1)] byte Kind, [property: Id(2)] DateTimeOffset At);
