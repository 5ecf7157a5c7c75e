using Auie.Abstractions;
using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>How well the user fits in among the members of their segment: the user's row is this grain's, the members are the shards'.</summary>
public sealed partial class UserGrain
{
    public async Task<UserSilhouette?> GetSilhouette(long atLeast, CancellationToken cancellationToken)
    {
        await CatchUpForReaderAsync(atLeast, cancellationToken);
        if (await OwnerAsync(atLeast, cancellationToken) is { } owner)
            return await owner.GetSilhouette(AllThereIs, cancellationToken);
        if (!Facts.HasRow(_state.Head) || await models.CurrentAsync(_tenant, cancellationToken) is not { } model)
            return null;
        var facts = new UserFacts(_state.Head);
        if (model.Features.RowsOf(facts) == 0)
            return null;
        var sources = new double[model.Features.Count];
        model.Features.Sources(facts, sources);
        var asOf = models.AsOfNow(_tenant, model);
        var (segment, confidence) = (model.Label(sources, asOf), options.Value.SilhouetteConfidence);
        var found = (await SegmentComparison.OfAsync(
            GrainFactory, _tenant, store.Partitions, model, [(_user, segment)], model.Standardise(sources, asOf), confidence, cancellationToken))[0];
        return new UserSilhouette
        {
            UserId = _user,
            ModelVersion = model.Version,
            AsOf = asOf,
            Segment = segment,
            Persona = model.Segments[segment].Persona,
            Silhouette = found.Value,
            OwnDistance = found.Own,
            Neighbour = found.Neighbour,
            NeighbourPersona = found.Neighbour is { } neighbour ? model.Segments[neighbour].Persona : null,
            NeighbourDistance = found.Other,
            SilhouetteMethod = SegmentComparison.Method(found.IsExact),
            SilhouetteRows = found.Compared,
            SilhouettePracticalError = found.PracticalError,
            SilhouetteConfidence = found.IsExact ? 1 : confidence,
        };
    }
}
