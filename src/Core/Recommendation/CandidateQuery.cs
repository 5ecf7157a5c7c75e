using Auie.Core.Items;

namespace Auie.Core.Recommendation;

/// <summary>For whom, where and when candidates are looked for, and which are wanted at all. People are known by <see cref="StableHash.OfKey"/> of their ids.</summary>
public sealed record CandidateQuery
{
    public required DateTimeOffset At { get; init; }

    /// <summary>How many shards are asked: each gives its part of the budgets.</summary>
    public int Shards { get; init; } = 1;

    public ulong[] Friends { get; init; } = [];

    /// <summary>People who wanted what the user wanted.</summary>
    public ulong[] Neighbours { get; init; } = [];

    /// <summary>How much each of the neighbours has in common with the user.</summary>
    public float[] Weights { get; init; } = [];

    public Audience Audience { get; init; } = Audience.None;

    /// <summary>Where the user is.</summary>
    public GeoPoint? Near { get; init; }

    /// <summary>Words of what the user wanted, the likeliest first.</summary>
    public string[] Words { get; init; } = [];

    /// <summary>What the user looked at.</summary>
    public string[] Viewed { get; init; } = [];

    /// <summary>What is not to be shown: what the user declined or did, and what the caller leaves out.</summary>
    public string[] Excluded { get; init; } = [];

    /// <summary>event or product; null for both.</summary>
    public string? Kind { get; init; }

    /// <summary>A word that an item must have; null for any.</summary>
    public string? Category { get; init; }

    /// <summary>What starts earlier, or has no start, is left out.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>What starts later, or has no start, is left out.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The only items that are wanted; null for any.</summary>
    public string[]? Only { get; init; }

    /// <summary>Items that are candidates whether or not a source names them.</summary>
    public string[] Also { get; init; } = [];

    /// <summary>Whether an item may be a candidate at all, whatever else speaks for it.</summary>
    public bool Admits(in ItemFacts facts) =>
        facts.MayBeShown(At.UtcTicks)
        && (Kind is null || facts.Kind == Kind)
        && (Category is null || facts.Words.Contains(Category))
        && (From is null || facts.Start >= From)
        && (To is null || facts.Start <= To);
}

/// <summary>How many people were shown something of a word or had it before them, and how many of them wanted it.</summary>
public readonly record struct WordTally(string Word, long Wanted, long Seen);

/// <summary>What one shard has to offer: candidates, and what it knows of their words and of all its items.</summary>
/// <param name="Overall">Of each word of the candidates, everybody's reactions.</param>
/// <param name="InSegment">The same of the query's segment.</param>
public sealed record CandidateList(IReadOnlyList<Candidate> Candidates, IReadOnlyList<WordTally> Overall, IReadOnlyList<WordTally> InSegment);

/// <summary>
/// An item that may be recommended, with all that is known of it and of what lies between it and the user as of one instant. An answer looks at some hundreds of them: they lie in what they came
/// in, and are no objects of their own.
/// </summary>
public readonly record struct Candidate
{
    public required string Item { get; init; }
    public required ItemFacts Facts { get; init; }
    public CandidateSources Sources { get; init; }

    /// <summary>How many people had it before them, and how many of these wanted it.</summary>
    public int Seen { get; init; }
    public int Wanted { get; init; }

    /// <summary>How many of those who wanted it said yes or bought it, and how many said that they do not want it.</summary>
    public int Yes { get; init; }
    public int Declined { get; init; }

    /// <summary>How many of the user's friends said yes or bought, how many are interested or said maybe, and how many do not want it.</summary>
    public int FriendsYes { get; init; }
    public int FriendsInterested { get; init; }
    public int FriendsDeclined { get; init; }

    public bool CreatorIsFriend { get; init; }

    /// <summary>How many of those who wanted it are of the user's segment, locale, place and platform.</summary>
    public int WantedInSegment { get; init; }
    public int WantedInLocale { get; init; }
    public int WantedInPlace { get; init; }
    public int WantedOnPlatform { get; init; }

    /// <summary>What people who wanted the same things add up to.</summary>
    public float CoAnswered { get; init; }

    /// <summary>How many wanted it of late: each counts half after <see cref="ItemIndex.HalfLife"/>.</summary>
    public double Trending { get; init; }
}
