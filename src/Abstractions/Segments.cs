namespace Auie.Abstractions;

/// <summary>One segment of one published model version. Key: tenant/version/segment.</summary>
[Alias("auie.segment")]
public interface ISegmentGrain : IGrainWithStringKey
{
    /// <summary>The segment, with its size and centroid as they are now; null where the version has no such segment.</summary>
    [ReadOnly]
    Task<SegmentView?> Get(CancellationToken cancellationToken);

    /// <summary>A page of the segment's members; null where the version has no such segment.</summary>
    /// <param name="cursor">Where the page before ended; null for the first.</param>
    /// <param name="count">How many members at the most, 1 to 1,000.</param>
    [ReadOnly]
    Task<MemberPage?> Members(string? cursor, int count, CancellationToken cancellationToken);

    /// <summary>The members with the lowest silhouettes, the lowest first; null where the version has no such segment.</summary>
    /// <param name="count">How many, 1 to 100.</param>
    [ReadOnly]
    Task<BorderView?> Border(int count, CancellationToken cancellationToken);
}

/// <summary>A published segmentation: which model, of what, how good, and its segments.</summary>
[GenerateSerializer, Immutable, Alias("auie.segmentation-view")]
public sealed record SegmentationView
{
    /// <summary>The model version; 0 for a table's model, which is not published.</summary>
    [Id(0)] public required long Version { get; init; }

    /// <summary>The feature set, or the table.</summary>
    [Id(1)] public required string Features { get; init; }

    [Id(2)] public required DateTimeOffset AsOf { get; init; }

    /// <summary>How many rows were clustered: users, or answers of users (<see cref="RowsAre"/>), or a table's rows.</summary>
    [Id(3)] public required long Rows { get; init; }

    /// <summary>What a row is: "user", "answer" (several a user, who belongs where the mean of their rows does) or "row" (of a table).</summary>
    [Id(12)] public required string RowsAre { get; init; }
    [Id(4)] public required string[] Columns { get; init; }

    /// <summary>What one of each column is (years, friends, "of items shown"), in the order of <see cref="Columns"/>; empty for a bare number.</summary>
    [Id(13)] public string[] Units { get; init; } = [];

    /// <summary>The columns that are clustered by the logarithm of a count: their means are geometric ones, of the counts plus one, less one.</summary>
    [Id(14)] public string[] GeometricMeans { get; init; } = [];

    /// <summary>The columns in which a median stood in for values that some rows had not.</summary>
    [Id(22)] public ImputedFeature[] Imputed { get; init; } = [];
    [Id(5)] public required int K { get; init; }
    [Id(6)] public required long Seed { get; init; }

    /// <summary>The sum of squared distances of the (standardised) rows to their centroids.</summary>
    [Id(7)] public required double Inertia { get; init; }

    /// <summary>Every number of clusters that was tried.</summary>
    [Id(8)] public required KScore[] Scores { get; init; }

    [Id(9)] public required SegmentView[] Segments { get; init; }

    /// <summary>Why no archetype's name was given to any segment; null where names could be given.</summary>
    [Id(10)] public string? NamesWithheld { get; init; }

    /// <summary>The job that made it; null once that is forgotten.</summary>
    [Id(11)] public string? Job { get; init; }

    /// <summary>Whether somebody was among its rows who was erased since; by <see cref="RebuildBy"/> it is replaced by one that is made anew, or dropped.</summary>
    [Id(20)] public bool ContainsErased { get; init; }

    [Id(21)] public DateTimeOffset? RebuildBy { get; init; }
}

/// <summary>A column of a model, of how many of its rows it had no value when the model was made, and the value that stood in for them, in the column's unit.</summary>
[GenerateSerializer, Immutable, Alias("auie.imputed-feature")]
public sealed record ImputedFeature([property: Id(0)] string Feature, [property: Id(1)] long Rows, [property: Id(2)] double Value);

/// <summary>One number of clusters: its silhouette, how and over how many rows that was found, how far it may be from the exact one, and its inertia.</summary>
/// <param name="SilhouetteMethod">
/// "exact"; "sampled-rows", an estimate by rows drawn at random that are compared with all; or "subsample", rows drawn at random compared with each other only, as models
/// of earlier versions have it.
/// </param>
/// <param name="SilhouetteError">The exact silhouette is within this of the one told with the confidence told, proved for any data; 0 if exact, null where not known.</param>
/// <param name="SilhouettePracticalError">The same by the normal approximation, which is narrower and not proved.</param>
/// <param name="SilhouetteConfidence">The probability that the errors hold with, over the draw; 1 if exact, null where not known.</param>
[GenerateSerializer, Immutable, Alias("auie.k-score")]
public sealed record KScore(
    [property: Id(0)] int K,
    [property: Id(1)] double Silhouette,
    [property: Id(5)] string SilhouetteMethod,
    [property: Id(3)] long SilhouetteRows,
    [property: Id(6)] double? SilhouetteError,
    [property: Id(7)] double? SilhouettePracticalError,
    [property: Id(8)] double? SilhouetteConfidence,
    [property: Id(4)] double Inertia);

/// <summary>A segment: its size, its centroid, its name, and what sets it apart.</summary>
[GenerateSerializer, Immutable, Alias("auie.segment-view")]
public sealed record SegmentView
{
    [Id(0)] public required long Version { get; init; }
    [Id(1)] public required int Segment { get; init; }

    /// <summary>Stays with the segment from version to version while most of its members do.</summary>
    [Id(2)] public required string Id { get; init; }

    [Id(3)] public required string Persona { get; init; }

    /// <summary>What the archetype says of the persona, or the extremes that gave the name.</summary>
    [Id(4)] public required string Description { get; init; }

    /// <summary>How closely the segment resembles the archetype, -1 to 1; null where it is named after its own extremes.</summary>
    [Id(5)] public double? Resemblance { get; init; }

    /// <summary>How many rows it had when the model was made; of a segment asked for by itself, how many users are in it now.</summary>
    [Id(6)] public required long Size { get; init; }

    /// <summary>Its share of all that <see cref="Size"/> counts, 0 to 1.</summary>
    [Id(7)] public required double Share { get; init; }

    /// <summary>For each feature the members' mean, in the feature's own unit, in the order of the segmentation's columns.</summary>
    [Id(8)] public required double[] Centroid { get; init; }

    /// <summary>The features by how far the segment's mean is from everybody's, the farthest first.</summary>
    [Id(9)] public required FeatureContrast[] SetsApart { get; init; }

    /// <summary>
    /// Of a segment asked for by itself, the mean of those who are in it now, as <see cref="Centroid"/>; users count alike, also where rows are answers. Null where there are
    /// none.
    /// </summary>
    [Id(10)] public double[]? LiveCentroid { get; init; }

    /// <summary>Of a segment asked for by itself, the instant that <see cref="Size"/> and <see cref="LiveCentroid"/> are as of: it goes on from the segmentation's own.</summary>
    [Id(11)] public DateTimeOffset? AsOf { get; init; }
}

/// <summary>A feature's mean in a segment and over all, and the difference in standard deviations.</summary>
[GenerateSerializer, Immutable, Alias("auie.feature-contrast")]
public sealed record FeatureContrast(
    [property: Id(0)] string Feature,
    [property: Id(1)] double Mean,
    [property: Id(2)] double Overall,
    [property: Id(3)] double Deviations);

/// <summary>A page of members; <paramref name="Next"/> is the cursor of the page after it, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.member-page")]
public sealed record MemberPage([property: Id(0)] long Version, [property: Id(1)] string[] Members, [property: Id(2)] string? Next);

/// <summary>
/// Who is at the border of a segment: the members with the lowest silhouettes, the lowest first, among those who lean most towards another segment's centroid (four times as
/// many as were asked for).
/// </summary>
/// <param name="Version">The model version.</param>
/// <param name="Size">How many members the segment has.</param>
/// <param name="Considered">Among how many of them those who lean most were looked for: all, unless the segment is large.</param>
/// <param name="SilhouetteMethod">"exact", or "sampled-members": compared with some members of each segment, drawn at random.</param>
/// <param name="SilhouetteConfidence">That of the members' errors; 1 if exact.</param>
[GenerateSerializer, Immutable, Alias("auie.border-view")]
public sealed record BorderView(
    [property: Id(0)] long Version,
    [property: Id(1)] int Segment,
    [property: Id(2)] long Size,
    [property: Id(3)] long Considered,
    [property: Id(4)] string SilhouetteMethod,
    [property: Id(5)] double SilhouetteConfidence,
    [property: Id(6)] BorderMember[] Members);

/// <summary>A member at the border: their silhouette, by how much it may be off in practice (0 if exact), and the segment that they are near to.</summary>
[GenerateSerializer, Immutable, Alias("auie.border-member")]
public sealed record BorderMember(
    [property: Id(0)] string User,
    [property: Id(1)] double Silhouette,
    [property: Id(2)] double SilhouettePracticalError,
    [property: Id(3)] int? Neighbour,
    [property: Id(4)] string? NeighbourPersona);

/// <summary>
/// A user's own silhouette under one model version: (b - a) / max(a, b), a being the mean distance to the other members of their segment, b that to the members of the
/// nearest other one, in standard deviations of the features; every user counts as the mean of their rows.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.user-silhouette")]
public sealed record UserSilhouette
{
    [Id(0)] public required string UserId { get; init; }

    /// <summary>The model version that the whole answer is of.</summary>
    [Id(1)] public required long ModelVersion { get; init; }

    /// <summary>The instant that everything relative to time was taken at.</summary>
    [Id(2)] public required DateTimeOffset AsOf { get; init; }

    [Id(3)] public required int Segment { get; init; }
    [Id(4)] public required string Persona { get; init; }

    /// <summary>-1 (nearer to others than to their own segment) to 1; 0 where the user is alone in it.</summary>
    [Id(5)] public required double Silhouette { get; init; }

    /// <summary>a.</summary>
    [Id(6)] public required double OwnDistance { get; init; }

    /// <summary>The segment of b; null where no other has members.</summary>
    [Id(7)] public int? Neighbour { get; init; }
    [Id(8)] public string? NeighbourPersona { get; init; }

    /// <summary>b; 0 where there is none.</summary>
    [Id(9)] public required double NeighbourDistance { get; init; }

    /// <summary>"exact", or "sampled-members": compared with some members of each segment, drawn at random.</summary>
    [Id(10)] public required string SilhouetteMethod { get; init; }

    /// <summary>With how many users this one was compared.</summary>
    [Id(11)] public required long SilhouetteRows { get; init; }

    /// <summary>By how much it may be off, by the normal approximation; 0 if exact.</summary>
    [Id(12)] public required double SilhouettePracticalError { get; init; }

    /// <summary>The probability that it holds with; 1 if exact.</summary>
    [Id(13)] public required double SilhouetteConfidence { get; init; }
}
