namespace Auie.Abstractions;

/// <summary>Erases users, one after the other, and keeps the receipts. One for all of a tenant. Key: tenant.</summary>
[Alias("auie.erasure")]
public interface IErasureGrain : IGrainWithStringKey
{
    /// <summary>Erases a user with all ids that were joined to them. When it returns no query knows of them; the rest goes on whatever becomes of the caller, and after a restart.</summary>
    /// <param name="by">The name of the key that asks, for the audit.</param>
    /// <exception cref="OverloadedException">More erasures are under way than may be.</exception>
    [ResponseTimeout("00:10:00")]
    Task<ErasureView> Start(string user, string by, CancellationToken cancellationToken);

    /// <summary>The receipt, or null.</summary>
    [AlwaysInterleave]
    Task<ErasureView?> Get(string receipt, CancellationToken cancellationToken);

    /// <summary>The latest receipts, the newest first.</summary>
    [AlwaysInterleave]
    Task<ErasureView[]> List(int count, CancellationToken cancellationToken);

    /// <summary>Every id that is the same person as this one, the one that answers for all first.</summary>
    [AlwaysInterleave]
    Task<string[]> Resolve(string user, CancellationToken cancellationToken);

    /// <summary>What stands for a user in the audit and in receipts: a keyed hash.</summary>
    [AlwaysInterleave]
    Task<string> SubjectOf(string user, CancellationToken cancellationToken);

    /// <summary>All tombstones and their keys, a line each.</summary>
    [AlwaysInterleave]
    Task<string[]> GetLog(CancellationToken cancellationToken);

    /// <summary>Takes in tombstones that another copy of the store has, and erases again whoever of them is alive here; queries know nothing of them when it returns.</summary>
    [ResponseTimeout("06:00:00")]
    Task<ErasureLogResult> ApplyLog([Immutable] string[] lines, CancellationToken cancellationToken);
}

/// <summary>
/// What became of a log of erasures: how many tombstones it has that the store lacked, the receipt of what was erased again (null where nobody of them was here), and how many
/// of its lines could not be read.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.erasure-log-result")]
public sealed record ErasureLogResult([property: Id(0)] int Added, [property: Id(1)] int Found, [property: Id(2)] string? Receipt, [property: Id(3)] int Unreadable = 0);

/// <summary>The receipt of an erasure. It holds no id: only their keyed hashes.</summary>
[GenerateSerializer, Immutable, Alias("auie.erasure-view")]
public sealed record ErasureView
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>running or done.</summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>closing, users, items, imports, models, scrubbing or done.</summary>
    [Id(2)] public required string Phase { get; init; }

    /// <summary>How many partitions or shards of the phase are done, and of how many.</summary>
    [Id(3)] public required int Done { get; init; }
    [Id(4)] public required int Of { get; init; }

    /// <summary>The keyed hashes of the erased ids, which stay as tombstones.</summary>
    [Id(5)] public required string[] Hashes { get; init; }

    [Id(6)] public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Since when queries know nothing of the user.</summary>
    [Id(7)] public DateTimeOffset? ClosedAt { get; init; }

    [Id(8)] public DateTimeOffset? EndedAt { get; init; }

    /// <summary>How many other users and items named the user and do so no more, and how many answers and invitations went; records of the journal that were rewritten; examples in reports of imports.</summary>
    [Id(9)] public required long Users { get; init; }
    [Id(10)] public required long Items { get; init; }
    [Id(11)] public required long Answers { get; init; }
    [Id(12)] public required long Records { get; init; }
    [Id(13)] public required long Examples { get; init; }

    /// <summary>How many states and records are damaged, so that nobody can say whether they name the user.</summary>
    [Id(14)] public required long Unreadable { get; init; }

    /// <summary>The model versions that were made while the user was in them, until when they are rebuilt or dropped, and the job that rebuilds the published one.</summary>
    [Id(15)] public required long[] Models { get; init; }
    [Id(16)] public DateTimeOffset? RebuildBy { get; init; }
    [Id(17)] public string? RebuildJob { get; init; }

    /// <summary>What is left for an operator to do, in sentences.</summary>
    [Id(18)] public required string[] Remains { get; init; }

    /// <summary>What keeps a running erasure from going on, if anything does.</summary>
    [Id(19)] public string? Trouble { get; init; }

    /// <summary>What has become of each of <see cref="Models"/> by the time of the answer.</summary>
    [Id(20)] public MarkedModel[] ModelStates { get; init; } = [];

    /// <summary>What has become of each ranker that had learnt from the user, by the time of the answer.</summary>
    [Id(21)] public MarkedModel[] RankerStates { get; init; } = [];
}

/// <summary>What has become of a version of the segmentation, or of the ranker, that was made while somebody was in it who was erased.</summary>
[GenerateSerializer, Immutable, Alias("auie.marked-model")]
public sealed record MarkedModel
{
    [Id(0)] public required long Version { get; init; }

    /// <summary>
    /// waiting (it is published, and made anew later), rebuilding, rebuilt (by a job that the erasure started), replaced (another is published), failed (the job that was
    /// to make it anew), or dropped. All but the last are dropped when their day comes.
    /// </summary>
    [Id(1)] public required string State { get; init; }

    /// <summary>The job that makes, made, or could not make it anew.</summary>
    [Id(2)] public string? Job { get; init; }

    /// <summary>Why that job failed.</summary>
    [Id(3)] public string? Reason { get; init; }

    /// <summary>When it is dropped at the latest; null where it is gone.</summary>
    [Id(4)] public DateTimeOffset? DroppedBy { get; init; }
}

/// <summary>What the audit says was done.</summary>
public static class AuditedActions
{
    public const string Export = "export";
    public const string Erase = "erase";
    public const string EraseAgain = "erase again";
    public const string Consent = "consent";
}

/// <summary>Keeps account of who exported, erased, or changed what is allowed. Entries are added and never changed. Key: tenant.</summary>
[Alias("auie.audit")]
public interface IAuditGrain : IGrainWithStringKey
{
    /// <param name="key">The name of the key that asked.</param>
    /// <param name="subject">Whom it is about, by keyed hash.</param>
    Task Record(string key, string what, string? subject, string? receipt, CancellationToken cancellationToken);

    /// <summary>Entries after a number (0: from the first), in their order.</summary>
    [AlwaysInterleave]
    Task<AuditEntry[]> List(long after, int count, CancellationToken cancellationToken);
}

/// <summary>An entry of the audit: when, the name of the key ("loopback" where the engine has no keys), what, whom it was about by keyed hash, and the receipt if there is one.</summary>
[GenerateSerializer, Immutable, Alias("auie.audit-entry")]
public sealed record AuditEntry(
    [property: Id(0)] long Number, [property: Id(1)] DateTimeOffset At, [property: Id(2)] string Key, [property: Id(3)] string What,
    [property: Id(4)] string? Subject, [property: Id(5)] string? Receipt);

/// <summary>
/// What an erasure took out of one part of the store: states and records that named somebody, answers among them, what could not be read, and ids that turned out to belong
/// to the erased.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.forgotten")]
public sealed record Forgotten(
    [property: Id(0)] long States, [property: Id(1)] long Answers, [property: Id(2)] long Records, [property: Id(3)] long Unreadable, [property: Id(4)] string[] Found);

/// <summary>
/// What an erasure finds of models: the job that it has to wait for (null: none), the last job that may have pinned the users, the versions that held them, until when these
/// are rebuilt or dropped, and the job that does; and the rankers that had learnt from them.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.marked-models")]
public sealed record MarkedModels(
    [property: Id(0)] string? WaitsFor, [property: Id(1)] long JobsUpTo, [property: Id(2)] long[] Versions, [property: Id(3)] DateTimeOffset? RebuildBy, [property: Id(4)] string? RebuildJob,
    [property: Id(5)] long[] Rankers);

/// <summary>What is kept under one id, whoever it belongs to: who that is, what is shown of it, every trait as it was last set, and when consent was last spoken of.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-user")]
public sealed record HeldUser(
    [property: Id(0)] string Id, [property: Id(1)] string? Owner, [property: Id(2)] UserView Profile, [property: Id(3)] HeldTrait[] Traits, [property: Id(4)] DateTimeOffset? TrackingSaidAt)
{
    /// <summary>When they were active and answered what, counted by hour.</summary>
    [Id(5)] public HeldHour[] Hours { get; init; } = [];

    /// <summary>How much they did in each of the latest hours with activity.</summary>
    [Id(6)] public HeldDay[] Days { get; init; } = [];

    /// <summary>What their latest steps were, and when.</summary>
    [Id(7)] public HeldStep[] Steps { get; init; } = [];
}

/// <summary>How much was done in an hour of a day, in UTC; of what was counted by an earlier version, on the day, at 12.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-day")]
public sealed record HeldDay([property: Id(0)] string Day, [property: Id(1)] long Count)
{
    [Id(2)] public int Hour { get; init; }
}

/// <summary>A step: a kind of event, and when it was.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-step")]
public sealed record HeldStep([property: Id(0)] string Kind, [property: Id(1)] DateTimeOffset At);

/// <summary>How often something was done in an hour, in UTC.</summary>
/// <param name="What">active (by hour of the week, from Monday 00:00), shown, interested or not_interested (by hour of the day).</param>
[GenerateSerializer, Immutable, Alias("auie.held-hour")]
public sealed record HeldHour([property: Id(0)] string What, [property: Id(1)] int Hour, [property: Id(2)] long Count);

/// <summary>A trait as it was last set (an empty value: taken back), with the time and id of the message that set it.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-trait")]
public sealed record HeldTrait([property: Id(0)] string Name, [property: Id(1)] string Value, [property: Id(2)] DateTimeOffset At, [property: Id(3)] string MessageId);

/// <summary>Somebody who is a friend, or was.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-friend")]
public sealed record HeldFriend([property: Id(0)] string Id, [property: Id(1)] bool IsFriend);

/// <summary>A page of everybody who ever was a friend; <paramref name="Next"/> is the cursor of the page after it, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-friends")]
public sealed record HeldFriendPage([property: Id(0)] HeldFriend[] Friends, [property: Id(1)] string? Next);

/// <summary>What a user did with an item.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-answer")]
public sealed record HeldAnswer(
    [property: Id(0)] string Item, [property: Id(1)] string? Interest, [property: Id(2)] string? Attendance,
    [property: Id(3)] long Shown, [property: Id(4)] long Viewed, [property: Id(5)] long Invited, [property: Id(6)] long Purchased)
{
    [Id(7)] public long Came { get; init; }
}

/// <summary>A page of what a user did with items; <paramref name="Next"/> is the cursor of the page after it, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-answers")]
public sealed record HeldAnswerPage([property: Id(0)] HeldAnswer[] Answers, [property: Id(1)] string? Next);

/// <summary>An entry of the journal as it is kept.</summary>
[GenerateSerializer, Immutable, Alias("auie.held-entry")]
public sealed record HeldEntry
{
    [Id(0)] public required long Offset { get; init; }
    [Id(1)] public required string Kind { get; init; }
    [Id(2)] public required DateTimeOffset At { get; init; }
    [Id(3)] public required string MessageId { get; init; }
    [Id(4)] public string? AnonymousId { get; init; }
    [Id(5)] public string? Item { get; init; }
    [Id(6)] public string? Platform { get; init; }
    [Id(7)] public string? Channel { get; init; }
    [Id(8)] public string? Name { get; init; }
    [Id(9)] public long? Amount { get; init; }
    [Id(10)] public Dictionary<string, string>? Traits { get; init; }
    [Id(11)] public string[]? FriendsAdded { get; init; }
    [Id(12)] public string[]? FriendsRemoved { get; init; }
    [Id(13)] public bool? Tracking { get; init; }
    [Id(14)] public bool? Personalisation { get; init; }

    /// <summary>The other user of whom it tells; the user to whom it was passed on; whose message it was, where another's.</summary>
    [Id(15)] public string? Other { get; init; }
    [Id(16)] public string? PassedOnTo { get; init; }
    [Id(17)] public string? Sender { get; init; }
}

/// <summary>
/// A page of what the journal still has of a user; <paramref name="Next"/> is the offset to go on after, null at the end, <paramref name="Unreadable"/> how many records are damaged.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.held-entries")]
public sealed record HeldEntryPage([property: Id(0)] HeldEntry[] Entries, [property: Id(1)] long? Next, [property: Id(2)] int Unreadable = 0);

/// <summary>An item that names one of the people who were asked for: as having answered or been invited, or as who made it.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-mention")]
public sealed record ItemMention([property: Id(0)] string Item, [property: Id(1)] string Person, [property: Id(2)] string? Answer, [property: Id(3)] bool Invited, [property: Id(4)] bool Made);

/// <summary>
/// A page of items whose answers name somebody; <paramref name="Next"/> is the cursor of the page after it, null at the end, <paramref name="Unreadable"/> how many items are damaged.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.item-mentions")]
public sealed record ItemMentionPage([property: Id(0)] ItemMention[] Mentions, [property: Id(1)] string? Next, [property: Id(2)] int Unreadable = 0);
