using Auie.Abstractions;
using Microsoft.AspNetCore.Mvc;

namespace Auie.Api;

/// <summary>Whom an insight is about, as a query says it.</summary>
internal sealed record AudienceParameters
{
    private const int OldestAge = 150, LongestPlace = 2_048;

    /// <summary>As many as there are between the first and the last instant that anybody may have joined at.</summary>
    private const int LongestTenure = 3_600;

    /// <summary>What the parameters mean, for the description of each operation that has them.</summary>
    public const string Meaning = "segment is a number of the published segmentation; locale is one as in en_US; gender is male, female or unknown; platform is web, mobile or email; place is one as users write it, whole or a part of it "
        + "(city, region, country): of names and values the case of letters does not matter. Of ageFrom and ageTo, tenureFrom and tenureTo (calendar months since they joined), and friendsFrom and friendsTo both ends are meant, and one may be left out. "
        + "What users did is always as of the last flush, some seconds ago at the most. asOf, a date (its first moment in UTC) or a time with its offset, moves ages and tenures only, and whom their limits mean (left out: the last event's time): it is no way back to what was known then. "
        + "modelVersion is the published segmentation that an answer tells segments or personas by; 0 where it tells of none, or no segmentation is published yet. Intervals are of 95 %, users taken as independent.";

    [FromQuery(Name = "segment")] public int? Segment { get; init; }
    [FromQuery(Name = "locale")] public string? Locale { get; init; }
    [FromQuery(Name = "gender")] public string? Gender { get; init; }
    [FromQuery(Name = "platform")] public string? Platform { get; init; }
    [FromQuery(Name = "place")] public string? Place { get; init; }
    [FromQuery(Name = "ageFrom")] public int? AgeFrom { get; init; }
    [FromQuery(Name = "ageTo")] public int? AgeTo { get; init; }
    [FromQuery(Name = "tenureFrom")] public int? TenureFrom { get; init; }
    [FromQuery(Name = "tenureTo")] public int? TenureTo { get; init; }
    [FromQuery(Name = "friendsFrom")] public int? FriendsFrom { get; init; }
    [FromQuery(Name = "friendsTo")] public int? FriendsTo { get; init; }
    [FromQuery(Name = "asOf")] public string? AsOf { get; init; }

    /// <exception cref="InvalidRequestException">Something cannot be meant.</exception>
    public AudienceRequest Read()
    {
        var (gender, platform) = (Input.Word("gender", Gender, "male", "female", "unknown"), Input.Word("platform", Platform, "web", "mobile", "email"));
        if (Place is not null && (string.IsNullOrWhiteSpace(Place) || Place.Length > LongestPlace))
            throw new InvalidRequestException("place", $"must have 1 to {LongestPlace} characters that are not all spaces");
        Check("age", AgeFrom, AgeTo, OldestAge);
        Check("tenure", TenureFrom, TenureTo, LongestTenure);
        Check("friends", FriendsFrom, FriendsTo, int.MaxValue);
        return new AudienceRequest
        {
            Segment = Segment,
            Locale = Locale,
            Gender = gender,
            Platform = platform,
            Place = Place,
            AgeFrom = AgeFrom,
            AgeTo = AgeTo,
            TenureFrom = TenureFrom,
            TenureTo = TenureTo,
            FriendsFrom = FriendsFrom,
            FriendsTo = FriendsTo,
            AsOf = Input.AsOf(AsOf),
        };
    }

    private static void Check(string name, int? from, int? to, int most)
    {
        foreach (var (end, value) in new[] { ("From", from), ("To", to) })
        {
            if (value < 0 || value > most) throw new InvalidRequestException(name + end, $"{value} is not from 0 to {most}");
        }

        if (to < from) throw new InvalidRequestException(name + "To", $"{to} is below {name}From, {from}");
    }
}
