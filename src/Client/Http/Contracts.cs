using System.Text.Json.Serialization;
using Auie.Abstractions;
using Auie.Client.Csv;

namespace Auie.Client.Http;

/// <summary>POST /api/jobs: what to find and how. What is left out takes the default of <see cref="JobRequest"/>.</summary>
public sealed record JobOrder
{
    /// <summary>The feature set over users; left out, the default one.</summary>
    public string? Features { get; init; }

    /// <summary>The table to cluster in place of users.</summary>
    public string? Table { get; init; }

    /// <summary>The table's columns to use; left out, all.</summary>
    public string[]? Columns { get; init; }

    /// <summary>The smallest number of clusters to try.</summary>
    public int? KMin { get; init; }

    /// <summary>The largest number of clusters to try.</summary>
    public int? KMax { get; init; }

    public long? Seed { get; init; }

    /// <summary>The instant that ages and recencies are taken at; left out, the last event's.</summary>
    [JsonConverter(typeof(Moment))]
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Cluster the values as they are, not standardised.</summary>
    public bool? Raw { get; init; }

    /// <summary>How many seedings are tried for each k.</summary>
    public int? Starts { get; init; }

    /// <summary>Go on from the published model, where that is possible; the rest holds where it is not.</summary>
    public bool? Incremental { get; init; }

    /// <summary>segmentation, or train: learn to rank what is recommended, by the seed alone. Left out, segmentation.</summary>
    public string? Kind { get; init; }

    public JobRequest ToRequest()
    {
        var defaults = new JobRequest();
        return new JobRequest
        {
            Features = Features,
            Table = Table,
            Columns = Columns,
            KMin = KMin ?? defaults.KMin,
            KMax = KMax ?? defaults.KMax,
            Seed = Seed ?? defaults.Seed,
            AsOf = AsOf,
            Raw = Raw ?? defaults.Raw,
            Incremental = Incremental ?? defaults.Incremental,
            Starts = Starts ?? defaults.Starts,
            Kind = Kind ?? defaults.Kind,
        };
    }
}

/// <summary>GET /api/jobs: the latest jobs, the newest first.</summary>
public sealed record JobList(JobView[] Jobs);

/// <summary>GET /api/campaigns: every campaign, the newest first.</summary>
public sealed record CampaignList(CampaignView[] Campaigns);

/// <summary>GET /api/silos: every silo, by name.</summary>
public sealed record SiloList(SiloView[] Silos)
{
    /// <summary>Where nobody could be asked: that these are the silos as the process that answers knew them last. Null where they are as they are.</summary>
    public string? Note { get; init; }
}

/// <summary>POST /api/events: things that users did, or that were learnt of them.</summary>
public sealed record EventBatch(UserEvent[] Events);

/// <summary>
/// What became of a batch: how many events are on disk now, the version token of each partition that took part, and the events that were
/// refused, by their place in the batch. A refused event may be corrected and sent again; the others need not be.
/// </summary>
/// <param name="Known">How many of the accepted had come before, and so changed nothing.</param>
/// <param name="Segments">Of each user of the batch which segment they were in and are in now; empty unless asked for.</param>
public sealed record EventReceipt(int Accepted, string[] Versions, Refusal[] Refused, int Known = 0, SegmentChange[]? Segments = null);

/// <summary>
/// What became of a body of the tracking protocol: how many of its events are on disk now; how many of what they became had come before, and
/// so changed nothing; how many properties did not fit and were left out; the events that were refused; the version token of each partition that
/// took part; and, where asked for, of each user which segment they were in and are in now.
/// </summary>
public sealed record TrackingReceipt(int Accepted, int Known, int LeftOut, TrackingRefusal[] Refused, string[] Versions, SegmentChange[] Segments);

/// <summary>An event that was not taken: its place in the batch, its messageId if it has one, the member that is wrong by its path, and why.</summary>
public sealed record TrackingRefusal(int Index, string? MessageId, string Field, string Reason);

/// <summary>POST /api/import/items: what was learnt of items.</summary>
public sealed record ItemBatch(ItemEvent[] Items);

/// <summary>What became of a part of an import: how many events are new, how many the engine had, and what was refused, by its place in the batch.</summary>
public sealed record ImportReceipt(int Added, int Known, Refusal[] Refused);

/// <summary>GET /api/users/{id}/consent: what a user allowed (true) or forbade (false); null where nothing was said.</summary>
public sealed record UserConsent(bool? Tracking, bool? Personalisation);

/// <summary>PUT /api/users/{id}/consent: what a user allows or forbids; what is left out stays. With a messageId a retry counts once.</summary>
public sealed record ConsentOrder
{
    public bool? Tracking { get; init; }
    public bool? Personalisation { get; init; }
    public string? MessageId { get; init; }
}

/// <summary>GET /api/erasures: the latest, the newest first.</summary>
public sealed record ErasureList(ErasureView[] Erasures);

/// <summary>GET /api/audit: entries in the order of time.</summary>
public sealed record AuditList(AuditEntry[] Entries);

/// <summary>GET /api/imports: the latest report of each source.</summary>
public sealed record ImportList(ImportReport[] Imports);

/// <summary>
/// An answer that is not a success: problem details (RFC 9457) with a code that stays what it is, the request's id to find it by in logs,
/// and what is wrong by field, by cell of a table, or by event of a batch.
/// </summary>
public sealed record ApiProblem
{
    public string? Type { get; init; }
    public string? Title { get; init; }
    public int? Status { get; init; }
    public string? Detail { get; init; }
    public string? Code { get; init; }
    public string? RequestId { get; init; }
    public Dictionary<string, string[]>? Errors { get; init; }
    public CellError[]? Cells { get; init; }
    public Refusal[]? Refused { get; init; }
}
