using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;

namespace Auie.Cli.Insights;

/// <summary>
/// The personas of what was shown, one point a showing: K-means on birth year (where it is missing the median), number of friends, interested and not
/// interested, each in standard deviations; of three to eight clusters as many as the silhouette chooses.
/// </summary>
internal sealed class ShownPersonas
{
    public const int BirthYear = 0, Friends = 1, Interested = 2, NotInterested = 3;

    private const int Fewest = 3, Most = 8;

    private static readonly string[] Columns = ["birthyear", "friends_count", "interested", "not_interested"];

    private ShownPersonas(SegmentModel model, int[] labels, double[] values) => (Model, Labels, Values) = (model, labels, values);

    public SegmentModel Model { get; }

    /// <summary>The cluster of each showing.</summary>
    public int[] Labels { get; }

    /// <summary>Showing by showing; NaN where a birth year or a number of friends is missing.</summary>
    public double[] Values { get; }

    public static int Width => Columns.Length;

    public static async Task<ShownPersonas> Find(Showings showings, DateTimeOffset asOf, long seed, CancellationToken cancellationToken)
    {
        var (age, friends) = (Feature("age"), Feature("friends"));
        var values = new double[showings.Count * Columns.Length];
        for (var i = 0; i < showings.Count; i++)
        {
            var row = values.AsSpan(i * Columns.Length, Columns.Length);
            (row[BirthYear], row[Friends], row[Interested], row[NotInterested]) = (asOf.Year - age[i], friends[i], showings.Interested[i], showings.NotInterested[i]);
        }

        var (model, labels) = await Cluster("showings", values, new SweepOptions { KMin = Fewest, KMax = Most, Seed = unchecked((ulong)seed) }, asOf, cancellationToken);
        return new ShownPersonas(model, labels, values);

        double[] Feature(string name) => showings.Features.Single(feature => feature.Name == name).Values;
    }

    /// <summary>Clusters rows of these four columns, of showings or of users, and names what is found; with the cluster of each row.</summary>
    internal static async Task<(SegmentModel Model, int[] Labels)> Cluster(string table, double[] values, SweepOptions options, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var features = FeatureSet.OfTable(table, Columns);
        using var shards = LocalShards.Split(values, Columns.Length);
        var sweep = await Sweep.RunAsync(shards, options, cancellationToken: cancellationToken);
        var fitted = await FittedClusters.FromAsync(features, asOf, shards, sweep, unchecked((long)options.Seed), cancellationToken: cancellationToken);
        var model = fitted.ToModel(0, new SegmentNaming(Archetypes.BuiltIn), earlier: null);
        return (model, await shards.LabelsAsync([.. model.Centroids], cancellationToken));
    }
}
