using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Core.Recommendation;

namespace Auie.Grains;

/// <summary>Candidates between the messages of grains and Core.</summary>
internal static class RecommendationMessages
{
    public static CandidateQuery ToCore(this CandidateRequest request, int shards, bool knowsSegment)
    {
        var neighbours = new (ulong, float)[request.Neighbours.Length];
        for (var i = 0; i < neighbours.Length; i++)
            neighbours[i] = (request.Neighbours[i], request.Weights[i]);
        return new CandidateQuery
        {
            At = request.At,
            Shards = shards,
            Friends = request.Friends,
            Neighbours = neighbours,
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
    }

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
        Array.ConvertAll(list.Candidates, candidate => new CandidateMessage
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
        Array.ConvertAll(list.Overall, tally => new WordTallyMessage(tally.Word, tally.Wanted, tally.Seen)),
        Array.ConvertAll(list.InSegment, tally => new WordTallyMessage(tally.Word, tally.Wanted, tally.Seen)));

    public static CandidateList ToCore(this CandidateBatch batch) => new(
        Array.ConvertAll(batch.Candidates, candidate => new Candidate
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
        }),
        Array.ConvertAll(batch.Overall, tally => new WordTally(tally.Word, tally.Wanted, tally.Seen)),
        Array.ConvertAll(batch.InSegment, tally => new WordTally(tally.Word, tally.Wanted, tally.Seen)));

    public static ItemFactsMessage ToMessage(this ItemFacts facts, string item) => new()
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

    public static ItemFacts ToCore(this ItemFactsMessage item) => new()
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
