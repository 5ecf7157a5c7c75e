namespace Auie.Abstractions;

/// <summary>What is true of the whole engine of one tenant. Key: tenant.</summary>
[Alias("auie.engine")]
public interface IEngineGrain : IGrainWithStringKey
{
    /// <summary>The engine's facts. The number of partitions is fixed when the store is made, so a client may keep it.</summary>
    [AlwaysInterleave]
    Task<EngineInfo> GetInfo(CancellationToken cancellationToken);

    /// <summary>What is in the engine: users and items, counted.</summary>
    [AlwaysInterleave]
    Task<EngineOverview> GetOverview(CancellationToken cancellationToken);

    /// <summary>The instant that ages and recencies are taken at where none is given: the last event's over all users, as of the last flush; now where no event has a time.</summary>
    [AlwaysInterleave]
    Task<DateTimeOffset> GetAsOf(CancellationToken cancellationToken);

    /// <summary>Has every partition and item shard write what changed, so that what is read from shards includes everything that was acknowledged.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:30:00")]
    Task Flush(CancellationToken cancellationToken);

    /// <summary>Copies all that is kept, as of one instant, to a file of that name in the backup folder, while everything goes on.</summary>
    /// <exception cref="InvalidRequestException">The name is no file's or is taken, or the store is copied by other means; the reason says which.</exception>
    [AlwaysInterleave]
    [ResponseTimeout("06:00:00")]
    Task<BackupView> Backup(string name, CancellationToken cancellationToken);
}

/// <summary>A backup: the file on the engine's machine, its size, and when it was taken.</summary>
[GenerateSerializer, Immutable, Alias("auie.backup-view")]
public sealed record BackupView([property: Id(0)] string File, [property: Id(1)] long Bytes, [property: Id(2)] DateTimeOffset At);

/// <summary>What is in an engine, as of the last flush, and the version of the published segmentation (0: none).</summary>
[GenerateSerializer, Immutable, Alias("auie.engine-overview")]
public sealed record EngineOverview(
    [property: Id(0)] UserCensus Users, [property: Id(1)] ItemCensus Items, [property: Id(2)] long SegmentationVersion, [property: Id(3)] ImportReport[] Imports);

/// <summary>An engine: how its journal is divided, what it can cluster users by, how many it knows, and its limits.</summary>
[GenerateSerializer, Immutable, Alias("auie.engine-info")]
public sealed record EngineInfo
{
    /// <summary>The version of the software.</summary>
    [Id(0)] public required string Version { get; init; }

    /// <summary>Into how many partitions the journal is divided; see <see cref="Partitioning"/>.</summary>
    [Id(1)] public required int Partitions { get; init; }

    /// <summary>The feature set that a job uses unless it names one.</summary>
    [Id(2)] public required string DefaultFeatures { get; init; }

    [Id(3)] public required FeatureSetView[] FeatureSets { get; init; }

    /// <summary>How many users are known, as of the last flush.</summary>
    [Id(4)] public required long Users { get; init; }

    [Id(5)] public required EngineLimits Limits { get; init; }
}

/// <summary>A set of features that users can be clustered by, its columns in order, and what its rows are ("user" or "answer").</summary>
[GenerateSerializer, Immutable, Alias("auie.feature-set-view")]
public sealed record FeatureSetView(
    [property: Id(0)] string Name, [property: Id(1)] string[] Columns, [property: Id(2)] string RowsAre);

/// <summary>How much one request may ask for: columns, values (rows times columns) and shards of a table, and clusters of a job.</summary>
[GenerateSerializer, Immutable, Alias("auie.engine-limits")]
public sealed record EngineLimits(
    [property: Id(0)] int TableColumns,
    [property: Id(1)] long TableValues,
    [property: Id(2)] int TableShards,
    [property: Id(3)] int Clusters);
