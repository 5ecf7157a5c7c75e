namespace Auie.Abstractions;

/// <summary>A user of the platform: a cache of what the journal says of them, and the segment that follows from it. Key: tenant/user.</summary>
[Alias("auie.user")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>What is held on the user, or null while nothing of their own has arrived (an id that only others mention).</summary>
    /// <param name="atLeast">The journal offset that the answer has to include; 0 for whatever is known.</param>
    [AlwaysInterleave]
    Task<UserView?> Get(long atLeast, CancellationToken cancellationToken);

    /// <summary>
    /// The user's segment under the published model, and why; null for an unknown user, while no model is published, and for a user to whom
    /// nothing was shown where the model is of answers.
    /// </summary>
    /// <param name="asOf">The instant that ages and recencies are taken at; null for now: time goes on from the model's own.</param>
    [AlwaysInterleave]
    Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken);

    /// <summary>How well the user fits in among the members of their segment, now; null where <see cref="GetSegment"/> is.</summary>
    [AlwaysInterleave]
    Task<UserSilhouette?> GetSilhouette(long atLeast, CancellationToken cancellationToken);

    /// <summary>
    /// What to recommend to the user, and why; to somebody who is not known what is popular, by whatever is known of them. Null for who forbade it.
    /// </summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [return: Immutable]
    Task<Recommendations?> Recommend([Immutable] RecommendationRequest request, CancellationToken cancellationToken);

    /// <summary>Users who wanted what this one wanted, the most alike first; null for an unknown user, and for who forbade it.</summary>
    [AlwaysInterleave]
    Task<SimilarUsers?> GetSimilar(int count, CancellationToken cancellationToken);

    /// <summary>One page of the user's friends, in the order of their ids, after <paramref name="cursor"/> (null: from the first).</summary>
    [AlwaysInterleave]
    Task<FriendPage> GetFriends(string? cursor, int count, CancellationToken cancellationToken);

    /// <summary>Tells a live user of records that its partition has committed. Called by the partition alone.</summary>
    /// <param name="segments">Whether to say which segment the user was in before them, and is in after.</param>
    /// <param name="audience">Whether to say what the user belongs to.</param>
    [return: Immutable]
    ValueTask<AppliedRecords> Apply([Immutable] CommittedRecord[] records, bool segments, bool audience, CancellationToken cancellationToken);

    /// <summary>What the partition has to know before it commits anything of the user. Called by the partition, and by whoever joins ids.</summary>
    /// <param name="atLeast">The journal offset that the answer has to include.</param>
    [AlwaysInterleave]
    Task<UserStanding> GetStanding(long atLeast, CancellationToken cancellationToken);

    /// <summary>The whole state of an id that belongs to another user, encoded by Core: what came before it was linked. Called by the partition alone.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<byte[]> GetHistory(long atLeast, CancellationToken cancellationToken);

    /// <summary>What a flush has to write so that the store holds the user up to <paramref name="atLeast"/>. Called by the partition alone.</summary>
    [return: Immutable]
    Task<UserSnapshot> Snapshot(long atLeast, CancellationToken cancellationToken);

    /// <summary>Tells the user that a flush has written its snapshot up to <paramref name="offset"/>.</summary>
    Task Flushed(long offset, CancellationToken cancellationToken);

    /// <summary>Has the user begin anew from the store, where their state was changed or removed by an erasure. Called by the partition alone.</summary>
    Task Reload(CancellationToken cancellationToken);

    /// <summary>What is kept under this very id, whoever it belongs to; null where nothing is.</summary>
    [ReadOnly]
    Task<HeldUser?> GetHeld(CancellationToken cancellationToken);

    /// <summary>A page of those who are or were friends of this very id, in the order of their ids, after one (null: from the first).</summary>
    [ReadOnly]
    Task<HeldFriendPage> GetHeldFriends(string? after, int count, CancellationToken cancellationToken);

    /// <summary>A page of what this very id did with items, in the order of the items' ids, after one (null: from the first).</summary>
    [ReadOnly]
    Task<HeldAnswerPage> GetHeldAnswers(string? after, int count, CancellationToken cancellationToken);

    /// <summary>A page of what the journal still has of this very id after an offset (0: from the first): of so many records.</summary>
    [ReadOnly]
    Task<HeldEntryPage> GetHeldEntries(long after, int count, CancellationToken cancellationToken);
}

/// <summary>The only writer of one part of the journal and of its users' states. Key: tenant/number.</summary>
[Alias("auie.partition")]
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>Commits events to the journal and lets the users that they concern fold them; on disk when it returns.</summary>
    /// <returns>The offset of the last record, and the events that were refused, each with its reason; the others are committed.</returns>
    /// <param name="segments">Whether the answer says of each user which segment they were in and are in now.</param>
    /// <exception cref="OverloadedException">More waits than may; nothing of the call was taken.</exception>
    [AlwaysInterleave]
    Task<AppendResult> Append([Immutable] UserEvent[] events, bool segments, CancellationToken cancellationToken);

    /// <summary>
    /// As <see cref="Append"/>, for a bulk of events of which some may have come before: those that the journal has are left out, so that
    /// an import may be repeated. Users of whom nothing was known are folded at the next flush by the partition itself, without being
    /// made live. Best sent so that all events of one user come together.
    /// </summary>
    /// <returns>How many were added and how many were there; refused are also those whose message id came before with another content.</returns>
    [ResponseTimeout("00:10:00")]
    Task<ImportResult> Import([Immutable] UserEvent[] events, CancellationToken cancellationToken);

    /// <summary>Takes in what other partitions have to say to users of this one; what came before is left out. Called by partitions, and by whoever joins ids.</summary>
    [AlwaysInterleave]
    Task<AppendResult> Deliver([Immutable] Delivery[] deliveries, CancellationToken cancellationToken);

    /// <summary>Sees to it that the journal has an offset that a reader asks for.</summary>
    /// <exception cref="InvalidRequestException">It has not come so far.</exception>
    [AlwaysInterleave]
    Task Reach(long offset, CancellationToken cancellationToken);

    /// <summary>Has an item shard told of what users do with its items from now on. Called by the shard before it reads from the store what they did until now.</summary>
    [AlwaysInterleave]
    Task TellItems(int shard, CancellationToken cancellationToken);

    /// <summary>Waits until what was committed up to an offset has reached everybody whom it concerns.</summary>
    /// <exception cref="InvalidRequestException">The journal has not come so far.</exception>
    [AlwaysInterleave]
    Task Settle(long offset, CancellationToken cancellationToken);

    /// <summary>Writes the state of every user that changed since the last flush, and hands their feature rows to the shards.</summary>
    [ResponseTimeout("00:30:00")]
    Task<FlushResult> Flush(CancellationToken cancellationToken);

    /// <summary>
    /// Removes all that is kept of users of this partition, and refuses whatever comes of them from now on; where one turns out to belong to somebody else, nothing is removed.
    /// Called by the erasure.
    /// </summary>
    /// <param name="people">All ids of the person, of any partition.</param>
    [ResponseTimeout("00:10:00")]
    Task<ErasedUsers> EraseUsers([Immutable] string[] users, [Immutable] string[] people, CancellationToken cancellationToken);

    /// <summary>
    /// Takes what all other users' states and records say of people out; events wait meanwhile. It reads every state of the partition. Called by the erasure.
    /// </summary>
    /// <param name="people">Ids of any partition.</param>
    [ResponseTimeout("01:00:00")]
    Task<Forgotten> ForgetUsers([Immutable] string[] people, CancellationToken cancellationToken);

    /// <summary>Has the partition read the tombstones anew. Called by the erasure.</summary>
    Task ReadTombstones(CancellationToken cancellationToken);
}

/// <summary>
/// What came of removing users: who is not among the people and has taken over the history of one of the users, so that they are to be erased together (none where it is
/// done); and whether anything of their own was here.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.erased-users")]
public sealed record ErasedUsers([property: Id(0)] string[] Others, [property: Id(1)] bool WereKnown);

/// <summary>Entries for a user that another one's record gave rise to: whom they are for, whose message it was, and the entries, encoded by Core.</summary>
[GenerateSerializer, Immutable, Alias("auie.delivery")]
public sealed record Delivery([property: Id(0)] string UserId, [property: Id(1)] string Sender, [property: Id(2)] byte[] Entries);

/// <summary>
/// How a user stands: the user to whom the id belongs (null: their own), whether they forbade to keep what they do and when they last spoke of it (ticks
/// of UTC), the offset of their last record, and whether anything of their own has arrived.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.user-standing")]
public sealed record UserStanding(
    [property: Id(0)] string? Owner, [property: Id(1)] bool TrackingDenied, [property: Id(2)] long TrackingSaidAt, [property: Id(3)] long Offset, [property: Id(4)] bool IsKnown);

/// <summary>A user after records were folded in: the offset, the facts that features are made of (none where the user has no row), the locale, and the move if it was asked for.</summary>
[GenerateSerializer, Immutable, Alias("auie.applied-records")]
public sealed record AppliedRecords(
    [property: Id(0)] long Offset, [property: Id(1)] double[] Facts, [property: Id(2)] string? Locale, [property: Id(3)] SegmentChange? Change)
{
    /// <summary>What the user belongs to whose reactions to items are counted apart; null where they are to be in no count, and where it was not asked for.</summary>
    [Id(4)] public AudienceMessage? Audience { get; init; }

    /// <summary>Where the user lives; null where it is not known.</summary>
    [Id(5)] public string? Place { get; init; }
}

/// <summary>Joins ids that turn out to be one person's. One for all of a tenant, so that there is one order of joins. Key: tenant.</summary>
[Alias("auie.identity")]
public interface IIdentityGrain : IGrainWithStringKey
{
    /// <summary>
    /// Joins the id that a user had before (an anonymous one, or a user's) to the user: an event of kind alias. Two ids that are one already stay so.
    /// </summary>
    /// <returns>Why it was refused, or null; and the version that the join got.</returns>
    Task<AliasResult> Alias(UserEvent alias, CancellationToken cancellationToken);

    /// <summary>Carries out what was decided and has not been. Called by the erasure.</summary>
    Task CarryOut(CancellationToken cancellationToken);
}

/// <summary>What became of an alias: where it was committed, or, with <paramref name="Refused"/>, why not. An offset of 0: the ids were one already.</summary>
[GenerateSerializer, Immutable, Alias("auie.alias-result")]
public sealed record AliasResult([property: Id(0)] int Partition, [property: Id(1)] long Offset, [property: Id(2)] Refusal? Refused);

/// <summary>Something that a user did or that was learnt of them.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-event")]
public sealed record UserEvent
{
    [Id(0)] public required string UserId { get; init; }

    /// <summary>The sender's own id of the event; the tie-break where two events have one time.</summary>
    [Id(1)] public required string MessageId { get; init; }

    /// <summary>identify, friends, shown, viewed, interested, not_interested, invited, yes, maybe, no or purchased.</summary>
    [Id(2)] public required string Kind { get; init; }

    /// <summary>
    /// When it happened, with the user's own offset from UTC. 1900-01-01T00:00:00Z says that nobody knows: such an event counts, is
    /// before every dated one, and says nothing of when the user was there.
    /// </summary>
    [Id(3)] public required DateTimeOffset At { get; init; }

    /// <summary>The id under which the person was seen before they were known, if they were.</summary>
    [Id(4)] public string? AnonymousId { get; init; }

    /// <summary>The event or product that it concerns.</summary>
    [Id(5)] public string? Item { get; init; }

    /// <summary>web, ios, android, email, …</summary>
    [Id(6)] public string? Platform { get; init; }

    /// <summary>What was paid, in ten-thousandths of the currency unit.</summary>
    [Id(7)] public long? Amount { get; init; }

    /// <summary>identify: birthyear, gender, locale, location, timezone (minutes from UTC), joinedAt and any others, as text.</summary>
    [Id(8)] public Dictionary<string, string>? Traits { get; init; }

    /// <summary>friends: the ids that became friends.</summary>
    [Id(9)] public string[]? FriendsAdded { get; init; }

    /// <summary>friends: the ids that ceased to be.</summary>
    [Id(10)] public string[]? FriendsRemoved { get; init; }

    /// <summary>browser, mobile, server, email, …: through what the sender reached the engine.</summary>
    [Id(11)] public string? Channel { get; init; }

    /// <summary>other: what the sender calls the event.</summary>
    [Id(12)] public string? Name { get; init; }

    /// <summary>friends: the lists are the user's own alone; the friends are not told.</summary>
    [Id(13)] public bool OneSided { get; init; }

    /// <summary>consent: whether what the user does may be kept.</summary>
    [Id(14)] public bool? Tracking { get; init; }

    /// <summary>consent: whether the user may be put into segments and be recommended to.</summary>
    [Id(15)] public bool? Personalisation { get; init; }

    /// <summary>alias: the id that the user had before.</summary>
    [Id(16)] public string? PreviousId { get; init; }

    /// <summary>
    /// The time as the sender wrote it, where <see cref="At"/> was corrected by the sender's clock; it is what tells a message that is sent again from another one with
    /// the same id. Null: <see cref="At"/>. <see cref="DateTimeOffset.MinValue"/>: the sender gave none.
    /// </summary>
    [Id(17)] public DateTimeOffset? Stamped { get; init; }
}

/// <summary>What became of a batch of events.</summary>
[GenerateSerializer, Immutable, Alias("auie.append-result")]
public sealed record AppendResult([property: Id(0)] int Partition, [property: Id(1)] long Offset, [property: Id(2)] Refusal[] Refused)
{
    /// <summary>How many events were there before, with the same content, and so changed nothing.</summary>
    [Id(3)] public int Known { get; init; }

    /// <summary>The versions, partition.offset, that what was passed on to other partitions (merged ids, friends) got there.</summary>
    [Id(4)] public string[] PassedOn { get; init; } = [];

    /// <summary>Of each user of the batch where they were and are now; empty unless asked for.</summary>
    [Id(5)] public SegmentChange[] Segments { get; init; } = [];
}

/// <summary>Where a user was before a batch and is after it, under one model version; null for in no segment.</summary>
[GenerateSerializer, Immutable, Alias("auie.segment-change")]
public sealed record SegmentChange(
    [property: Id(0)] string UserId,
    [property: Id(1)] string Version,
    [property: Id(2)] long ModelVersion,
    [property: Id(3)] SegmentName? Before,
    [property: Id(4)] SegmentName? After);

/// <summary>A segment by its number and its persona.</summary>
[GenerateSerializer, Immutable, Alias("auie.segment-name")]
public sealed record SegmentName([property: Id(0)] int Segment, [property: Id(1)] string Persona);

/// <summary>What became of a bulk: how many of it are new, how many were there before, and what was refused; of a partition or an item shard.</summary>
[GenerateSerializer, Immutable, Alias("auie.import-result")]
public sealed record ImportResult(
    [property: Id(0)] int Partition, [property: Id(1)] long Offset, [property: Id(2)] int Added, [property: Id(3)] int Known, [property: Id(4)] Refusal[] Refused);

/// <summary>An event that was not taken: its place in the batch, the field, and what is wrong with it.</summary>
[GenerateSerializer, Immutable, Alias("auie.refusal")]
public sealed record Refusal([property: Id(0)] int Index, [property: Id(1)] string Field, [property: Id(2)] string Reason);

/// <summary>What a flush wrote.</summary>
[GenerateSerializer, Immutable, Alias("auie.flush-result")]
public sealed record FlushResult([property: Id(0)] int Users, [property: Id(1)] long Checkpoint);

/// <summary>A record of the journal after its commit: its offset, the user's record before it (0: none), and its entries, encoded by Core.</summary>
[GenerateSerializer, Immutable, Alias("auie.committed-record")]
public sealed record CommittedRecord([property: Id(0)] long Offset, [property: Id(1)] long Previous, [property: Id(2)] byte[] Payload);

/// <summary>
/// The parts of a user's state that changed since they were last written, encoded by Core, as of <paramref name="Offset"/>; and the facts
/// that features are made of, in the order of Core's catalogue, none where the user has no row.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.user-snapshot")]
public sealed record UserSnapshot(
    [property: Id(0)] string User,
    [property: Id(1)] long Offset,
    [property: Id(2)] byte[] Head,
    [property: Id(3)] StateChunk[] Chunks,
    [property: Id(4)] double[] Facts,
    [property: Id(5)] string? Locale)
{
    /// <summary>When the user is active, encoded by Core; empty where nothing was counted.</summary>
    [Id(6)] public byte[] Rhythm { get; init; } = [];

    /// <summary>The user's latest steps, encoded by Core; empty where there are none.</summary>
    [Id(7)] public byte[] Trail { get; init; } = [];

    /// <summary>Where the user lives; null where it is not known.</summary>
    [Id(8)] public string? Place { get; init; }
}

/// <summary>A stretch of a user's friends or answers: which map, the first key of the stretch, its bytes (null: the stretch is gone).</summary>
[GenerateSerializer, Immutable, Alias("auie.state-chunk")]
public sealed record StateChunk([property: Id(0)] byte Map, [property: Id(1)] string FirstKey, [property: Id(2)] byte[]? Data);

/// <summary>What is held on a user.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-view")]
public sealed record UserView
{
    [Id(0)] public required string Id { get; init; }

    /// <summary>Partition and offset of the last record that is folded in: ask for at least this version to read your own write.</summary>
    [Id(1)] public required string Version { get; init; }

    [Id(2)] public int? BirthYear { get; init; }
    [Id(3)] public string? Gender { get; init; }
    [Id(4)] public string? Locale { get; init; }
    [Id(5)] public string? Location { get; init; }
    [Id(6)] public int? TimezoneMinutes { get; init; }
    [Id(7)] public DateTimeOffset? JoinedAt { get; init; }

    /// <summary>Traits beyond those above, by name.</summary>
    [Id(8)] public required Dictionary<string, string> Traits { get; init; }

    [Id(9)] public required int Friends { get; init; }

    /// <summary>For each kind of event how many there were.</summary>
    [Id(10)] public required Dictionary<string, long> Events { get; init; }

    /// <summary>For each answer (interested, not_interested, yes, maybe, no) how many items have it as the user's latest.</summary>
    [Id(11)] public required Dictionary<string, long> Answers { get; init; }

    /// <summary>For each platform how many events came from it.</summary>
    [Id(12)] public required Dictionary<string, long> Platforms { get; init; }

    /// <summary>What was spent, in ten-thousandths of the currency unit.</summary>
    [Id(13)] public required long Spent { get; init; }

    [Id(14)] public DateTimeOffset? FirstSeen { get; init; }
    [Id(15)] public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Ids under which the person was seen before they were known.</summary>
    [Id(16)] public required string[] AnonymousIds { get; init; }

    /// <summary>Ids whose history is this user's; who asks for one of them gets this answer.</summary>
    [Id(17)] public string[] MergedIds { get; init; } = [];

    /// <summary>For each channel (browser, mobile, server, …) how many events came through it.</summary>
    [Id(18)] public Dictionary<string, long> Channels { get; init; } = [];

    /// <summary>For each event that the engine has no kind for, by its name, how many there were.</summary>
    [Id(19)] public Dictionary<string, long> OtherEvents { get; init; } = [];

    /// <summary>Whether the user allowed (true) or forbade (false) to keep what they do; null where nothing was said.</summary>
    [Id(20)] public bool? Tracking { get; init; }

    /// <summary>Whether the user allowed (true) or forbade (false) to be put into segments and recommended to; null where nothing was said.</summary>
    [Id(21)] public bool? Personalisation { get; init; }
}

/// <summary>A page of friends, in the order of their ids; <paramref name="Next"/> is the cursor of the page after it, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.friend-page")]
public sealed record FriendPage([property: Id(0)] string[] Friends, [property: Id(1)] int Total, [property: Id(2)] string? Next);

/// <summary>Where a user belongs under one model version at one instant, and why.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-segment")]
public sealed record UserSegment
{
    [Id(0)] public required string UserId { get; init; }

    /// <summary>The model version that the whole answer is of.</summary>
    [Id(1)] public required long ModelVersion { get; init; }

    [Id(2)] public required string Features { get; init; }

    /// <summary>The instant that everything relative to time was taken at.</summary>
    [Id(3)] public required DateTimeOffset AsOf { get; init; }

    [Id(4)] public required int Segment { get; init; }
    [Id(5)] public required string Persona { get; init; }

    /// <summary>The distance to every centroid, nearest first, in standard deviations of the features.</summary>
    [Id(6)] public required SegmentDistance[] Distances { get; init; }

    /// <summary>How much farther the runner-up is than the nearest, as a share of the runner-up's distance: 0 on the border, 1 at the centroid.</summary>
    [Id(7)] public required double Margin { get; init; }

    /// <summary>The features that decide for this segment against the runner-up, the weightiest first.</summary>
    [Id(8)] public required FeatureReason[] Reasons { get; init; }

    /// <summary>The user's version that was read: partition and offset.</summary>
    [Id(9)] public required string Version { get; init; }
}

/// <summary>How far a user is from a segment's centroid.</summary>
[GenerateSerializer, Immutable, Alias("auie.segment-distance")]
public sealed record SegmentDistance([property: Id(0)] int Segment, [property: Id(1)] string Persona, [property: Id(2)] double Distance);

/// <summary>What one feature says: the user's value, the values of the nearest centroid and of the runner-up, and its share of the decision.</summary>
[GenerateSerializer, Immutable, Alias("auie.feature-reason")]
public sealed record FeatureReason(
    [property: Id(0)] string Feature,
    [property: Id(1)] double? Value,
    [property: Id(2)] double Centroid,
    [property: Id(3)] double RunnerUp,
    [property: Id(4)] double Share);
