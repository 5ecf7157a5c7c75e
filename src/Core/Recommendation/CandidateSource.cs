using System.Numerics;

namespace Auie.Core.Recommendation;

/// <summary>Where a candidate comes from. One may come from several.</summary>
[Flags]
public enum CandidateSources
{
    None = 0,

    /// <summary>Friends said yes to it, are interested in it or bought it.</summary>
    FriendsAnswers = 1,

    /// <summary>A friend made it.</summary>
    FriendsCreated = 2,

    /// <summary>It starts soon, near the user.</summary>
    NearAndSoon = 4,

    /// <summary>It is popular in the user's segment.</summary>
    Segment = 8,

    /// <summary>It is popular among people of the user's locale.</summary>
    Locale = 16,

    /// <summary>It is popular among people who are where the user is.</summary>
    Place = 32,

    /// <summary>It is popular among people of the user's platform.</summary>
    Platform = 64,

    /// <summary>People who wanted the same things as the user wanted it.</summary>
    CoAnswered = 128,

    /// <summary>It has words in common with what the user wanted.</summary>
    Alike = 256,

    /// <summary>It was wanted much of late.</summary>
    Trending = 512,

    /// <summary>The user looked at it.</summary>
    Viewed = 1024,

    /// <summary>It is popular with everybody: the ladder's last rung.</summary>
    Popular = 2048,
}

/// <summary>The sources with their names outside the engine, and how many candidates each may give.</summary>
public static class CandidateSourceList
{
    /// <summary>Every source in the order in which they are asked: the nearest to the user first.</summary>
    public static IReadOnlyList<(CandidateSources Source, string Name, int Budget)> All { get; } =
    [
        (CandidateSources.FriendsAnswers, "friends_answers", 80),
        (CandidateSources.FriendsCreated, "friends_created", 30),
        (CandidateSources.Viewed, "viewed", 20),
        (CandidateSources.CoAnswered, "co_answered", 60),
        (CandidateSources.Alike, "alike", 60),
        (CandidateSources.NearAndSoon, "near_and_soon", 80),
        (CandidateSources.Segment, "segment", 50),
        (CandidateSources.Place, "place", 30),
        (CandidateSources.Locale, "locale", 30),
        (CandidateSources.Platform, "platform", 20),
        (CandidateSources.Trending, "trending", 20),
        (CandidateSources.Popular, "popular", 20),
    ];

    /// <summary>The names of the sources in a set.</summary>
    public static string[] NamesOf(CandidateSources sources) => [.. All.Where(one => sources.HasFlag(one.Source)).Select(one => one.Name)];

    private static readonly int[] Budgets = [.. All.OrderBy(one => one.Source).Select(one => one.Budget)];

    /// <summary>How many candidates a source may give.</summary>
    public static int BudgetOf(CandidateSources source) => Budgets[BitOperations.TrailingZeroCount((int)source)];

    /// <summary>How many of a source's candidates one of several shards gives; a few more than its part, as chance does not spread items evenly.</summary>
    public static int BudgetOf(int budget, int shards) => shards == 1 ? budget : budget / shards + 2;
}
