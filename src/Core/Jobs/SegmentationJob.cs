using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Core.Jobs;

/// <summary>How far a job is.</summary>
public enum JobState
{
    Queued,
    Running,
    Succeeded,
    Failed,
    Cancelled,

    /// <summary>It came to its end, and what there was before stays published: what it found is not as good, or there was too little to find anything from.</summary>
    Kept,
}

/// <summary>A request to find segments, as it is kept: of users by a feature set, or of a table's rows by its columns.</summary>
/// <param name="Features">The feature set; null for a table.</param>
/// <param name="Table">The table; null for users.</param>
/// <param name="Columns">The table's columns to use, in that order; null for all.</param>
/// <param name="AsOf">What was asked for; null for the last event's time.</param>
public sealed record SegmentationSpec(
    string? Features, string? Table, string[]? Columns, int KMin, int KMax, long Seed, DateTimeOffset? AsOf, bool Raw, int Starts)
{
    /// <summary>Whether to go on from the published model, if that is possible; the rest is for where it is not.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Incremental { get; init; }

    /// <summary>What is to be found; of a training the seed alone is read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JobKind Kind { get; init; }
}

/// <summary>
/// A segmentation job as it is stored: what was asked, where it stands, the input that it pinned and the model that came of it.
/// Its codec is JSON with a version, for there are few and they are small; a running job's checkpoint is a document of its own.
/// </summary>
public sealed record SegmentationJob
{
    /// <summary>The layout that this code writes, and the only one so far.</summary>
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    public required string Id { get; init; }

    /// <summary>Its place in the queue; jobs run in this order.</summary>
    public required long Number { get; init; }

    public required SegmentationSpec Spec { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public JobState State { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? Error { get; init; }

    /// <summary>Whether somebody asked for it to be cancelled while it ran.</summary>
    public bool CancelRequested { get; init; }

    /// <summary>
    /// The instant that time-relative features are taken at, and the number of rows: fixed when the input is pinned; null again when that
    /// is freed after the end.
    /// </summary>
    public PinnedInput? Pinned { get; init; }

    /// <summary>Why a job that was to go on from the published model ran in full; null where it did not.</summary>
    public string? FullBecause { get; init; }

    /// <summary>A table's model, encoded by its own codec; null for users, whose model is published.</summary>
    public byte[]? Model { get; init; }

    /// <summary>The version of the model or the ranker that was published; null where none was.</summary>
    public long? PublishedVersion { get; init; }

    /// <summary>What came of a training; null where nothing was learnt.</summary>
    public TrainingOutcome? Trained { get; init; }

    [JsonIgnore]
    public bool Ended => State is not (JobState.Queued or JobState.Running);

    /// <summary>Whether nothing is left to do for it: it has ended, and what it pinned is freed.</summary>
    [JsonIgnore]
    public bool Done => Ended && Pinned is null;

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, JobJson.Default.SegmentationJob);

    /// <exception cref="FormatException">The bytes are not a job of a version that this code knows.</exception>
    public static SegmentationJob Decode(ReadOnlySpan<byte> bytes)
    {
        SegmentationJob? job;
        try
        {
            job = JsonSerializer.Deserialize(bytes, JobJson.Default.SegmentationJob);
        }
        catch (JsonException e)
        {
            throw new FormatException($"A stored job cannot be read: {e.Message}", e);
        }

        return job is { Version: CurrentVersion }
            ? job
            : throw new FormatException($"A stored job has the layout {job?.Version.ToString() ?? "null"}; this version reads {CurrentVersion}.");
    }
}

/// <summary>What a job froze of its input when it began: the as-of, how many rows, and over how many shards.</summary>
/// <param name="Features">The feature set's definition at that moment, encoded (<see cref="Segments.SegmentModelCodec.EncodeFeatures"/>).</param>
/// <param name="MaxIterations">The limit of iterations that held then.</param>
/// <param name="ExactSilhouetteRows">The limit of exact silhouettes that held then.</param>
public sealed record PinnedInput(DateTimeOffset AsOf, long Rows, int Shards, byte[] Features, int MaxIterations, int ExactSilhouetteRows)
{
    /// <summary>For a table which one of its name, and the places of the columns that are used.</summary>
    public long TableGeneration { get; init; }

    public int[] Columns { get; init; } = [];

    /// <summary>How many columns the table has.</summary>
    public int TableColumns { get; init; }

    /// <summary>From how many rows silhouettes beyond that are estimated; null in jobs of before it was told.</summary>
    public int? SilhouetteSampleRows { get; init; }

    /// <summary>The confidence of their stated errors; null in jobs of before it was told.</summary>
    public double? SilhouetteConfidence { get; init; }

    /// <summary>How far columns may have gone for the job to go on from the published model; null in jobs that do not.</summary>
    public double? MaxDrift { get; init; }

    /// <summary>For users the published version, which names continue from; 0 for none.</summary>
    public long Previous { get; init; }

    /// <summary>For users the version that the model gets; 0 for the one after <see cref="Previous"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Version { get; init; }
}

/// <summary>How far a table is.</summary>
public enum TableState
{
    /// <summary>Rows are still being added; no job may use it.</summary>
    Filling,

    /// <summary>It has all its rows, and stays as it is.</summary>
    Complete,

    /// <summary>It is gone for everybody; its shards' rows are being removed.</summary>
    Dropping,
}

/// <summary>
/// A table as it is stored: its columns, over how many shards it is spread, how many rows it has. <paramref name="Generation"/> tells it
/// from others that had its name before.
/// </summary>
public sealed record TableRecord(string Name, long Generation, string[] Columns, int Shards, long Rows, TableState State)
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = SegmentationJob.CurrentVersion;

    /// <summary>Whether rows are identified by texts of their own; null where they are by their numbers.</summary>
    public bool? HasIds { get; init; }

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, JobJson.Default.TableRecord);

    public static TableRecord Decode(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, JobJson.Default.TableRecord) is { Version: SegmentationJob.CurrentVersion } table
            ? table
            : throw new FormatException("A stored table has a layout that this version does not read.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SegmentationJob))]
[JsonSerializable(typeof(TableRecord))]
internal sealed partial class JobJson : JsonSerializerContext;
