using System.Globalization;
using Auie.Core.Clustering;
using Auie.Core.Jobs;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>A job that goes on from the published model: its scale and centroids over the rows of now.</summary>
public sealed partial class CoordinatorGrain
{
    /// <summary>Where the sweep begins; null where it has to be a full one, which the job says from now on.</summary>
    private async Task<SweepCheckpoint?> ContinuingAsync(RunningJob job, PinnedInput pinned, GrainShards shards, SweepOptions sweep, CancellationToken cancellationToken)
    {
        var model = await models.GetAsync(_tenant, pinned.Previous, cancellationToken);
        var reason = WhyInFull(job.Record, model);
        if (reason is null)
        {
            var now = await Scaling.ComputeAsync(shards, new ScaleOptions { Raw = model!.Scale.Raw }, cancellationToken);
            var drift = ScaleDrift.Largest(model.Scale, now, await shards.ExtremesAsync(cancellationToken));
            if (drift.Size <= pinned.MaxDrift)
                return SweepCheckpoint.Continuing(sweep, model.Scale, now, [.. model.Centroids]);
            reason = Describe(drift, model, pinned.MaxDrift ?? 0);
        }

        var record = job.Record with { FullBecause = reason };
        await WriteAsync(job, record, cancellationToken);
        return null;
    }

    private string? WhyInFull(SegmentationJob job, SegmentModel? model) =>
        model is null ? "no model is published"
        : model.Features.Name != job.Spec.Features ? $"the published model is of the features '{model.Features.Name}', not of '{job.Spec.Features}'"
        : _marks.ContainsKey(model.Version) ? $"somebody was erased who is in model version {model.Version}, and nothing may be made of it"
        : null;

    private static string Describe(ScaleDrift drift, SegmentModel model, double limit)
    {
        var feature = model.Features.Features[drift.Column].Name;
        return drift.IsOutside
            ? $"'{feature}' has values that the scale of model version {model.Version} cannot take"
            : string.Create(CultureInfo.InvariantCulture,
                $"since model version {model.Version} the mean of '{feature}' moved by {drift.Mean:0.###} deviations and its deviation by {drift.Deviation:P1}; {limit:0.###} and {limit:P0} are the limit");
    }
}
