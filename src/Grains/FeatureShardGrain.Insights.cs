using Auie.Abstractions;
using Auie.Core.Insights;

namespace Auie.Grains;

/// <summary>Who is here, and how interested they are: one pass over the columns.</summary>
public sealed partial class FeatureShardGrain
{
    public async Task<AudiencePart> GetAudience(AudienceQuery query, CancellationToken cancellationToken)
    {
        var live = query.Version == 0 ? null : await LiveAsync(query.Version, cancellationToken);
        var filter = new AudienceFilter(query.Segment, query.Locale, query.Gender, query.Platform, query.BornFrom, query.BornTo);
        return AudienceParts.Of(AudienceScan.Of(_users, live is null ? null : live.Label, filter, query.Year));
    }
}
