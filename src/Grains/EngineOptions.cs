using Auie.Core.Clustering.Kernels;

namespace Auie.Grains;

/// <summary>What an installation may set of the engine; every limit has its default here.</summary>
public sealed class EngineOptions
{
    /// <summary>What any span of time is at the most; timers of the platform wait for little longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(30);

    /// <summary>How long the news of what is published waits at the most for either of two things: who asks for it waits as well, and no call longer than 30 s.</summary>
    private static readonly TimeSpan LongestNews = TimeSpan.FromSeconds(5);

    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Engine";

    /// <summary>The folder that backups are written to; for a store in a data folder, "backups" in it unless told otherwise. Empty: there are none.</summary>
    public string BackupFolder { get; set; } = "";

    /// <summary>How long a changed user may wait for its state to be written; the journal holds the change from the first moment.</summary>
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a silo that stops in order has everything flushed; not where others go on with it.</summary>
    public bool FlushAtStop { get; set; } = true;

    /// <summary>Whether the shards read their users' columns after a start before anybody asks for them.</summary>
    public bool ReadColumnsAtStart { get; set; } = true;

    /// <summary>How long after that the shards read of whom their journals tell, for the first who asks for effects.</summary>
    public TimeSpan ReadJournalsAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many users' states one write holds at the most, where they are written as time passes: whoever sends events meanwhile waits for it.</summary>
    public int FlushBatch { get; set; } = 8;

    /// <summary>How many users are asked, told of or amended at once, and how many states are written at once where somebody waits for all of them (an import, an erasure), and of items.</summary>
    public int UsersAtOnce { get; set; } = 50;

    /// <summary>How many events one append takes at the most.</summary>
    public int MaxEventsPerAppend { get; set; } = 100_000;

    /// <summary>How many events may be inside a partition, waiting for their commit and for whom they concern; a call that would bring more is refused.</summary>
    public int MaxEventsInside { get; set; } = 10_000;

    /// <summary>About how many bytes of memory these may take.</summary>
    public long MaxBytesInside { get; set; } = 8 << 20;

    /// <summary>How many records of a partition may have something to tell that items do not know yet; beyond that, whoever sends waits for the items too.</summary>
    public int MaxOwed { get; set; } = 10_000;

    /// <summary>How many events of waiting calls one commit takes at the most; a call that brings more is committed by itself.</summary>
    public int MaxEventsPerCommit { get; set; } = 4_096;

    /// <summary>For how many days a message that is sent again is recognised; imports' are for ever.</summary>
    public int MessageWindowDays { get; set; } = 30;

    /// <summary>How often messages whose days are over are forgotten.</summary>
    public TimeSpan ForgetInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many of the latest messages a partition recognises without asking the store.</summary>
    public int RecentKeys { get; set; } = 16_384;

    /// <summary>Of how many users a partition remembers how they stand.</summary>
    public int MaxStandings { get; set; } = 8_192;

    /// <summary>How long a change of a user may take to reach the segments' sizes, centroids and pages.</summary>
    public TimeSpan ShareInterval { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>In stretches of how many records a part of the journal is cut short that the written states hold.</summary>
    public int TruncateAfter { get; set; } = 2_000;

    /// <summary>
    /// How many records that the written states hold a part of the journal keeps, the latest, so that a training knows when things happened. Of what is older it knows when something was
    /// answered, and not when it was shown, viewed or bought.
    /// </summary>
    public int KeepForTraining { get; set; } = 20_000;

    /// <summary>How many things that happened a training replays, the latest; each takes some 50 bytes while it runs.</summary>
    public int TrainingHappenings { get; set; } = 4_000_000;

    /// <summary>At how many occasions, drawn by hash, a training learns and judges; each takes up to some 60 KB while it runs.</summary>
    public int TrainingOccasions { get; set; } = 4_000;

    /// <summary>How many occasions there have to be for a training to learn anything.</summary>
    public int LeastTrainingOccasions { get; set; } = 200;

    /// <summary>How many rankers are kept to roll back to.</summary>
    public int MaxRankers { get; set; } = 10;

    /// <summary>About how many bytes of memory what an import brought may take while it waits in one part of the journal to be folded; when there are more, it flushes at once.</summary>
    public int MaxUnfoldedBytes { get; set; } = 4 << 20;

    /// <summary>How many threads compute K-means and silhouettes; 0 for one a core. They give way to reads of users, so none need be left over for these.</summary>
    public int ComputeThreads { get; set; }

    /// <summary>Which kernels these run; any give the same bits.</summary>
    public KernelWidth Kernels { get; set; }

    /// <summary>Up to how many rows the silhouette is exact, for which each is compared with every other; above, it is estimated, and its error told.</summary>
    public int ExactSilhouetteRows { get; set; } = 50_000;

    /// <summary>From how many rows it is estimated then, each of them compared with all: four times as many halve the error.</summary>
    public int SilhouetteSampleRows { get; set; } = 10_000;

    /// <summary>With what probability, at least, such an error holds.</summary>
    public double SilhouetteConfidence { get; set; } = 0.95;

    /// <summary>With how many members of a segment a user is compared for a silhouette of their own; in a larger segment with so many of them, drawn at random.</summary>
    public int SilhouetteMembers { get; set; } = 10_000;

    /// <summary>How old what they are compared with may be.</summary>
    public TimeSpan SilhouetteAge { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// By how many of its deviations a feature's mean, or by what share of itself its deviation, may have changed for a job to go on from the published model; beyond, it
    /// runs in full.
    /// </summary>
    public double MaxIncrementalDrift { get; set; } = 0.25;

    /// <summary>How many Lloyd iterations one seeding may take.</summary>
    public int MaxIterations { get; set; } = 300;

    /// <summary>How often a running job writes down how far it is; a restart repeats at most this much.</summary>
    public TimeSpan CheckpointInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>After how long a job that the store failed goes on from its last checkpoint.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a silo looks for jobs, erasures and records that are left unfinished and that nobody is at.</summary>
    public TimeSpan UnfinishedInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a job is taken up again after something that it needs failed, before it counts as failed itself.</summary>
    public int MaxJobInterruptions { get; set; } = 20;

    /// <summary>In what steps time goes on for users' segments, from the as-of of the published model; who moves by time alone moves at such a step.</summary>
    public TimeSpan LiveStep { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// For how long a silo takes the version that it last knew to be published, of the segmentation and of the ranker, for the published one, where others may publish too. As long
    /// a job waits with the news that it has ended. One for all silos.
    /// </summary>
    public TimeSpan PublicationAge { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a job waits with that at the most for what it pinned to be freed; that goes on afterwards.</summary>
    public TimeSpan ReleaseWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How many jobs may wait for their turn.</summary>
    public int MaxQueuedJobs { get; set; } = 100;

    /// <summary>How many jobs are remembered after they ended.</summary>
    public int MaxJobHistory { get; set; } = 100;

    /// <summary>How many tables there may be.</summary>
    public int MaxTables { get; set; } = 100;

    /// <summary>How many columns a table may have.</summary>
    public int MaxTableColumns { get; set; } = 256;

    /// <summary>How many values, rows times columns, a table may have.</summary>
    public long MaxTableValues { get; set; } = 20_000_000;

    /// <summary>How many values all tables together may have when another one is made.</summary>
    public long MaxValuesOfAllTables { get; set; } = 100_000_000;

    /// <summary>Over how many shards a table is spread unless told otherwise.</summary>
    public int TableShards { get; set; } = 4;

    /// <summary>Over how many shards a table may be spread.</summary>
    public int MaxTableShards { get; set; } = 1_024;

    /// <summary>Of how many sources the latest import's report is kept.</summary>
    public int MaxImportSources { get; set; } = 100;

    /// <summary>How many tables a report has at the most.</summary>
    public int MaxImportTables { get; set; } = 100;

    /// <summary>How many columns one of its tables has at the most.</summary>
    public int MaxImportColumns { get; set; } = 1_000;

    /// <summary>How many reasons a column has at the most for cells that were refused, and for such as look wrong.</summary>
    public int MaxImportFindings { get; set; } = 100;

    /// <summary>How many examples there are of one reason at the most.</summary>
    public int MaxImportExamples { get; set; } = 100;

    /// <summary>How many characters a name, reason or example has at the most.</summary>
    public int MaxImportText { get; set; } = 1_000;

    /// <summary>How many erasures may be under way; one that would be more is refused.</summary>
    public int MaxErasures { get; set; } = 1_000;

    /// <summary>When the published model is made anew of which somebody was a part who was erased.</summary>
    public ErasureRebuild ErasureRebuild { get; set; } = ErasureRebuild.Immediately;

    /// <summary>How long recommendations wait at the most until those before them are computed; then they are refused.</summary>
    public TimeSpan RecommendationWait { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How much a price counts in what is recommended: what costs as much as the middle one of the candidates that cost something gains ln 2 times this, in log odds, and what is free
    /// nothing. 0: only as far as the ranker goes by it.
    /// </summary>
    public double PriceWeight { get; set; } = Core.Recommendation.Recommender.PriceWeight;

    /// <summary>How long shards go by the lists of friends that they have read, where nothing told them of a change.</summary>
    public TimeSpan FriendListsKept { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Within how many days of an erasure every model that held the user is made anew or dropped.</summary>
    public int ErasureDeadlineDays { get; set; } = 30;

    /// <summary>How often it is seen to that this is kept.</summary>
    public TimeSpan ErasureDeadlineInterval { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The file that tombstones are written to as well, so that a restored backup can be told who was erased since; empty for none. Null: erasures.log in the data folder
    /// where there is one, and none on PostgreSQL.
    /// </summary>
    public string? ErasureLog { get; set; }

    /// <summary>How many campaigns are kept.</summary>
    public int MaxCampaigns { get; set; } = 1_000;

    /// <summary>How many members the segment of a campaign may have.</summary>
    public int MaxCampaignMembers { get; set; } = 500_000;

    /// <summary>For how many members of a campaign what suits each is looked up; of a campaign of more, those of each of the 10 places of most of them, and all others together, are sent what suits most of 25 of them.</summary>
    public int MaxCampaignRecommendations { get; set; } = 5_000;

    /// <summary>How many people influencers are looked for among.</summary>
    public int MaxInfluencePeople { get; set; } = 5_000_000;

    /// <summary>How much memory it may take to look for influencers once, in bytes: people at 200 each, links at 40, and what is drawn to choose by. More people and links are refused; where no more can be drawn, nothing is promised of the choice.</summary>
    public long MaxInfluenceBytes { get; set; } = 2L << 30;

    /// <summary>How many links among them, all in memory meanwhile; and how many links of lists that were read stay there, over all shards, at eight bytes each.</summary>
    public int MaxInfluenceLinks { get; set; } = 40_000_000;

    /// <summary>Of how many places of a shard's users each is counted by itself when it is asked who they are: those with most users; the others are told together.</summary>
    public int MaxInsightPlaces { get; set; } = 10_000;

    /// <summary>Of how many users a place has to be for rates and funnels to tell of it by itself; those of fewer are told with the rest.</summary>
    public int LeastPlaceUsers { get; set; } = 5;

    /// <summary>Of how many showings it is told at the most what drives interest in them.</summary>
    public int EffectShowings { get; set; } = 10_000;

    /// <summary>How many insights and plans that take long (effects, influencers, personas in depth, campaigns) a silo computes at once; one more is refused.</summary>
    public int MaxHeavyInsights { get; set; } = 2;

    /// <summary>What is wrong with these options, or null.</summary>
    public string? Problem()
    {
        (string Name, long Value, long Least)[] least =
        [
            (nameof(FlushBatch), FlushBatch, 1), (nameof(UsersAtOnce), UsersAtOnce, 1), (nameof(MaxEventsPerAppend), MaxEventsPerAppend, 1),
            (nameof(MaxEventsInside), MaxEventsInside, 1), (nameof(MaxBytesInside), MaxBytesInside, 1), (nameof(MaxOwed), MaxOwed, 0), (nameof(MaxEventsPerCommit), MaxEventsPerCommit, 1),
            (nameof(MessageWindowDays), MessageWindowDays, 1), (nameof(RecentKeys), RecentKeys, 0), (nameof(MaxStandings), MaxStandings, 1),
            (nameof(TruncateAfter), TruncateAfter, 1), (nameof(KeepForTraining), KeepForTraining, 0), (nameof(TrainingHappenings), TrainingHappenings, 1),
            (nameof(TrainingOccasions), TrainingOccasions, 1), (nameof(LeastTrainingOccasions), LeastTrainingOccasions, 10), (nameof(MaxRankers), MaxRankers, 1),
            (nameof(MaxUnfoldedBytes), MaxUnfoldedBytes, 0),
            (nameof(ComputeThreads), ComputeThreads, 0),
            (nameof(ExactSilhouetteRows), ExactSilhouetteRows, 1), (nameof(SilhouetteSampleRows), SilhouetteSampleRows, 1), (nameof(SilhouetteMembers), SilhouetteMembers, 1), (nameof(MaxIterations), MaxIterations, 1), (nameof(MaxJobInterruptions), MaxJobInterruptions, 0),
            (nameof(MaxQueuedJobs), MaxQueuedJobs, 1), (nameof(MaxJobHistory), MaxJobHistory, 1), (nameof(MaxTables), MaxTables, 0),
            (nameof(MaxTableColumns), MaxTableColumns, 1), (nameof(MaxTableValues), MaxTableValues, 1), (nameof(MaxValuesOfAllTables), MaxValuesOfAllTables, 1),
            (nameof(TableShards), TableShards, 1), (nameof(MaxTableShards), MaxTableShards, 1),
            (nameof(MaxImportSources), MaxImportSources, 1), (nameof(MaxImportTables), MaxImportTables, 0), (nameof(MaxImportColumns), MaxImportColumns, 0),
            (nameof(MaxImportFindings), MaxImportFindings, 0), (nameof(MaxImportExamples), MaxImportExamples, 0), (nameof(MaxImportText), MaxImportText, 1),
            (nameof(MaxCampaigns), MaxCampaigns, 0), (nameof(MaxCampaignMembers), MaxCampaignMembers, 1), (nameof(MaxCampaignRecommendations), MaxCampaignRecommendations, 0),
            (nameof(MaxInfluencePeople), MaxInfluencePeople, 1), (nameof(MaxInfluenceLinks), MaxInfluenceLinks, 1), (nameof(MaxInfluenceBytes), MaxInfluenceBytes, 1), (nameof(MaxHeavyInsights), MaxHeavyInsights, 1), (nameof(EffectShowings), EffectShowings, 1), (nameof(MaxInsightPlaces), MaxInsightPlaces, 1), (nameof(LeastPlaceUsers), LeastPlaceUsers, 1),
            (nameof(MaxErasures), MaxErasures, 1), (nameof(ErasureDeadlineDays), ErasureDeadlineDays, 0),
        ];
        foreach (var (name, value, minimum) in least)
        {
            if (value < minimum)
                return $"{Section}:{name} is {value}; it is at least {minimum}.";
        }

        if (!(PriceWeight is >= 0 and <= 100))
            return $"{Section}:{nameof(PriceWeight)} is {PriceWeight.ToString(System.Globalization.CultureInfo.InvariantCulture)}; it is from 0 to 100.";
        if (!(MaxIncrementalDrift >= 0))
            return $"{Section}:{nameof(MaxIncrementalDrift)} is {MaxIncrementalDrift.ToString(System.Globalization.CultureInfo.InvariantCulture)}; it is not negative.";
        if (!(SilhouetteConfidence is >= 0.5 and <= 0.999999))
            return $"{Section}:{nameof(SilhouetteConfidence)} is {SilhouetteConfidence.ToString(System.Globalization.CultureInfo.InvariantCulture)}; it is from 0.5 to 0.999999.";
        (string Name, TimeSpan Value)[] positive =
        [
            (nameof(ErasureDeadlineInterval), ErasureDeadlineInterval), (nameof(ForgetInterval), ForgetInterval), (nameof(ShareInterval), ShareInterval), (nameof(FlushInterval), FlushInterval),
            (nameof(RetryInterval), RetryInterval), (nameof(UnfinishedInterval), UnfinishedInterval), (nameof(RecommendationWait), RecommendationWait), (nameof(FriendListsKept), FriendListsKept),
            (nameof(LiveStep), LiveStep), (nameof(PublicationAge), PublicationAge),
        ];
        (string Name, TimeSpan Value)[] notNegative = [(nameof(SilhouetteAge), SilhouetteAge), (nameof(ReleaseWait), ReleaseWait), (nameof(CheckpointInterval), CheckpointInterval), (nameof(ReadJournalsAfter), ReadJournalsAfter)];
        return Array.Find(positive, one => one.Value <= TimeSpan.Zero) is { Name: not null } none ? $"{Section}:{none.Name} is {none.Value}; it is more than nothing."
            : Array.Find([.. positive, .. notNegative], static one => one.Value > Longest) is { Name: not null } endless
                ? $"{Section}:{endless.Name} is {endless.Value}; it is {Longest.TotalDays:0} days at the most (a number alone is days; seconds are 00:00:10)."
            : Array.Find([(nameof(PublicationAge), PublicationAge), (nameof(ReleaseWait), ReleaseWait)], static one => one.Item2 > LongestNews) is { Item1: not null } late
                ? $"{Section}:{late.Item1} is {late.Item2}; it is {LongestNews.TotalSeconds:0} seconds at the most (a number alone is days; seconds are 00:00:01)."
            : Array.Find(notNegative, one => one.Value < TimeSpan.Zero) is { Name: not null } negative ? $"{Section}:{negative.Name} is {negative.Value}; it is not negative."
            : null;
    }
}

/// <summary>When the published model is made anew after an erasure.</summary>
public enum ErasureRebuild
{
    /// <summary>A job starts with the erasure.</summary>
    Immediately,

    /// <summary>A job starts a day before the deadline, one for all erasures until then.</summary>
    Deadline,
}
