namespace Auie.Abstractions;

/// <summary>
/// What takes the steps of K-means over the rows that a job pinned: a shard, or a group of them. Every partial result adds up exactly, whatever the order and however the
/// shards are grouped.
/// </summary>
[Alias("auie.shard-steps")]
public interface IShardStepsGrain : IGrainWithStringKey
{
    /// <summary>Freezes the rows for a job, until it is released; pinning again gives the same rows. Returns how many there are.</summary>
    [ResponseTimeout("00:30:00")]
    Task<long> Pin(ShardPin pin, CancellationToken cancellationToken);

    /// <summary>Forgets what a job pinned.</summary>
    [ResponseTimeout("00:30:00")]
    Task Release(string job, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ColumnExtremesPart> Extremes(string job, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ExactSumsPart> Sums(string job, int[] exponents, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<DigitCountsPart> Digits(string job, int round, int[] columns, ulong[] prefixes, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ExactSumsPart> Moments(string job, double[] fill, double[] mean, int[] exponents, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ExactSumsPart> Standardise(string job, [Immutable] ScaleMessage scale, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<RowsPart> Sample(string job, ulong seed, int count, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ExactSumsPart> SeedCost(string job, [Immutable] float[] candidates, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<RowsPart> SeedSample(string job, [Immutable] float[] candidates, SeedDrawMessage draw, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<long[]> SeedWeights(string job, [Immutable] float[] candidates, CancellationToken cancellationToken);

    /// <summary>One Lloyd step: for each centroid how many rows are nearest to it, and their sums.</summary>
    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<StepPart> Step(string job, [Immutable] double[] centroids, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<RowsPart> Farthest(string job, [Immutable] double[] centroids, int count, CancellationToken cancellationToken);

    /// <summary>The sums of the distances of points to the rows of each cluster of some fits, for each cluster those of all points.</summary>
    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<long[]> DistanceSums(string job, [Immutable] float[] points, [Immutable] double[][] fits, CancellationToken cancellationToken);

    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<ClusterSumsPart> Summarise(string job, [Immutable] double[] centroids, int[] exponents, CancellationToken cancellationToken);

    /// <summary>For each pair of a segment of the version before (as it was when the job pinned) and a cluster, how many rows are in both.</summary>
    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<long[]> Contingency(string job, [Immutable] double[] centroids, CancellationToken cancellationToken);
}

/// <summary>
/// Several shards that are best reached together, as those of one silo: a step is one call to the group, which asks its shards and adds up what they answer. Which these are
/// each job says when it pins. Key: that of its first shard.
/// </summary>
[Alias("auie.shard-group")]
public interface IShardGroupGrain : IShardStepsGrain;

/// <summary>
/// Rows that are clustered: of the data set "users" the facts of one partition's users, of a table a part of its rows. Key: tenant/data set/number.
/// </summary>
[Alias("auie.feature-shard")]
public interface IFeatureShardGrain : IShardStepsGrain
{
    /// <summary>
    /// Takes users' facts, each only over those of a lower offset, and moves the users to where they belong by them; whoever comes without facts has no row any more and is
    /// removed. Called by the partition.
    /// </summary>
    [AlwaysInterleave]
    Task PutUsers([Immutable] UserFactsRow[] rows, CancellationToken cancellationToken);

    /// <summary>Takes a block of a table's rows, row by row; the same block may be sent again. Called by the table.</summary>
    /// <param name="tableRows">How many rows the table has without this append; what the shard holds past them is of no account.</param>
    /// <param name="firstRow">The number of the block's first row.</param>
    /// <param name="ids">For each row the text that identifies it; null where rows are identified by their numbers.</param>
    Task PutRows(long tableRows, long firstRow, [Immutable] double[] values, [Immutable] string[]? ids, CancellationToken cancellationToken);

    /// <summary>Removes the shard's part of a table.</summary>
    Task Drop(CancellationToken cancellationToken);

    /// <summary>How many users and answers there are here, and the time of their last event.</summary>
    [AlwaysInterleave]
    Task<UserShardInfo> GetInfo(CancellationToken cancellationToken);

    /// <summary>Who is here.</summary>
    [AlwaysInterleave]
    Task<UserCensus> GetCensus(CancellationToken cancellationToken);

    /// <summary>By kind of event, how many users' latest steps, in whose order funnels are told, have one.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<Dictionary<string, long>> GetStepsKept(CancellationToken cancellationToken);

    /// <summary>Who of these are here, counted, and how interested they are by group.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<AudiencePart> GetAudience(AudienceQuery query, CancellationToken cancellationToken);

    /// <summary>How many of these took every step of a list up to each.</summary>
    /// <param name="by">What users are told apart by, by Core's name; null for nothing.</param>
    /// <param name="told">The values that are told by themselves, all others together; null for all that there are.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<FunnelPart> GetFunnel(AudienceQuery query, [Immutable] string[] steps, string? by, [Immutable] string[]? told, CancellationToken cancellationToken);

    /// <summary>How many of these have each value of what users are told apart by, of the values that most have.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<Dictionary<string, long>> GetSizes(AudienceQuery query, string by, int most, CancellationToken cancellationToken);

    /// <summary>How many of these of whom any activity is known each locale has, of the locales that have most.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<Dictionary<string, long>> GetActiveLocales(AudienceQuery query, int most, CancellationToken cancellationToken);

    /// <summary>To whom of these something was shown, and who of them the journal still tells of: of these at most so many, whose ids' hashes are lowest.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [return: Immutable]
    Task<ShownToPart> GetShownTo(AudienceQuery query, int most, CancellationToken cancellationToken);

    /// <summary>When these are active and interested: all, by segment, and by these locales.</summary>
    /// <param name="firstDay">From which day on days are counted, as days since year 1.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<RhythmPart> GetRhythmByDay(AudienceQuery query, [Immutable] string[] locales, int firstDay, CancellationToken cancellationToken);

    /// <summary>Of these who may be told apart for a campaign, with how often they gave an answer.</summary>
    /// <param name="measure">The answer, by Core's name.</param>
    /// <param name="fromHour">Between which hours of the day it is looked when each is there most; both 0 where it is not.</param>
    /// <param name="most">More than so many are refused.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<CampaignCandidatesPart> GetCampaignCandidates(AudienceQuery query, string measure, int fromHour, int toHour, int most, CancellationToken cancellationToken);

    /// <summary>How often each of these users gave an answer by now; -1 for who has no row.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<long[]> CountAnswers([Immutable] string[] users, string measure, CancellationToken cancellationToken);

    /// <summary>Who of these may be asked to carry a word: their ids, of those who did not forbid that what they do is kept.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<string[]> GetPeople(AudienceQuery query, int most, CancellationToken cancellationToken);

    /// <summary>Friendships of these among some people, read from their states as of the last flush.</summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:10:00")]
    [return: Immutable]
    Task<FriendshipsPart> GetFriendships([Immutable] FriendshipsQuery query, CancellationToken cancellationToken);

    /// <summary>How users stand in a model version now, and where they were in the one before.</summary>
    /// <param name="previous">The version before; 0 for none.</param>
    /// <param name="sample">Of how many users rows are told.</param>
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    [return: Immutable]
    Task<PersonasPart> GetPersonas(long version, long previous, int sample, CancellationToken cancellationToken);

    /// <summary>How far these got in order, by their latest steps.</summary>
    /// <param name="steps">Kinds of events.</param>
    /// <param name="asOf">A window that ends later is not over.</param>
    /// <param name="told">As of <see cref="GetFunnel"/>.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<OrderedFunnelPart> GetOrderedFunnel(AudienceQuery query, [Immutable] string[] steps, TimeSpan window, DateTimeOffset asOf, string? by, [Immutable] string[]? told, CancellationToken cancellationToken);

    /// <summary>A page of the rows that users are clustered by, in the order of the users' ids: those of the users after one (null: from the first).</summary>
    /// <param name="features">The feature set's name.</param>
    /// <param name="asOf">The instant that ages and recencies are taken at.</param>
    /// <param name="users">Of how many users at the most.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<FeaturePage> ReadRows(string features, DateTimeOffset asOf, string? after, int users, CancellationToken cancellationToken);

    /// <summary>
    /// A page of users with their segments under a model version (0: without) at an instant (null: now), in the order of their ids, after one (null: from the first).
    /// </summary>
    [AlwaysInterleave]
    [ResponseTimeout("00:05:00")]
    [return: Immutable]
    Task<UserPage> ReadUsers(long version, DateTimeOffset? asOf, string? after, int count, CancellationToken cancellationToken);

    /// <summary>The segments of a model version as they are now.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<LiveSegmentsPart> GetLive(long version, CancellationToken cancellationToken);

    /// <summary>The users in a segment now, after an id, in the order of ids.</summary>
    [AlwaysInterleave]
    Task<string[]> GetMembers(long version, int segment, string? after, int count, CancellationToken cancellationToken);

    /// <summary>How far some points are from the members of a model version's segments, as they were a stated moment ago at the most; of many members, from some drawn.</summary>
    /// <param name="points">Standardised rows, one after the other.</param>
    /// <param name="without">For each point the user whose row it is, who is not compared with it.</param>
    [AlwaysInterleave]
    [return: Immutable]
    Task<SegmentDistancesPart> Compare(long version, [Immutable] float[] points, [Immutable] string[] without, CancellationToken cancellationToken);

    /// <summary>The members of a segment who lean most towards another segment's centroid, who leans most first, with their standardised rows.</summary>
    [AlwaysInterleave]
    [return: Immutable]
    Task<LeaningPart> GetLeaning(long version, int segment, int count, CancellationToken cancellationToken);

    /// <summary>Rows' ids and labels, by the shard's own order.</summary>
    [ResponseTimeout("00:30:00")]
    [return: Immutable]
    Task<LabelsPart> Labels(string job, [Immutable] double[] centroids, CancellationToken cancellationToken);
}

/// <summary>A user's facts, in the order of Core's catalogue, as of an offset of the partition; none where the user has no row (any more).</summary>
[GenerateSerializer, Immutable, Alias("auie.user-facts-row")]
public sealed record UserFactsRow([property: Id(0)] string User, [property: Id(1)] long Offset, [property: Id(2)] double[] Facts, [property: Id(3)] string? Locale)
{
    /// <summary>Whether what the user is made of changed though nothing of theirs arrived, because somebody was erased: it holds over a row of the same offset.</summary>
    [Id(4)] public bool Amended { get; init; }

    /// <summary>When the user is active, encoded by Core, as of the offset; empty where nothing was counted. Null: what was known before stays, until the state is written.</summary>
    [Id(5)] public byte[]? Rhythm { get; init; }

    /// <summary>The user's latest steps, as <see cref="Rhythm"/>.</summary>
    [Id(6)] public byte[]? Trail { get; init; }

    /// <summary>Whether the state that was written lists other friends than the one before it.</summary>
    [Id(7)] public bool OtherFriends { get; init; }

    /// <summary>Where the user lives; null where it is not known.</summary>
    [Id(8)] public string? Place { get; init; }
}

/// <summary>How many users a shard has, when the last of their events was, in Unix seconds (NaN: none), and how many rows they have where rows are answers.</summary>
[GenerateSerializer, Immutable, Alias("auie.user-shard-info")]
public sealed record UserShardInfo([property: Id(0)] long Users, [property: Id(1)] double LastEvent, [property: Id(2)] long Answers);

/// <summary>
/// Core.Segments.LiveSums, as a message: the instant that it is as of, users by segment and those in none, and by segment and feature how many values grow with time and
/// the exact sums.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.live-segments")]
public sealed record LiveSegmentsPart(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] long[] Sizes, [property: Id(2)] long Without, [property: Id(3)] long[] Moving, [property: Id(4)] ExactSumsPart Sums);

/// <summary>Core.Segments.SegmentDistances, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.segment-distances")]
public sealed record SegmentDistancesPart(
    [property: Id(0)] long[] Members, [property: Id(1)] int[] Compared, [property: Id(2)] double[] Sums, [property: Id(3)] double[] Squares);

/// <summary>Members of a segment with their standardised rows and simplified silhouettes; how many members there are here, and among how many of them these were found.</summary>
[GenerateSerializer, Immutable, Alias("auie.leaning")]
public sealed record LeaningPart(
    [property: Id(0)] string[] Users, [property: Id(1)] float[] Rows, [property: Id(2)] double[] Simplified, [property: Id(3)] long Members, [property: Id(4)] long Considered);

/// <summary>What a job pins: users by a feature set at an as-of, or the first rows of a table by some of its columns.</summary>
[GenerateSerializer, Immutable, Alias("auie.shard-pin")]
public sealed record ShardPin
{
    [Id(0)] public required string Job { get; init; }

    /// <summary>The feature set's definition, encoded by Core.</summary>
    [Id(1)] public required byte[] Features { get; init; }

    [Id(2)] public DateTimeOffset AsOf { get; init; }

    /// <summary>The model version that labels are compared with later; 0 for none.</summary>
    [Id(3)] public long PreviousVersion { get; init; }

    /// <summary>Which of the table's columns.</summary>
    [Id(4)] public int[]? Columns { get; init; }

    /// <summary>How many columns the table has.</summary>
    [Id(5)] public int TableColumns { get; init; }

    /// <summary>How many rows the table had when the job began.</summary>
    [Id(6)] public long Rows { get; init; }

    /// <summary>Of a group: the keys of its shards.</summary>
    [Id(7)] public string[]? Members { get; init; }
}

/// <summary>Core.Clustering.ColumnExtremes, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.column-extremes")]
public sealed record ColumnExtremesPart(
    [property: Id(0)] long Rows, [property: Id(1)] long[] Present, [property: Id(2)] double[] Min, [property: Id(3)] double[] Max);

/// <summary>Core.Clustering.ExactSums, as a message: 128-bit sums in two halves.</summary>
[GenerateSerializer, Immutable, Alias("auie.exact-sums")]
public sealed record ExactSumsPart([property: Id(0)] long[] High, [property: Id(1)] ulong[] Low);

/// <summary>Core.Clustering.DigitCounts, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.digit-counts")]
public sealed record DigitCountsPart([property: Id(0)] int[] Starts, [property: Id(1)] int[] Digits, [property: Id(2)] long[] Counts);

/// <summary>Core.Clustering.RowSet, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.rows")]
public sealed record RowsPart([property: Id(0)] ulong[] RowIds, [property: Id(1)] float[] Values, [property: Id(2)] float[] Scores);

/// <summary>Core.Clustering.SeedDraw, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.seed-draw")]
public sealed record SeedDrawMessage(
    [property: Id(0)] ulong Seed, [property: Id(1)] int Round, [property: Id(2)] double Oversampling, [property: Id(3)] double Cost);

/// <summary>Core.Clustering.StepSums, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.step")]
public sealed record StepPart([property: Id(0)] long[] Counts, [property: Id(1)] double[] Sums);

/// <summary>Core.Clustering.ClusterSums, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.cluster-sums")]
public sealed record ClusterSumsPart([property: Id(0)] long[] Sizes, [property: Id(1)] ExactSumsPart Sums);

/// <summary>Labels by row id.</summary>
[GenerateSerializer, Immutable, Alias("auie.labels")]
public sealed record LabelsPart([property: Id(0)] ulong[] RowIds, [property: Id(1)] int[] Labels);

/// <summary>Core.Clustering.Scale, as a message.</summary>
[GenerateSerializer, Immutable, Alias("auie.scale")]
public sealed record ScaleMessage
{
    [Id(0)] public required long Rows { get; init; }
    [Id(1)] public required bool Raw { get; init; }
    [Id(2)] public required long[] Missing { get; init; }
    [Id(3)] public required double[] Fill { get; init; }
    [Id(4)] public required double[] Mean { get; init; }
    [Id(5)] public required double[] Deviation { get; init; }
    [Id(6)] public required bool[] Constant { get; init; }
    [Id(7)] public required int[] Exponent { get; init; }
}

/// <summary>A shard was asked to go on with a job of which it holds nothing (any more): it has to pin and standardise again.</summary>
[GenerateSerializer, Alias("auie.shard-not-ready")]
public sealed class ShardNotReadyException(string job) : Exception($"The shard holds nothing of the job {job}.");
