namespace Auie.Grains;

/// <summary>The kinds of documents that grains keep in the store, and how their keys are written so that they sort.</summary>
internal static class Documents
{
    /// <summary>Key: version. A segmentation's model.</summary>
    public const string Model = "model";

    /// <summary>Key: <see cref="CurrentSegmentation"/>: the version that is published. Key: version: when it was.</summary>
    public const string Published = "published";

    public const string CurrentSegmentation = "segmentation";

    /// <summary>Key: version. A ranker that was trained.</summary>
    public const string Ranker = "ranker";

    /// <summary>Key of <see cref="Published"/>: the version of the ranker that is; 0 for the baseline.</summary>
    public const string CurrentRanker = "ranker";

    /// <summary>Key of <see cref="Published"/>: the last version that a ranker got, so that none gets the number of one that is gone.</summary>
    public const string LastRanker = "last-ranker";

    /// <summary>Key: the job's id.</summary>
    public const string Job = "job";

    /// <summary>Key: the job's id. How far a running job is.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Key: the source. What the latest import of a source reported.</summary>
    public const string Import = "import";

    /// <summary>Key: a number that rises. A join of two users that was decided and is not carried out yet.</summary>
    public const string Join = "join";

    /// <summary>Key: the key's name. What hashes of erased ids are made with.</summary>
    public const string TombstoneKey = "tombstone-key";

    /// <summary>Key: the keyed hash of an id that was erased.</summary>
    public const string Tombstone = "tombstone";

    /// <summary>Key: the erasure's number. Its receipt.</summary>
    public const string Erasure = "erasure";

    /// <summary>Key: the erasure's number. The ids of one that is under way.</summary>
    public const string ErasureWork = "erasure-work";

    /// <summary>Key: <see cref="Pending"/>. The hashes of a log of erasures that was taken in and whose ids have not been looked for yet.</summary>
    public const string ErasureLog = "erasure-log";

    public const string Pending = "pending";

    /// <summary>Key: version. That somebody who was in a model was erased since.</summary>
    public const string ModelMark = "model-mark";

    /// <summary>Key: version. That somebody whom a ranker learnt from was erased since.</summary>
    public const string RankerMark = "ranker-mark";

    /// <summary>Key: a number that rises.</summary>
    public const string Audit = "audit";

    /// <summary>Key: <see cref="LastEntry"/>. The number of the audit's last entry.</summary>
    public const string AuditEnd = "audit-end";

    public const string LastEntry = "last";

    /// <summary>Key: the campaign's number.</summary>
    public const string Campaign = "campaign";

    /// <summary>Key: the campaign's number. Who is in it.</summary>
    public const string CampaignMembers = "campaign-members";

    /// <summary>Key: <see cref="LastEntry"/>. The number of the last campaign, which no other gets.</summary>
    public const string CampaignEnd = "campaign-end";

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
