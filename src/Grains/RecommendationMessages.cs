using System.Collections;
using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Core.Recommendation;

namespace Auie.Grains;

/// <summary>Candidates between the messages of grains and Core.</summary>
internal static class RecommendationMessages
{
    public static CandidateQuery ToCore(this CandidateRequest request, int shards, bool knowsSegment) => new()
    {
        At = request.At,
        Shards = shards,
        Friends = request.Friends,
        Neighbours = request.Neighbours,
        Weights = request.Weights,
        Audience = request.Audience.ToCore(knowsSegment),
        Near = Point(request.Latitude, request.Longitude),
        Words = request.Words,
        Viewed = request.Viewed,
        Excluded = request.Excluded,
        Kind = request.Kind,
        Category = request.Category,
        From = request.From,
        To = request.To,
        Only = request.Only,
    };

    public static OfferedItems ToCore(this OfferMessage offer) => new()
    {
        PriceAtMost = offer.PriceAtMost,
        NearKm = offer.NearKm,
        WithFriends = offer.WithFriends,
        Familiar = offer.Familiar,
        First = (OfferOrder)offer.First,
        Top = offer.Top,
    };

    public static OfferMessage ToMessage(this OfferedItems offer) => new(offer.PriceAtMost, offer.NearKm, offer.WithFriends, offer.Familiar, (int)offer.First, offer.Top);

    public static Audience ToCore(this AudienceMessage audience, bool knowsSegment) =>
        new(audience.Locale, audience.Place, audience.Platform, knowsSegment ? audience.Segment : -1);

    public static CandidateBatch ToMessage(this CandidateList list) => new(
        Told<Candidate, CandidateMessage?>(list.Candidates, static (in Candidate candidate) => new CandidateMessage
        {
            Item = candidate.Facts.ToMessage(candidate.Item),
            Sources = (int)candidate.Sources,
            Seen = candidate.Seen,
            Wanted = candidate.Wanted,
            Yes = candidate.Yes,
            Declined = candidate.Declined,
            FriendsYes = candidate.FriendsYes,
            FriendsInterested = candidate.FriendsInterested,
            FriendsDeclined = candidate.FriendsDeclined,
            CreatorIsFriend = candidate.CreatorIsFriend,
            WantedInSegment = candidate.WantedInSegment,
            WantedInLocale = candidate.WantedInLocale,
            WantedInPlace = candidate.WantedInPlace,
            WantedOnPlatform = candidate.WantedOnPlatform,
            CoAnswered = candidate.CoAnswered,
            Trending = candidate.Trending,
        }),
        Told(list.Overall, static (in WordTally tally) => new WordTallyMessage(tally.Word, tally.Wanted, tally.Seen)),
        Told(list.InSegment, static (in WordTally tally) => new WordTallyMessage(tally.Word, tally.Wanted, tally.Seen)));

    /// <summary>A batch as Core reads it: where it lies, and no copy of it.</summary>
    public static CandidateList ToCore(this CandidateBatch batch) => new(
        new ReadList<CandidateMessage?, Candidate>(batch.Candidates, static (in CandidateMessage? told) => ToCore(told!.Value)),
        new ReadList<WordTallyMessage, WordTally>(batch.Overall, static (in WordTallyMessage tally) => new WordTally(tally.Word, tally.Wanted, tally.Seen)),
        new ReadList<WordTallyMessage, WordTally>(batch.InSegment, static (in WordTallyMessage tally) => new WordTally(tally.Word, tally.Wanted, tally.Seen)));

    private static Candidate ToCore(in CandidateMessage candidate) => new()
    {
        Item = candidate.Item.Id,
        Facts = candidate.Item.ToCore(),
        Sources = (CandidateSources)candidate.Sources,
        Seen = candidate.Seen,
        Wanted = candidate.Wanted,
        Yes = candidate.Yes,
        Declined = candidate.Declined,
        FriendsYes = candidate.FriendsYes,
        FriendsInterested = candidate.FriendsInterested,
        FriendsDeclined = candidate.FriendsDeclined,
        CreatorIsFriend = candidate.CreatorIsFriend,
        WantedInSegment = candidate.WantedInSegment,
        WantedInLocale = candidate.WantedInLocale,
        WantedInPlace = candidate.WantedInPlace,
        WantedOnPlatform = candidate.WantedOnPlatform,
        CoAnswered = candidate.CoAnswered,
        Trending = candidate.Trending,
    };

    private delegate TTo Reading<TFrom, TTo>(in TFrom from);

    private static TTo[] Told<TFrom, TTo>(IReadOnlyList<TFrom> list, Reading<TFrom, TTo> tell)
    {
        var told = new TTo[list.Count];
        for (var i = 0; i < told.Length; i++)
            told[i] = tell(list[i]);
        return told;
    }

    /// <summary>The elements of a message, each made into Core's when it is asked for.</summary>
    private sealed class ReadList<TFrom, TTo>(TFrom[] message, Reading<TFrom, TTo> read) : IReadOnlyList<TTo>
    {
        public int Count => message.Length;

        public TTo this[int index] => read(message[index]);

        public IEnumerator<TTo> GetEnumerator()
        {
            for (var i = 0; i < message.Length; i++)
                yield return read(message[i]);
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    public static ItemFactsMessage ToMessage(this in ItemFacts facts, string item) => new()
    {
        Id = item,
        Kind = facts.Kind,
        Title = facts.Title,
        Creator = facts.Creator,
        Start = facts.Start,
        End = facts.End,
        City = facts.City,
        Latitude = facts.Point?.Latitude,
        Longitude = facts.Point?.Longitude,
        Price = facts.Price,
        Words = facts.Words as string[] ?? [.. facts.Words],
    };

    public static ItemFacts ToCore(this in ItemFactsMessage item) => new()
    {
        Kind = item.Kind,
        Title = item.Title,
        Creator = item.Creator,
        Start = item.Start,
        End = item.End,
        City = item.City,
        Point = Point(item.Latitude, item.Longitude),
        Price = item.Price,
        Words = item.Words,
    };

    public static RecommendedItem View(Recommended recommended) => new()
    {
        Id = recommended.Candidate.Item,
        Kind = recommended.Candidate.Facts.Kind,
        Title = recommended.Candidate.Facts.Title,
        Start = recommended.Candidate.Facts.Start,
        City = recommended.Candidate.Facts.City,
        Price = recommended.Candidate.Facts.Price,
        Score = recommended.Score,
        Reasons = recommended.Reasons,
        Sources = CandidateSourceList.NamesOf(recommended.Candidate.Sources),
    };

    public static GeoPoint? Point(double? latitude, double? longitude) => latitude is { } north && longitude is { } east ? new GeoPoint(north, east) : null;
}
