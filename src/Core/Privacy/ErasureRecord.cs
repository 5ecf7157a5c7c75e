using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Core.Privacy;

/// <summary>How far an erasure is. Each phase has ended before the next begins.</summary>
public enum ErasurePhase
{
    /// <summary>The ids are being closed: their own records and states go, their tombstones are written.</summary>
    Closing,

    /// <summary>What other users' states and records say of them goes, partition after partition.</summary>
    Users,

    /// <summary>Their answers go from the items, shard after shard.</summary>
    Items,

    /// <summary>Examples that hold their ids go from reports of imports, and they themselves from plans of campaigns.</summary>
    Imports,

    /// <summary>Jobs that pinned them end, and models that held them are marked.</summary>
    Models,

    /// <summary>The removed bytes go from the store's files. From here on nothing that is kept of the erasure holds an id.</summary>
    Scrubbing,

    Done,
}

/// <summary>What is kept of an erasure for good: hashes, times and counts, and no id. Its codec is JSON with a version, for receipts are few and small.</summary>
public sealed record ErasureReceipt
{
    /// <summary>The layout that this code writes, and the only one so far.</summary>
    public const int CurrentVersion = 1;

    [JsonPropertyName("v")]
    public int Version { get; init; } = CurrentVersion;

    public required long Number { get; init; }
    public required ErasurePhase Phase { get; init; }

    /// <summary>How many partitions or shards of the phase are done.</summary>
    public int Next { get; init; }

    /// <summary>The tombstones of everything that was erased, the id that was asked for first.</summary>
    public required string[] Hashes { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Since when queries know nothing of the user.</summary>
    public DateTimeOffset? ClosedAt { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many other users, items, answers, records and examples named them.</summary>
    public long Users { get; init; }

    public long Items { get; init; }
    public long Answers { get; init; }
    public long Records { get; init; }
    public long Examples { get; init; }

    /// <summary>How many states and records could not be read, so that nobody can say whether they name them.</summary>
    public long Unreadable { get; init; }

    /// <summary>Whether nothing of their own was here, so that no model held them; of an older receipt it is not known.</summary>
    public bool WereUnknown { get; init; }

    /// <summary>The last job that had pinned rows before they were gone.</summary>
    public long? JobsUpTo { get; init; }

    /// <summary>The model versions that had held them, until when these are rebuilt or dropped, and the job that does.</summary>
    public long[] Models { get; init; } = [];

    public DateTimeOffset? RebuildBy { get; init; }
    public string? RebuildJob { get; init; }

    /// <summary>The rankers that had learnt from them; they too are rebuilt or dropped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long[]? Rankers { get; init; }

    /// <summary>What is left for an operator to do, in a sentence.</summary>
    public string? Remains { get; init; }

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, PrivacyJson.Default.ErasureReceipt);

    /// <exception cref="FormatException">The bytes are not a receipt of a version that this code knows.</exception>
    public static ErasureReceipt Decode(ReadOnlySpan<byte> bytes) =>
        PrivacyJson.Read(bytes, PrivacyJson.Default.ErasureReceipt, "receipt of an erasure", receipt => receipt.Version);
}

/// <summary>The ids of an erasure that is under way; it is removed before the erasure ends.</summary>
public sealed record ErasureWork(string[] Ids)
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = ErasureReceipt.CurrentVersion;

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, PrivacyJson.Default.ErasureWork);

    /// <exception cref="FormatException">The bytes are not work of a version that this code knows.</exception>
    public static ErasureWork Decode(ReadOnlySpan<byte> bytes) =>
        PrivacyJson.Read(bytes, PrivacyJson.Default.ErasureWork, "erasure", work => work.Version);
}

/// <summary>That a model was made while people were in it who were erased since: which erasures, until when it is rebuilt or dropped, and the job that rebuilds it.</summary>
public sealed record ModelMark(long[] Erasures, DateTimeOffset RebuildBy, string? RebuildJob)
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = ErasureReceipt.CurrentVersion;

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, PrivacyJson.Default.ModelMark);

    /// <exception cref="FormatException">The bytes are not a mark of a version that this code knows.</exception>
    public static ModelMark Decode(ReadOnlySpan<byte> bytes) =>
        PrivacyJson.Read(bytes, PrivacyJson.Default.ModelMark, "mark of a model", mark => mark.Version);
}

/// <summary>Who did what that the installation has to account for. Whom it was about stands there by a keyed hash.</summary>
public sealed record AuditRecord(long Number, DateTimeOffset At, string Key, string What, string? Subject, string? Receipt)
{
    [JsonPropertyName("v")]
    public int Version { get; init; } = ErasureReceipt.CurrentVersion;

    public byte[] Encode() => JsonSerializer.SerializeToUtf8Bytes(this, PrivacyJson.Default.AuditRecord);

    /// <exception cref="FormatException">The bytes are not an entry of a version that this code knows.</exception>
    public static AuditRecord Decode(ReadOnlySpan<byte> bytes) =>
        PrivacyJson.Read(bytes, PrivacyJson.Default.AuditRecord, "entry of the audit", record => record.Version);
}
