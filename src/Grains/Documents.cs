namespace Auie.Grains;

/// <summary>The kinds of documents that grains keep in the store, and how their keys are written so that they sort.</summary>
internal static class Documents
{
    /// <summary>Key: version. A segmentation's model.</summary>
    public const string Model = "model";

    /// <summary>Key: <see cref="CurrentSegmentation"/>: the version that is published. Key: version: when it was.</summary>
    public const string Published = "published";

    public const string CurrentSegmentation = "segmentation";

    /// <summary>Key: the job's id.</summary>
    public const string Job = "job";

    /// <summary>Key: the job's id. How far a running job is.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Key: the source. What the latest import of a source reported.</summary>
    public const string Import = "import";

    /// <summary>Key: a number that rises. A join of two users that was decided and is not carried out yet.</summary>
    public const string Join = "join";

    /// <summary>Key: the table's name.</summary>
    public const string Table = "table";

    /// <summary>Key: the number of the block's first row. One shard's part of a table.</summary>
    public static string TableRows(string table, int shard) => $"rows/{table}/{shard}";

    /// <summary>Key: the number of the block's first row. The ids of the block's rows, where a table's rows are identified by texts.</summary>
    public static string TableRowIds(string table, int shard) => $"row-ids/{table}/{shard}";

    /// <summary>Key: the shard's number. What a job pinned of one data set.</summary>
    public static string Pin(string job) => $"pin/{job}";

    /// <summary>A number as a key that sorts by its value.</summary>
    public static string Key(long number) => number.ToString("D19");
}
