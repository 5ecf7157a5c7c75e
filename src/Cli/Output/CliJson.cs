using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Auie.Abstractions;
using Auie.Cli.Evaluation;
using Auie.Cli.Insights;
using Auie.Client.Http;

namespace Auie.Cli.Output;

/// <summary>auie cluster --json.</summary>
/// <param name="Silhouette">By number of clusters.</param>
/// <param name="SilhouetteMethod">How these were found; as in <see cref="KScore"/>.</param>
/// <param name="SilhouetteError">By number of clusters, how far the exact silhouette may be from that one; null where it is not known.</param>
/// <param name="SilhouetteConfidence">The probability that these errors hold with.</param>
public sealed record ClusterReport(
    long Rows, string[] Columns, int K, long Seed, double Inertia, Dictionary<string, double> Silhouette, string SilhouetteMethod,
    Dictionary<string, double?> SilhouetteError, double? SilhouetteConfidence, ClusterOfRows[] Clusters)
{
    public static ClusterReport Of(SegmentationView view) => new(
        view.Rows, view.Columns, view.K, view.Seed, view.Inertia,
        view.Scores.OrderBy(score => score.K).ToDictionary(score => score.K.ToString(), score => score.Silhouette),
        view.Scores[0].SilhouetteMethod,
        view.Scores.OrderBy(score => score.K).ToDictionary(score => score.K.ToString(), score => score.SilhouetteError),
        view.Scores[0].SilhouetteConfidence,
        [.. view.Segments.Select(segment => new ClusterOfRows(
            segment.Size, view.Columns.Zip(segment.Centroid).ToDictionary(one => one.First, one => one.Second), segment.Persona))]);
}

/// <summary>One cluster: how many rows, the mean of each column in the column's own unit, and its name.</summary>
public sealed record ClusterOfRows(long Size, Dictionary<string, double> Centroid, string Persona);

/// <summary>auie users show --json: the segment, or why there is none.</summary>
public sealed record UserReport(UserView User, UserSegment? Segment, string? NoSegment);

/// <summary>auie segments members --json.</summary>
public sealed record MembersReport(long Version, int Segment, string[] Members, bool More);

/// <summary>auie keys new --json: the only time that the key itself is shown.</summary>
public sealed record NewKeyReport(string Name, string Key, string[] Scopes, string File);

/// <summary>auie report --json: where the page was written to, and how long it is.</summary>
public sealed record ReportFile(string File, long Bytes);

/// <summary>auie export --json: where the table is, its rows without the header, and the instant that it is as of (null: of none).</summary>
public sealed record ExportReport(string File, long Rows, DateTimeOffset? AsOf);

/// <summary>The JSON that only the command line prints; numbers round-trip, and null stands where there is none.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(NumberConverter)])]
[JsonSerializable(typeof(ClusterReport))]
[JsonSerializable(typeof(UserReport))]
[JsonSerializable(typeof(MembersReport))]
[JsonSerializable(typeof(NewKeyReport))]
[JsonSerializable(typeof(ReportFile))]
[JsonSerializable(typeof(ExportReport))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(InsightsReport))]
[JsonSerializable(typeof(JsonObject))]
public sealed partial class CliJson : JsonSerializerContext;
