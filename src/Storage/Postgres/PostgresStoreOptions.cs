namespace Auie.Storage.Postgres;

/// <summary>How a store on PostgreSQL is opened.</summary>
public sealed record PostgresStoreOptions
{
    /// <summary>The schema of the store's tables, made where it is not there: several engines may share a database.</summary>
    public string Schema { get; init; } = "auie";

    /// <summary>How many partitions a tenant has; null for those of the store, or <see cref="DefaultPartitions"/> for a new one.</summary>
    public int? Partitions { get; init; }

    /// <summary>
    /// How many connections write, each in a transaction of its own at a time. What is written under one epoch's key always goes by the
    /// same one, and so in order.
    /// </summary>
    public int Writers { get; init; } = 4;

    /// <summary>How many writes may wait for each of the writers; further ones wait to be let in.</summary>
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

    /// <summary>How many reads run at a time, each on a connection of its own.</summary>
    public int Readers { get; init; } = Math.Max(8, Environment.ProcessorCount);

    /// <summary>How often something is tried, in all, that a failing connection has surely left undone.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>How long is waited before the second attempt; before each further one, three times as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long the server may take to answer one round of statements.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the server lets a writer that has fallen silent in the middle of a transaction hold its locks; then it undoes the
    /// transaction, and another process can take over.
    /// </summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The count of partitions of a new store that is not told another.</summary>
    public const int DefaultPartitions = 16;

    internal TimeSpan DelayAfter(int attempt) => RetryDelay * Math.Pow(3, attempt - 1);

    internal string? Problem() => this switch
    {
        { Partitions: < 1 or > 1 << 16 } => $"Store:Partitions is {Partitions}; it is a number from 1 to 65,536.",
        { Writers: < 1 or > 64 } => $"Store:Writers is {Writers}; it is a number from 1 to 64.",
        { Readers: < 1 or > 1024 } => $"Store:Readers is {Readers}; it is a number from 1 to 1,024.",
        { QueueLimit: < 1 } => $"Store:QueueLimit is {QueueLimit}; it is at least 1.",
        { BatchLimit: < 1 } => $"Store:BatchLimit is {BatchLimit}; it is at least 1.",
        { BatchBytes: < 1 } => $"Store:BatchBytes is {BatchBytes}; it is at least 1.",
        { StateBytes: < 1 } => $"Store:StateBytes is {StateBytes}; it is at least 1.",
        { Attempts: < 1 } => $"Store:Attempts is {Attempts}; it is at least 1.",
        _ when CommandTimeout < TimeSpan.FromSeconds(1) => $"Store:CommandTimeout is {CommandTimeout}; it is at least a second.",
        _ when SilenceLimit < TimeSpan.FromSeconds(1) => $"Store:SilenceLimit is {SilenceLimit}; it is at least a second.",
        _ when RetryDelay < TimeSpan.Zero => $"Store:RetryDelay is {RetryDelay}; it is not negative.",
        _ when !IsName(Schema) => $"Store:Schema is '{Schema}'; it is of a to z, 0 to 9 and _, 63 at the most, and begins with a letter.",
        _ => null,
    };

    private static bool IsName(string schema) =>
        schema.Length is >= 1 and <= 63 && schema[0] is >= 'a' and <= 'z' && schema.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_');
}
