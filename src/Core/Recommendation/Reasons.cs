using System.Globalization;

namespace Auie.Core.Recommendation;

/// <summary>
/// Why something is recommended, in words. A fact is a reason only where the score is lower without it: it is taken out of the features and the item scored
/// again by the same ranker.
/// </summary>
public static class Reasons
{
    /// <summary>How many reasons are given at the most.</summary>
    public const int Most = 3;

    /// <summary>By how much the score must fall, so that rounding is no reason.</summary>
    public const float Least = 1e-4f;

    /// <summary>Every fact that can be a reason, with the columns that it stands in.</summary>
    public static IReadOnlyList<(ReasonFact Fact, RecommendationColumn[] Columns)> Facts { get; } =
    [
        (ReasonFact.FriendsSaidYes, [RecommendationColumn.FriendsYes]),
        (ReasonFact.FriendsInterested, [RecommendationColumn.FriendsInterested]),
        (ReasonFact.CreatorIsFriend, [RecommendationColumn.CreatorIsFriend]),
        (ReasonFact.Invited, [RecommendationColumn.Invited]),
        (ReasonFact.Viewed, [RecommendationColumn.Viewed]),
        (ReasonFact.WhenAndWhere, [RecommendationColumn.DaysToStart, RecommendationColumn.DistanceKm, RecommendationColumn.SamePlace]),
        (ReasonFact.Words, [RecommendationColumn.Taste, RecommendationColumn.Alike]),
        (ReasonFact.CoAnswered, [RecommendationColumn.CoAnswered]),
        (ReasonFact.Segment, [RecommendationColumn.SegmentWanted, RecommendationColumn.SegmentTaste]),
        (ReasonFact.Place, [RecommendationColumn.PlaceWanted]),
        (ReasonFact.Locale, [RecommendationColumn.LocaleWanted]),
        (ReasonFact.Trending, [RecommendationColumn.Trending]),
        (ReasonFact.Price, [RecommendationColumn.Price, RecommendationColumn.PriceOfUsual]),
        (ReasonFact.Popular, [RecommendationColumn.Wanted, RecommendationColumn.WantedRate, RecommendationColumn.YesOfAnswers, RecommendationColumn.MaybeOfAnswers, RecommendationColumn.NoOfAnswers]),
    ];

    /// <summary>Takes a fact out of a row of features.</summary>
    public static void TakeOut(ReasonFact fact, Span<float> row) => TakeOut(Facts.First(one => one.Fact == fact).Columns, row);

    internal static void TakeOut(RecommendationColumn[] columns, Span<float> row)
    {
        foreach (var column in columns)
            row[(int)column] = float.NaN;
    }

    /// <summary>What a fact says of a candidate; null where there is nothing of it.</summary>
    public static string? InWords(ReasonFact fact, RecommendedUser user, in Candidate candidate, DateTimeOffset at)
    {
        var own = user.Answers.GetValueOrDefault(candidate.Item);
        return fact switch
        {
            ReasonFact.FriendsSaidYes when candidate.FriendsYes > 0 => $"{Count(candidate.FriendsYes, "friend", "friends")} said yes",
            ReasonFact.FriendsInterested when candidate.FriendsInterested > 0 =>
                $"{Count(candidate.FriendsInterested, "friend is", "friends are")} interested",
            ReasonFact.CreatorIsFriend when candidate.CreatorIsFriend => "made by a friend",
            ReasonFact.Invited when own?.Invited > 0 => "you are invited",
            ReasonFact.Viewed when own?.Viewed > 0 => own.Viewed == 1 ? "you looked at it" : $"you looked at it {Number(own.Viewed)} times",
            ReasonFact.WhenAndWhere => WhenAndWhere(candidate, at),
            ReasonFact.Words when FirstLiked(candidate.Facts.Words, user.Taste) is { } word => $"you like {word}",
            ReasonFact.CoAnswered when candidate.CoAnswered > 0 => "wanted by people who wanted what you did",
            ReasonFact.Segment when candidate.WantedInSegment > 0 && user.Persona is { } persona => $"liked by {persona}",
            ReasonFact.Place when candidate.WantedInPlace > 0 => $"{Count(candidate.WantedInPlace, "person", "people")} where you are want it",
            ReasonFact.Locale when candidate.WantedInLocale > 0 => $"{Count(candidate.WantedInLocale, "person", "people")} who speak your language want it",
            ReasonFact.Trending when candidate.Trending >= 1 => "wanted by many of late",
            ReasonFact.Price when candidate.Facts.Price == 0 => "it is free",
            ReasonFact.Price when candidate.Facts.Price is { } price && user.Taste.UsualPrice is { } usual && price / usual is > .75 and < 1.33 => "it costs about what you usually pay",
            ReasonFact.Popular when candidate.Wanted > 0 => $"{Count(candidate.Wanted, "person wants", "people want")} it",
            _ => null,
        };
    }

    private static string? FirstLiked(IReadOnlyList<string> words, Taste taste)
    {
        for (var i = 0; i < words.Count; i++)
        {
            if (taste.Of(words[i]).Wanted > 0)
                return words[i];
        }

        return null;
    }

    private static string? WhenAndWhere(in Candidate candidate, DateTimeOffset at)
    {
        if (candidate.Facts.Start is not { } start)
            return null;
        var place = candidate.Facts.City is { } city ? $", in {string.Join(", ", city.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))}" : "";
        var left = start - at;
        if (left < TimeSpan.Zero)
            return $"has begun{place}";
        if (left < TimeSpan.FromHours(1))
            return $"starts within an hour{place}";
        return left < TimeSpan.FromDays(1)
            ? $"starts in {Count((long)left.TotalHours, "hour", "hours")}{place}"
            : $"starts in {Count((long)left.TotalDays, "day", "days")}{place}";
    }

    private static string Count(long count, string one, string many) => $"{Number(count)} {(count == 1 ? one : many)}";

    private static string Number(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>A fact that can be a reason.</summary>
public enum ReasonFact
{
    FriendsSaidYes,
    FriendsInterested,
    CreatorIsFriend,
    Invited,
    Viewed,
    WhenAndWhere,
    Words,
    CoAnswered,
    Segment,
    Place,
    Locale,
    Trending,
    Price,
    Popular,
}
