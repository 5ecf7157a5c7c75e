namespace Auie.Storage.Sqlite;

/// <summary>How a store on SQLite is opened.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>How many partitions a tenant has; null for those of the file, or <see cref="DefaultPartitions"/> for a new one.</summary>
    public int? Partitions { get; init; }

    /// <summary>
    /// Whether a commit waits until the disk has its bytes. Without, a commit survives the death of the process but not that of the
    /// machine: for data that can be made again only.
    /// </summary>
    public bool Synchronous { get; init; } = true;

    /// <summary>How many writes may wait for a transaction; further ones wait to be let in.</summary>
    public int QueueLimit { get; init; } = 4096;

    /// <summary>How many writes one transaction takes in at the most.</summary>
    public int BatchLimit { get; init; } = 512;

    /// <summary>How many bytes of payload one transaction takes in before it is committed.</summary>
    public long BatchBytes { get; init; } = 16 << 20;

    /// <summary>
    /// So many bytes of states one transaction takes in beside other writes (half of what these have, where that is more), and one write of states at least: whoever sends events waits for them.
    /// Where nothing else waits it takes in sixteen times as many.
    /// </summary>
    public long StateBytes { get; init; } = 64 << 10;

    /// <summary>
    /// How many records and keys of messages are left in the order in which they came; the transaction that finds as many puts them in their places together. An append of an
    /// eighth of it does not wait there.
    /// </summary>
    public int TailLimit { get; init; } = 2048;

    /// <summary>How many bytes of payload are left so at the most; an append of a sixteenth of it does not wait there.</summary>
    public long TailBytes { get; init; } = 4 << 20;

    /// <summary>How many reads run at a time.</summary>
    public int Readers { get; init; } = Math.Max(4, Environment.ProcessorCount);

    /// <summary>How long a lock that another process holds on the file is waited for.</summary>
    public TimeSpan LockTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How large the file may grow; a write that needs more fails as on a full disk. Null: as large as the disk takes.</summary>
    public long? MaximumBytes { get; init; }

    /// <summary>The count of partitions of a new store that is not told another.</summary>
    public const int DefaultPartitions = 16;

    /// <summary>What is wrong with the options, or null.</summary>
    public string? Problem() => this switch
    {
        { Partitions: < 1 or > 1 << 16 } => $"Store:Partitions is {Partitions}; it is a number from 1 to 65,536.",
        { QueueLimit: < 1 } => $"Store:QueueLimit is {QueueLimit}; it is at least 1.",
        { BatchLimit: < 1 } => $"Store:BatchLimit is {BatchLimit}; it is at least 1.",
        { BatchBytes: < 1 } => $"Store:BatchBytes is {BatchBytes}; it is at least 1.",
        { StateBytes: < 1 } => $"Store:StateBytes is {StateBytes}; it is at least 1.",
        { TailLimit: < 1 } => $"Store:TailLimit is {TailLimit}; it is at least 1.",
        { TailBytes: < 1 } => $"Store:TailBytes is {TailBytes}; it is at least 1.",
        { Readers: < 1 or > 1024 } => $"Store:Readers is {Readers}; it is a number from 1 to 1,024.",
        { MaximumBytes: < 1 } => $"Store:MaximumBytes is {MaximumBytes}; it is at least 1.",
        _ when LockTimeout < TimeSpan.Zero => $"Store:LockTimeout is {LockTimeout}; it is not negative.",
        _ => null,
    };
}
