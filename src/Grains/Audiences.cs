using Auie.Abstractions;
using Auie.Core.Recommendation;
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
        var audience = UserAudience.Of(head, segment?.Segment ?? -1);
        return new AudienceMessage(audience.Locale, audience.Place, audience.Platform, audience.Segment, model?.Version ?? 0);
    }
}
