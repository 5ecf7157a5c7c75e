using System.Collections.Concurrent;
using System.Threading.Channels;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

/// <summary>An engine without grains' host or store: plain objects behind the grain interfaces, so that tests of HTTP and the command line test only those.</summary>
public sealed partial class FakeEngine : IGrainFactory
{
    public const int Partitions = 8;

    public static readonly DateTimeOffset AsOf = new(2012, 12, 31, 23, 59, 59, TimeSpan.Zero);

    public ConcurrentDictionary<string, UserView> Users { get; } = new();
    public ConcurrentDictionary<int, List<UserEvent>> Journal { get; } = new();
    public ConcurrentDictionary<int, List<ItemEvent>> Items { get; } = new();
    public ConcurrentDictionary<string, FakeTable> Tables { get; } = new();
    public ConcurrentDictionary<string, FakeJob> Jobs { get; } = new();
    public ConcurrentQueue<(string Key, DateTimeOffset? AsOf, long AtLeast)> SegmentQueries { get; } = new();

    /// <summary>What was asked to be recommended, and to whom.</summary>
    public ConcurrentQueue<(string User, RecommendationRequest Request)> Recommended { get; } = new();

    /// <summary>Users to whom nothing was shown.</summary>
    public ConcurrentBag<string> WithoutAnswers { get; } = [];

    public List<ImportReport> Imports { get; } = [];

    /// <summary>What was done to tables, as it is done.</summary>
    public Channel<string> TableCalls { get; } = Channel.CreateUnbounded<string>();

    /// <summary>The ids of jobs, as they are watched.</summary>
    public Channel<string> Watched { get; } = Channel.CreateUnbounded<string>();

    /// <summary>Thrown by every call, where it is set.</summary>
    public Exception? Failure { get; set; }

    /// <summary>With what the next calls fail, each with one.</summary>
    public ConcurrentQueue<Exception> FailsOnce { get; } = new();

    /// <summary>Thrown by the next appends, one each.</summary>
    public ConcurrentQueue<Exception> FailedAppends { get; } = new();

    /// <summary>Thrown by the next appends when they have kept what came, one each.</summary>
    public ConcurrentQueue<Exception> LostAnswers { get; } = new();

    /// <summary>What an append waits for; that one has come.</summary>
    public Func<Task>? BeforeAppend { get; set; }

    public TaskCompletionSource Appending { get; } = new();

    public SegmentationView? Segmentation { get; set; }

    /// <summary>Every event of a user, in the order of each partition.</summary>
    public UserEvent[] Events => [.. Journal.Values.SelectMany(journal => journal)];

    /// <summary>The features of a user in an export: age and friends.</summary>
    public Func<string, double[]> FeaturesOf { get; set; } = _ => [22, 3];

    /// <summary>Thrown by a shard once an export has read so many pages of it.</summary>
    public (int Pages, Exception Failure)? BreaksOff { get; set; }

    /// <summary>What exports asked of shards.</summary>
    public ConcurrentQueue<(string Features, DateTimeOffset AsOf)> RowQueries { get; } = new();

    /// <summary>How often the whole engine was flushed.</summary>
    public int Flushes { get; set; }

    /// <summary>Whom insights were asked of.</summary>
    public List<AudienceRequest> Audiences { get; } = [];

    public List<FunnelRequest> Funnels { get; } = [];

    /// <summary>What insights say where nobody is meant.</summary>
    public string? Nobody { get; set; }

    /// <summary>What they say where nothing is published.</summary>
    public string? NoSegmentation { get; set; }

    /// <summary>The weekdays that may have most.</summary>
    public int[] BusiestWeekdays { get; set; } = [0, 1, 2, 3, 4, 5, 6];

    public List<CampaignRequest> Campaigns { get; } = [];

    /// <summary>What a campaign comes to, whatever is asked for.</summary>
    public CampaignView Planned { get; set; } = FakeCampaigns.One;

    /// <summary>How many those would reach who are chosen otherwise than for their reach together, by each such method.</summary>
    public EstimateView[] ReachOtherwise { get; set; } = [];

    public List<ErasureView> Erasures { get; } = [];

    public SortedDictionary<string, SiloView> Silos { get; } = new(StringComparer.Ordinal)
    {
        ["silo-1"] = new() { Name = "silo-1", Address = "127.0.0.1:11111", Status = "active", Version = "0.1.0", Slots = [0, 1, 2, 5], Activations = 12, MemoryBytes = 64 << 20 },
        ["silo-2"] = new() { Name = "silo-2", Address = "127.0.0.1:11112", Status = "active", Version = "0.1.0", Slots = [3, 4, 6, 7] },
    };

    /// <summary>How often silos are listed before the one that is drained has nothing left; never unless told so.</summary>
    public int ListsWhileDraining { get; set; } = -1;

    /// <summary>What it is after that; null where it is gone.</summary>
    public string? DrainingSiloBecomes { get; set; } = "drained";

    /// <summary>Whoever is asked for the silos never answers; that it was asked.</summary>
    public TaskCompletionSource? SilosStandStill { get; set; }

    public List<AuditEntry> Audited { get; } = [];

    /// <summary>What becomes of a job that is started.</summary>
    public long PublishedRanker { get; set; } = 2;

    public Func<JobView, JobView>? Finish { get; set; } = job => job with { State = "succeeded", Phase = "done", Progress = 1, EndedAt = AsOf };

    public TGrain GetGrain<TGrain>(string primaryKey, string? grainClassNamePrefix = null) where TGrain : IGrainWithStringKey
    {
        if (Failure is { } failure) throw failure;
        if (FailsOnce.TryDequeue(out var once)) throw once;
        object grain = typeof(TGrain) switch
        {
            var type when type == typeof(IUserGrain) => new FakeUser(this, GrainKeys.Split(primaryKey, 2)[1]),
            var type when type == typeof(IPartitionGrain) => new FakePartition(this, int.Parse(GrainKeys.Split(primaryKey, 2)[1])),
            var type when type == typeof(IItemShardGrain) => new FakeItemShard(this, int.Parse(GrainKeys.Split(primaryKey, 2)[1])),
            var type when type == typeof(ICoordinatorGrain) => new FakeCoordinator(this),
            var type when type == typeof(ISegmentGrain) => new FakeSegment(this, GrainKeys.Split(primaryKey, 3)),
            var type when type == typeof(ITableGrain) => new FakeTableGrain(this, GrainKeys.Split(primaryKey, 2)[1]),
            var type when type == typeof(IEngineGrain) => new FakeFacts(this),
            var type when type == typeof(IInsightsGrain) => new FakeInsights(this),
            var type when type == typeof(ICampaignsGrain) => new FakeCampaigns(this),
            var type when type == typeof(IFeatureShardGrain) => FakeShard.Of(this, int.Parse(GrainKeys.Split(primaryKey, 3)[2])),
            var type when type == typeof(IImportLogGrain) => new FakeImportLog(this),
            var type when type == typeof(IIdentityGrain) => new FakeIdentity(this),
            var type when type == typeof(IErasureGrain) => new FakeErasures(this),
            var type when type == typeof(IAuditGrain) => new FakeAudit(this),
            var type when type == typeof(ISilosGrain) => new FakeSilos(this),
            var type => throw new InvalidOperationException($"There is no fake of {type}."),
        };
        return (TGrain)grain;
    }

    public TGrain GetGrain<TGrain>(long primaryKey, string? grainClassNamePrefix = null) where TGrain : IGrainWithIntegerKey =>
        throw new InvalidOperationException("No grain has a number for a key.");

    public TGrain GetGrain<TGrain>(Guid primaryKey, string? grainClassNamePrefix = null) where TGrain : IGrainWithGuidKey =>
        throw new InvalidOperationException("No grain has a GUID for a key.");

    public UserView AddUser(string id)
    {
        var partition = Partitioning.PartitionOf(GrainKeys.DefaultTenant, id, Partitions);
        return Users[id] = new UserView
        {
            Id = id,
            Version = $"{partition}.7",
            BirthYear = 1990,
            Traits = [],
            Friends = 3,
            Events = new() { ["interested"] = 2 },
            Answers = [],
            Platforms = [],
            Spent = 12_3400,
            AnonymousIds = [],
        };
    }

    public static SegmentationView ViewOf(JobView job, string[] columns, long rows) => new()
    {
        Version = 1,
        Features = job.Request.Table ?? "default",
        AsOf = AsOf,
        Rows = rows,
        RowsAre = "user",
        Columns = columns,
        K = 2,
        Seed = job.Request.Seed,
        Inertia = 1.0 / 3,
        Scores = [new KScore(3, .25, "exact", rows, 0, 0, 1, 1), new KScore(2, .5437, "exact", rows, 0, 0, 1, 1.0 / 3)],
        Segments =
        [
            .. Enumerable.Range(0, 2).Select(segment => new SegmentView
            {
                Version = 1,
                Segment = segment,
                Id = $"s{segment}",
                Persona = segment == 0 ? "Silent Observers" : "Enthusiasts",
                Description = "",
                Size = rows / 2,
                Share = .5,
                Centroid = [.. columns.Select((_, column) => segment + column + .1)],
                SetsApart = [new FeatureContrast(columns[0], 1, 2, -3)],
            }),
        ],
        Job = job.Id,
    };
}

public sealed record FakeTable(string[] Columns, int Shards, List<double> Values)
{
    /// <summary>What identifies the rows; empty where they are known by their numbers.</summary>
    public List<string> Ids { get; } = [];
}

public sealed class FakeJob(JobView view)
{
    public JobView View { get; set; } = view;
    public Channel<JobView> Changes { get; } = Channel.CreateUnbounded<JobView>();
}

internal sealed class FakeSilos(FakeEngine engine) : ISilosGrain
{
    public async Task<SiloView[]> List(CancellationToken cancellationToken)
    {
        if (engine.SilosStandStill is { } asked)
        {
            asked.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        if (engine.ListsWhileDraining-- == 0)
        {
            foreach (var silo in engine.Silos.Values.Where(silo => silo.Status == "draining").ToArray())
            {
                if (engine.DrainingSiloBecomes is not { } status)
                    engine.Silos.Remove(silo.Name);
                else
                    Set(silo.Name, status);
            }
        }

        return engine.Silos.Values.ToArray();
    }

    public Task<bool> Drain(string name, CancellationToken cancellationToken) => Task.FromResult(Set(name, "draining"));

    public Task<bool> Resume(string name, CancellationToken cancellationToken) => Task.FromResult(Set(name, "active"));

    private bool Set(string name, string status)
    {
        if (!engine.Silos.TryGetValue(name, out var silo))
            return false;
        engine.Silos[name] = silo with { Status = status };
        return true;
    }
}

internal sealed class FakeFacts(FakeEngine engine) : IEngineGrain
{
    public Task<BackupView> Backup(string name, CancellationToken cancellationToken) => Task.FromResult(new BackupView($"/backups/{name}", 1, FakeEngine.AsOf));

    public Task<EngineInfo> GetInfo(CancellationToken cancellationToken) => Task.FromResult(new EngineInfo
    {
        Version = "0.1.0",
        Partitions = FakeEngine.Partitions,
        DefaultFeatures = "default",
        FeatureSets = [new FeatureSetView("default", ["age", "friends"], "user")],
        Users = 2,
        Limits = new EngineLimits(100, 1_000_000, 64, 255),
    });

    public Task<EngineOverview> GetOverview(CancellationToken cancellationToken) => Task.FromResult(new EngineOverview(
        new UserCensus
        {
            Users = 3,
            Genders = new() { ["male"] = 2, ["female"] = 1, ["unknown"] = 0 },
            BirthYears = new() { [1980] = 1, [1991] = 1 },
            Locales = new() { ["en_US"] = 2, [""] = 1 },
            FriendLinks = 1_234,
            WithFriends = 2,
            Counts = new() { ["shown"] = 7, ["interested"] = 2, ["viewed"] = 0, ["impressions"] = 7 },
            LastEvent = double.NaN,
        },
        new ItemCensus(5, 4, 3, 2, 1, 6), engine.Segmentation?.Version ?? 0, [.. engine.Imports]));

    public Task<DateTimeOffset> GetAsOf(CancellationToken cancellationToken) => Task.FromResult(FakeEngine.AsOf);

    public Task Flush(CancellationToken cancellationToken)
    {
        engine.Flushes++;
        return Task.CompletedTask;
    }
}
