using Auie.Abstractions;

namespace Auie.Client.Http;

/// <summary>POST /api/users/{id}/recommendations: what is wanted, and where and when. What is left out is as in <see cref="RecommendationRequest"/>.</summary>
public record RecommendationOrder
{
    /// <summary>How many, from 1 to 100.</summary>
    public int? N { get; init; }

    /// <summary>event or product.</summary>
    public string? Kind { get; init; }

    /// <summary>A category or tag that they must have.</summary>
    public string? Category { get; init; }

    /// <summary>Where the user is: a latitude and a longitude with a comma between them, or a place's name.</summary>
    public string? Near { get; init; }

    /// <summary>Only what starts then or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Only what starts then or earlier.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Items that are left out.</summary>
    public string[]? Exclude { get; init; }

    /// <summary>Whether the answer counts as shown to the user; left out, it does.</summary>
    public bool? Record { get; init; }

    /// <summary>Where and when the user is told.</summary>
    public RecommendationContext? Context { get; init; }

    /// <exception cref="InvalidRequestException">A field is wrong.</exception>
    public RecommendationRequest ToRequest()
    {
        var (latitude, longitude, place) = PlaceOf(Near ?? Context?.Place);
        return new RecommendationRequest
        {
            Count = N ?? new RecommendationRequest().Count,
            Kind = Kind,
            Category = Category,
            Latitude = latitude,
            Longitude = longitude,
            Place = place,
            From = From,
            To = To,
            Exclude = Exclude ?? [],
            At = Context?.Time,
            Platform = Context?.Platform,
            Page = Context?.Page,
            Locale = Context?.Locale,
            Record = Record ?? true,
        };
    }

    /// <summary>Two numbers are a latitude and a longitude, anything else the name of a place.</summary>
    private static (double? Latitude, double? Longitude, string? Place) PlaceOf(string? text)
    {
        if (text is null) return default;
        if (text.Length is 0 or > 256) throw new InvalidRequestException("near", "must have 1 to 256 characters");
        var parts = text.Split(',');
        return parts.Length == 2 && Number(parts[0]) is { } latitude && Number(parts[1]) is { } longitude
            ? (latitude, longitude, null) : (null, null, text);

        static double? Number(string part) => double.TryParse(
            part, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}

/// <summary>Where and when a user is told of recommendations.</summary>
public sealed record RecommendationContext
{
    /// <summary>web, ios, email, …; left out, the one that the user uses most.</summary>
    public string? Platform { get; init; }

    /// <summary>As <see cref="RecommendationOrder.Near"/>, which comes first.</summary>
    public string? Place { get; init; }

    /// <summary>The instant that it is for; left out, now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The page that it is for; the answer names it again.</summary>
    public string? Page { get; init; }

    /// <summary>The locale of somebody of whom none is known.</summary>
    public string? Locale { get; init; }
}

/// <summary>POST /api/users/{id}/recommendations/what-if: as if the user had these traits and had sent these events. Nothing is stored.</summary>
public sealed record WhatIfOrder : RecommendationOrder
{
    public Dictionary<string, string>? Traits { get; init; }

    /// <summary>Whose they are is said by the path.</summary>
    public SupposedEvent[]? Events { get; init; }
}

/// <summary>An event that a user is taken to have sent: as POST /api/events has them. Whose it is is said by the path, and it needs no id, since nothing of it is kept.</summary>
public sealed record SupposedEvent
{
    /// <summary>The user of the path, if it is given.</summary>
    public string? UserId { get; init; }

    public string? MessageId { get; init; }

    /// <summary>shown, viewed, interested, not_interested, invited, yes, maybe, no, purchased, friends, identify or consent.</summary>
    public required string Kind { get; init; }

    public required DateTimeOffset At { get; init; }
    public string? Item { get; init; }
    public string? Platform { get; init; }

    /// <summary>What was paid, in ten-thousandths of the currency unit.</summary>
    public long? Amount { get; init; }

    public Dictionary<string, string>? Traits { get; init; }
    public string[]? FriendsAdded { get; init; }
    public string[]? FriendsRemoved { get; init; }
    public bool? Tracking { get; init; }
    public bool? Personalisation { get; init; }

    /// <summary>The same as one of several that a user sent.</summary>
    public UserEvent Of(string user, int place) => new()
    {
        UserId = user,
        MessageId = MessageId ?? $"supposed-{place}",
        Kind = Kind,
        At = At,
        Item = Item,
        Platform = Platform,
        Amount = Amount,
        Traits = Traits,
        FriendsAdded = FriendsAdded,
        FriendsRemoved = FriendsRemoved,
        Tracking = Tracking,
        Personalisation = Personalisation,
    };
}

/// <summary>POST /api/groups/recommendations: to whom together, and what is wanted.</summary>
public sealed record GroupOrder(string[] UserIds)
{
    public RecommendationOrder? Request { get; init; }
}
