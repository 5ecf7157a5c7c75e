namespace Auie.Grains;

/// <summary>What an installation may set of the engine; every limit has its default here.</summary>
public sealed class EngineOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Engine";

    /// <summary>How long a changed user may wait for its state to be written; the journal holds the change from the first moment.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many users one flush transaction writes at the most.</summary>
    public int FlushBatch { get; set; } = 1_000;

    /// <summary>How many events one append takes at the most.</summary>
    public int MaxEventsPerAppend { get; set; } = 100_000;

    /// <summary>How many threads compute K-means and silhouettes; 0 for one a core. Reads of users run beside them.</summary>
    public int ComputeThreads { get; set; }

    /// <summary>Up to how many rows the silhouette is exact; above, it is of a sample of this many, and says so.</summary>
    public int ExactSilhouetteRows { get; set; } = 50_000;

    /// <summary>How many Lloyd iterations one seeding may take.</summary>
    public int MaxIterations { get; set; } = 300;

    /// <summary>How often a running job writes down how far it is; a restart repeats at most this much.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long a job that the store failed goes on from its last checkpoint.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many jobs may wait for their turn.</summary>
    public int MaxQueuedJobs { get; set; } = 100;

    /// <summary>How many jobs are remembered after they ended.</summary>
    public int MaxJobHistory { get; set; } = 100;

    /// <summary>How many tables there may be.</summary>
    public int MaxTables { get; set; } = 100;

    /// <summary>How many columns a table may have.</summary>
    public int MaxTableColumns { get; set; } = 256;

    /// <summary>How many values, rows times columns, a table may have.</summary>
    public long MaxTableValues { get; set; } = 100_000_000;

    /// <summary>Over how many shards a table is spread unless told otherwise.</summary>
    public int TableShards { get; set; } = 4;

    /// <summary>Over how many shards a table may be spread.</summary>
    public int MaxTableShards { get; set; } = 1_024;
}
