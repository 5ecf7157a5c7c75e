using Auie.Abstractions;
using Auie.Core.Items;
using Auie.Core.Segments;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>What users belong to whose reactions to items are counted apart.</summary>
internal static class Audiences
{
    /// <summary>A user's; null for who has no row, and so is in no count.</summary>
    /// <param name="model">The published segmentation, or null.</param>
    /// <param name="asOf">The instant that their segment is of.</param>
    public static AudienceMessage? Of(UserHead head, SegmentModel? model, DateTimeOffset asOf)
    {
        if (!Facts.HasRow(head))
            return null;
        var segment = model is null ? null : PublishedModels.Label(model, new UserFacts(head), asOf);
        return new AudienceMessage(
            head.Traits.Locale ?? "", ItemIndex.PlaceName(head.Traits.Location ?? ""), PlatformOf(head), segment?.Segment ?? -1, model?.Version ?? 0);
    }

    /// <summary>The platform that a user uses most; empty where none is known.</summary>
    public static string PlatformOf(UserHead head)
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
