using System.Runtime.InteropServices;
using Auie.Core.Ranking;

namespace Auie.Core.Recommendation;

/// <summary>
/// The features of candidates for a user at one instant, by which they are ranked. All of them are of facts as of that instant; NaN is what is not known. What hangs on a word
/// alone is worked out once. Not for several threads at once.
/// </summary>
public sealed class RecommendationFeatures
{
    /// <summary>How many people's worth of doubt the rates are smoothed by.</summary>
    private const double Doubt = 10, DoubtOfTaste = 4, DoubtOfSegment = 20;

    /// <summary>The columns, in the order of <see cref="RecommendationColumn"/>.</summary>
    public static RankingColumn[] Columns { get; } =
    [
        new("wanted_rate"), new("wanted"), new("taste"), new("segment_taste"), new("segment_wanted"), new("locale_wanted"), new("place_wanted"), new("platform_wanted"),
        new("friends_yes"), new("friends_interested"), new("creator_is_friend"), new("days_to_start"), new("start_hour"), new("start_weekday"),
        new("distance_km"), new("same_place"), new("price"), new("price_of_usual"), new("co_answered"), new("alike"), new("trending"), new("invited"), new("viewed"), new("shown"),
        new("is_product"), new("yes_of_answers"), new("maybe_of_answers"), new("no_of_answers"), new("friends_no_of_answers"),
    ];

    private readonly RecommendedUser _user;
    private readonly DateTimeOffset _at;
    private readonly Dictionary<string, WordTally> _overall = [];
    private readonly Dictionary<string, WordTally> _inSegment = [];
    private readonly Dictionary<string, WordTerms> _words = [];
    private readonly double? _usualPrice;
    private readonly int[] _inCommon;
    private readonly double _rate;
    private readonly double _segmentRate;

    /// <param name="lists">What the shards found.</param>
    public RecommendationFeatures(RecommendedUser user, IReadOnlyList<CandidateList> lists, DateTimeOffset at)
    {
        (_user, _at, _inCommon, _usualPrice) = (user, at, new int[user.Taste.Liked.Count], user.Taste.UsualPrice);
        foreach (var list in lists)
        {
            AddAll(_overall, list.Overall);
            AddAll(_inSegment, list.InSegment);
        }

        _rate = Rate(_overall.Values, .2);
        _segmentRate = Rate(_inSegment.Values, _rate);
    }

    public void Write(in Candidate candidate, Span<float> row)
    {
        row.Fill(float.NaN);
        var (user, words, start, price) = (_user, candidate.Facts.Words, candidate.Facts.Start, candidate.Facts.Price);
        var (taste, segmentTaste, alike) = OfWords(words);
        Set(row, RecommendationColumn.WantedRate, LogOdds((candidate.Wanted + Doubt * _rate) / (candidate.Seen + Doubt)));
        Set(row, RecommendationColumn.Wanted, candidate.Wanted);
        Set(row, RecommendationColumn.Taste, taste);
        Set(row, RecommendationColumn.SegmentTaste, segmentTaste);
        Set(row, RecommendationColumn.SegmentWanted, user.Audience.Segment < 0 ? null : candidate.WantedInSegment);
        Set(row, RecommendationColumn.LocaleWanted, user.Audience.Locale.Length == 0 ? null : candidate.WantedInLocale);
        Set(row, RecommendationColumn.PlaceWanted, user.Audience.Place.Length == 0 ? null : candidate.WantedInPlace);
        Set(row, RecommendationColumn.PlatformWanted, user.Audience.Platform.Length == 0 ? null : candidate.WantedOnPlatform);
        Set(row, RecommendationColumn.FriendsYes, candidate.FriendsYes);
        Set(row, RecommendationColumn.FriendsInterested, candidate.FriendsInterested);
        Set(row, RecommendationColumn.CreatorIsFriend, candidate.CreatorIsFriend ? 1 : 0);
        var (hours, hour, weekday) = SharedFeatures.Start(start, _at, user.TimezoneMinutes);
        Set(row, RecommendationColumn.DaysToStart, hours / 24);
        Set(row, RecommendationColumn.StartHour, hour);
        Set(row, RecommendationColumn.StartWeekday, weekday);
        Set(row, RecommendationColumn.DistanceKm, user.Point is { } here && candidate.Facts.Point is { } there ? here.DistanceTo(there) : null);
        Set(row, RecommendationColumn.SamePlace, SharedFeatures.SamePlace(user.Place, candidate.Facts.City));
        Set(row, RecommendationColumn.Price, price);
        Set(row, RecommendationColumn.PriceOfUsual, price is > 0 && _usualPrice is { } usual ? price / usual : null);
        Set(row, RecommendationColumn.CoAnswered, candidate.CoAnswered);
        Set(row, RecommendationColumn.Alike, alike);
        Set(row, RecommendationColumn.Trending, candidate.Trending);
        var own = user.Answers.GetValueOrDefault(candidate.Item);
        Set(row, RecommendationColumn.Invited, own?.Invited > 0 ? 1 : 0);
        Set(row, RecommendationColumn.Viewed, own?.Viewed ?? 0);
        Set(row, RecommendationColumn.Shown, own?.Shown ?? 0);
        Set(row, RecommendationColumn.IsProduct, candidate.Facts.Kind switch { "product" => 1, "event" => 0, _ => null });
        var (yes, maybe, no) = SharedFeatures.Answers(candidate.Yes, candidate.Wanted - candidate.Yes, candidate.Declined);
        Set(row, RecommendationColumn.YesOfAnswers, yes);
        Set(row, RecommendationColumn.MaybeOfAnswers, maybe);
        Set(row, RecommendationColumn.NoOfAnswers, no);
        Set(row, RecommendationColumn.FriendsNoOfAnswers, SharedFeatures.Answers(candidate.FriendsYes, candidate.FriendsInterested, candidate.FriendsDeclined).No);
    }

    /// <summary>
    /// Of something's words: how much likelier the user wants them than everybody, and the segment, as the mean of logarithms; and how much of them, from 0 to 1, what the user liked has too, as a
    /// mean over that. Null is what is not known.
    /// </summary>
    private (double? Taste, double? Segment, double? Alike) OfWords(IReadOnlyList<string> words)
    {
        var (count, liked) = (words.Count, _user.Taste.Liked);
        var (taste, segment, knownInSegment, alike) = (0.0, 0.0, 0, 0.0);
        Array.Clear(_inCommon);
        for (var i = 0; i < count; i++)
        {
            var word = TermsOf(words[i]);
            taste += word.Taste;
            if (word.Segment is { } ofSegment)
                (segment, knownInSegment) = (segment + ofSegment, knownInSegment + 1);
            foreach (var place in word.Liked)
                _inCommon[place]++;
        }

        for (var place = 0; place < _inCommon.Length; place++)
        {
            if (_inCommon[place] is > 0 and var common)
                alike += (double)common / (liked[place].Words.Count + count - common);
        }

        return (_user.Taste.AllSeen == 0 || count == 0 ? null : taste / count, knownInSegment == 0 ? null : segment / knownInSegment, liked.Count == 0 ? null : alike / liked.Count);
    }

    private WordTerms TermsOf(string word)
    {
        if (!_words.TryGetValue(word, out var terms))
            _words.Add(word, terms = NewTermsOf(word));
        return terms;
    }

    private WordTerms NewTermsOf(string word)
    {
        var taste = _user.Taste;
        // Of somebody who wants little of anything, or much, only what sets words apart counts.
        var own = (taste.AllWanted + DoubtOfTaste * _rate) / (taste.AllSeen + DoubtOfTaste);
        var (wanted, seen) = taste.Of(word);
        double? segment = _inSegment.TryGetValue(word, out var tally)
            ? Math.Log((Math.Max(0, tally.Wanted) + DoubtOfSegment * _segmentRate) / (Math.Max(0, tally.Seen) + DoubtOfSegment) / _segmentRate) : null;
        return new WordTerms(
            Math.Log((wanted + DoubtOfTaste * own) / (seen + DoubtOfTaste) / own), segment, [.. Enumerable.Range(0, taste.Liked.Count).Where(place => taste.Liked[place].Words.Contains(word))]);
    }

    private static double Rate(IReadOnlyCollection<WordTally> tallies, double otherwise)
    {
        var (wanted, seen) = (Math.Max(0, tallies.Sum(tally => tally.Wanted)), Math.Max(0, tallies.Sum(tally => tally.Seen)));
        return Math.Clamp((wanted + Doubt * otherwise) / (seen + Doubt), .001, .999);
    }

    private static void AddAll(Dictionary<string, WordTally> sums, IReadOnlyList<WordTally> tallies)
    {
        for (var i = 0; i < tallies.Count; i++)
        {
            var tally = tallies[i];
            ref var held = ref CollectionsMarshal.GetValueRefOrAddDefault(sums, tally.Word, out _);
            held = new WordTally(tally.Word, held.Wanted + tally.Wanted, held.Seen + tally.Seen);
        }
    }

    /// <param name="Liked">The places of those among what the user liked that have the word.</param>
    private sealed record WordTerms(double Taste, double? Segment, int[] Liked);

    private static double LogOdds(double rate) => Math.Log(rate / Math.Max(1e-6, 1 - rate));

    private static void Set(Span<float> row, RecommendationColumn column, double? value) => row[(int)column] = (float?)value ?? float.NaN;
}

/// <summary>The places of the columns in a row of <see cref="RecommendationFeatures"/>.</summary>
public enum RecommendationColumn
{
    WantedRate,
    Wanted,
    Taste,
    SegmentTaste,
    SegmentWanted,
    LocaleWanted,
    PlaceWanted,
    PlatformWanted,
    FriendsYes,
    FriendsInterested,
    CreatorIsFriend,
    DaysToStart,
    StartHour,
    StartWeekday,
    DistanceKm,
    SamePlace,
    Price,
    PriceOfUsual,
    CoAnswered,
    Alike,
    Trending,
    Invited,
    Viewed,
    Shown,
    IsProduct,
    YesOfAnswers,
    MaybeOfAnswers,
    NoOfAnswers,
    FriendsNoOfAnswers,
}
