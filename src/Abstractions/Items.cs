namespace Auie.Abstractions;

/// <summary>
/// One part of the items (events and products): the only writer of its part of their journal and of their states. What others say of an
/// item may come from users of whom nothing else is known; they are kept here as answers, and are no users for it. Key: tenant/number;
/// which shard an item belongs to says <see cref="Partitioning.PartitionOf"/> of its id.
/// </summary>
[Alias("auie.item-shard")]
public interface IItemShardGrain : IGrainWithStringKey
{
    /// <summary>Commits a bulk of what was learnt of items; what came before is left out. On disk when it returns.</summary>
    [ResponseTimeout("00:10:00")]
    Task<ImportResult> Import([Immutable] ItemEvent[] events, CancellationToken cancellationToken);

    /// <summary>Takes in what users' events say of items, on disk when it returns; what is delivered twice counts once. Called by partitions.</summary>
    Task Deliver([Immutable] ItemDelivery[] deliveries, CancellationToken cancellationToken);

    /// <summary>Writes the state of every item that changed since the last flush.</summary>
    [ResponseTimeout("00:30:00")]
    Task<FlushResult> Flush(CancellationToken cancellationToken);

    /// <summary>What is held on an item, or null.</summary>
    [AlwaysInterleave]
    Task<ItemView?> Get(string item, CancellationToken cancellationToken);

    /// <summary>A page of who said what of an item, in the order of their ids, after one (null: from the first).</summary>
    [AlwaysInterleave]
    Task<ItemAnswerPage?> GetAnswers(string item, string? after, int count, CancellationToken cancellationToken);

    /// <summary>How many items there are here, and how many answers of each kind to all of them, as of the last flush.</summary>
    [AlwaysInterleave]
    Task<ItemCensus> GetCensus(CancellationToken cancellationToken);

    /// <summary>Takes people's answers, invitations and makings out of all items. It reads every item of the shard. Called by the erasure.</summary>
    [ResponseTimeout("01:00:00")]
    Task<Forgotten> ForgetPeople([Immutable] string[] people, CancellationToken cancellationToken);

    /// <summary>Which items name people; of a stretch of items after one (null: from the first), so a page may be empty and not the last.</summary>
    [AlwaysInterleave]
    Task<ItemMentionPage> FindMentions([Immutable] string[] people, string? after, CancellationToken cancellationToken);

    /// <summary>Looks up candidates for a user. The first to ask waits until the shard has made its index.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [return: Immutable]
    Task<CandidateBatch> FindCandidates([Immutable] CandidateRequest request, CancellationToken cancellationToken);

    /// <summary>What is known of items, of those that are; and where a place is (empty: none is asked about).</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [return: Immutable]
    Task<DescribedItems> Describe([Immutable] string[] items, string place, CancellationToken cancellationToken);

    /// <summary>Items of any shard that are like one of this shard, the most alike first; null for an item that is not known.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    Task<SimilarItems?> GetSimilar(string item, int count, CancellationToken cancellationToken);

    /// <summary>The ids of people of whom this shard knows them by their hashes; null for each of the others.</summary>
    [AlwaysInterleave]
    Task<string?[]> NamePeople([Immutable] ulong[] people, CancellationToken cancellationToken);

    /// <summary>Tells the shard what users did with its items. It keeps the index current, where there is one. Called by partitions.</summary>
    /// <returns>Whether there is an index, or one is being made; where there is none, the shard need not be told until it asks for it (<see cref="IPartitionGrain.TellItems"/>).</returns>
    [AlwaysInterleave]
    Task<bool> Heard([Immutable] UserReactions[] users, CancellationToken cancellationToken);

    /// <summary>Has the shard read the tombstones anew. Called by the erasure.</summary>
    Task ReadTombstones(CancellationToken cancellationToken);
}

/// <summary>What was learnt of an item: traits, and who answered or was invited. Answers of one event have its time.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-event")]
public sealed record ItemEvent
{
    [Id(0)] public required string ItemId { get; init; }

    /// <summary>The sender's own id of the event; the tie-break where two events have one time.</summary>
    [Id(1)] public required string MessageId { get; init; }

    /// <summary>When it was so; 1900-01-01T00:00:00Z says that nobody knows.</summary>
    [Id(2)] public required DateTimeOffset At { get; init; }

    /// <summary>kind (event or product), creator, start (an instant), city, state, zip, country, lat, lng, price and any others, as text; an empty text takes one back.</summary>
    [Id(3)] public Dictionary<string, string>? Traits { get; init; }

    [Id(4)] public string[]? Yes { get; init; }
    [Id(5)] public string[]? Maybe { get; init; }
    [Id(6)] public string[]? No { get; init; }
    [Id(7)] public string[]? Invited { get; init; }

    /// <summary>
    /// The time as the sender wrote it, which tells a message that is sent again from another one with its id. Null: <see cref="At"/>.
    /// <see cref="DateTimeOffset.MinValue"/>: the sender gave none.
    /// </summary>
    [Id(8)] public DateTimeOffset? Stamped { get; init; }
}

/// <summary>Entries for an item that users' records gave rise to, encoded by Core.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-delivery")]
public sealed record ItemDelivery([property: Id(0)] string ItemId, [property: Id(1)] byte[] Entries);

/// <summary>What is held on an item.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-view")]
public sealed record ItemView
{
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required Dictionary<string, string> Traits { get; init; }

    /// <summary>How many people said yes, maybe or no last, and how many were invited.</summary>
    [Id(2)] public required Dictionary<string, long> Answers { get; init; }
}

/// <summary>A page of who said what of an item; <paramref name="Next"/> is where the page after it begins, null at the end.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-answer-page")]
public sealed record ItemAnswerPage([property: Id(0)] ItemAnswerView[] Answers, [property: Id(1)] string? Next);

/// <summary>What one person said of an item: yes, maybe, no, or null for an invitation without an answer; and whether they were invited.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-answer")]
public sealed record ItemAnswerView([property: Id(0)] string UserId, [property: Id(1)] string? Answer, [property: Id(2)] bool Invited);

/// <summary>How many items there are, how many have a known start, and how many answers (yes, maybe, no) and invitations there are to all of them.</summary>
[GenerateSerializer, Immutable, Alias("auie.item-census")]
public sealed record ItemCensus(
    [property: Id(0)] long Items,
    [property: Id(1)] long WithStart,
    [property: Id(2)] long Yes,
    [property: Id(3)] long Maybe,
    [property: Id(4)] long No,
    [property: Id(5)] long Invited);
