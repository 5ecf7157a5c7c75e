using System.Collections.Immutable;
using System.Globalization;

namespace Auie.Core.Recommendation;

/// <summary>Of what may be recommended, which comes first into an offer.</summary>
public enum OfferOrder
{
    /// <summary>What suits each best.</summary>
    Best,

    /// <summary>What most people wanted.</summary>
    Wanted,

    /// <summary>What fewest people had before them.</summary>
    New,
}

/// <summary>Which items an offer is of, in terms of what recommending knows of an item and of what lies between it and a user.</summary>
public sealed record OfferedItems
{
    /// <summary>event or product; null for both.</summary>
    public string? Kind { get; init; }

    /// <summary>A category or tag that an item must have; null for any.</summary>
    public string? Category { get; init; }

    /// <summary>What costs more, or has no price, is left out.</summary>
    public double? PriceAtMost { get; init; }

    /// <summary>Only what starts so many days after the message, or later.</summary>
    public int? StartsFromDays { get; init; }

    /// <summary>Only what starts within so many days of the message.</summary>
    public int? StartsWithinDays { get; init; }

    /// <summary>What is farther from the user is left out; where it is not known how far something is, it stays.</summary>
    public double? NearKm { get; init; }

    /// <summary>Only what a friend wants, or said yes to.</summary>
    public bool WithFriends { get; init; }

    /// <summary>Only what has a category or tag of something that the user wanted.</summary>
    public bool Familiar { get; init; }

    public OfferOrder First { get; init; }

    /// <summary>Of each user's recommendations only so many, the first, count.</summary>
    public int Top { get; init; } = 10;

    /// <summary>How many things are sent.</summary>
    public int Count { get; init; } = 5;

    /// <summary>The same as a person would say it.</summary>
    public string InWords
    {
        get
        {
            var one = Count == 1;
            var what = Text($"{(one ? "one" : $"{Count}")} {Kind ?? "thing"}{(one ? "" : "s")}");
            if (Category is not null) what += $" of the category '{Category}'";
            if (PriceAtMost is { } price) what += Text($" for {price:0.##} at the most");
            var which = ImmutableArray.CreateBuilder<string>();
            if (StartsFromDays is { } least && StartsWithinDays is { } most) which.Add(Text($"that {(one ? "starts" : "start")} {least} to {most} days after the message"));
            else if (StartsWithinDays is { } days) which.Add(Text($"that {(one ? "starts" : "start")} within {days} days of the message"));
            if (WithFriends) which.Add("that a friend of theirs wants");
            if (Familiar) which.Add($"that {(one ? "has" : "have")} a category or tag of something they wanted before");
            var parts = ImmutableArray.CreateBuilder<string>();
            parts.Add(which.Count == 0 ? what : $"{what} {string.Join(" and ", which)}");
            if (NearKm is { } km) parts.Add(Text($"within {km:0.#} km of the member, where both places are known"));
            parts.Add((one ? "the one that " : "first those that ") + First switch
            {
                OfferOrder.Wanted => "most people wanted",
                OfferOrder.New => "fewest people had before them",
                _ => one ? "suits the member best" : "suit the member best",
            });
            if (Top < 10) parts.Add(Text($"counting the {(Top == 1 ? "first" : $"first {Top}")} of each member's recommendations"));
            return string.Join(", ", parts);
        }
    }

    /// <summary>What an offer leaves of the candidates for a user; kind, category and time were asked for before. What cannot be taken up any more, as it has begun though it is not over, is no offer.</summary>
    /// <param name="at">When it is sent.</param>
    public CandidateList[] Of(IReadOnlyList<CandidateList> lists, RecommendedUser user, DateTimeOffset at)
    {
        var liked = Familiar ? user.Taste.Liked.SelectMany(item => item.Words).ToHashSet() : [];
        var left = lists.SelectMany(list => list.Candidates).Where(Fits);
        // Those that come first, and then in the order in which they suit the user.
        var kept = (First switch
        {
            OfferOrder.Wanted => left.OrderByDescending(one => one.Wanted).ThenBy(one => one.Item, StringComparer.Ordinal).Take(Top),
            OfferOrder.New => left.OrderBy(one => one.Seen).ThenBy(one => one.Item, StringComparer.Ordinal).Take(Top),
            _ => left,
        }).Select(one => one.Item).ToHashSet();
        return [.. lists.Select(list => list with { Candidates = [.. list.Candidates.Where(one => kept.Contains(one.Item))] })];

        bool Fits(Candidate one) =>
            one.Facts.IsOpen(at.UtcTicks)
            && (PriceAtMost is not { } most || one.Facts.Price <= most)
            && (NearKm is not { } far || user.Point is not { } here || one.Facts.Point is not { } there || here.DistanceTo(there) <= far)
            && (!WithFriends || one.FriendsYes + one.FriendsInterested > 0)
            && (!Familiar || one.Facts.Words.Any(liked.Contains));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
