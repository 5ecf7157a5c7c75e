using Auie.Abstractions;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Grains;

/// <summary>A model as it is shown to people and programs.</summary>
internal static class SegmentationViews
{
    /// <summary>The whole segmentation, with the sizes that its segments had when it was made.</summary>
    public static SegmentationView Of(SegmentModel model, string? job) => new()
    {
        Version = model.Version,
        Features = model.Features.Name,
        AsOf = model.AsOf,
        Rows = model.Scale.Rows,
        RowsAre = model.Features.RowsAre.Name(),
        Columns = [.. model.Features.Features.Select(feature => feature.Name)],
        Units = [.. model.Features.Features.Select(feature => feature.Unit)],
        GeometricMeans = [.. model.Features.Features.Where(feature => feature.Transform == Transform.Log1p).Select(feature => feature.Name)],
        Imputed = [.. model.Features.Features.Select((feature, column) => new ImputedFeature(feature.Name, model.Scale.Missing[column], feature.InUnit(model.Scale.Fill[column]))).Where(one => one.Rows > 0)],
        K = model.Segments.Length,
        Seed = model.Seed,
        Inertia = model.Inertia,
        Scores = [.. model.Scores.Select(score => Of(score))],
        Segments = [.. model.Segments.Select((segment, index) => Of(model, index, segment.Profile.Size, model.Scale.Rows))],
        NamesWithheld = model.NamesWithheld,
        Job = job,
    };

    private static KScore Of(ClusterCountScore score) => new(
        score.K, score.Silhouette, MethodName(score.Score.Method), score.Score.Rows, score.Score.Error, score.Score.PracticalError, score.Score.Confidence, score.Inertia);

    private static string MethodName(SilhouetteMethod method) => method switch
    {
        SilhouetteMethod.Exact => "exact",
        SilhouetteMethod.SampledRows => "sampled-rows",
        _ => "subsample",
    };

    /// <summary>One segment as it is at an instant.</summary>
    public static SegmentView Live(SegmentModel model, int index, LiveSums sums, DateTimeOffset asOf)
    {
        var all = 0L;
        foreach (var size in sums.Sizes)
            all += size;
        return Of(model, index, sums.Sizes[index], all) with { LiveCentroid = sums.Means(index, asOf), AsOf = asOf };
    }

    private static SegmentView Of(SegmentModel model, int index, long size, long all)
    {
        var segment = model.Segments[index];
        return new SegmentView
        {
            Version = model.Version,
            Segment = index,
            Id = segment.Id,
            Persona = segment.Persona,
            Description = segment.Description,
            Resemblance = segment.Resemblance,
            Size = size,
            Share = all == 0 ? 0 : (double)size / all,
            Centroid = [.. segment.Profile.Means],
            SetsApart = [.. model.Contrasts(index).Select(c => new FeatureContrast(c.Feature, c.Mean, c.Overall, c.Deviations))],
        };
    }
}
