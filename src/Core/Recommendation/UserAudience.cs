using System.Globalization;
using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Recommendation;

/// <summary>What a user's traits and counts say of where they belong and where they are.</summary>
public static class UserAudience
{
    /// <param name="segment">The user's segment; below 0 for none.</param>
    public static Audience Of(UserHead head, int segment) =>
        new(head.Traits.Locale ?? "", ItemIndex.PlaceName(head.Traits.Place ?? ""), PlatformOf(head), segment);

    /// <summary>Where the traits lat and lng say that the user is; null where they do not.</summary>
    public static GeoPoint? PointOf(UserTraits traits) =>
        double.TryParse(traits["lat"], CultureInfo.InvariantCulture, out var latitude)
        && double.TryParse(traits["lng"], CultureInfo.InvariantCulture, out var longitude)
        && new GeoPoint(latitude, longitude) is { IsPlace: true } point ? point : null;

    /// <summary>The platform that a user uses most; empty where none is known.</summary>
    private static string PlatformOf(UserHead head)
    {
        var (name, most) = ("", 0L);
        foreach (var platform in head.Platforms)
        {
            if (platform.Count > most)
                (name, most) = platform;
        }

        return name;
    }
}
