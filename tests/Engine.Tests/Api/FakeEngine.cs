using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
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

    /// <summary>Thrown by the next appends, one each.</summary>
    public ConcurrentQueue<Exception> FailedAppends { get; } = new();

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

    public List<CampaignRequest> Campaigns { get; } = [];

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

    public List<AuditEntry> Audited { get; } = [];

    /// <summary>What becomes of a job that is started.</summary>
    public long PublishedRanker { get; set; } = 2;

    public Func<JobView, JobView>? Finish { get; set; } = job => job with { State = "succeeded", Phase = "done", Progress = 1, EndedAt = AsOf };

    public TGrain GetGrain<TGrain>(string primaryKey, string? grainClassNamePrefix = null) where TGrain : IGrainWithStringKey
    {
        if (Failure is { } failure) throw failure;
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
    public Task<SiloView[]> List(CancellationToken cancellationToken)
    {
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

        return Task.FromResult(engine.Silos.Values.ToArray());
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

internal sealed class FakeInsights(FakeEngine engine) : IInsightsGrain
{
    private static readonly RateView Half = new(0.5, 1, 2, 0.1, 0.9);

    public Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        return Task.FromResult(new AudienceView(2, 3, request.AsOf ?? FakeEngine.AsOf, request.Segment is null ? 0 : 4,
            [new BreakdownView("gender", "as the profile says", 2, 0, [new ShareView("female", Half), new ShareView("male", Half)], 0)],
            [new NumberSummaryView("age", "2012 less the year of birth", 2, 22.5, 21, 22, 24)]));
    }

    public Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken)
    {
        engine.Funnels.Add(request);
        return Task.FromResult(new FunnelView(FakeEngine.AsOf, 0, request.By, [.. request.Steps.Select(step => new FunnelStepView(step, "took it"))],
            [new FunnelGroupView("", 2, [.. request.Steps.Select(_ => new FunnelReachedView(1, Half, Half))], 12_3400)]));
    }

    public Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        var best = new SendingTimeView(4, 18, 21, "interest", Half, new LiftView(0.1, 0.05, 0.15));
        return Task.FromResult(new WhenView(FakeEngine.AsOf, 3, 4, new ZonesView(1, 1, 1),
            [new GroupRhythmView("", "", 2, 48, [.. Enumerable.Repeat(2L, 24)], [.. Enumerable.Repeat(7L, 6), 6], [new SendWindowView(18, 21, Half, best.Lift, 0.01)], best)],
            new DaysView("2012-10-01", [2, 40, 6], [new PeriodView("2012-W40", 48)], [new DayPeakView("2012-10-02", "2012-10-02", "2012-10-02", 40, 4, new EstimateView(10, 6, 15), 0.001, [new PeriodView("en_US", 30)])], [])));
    }

    public Task<InfluencersView> GetInfluencers(AudienceRequest request, int count, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        return Task.FromResult(new InfluencersView(FakeEngine.AsOf, 3, 2, 4, 1, 0.1,
            [new InfluencersChoiceView("imm", new EstimateView(2, 1.9, 2.1), 0.53, [.. Enumerable.Range(0, count).Select(i => new InfluencerView($"u{i}", 2, 2, 2))])]));
    }

    public Task<PersonasView?> GetPersonas(CancellationToken cancellationToken) => Task.FromResult(engine.Segmentation is null ? null : new PersonasView(
        4, FakeEngine.AsOf, FakeEngine.AsOf, 3, 3, [new PersonaView(0, "Enthusiasts", 3, 2, Half, [new FeatureContrast("age", 30, 25, 1.2)])], [new PersonaFlowView(null, "Enthusiasts", 3)],
        new DriftView([new FeatureDriftView("age", 0.31)], 0.02, 0.2, 0.2, true), new StabilityView(3, [1, 0.9], [0.8, 1])));

    public Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken) => Task.FromResult(new OrderedFunnelView(
        FakeEngine.AsOf, FakeEngine.AsOf, 5, 0, request.Steps, request.WindowSeconds, [new OrderedFunnelGroupView("", 2, [.. request.Steps.Select(_ => new OrderedFunnelReachedView(1, Half, Half, 64, null))])]));

    public Task<StrategiesView> GetStrategies(CancellationToken cancellationToken) => Task.FromResult(new StrategiesView(3, 4, FakeEngine.AsOf,
        [new StrategyView("Early access", "First in.", "Enthusiasts", "Early answers.", "New things.", "The app.", "At once.", 3, 7, 10, 0.1, "yes")],
        [
            new StrategyMatchView("Early access", 0, "Silent Observers", 20, false, [new StrategyConditionView("resembles Enthusiasts by 0.70 at least", "-0.61", false)]),
            new StrategyMatchView("Early access", 1, "Enthusiasts", 10, true, [new StrategyConditionView("resembles Enthusiasts by 0.70 at least", "0.98", true)]),
        ]));

    public Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        return Task.FromResult(new InterestView(2, 2, request.AsOf ?? FakeEngine.AsOf, 4, Half, Half,
            [new GroupRatesView("locale", "of the profile", [new GroupRateView("id_ID", Half, 1, 0.4, 0.2, 0.6)], "id_ID")]));
    }

    public Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        var none = new CorrelationView(double.NaN, 2, double.NaN, double.NaN);
        return Task.FromResult(new EffectsView
        {
            AsOf = request.AsOf ?? FakeEngine.AsOf, ModelVersion = 4, ShownTo = 3, Kept = 2, Users = 2, Showings = 4, Pages = 2, Since = FakeEngine.AsOf, Interested = Half, NotInterested = Half,
            Drivers = [new DriverView("invited", "whether they were", "yes against no", 1, new EffectView(0.2, 4, 0.1, 0.3, 0.01), new EffectView(double.NaN, 4, double.NaN, double.NaN, double.NaN), none, none, none,
                [new DriverBinView(double.NegativeInfinity, 1, Half, new EffectView(0, 4, -1, 1, double.NaN))], "It does.")],
            Matrix = [new CorrelationPairView("interested", "invited", none, double.NaN, none, double.NaN)],
        });
    }
}

/// <summary>What the API asks of a shard of users; it asks nothing else of it.</summary>
internal class FakeShard : DispatchProxy
{
    private FakeEngine _engine = null!;
    private int _number;
    private int _pages;

    public static IFeatureShardGrain Of(FakeEngine engine, int number)
    {
        var shard = Create<IFeatureShardGrain, FakeShard>();
        ((FakeShard)(object)shard)._engine = engine;
        ((FakeShard)(object)shard)._number = number;
        return shard;
    }

    protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => (targetMethod!.Name, args) switch
    {
        (nameof(IFeatureShardGrain.ReadRows), [string features, DateTimeOffset asOf, var after, int count, _]) => ReadRows(features, asOf, (string?)after, count),
        (nameof(IFeatureShardGrain.ReadUsers), [long version, _, var after, int count, _]) => ReadUsers(version, (string?)after, count),
        _ => throw new InvalidOperationException("The API calls no such thing."),
    };

    private Task<FeaturePage> ReadRows(string features, DateTimeOffset asOf, string? after, int count)
    {
        _engine.RowQueries.Enqueue((features, asOf));
        var (users, next) = Page(after, count);
        return Task.FromResult(new FeaturePage(["age", "friends"], [.. users.Select(user => user.Id)], [.. users.SelectMany(user => _engine.FeaturesOf(user.Id))], next));
    }

    private Task<UserPage> ReadUsers(long version, string? after, int count)
    {
        var (users, next) = Page(after, count);
        var persona = version == 0 ? null : _engine.Segmentation!.Segments[0].Persona;
        return Task.FromResult(new UserPage(
            [.. users.Select(user => new UserRow(user, persona is null ? null : 0, persona, persona is null ? null : .75))], next));
    }

    private (UserView[] Users, string? Next) Page(string? after, int count)
    {
        if (_engine.BreaksOff is { } end && _pages++ >= end.Pages) throw end.Failure;
        var users = _engine.Users.Values.Where(user => user.Version.StartsWith($"{_number}.", StringComparison.Ordinal))
            .Where(user => string.CompareOrdinal(user.Id, after) > 0).OrderBy(user => user.Id, StringComparer.Ordinal).Take(count).ToArray();
        return (users, users.Length == count ? users[^1].Id : null);
    }
}

/// <summary>Keeps what it is told to join among the events of the user's partition.</summary>
internal sealed class FakeIdentity(FakeEngine engine) : IIdentityGrain
{
    public async Task<AliasResult> Alias(UserEvent alias, CancellationToken cancellationToken)
    {
        var partition = Partitioning.PartitionOf(GrainKeys.DefaultTenant, alias.UserId, FakeEngine.Partitions);
        var result = await new FakePartition(engine, partition).Append([alias], false, cancellationToken);
        return new AliasResult(result.Partition, result.Offset, result.Refused is [var refused] ? refused : null);
    }

    public Task CarryOut(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}

internal sealed class FakeImportLog(FakeEngine engine) : IImportLogGrain
{
    public Task Put(ImportReport report, CancellationToken cancellationToken)
    {
        engine.Imports.RemoveAll(one => one.Source == report.Source);
        engine.Imports.Add(report);
        return Task.CompletedTask;
    }

    public Task<ImportReport[]> List(CancellationToken cancellationToken) => Task.FromResult(engine.Imports.ToArray());

    public Task<int> DropExamples(string[] ids, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}

internal sealed class FakeErasures(FakeEngine engine) : IErasureGrain
{
    public Task<ErasureView> Start(string user, string by, CancellationToken cancellationToken)
    {
        engine.Users.TryRemove(user, out _);
        var receipt = new ErasureView
        {
            Id = $"x{engine.Erasures.Count + 1}", State = "running", Phase = "users", Done = 0, Of = FakeEngine.Partitions, Hashes = [user.Length.ToString()],
            RequestedAt = FakeEngine.AsOf, Users = 0, Items = 0, Answers = 0, Records = 0, Examples = 0, Unreadable = 0, Models = [], Remains = [],
        };
        engine.Erasures.Add(receipt);
        engine.Audited.Add(new AuditEntry(engine.Audited.Count + 1, FakeEngine.AsOf, by, AuditedActions.Erase, null, receipt.Id));
        return Task.FromResult(receipt);
    }

    public Task<ErasureView?> Get(string receipt, CancellationToken cancellationToken)
    {
        // It has ended by the time that somebody asks again.
        var place = engine.Erasures.FindIndex(one => one.Id == receipt);
        if (place >= 0)
            engine.Erasures[place] = engine.Erasures[place] with { State = "done", Phase = "done" };
        return Task.FromResult(place < 0 ? null : engine.Erasures[place]);
    }

    public Task<ErasureView[]> List(int count, CancellationToken cancellationToken) => Task.FromResult(engine.Erasures.AsEnumerable().Reverse().Take(count).ToArray());

    public Task<string[]> Resolve(string user, CancellationToken cancellationToken) => Task.FromResult<string[]>([user]);

    public Task<string> SubjectOf(string user, CancellationToken cancellationToken) => Task.FromResult($"hash of {user.Length} characters");

    public Task<string[]> GetLog(CancellationToken cancellationToken) => Task.FromResult<string[]>(["key a b", "erased a c"]);

    public Task<ErasureLogResult> ApplyLog(string[] lines, CancellationToken cancellationToken) => lines[0].StartsWith("key ", StringComparison.Ordinal)
        ? Task.FromResult(new ErasureLogResult(lines.Length - 1, 0, null))
        : throw new InvalidRequestException("lines[0]", "is no line of a log of erasures");
}

internal sealed class FakeAudit(FakeEngine engine) : IAuditGrain
{
    public Task Record(string key, string what, string? subject, string? receipt, CancellationToken cancellationToken)
    {
        engine.Audited.Add(new AuditEntry(engine.Audited.Count + 1, FakeEngine.AsOf, key, what, subject, receipt));
        return Task.CompletedTask;
    }

    public Task<AuditEntry[]> List(long after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Audited.Where(entry => entry.Number > after).Take(count).ToArray());
}

internal sealed class FakeUser(FakeEngine engine, string id) : IUserGrain
{
    public Task<UserView?> Get(long atLeast, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.TryGetValue(id, out var user) ? user : null);

    public Task<UserSilhouette?> GetSilhouette(long atLeast, CancellationToken cancellationToken) => Task.FromResult(
        engine.Segmentation is { } model && engine.Users.ContainsKey(id) && !engine.WithoutAnswers.Contains(id)
            ? new UserSilhouette
            {
                UserId = id, ModelVersion = model.Version, AsOf = model.AsOf, Segment = 0, Persona = "Silent Observers", Silhouette = .5, OwnDistance = 1,
                Neighbour = 1, NeighbourPersona = "Enthusiasts", NeighbourDistance = 2, SilhouetteMethod = "sampled-members", SilhouetteRows = 20_000,
                SilhouettePracticalError = .01, SilhouetteConfidence = .95,
            }
            : null);

    public Task<UserSegment?> GetSegment(DateTimeOffset? asOf, long atLeast, CancellationToken cancellationToken)
    {
        engine.SegmentQueries.Enqueue((id, asOf, atLeast));
        if (engine.Segmentation is not { } model || !engine.Users.TryGetValue(id, out var user) || engine.WithoutAnswers.Contains(id)) return Task.FromResult<UserSegment?>(null);
        return Task.FromResult<UserSegment?>(new UserSegment
        {
            UserId = id,
            ModelVersion = model.Version,
            Features = model.Features,
            AsOf = asOf ?? model.AsOf,
            Segment = 0,
            Persona = "Silent Observers",
            Distances = [new SegmentDistance(0, "Silent Observers", .5), new SegmentDistance(1, "Enthusiasts", 2)],
            Margin = .75,
            Reasons = [new FeatureReason("age", null, 22, 30, .8)],
            Version = user.Version,
        });
    }

    public Task<FriendPage> GetFriends(string? cursor, int count, CancellationToken cancellationToken)
    {
        string[] all = ["f1", "f2", "f3"];
        var page = all.Where(friend => string.CompareOrdinal(friend, cursor) > 0).Take(count).ToArray();
        return Task.FromResult(new FriendPage(page, all.Length, page.Length > 0 && page[^1] != all[^1] ? page[^1] : null));
    }

    public Task<Recommendations?> Recommend(RecommendationRequest request, CancellationToken cancellationToken)
    {
        engine.Recommended.Enqueue((id, request));
        if (engine.Users.TryGetValue(id, out var user) && user.Personalisation == false) return Task.FromResult<Recommendations?>(null);
        string[] items = request.Only ?? ["event-1", "product-2"];
        return Task.FromResult<Recommendations?>(new Recommendations
        {
            RecommendationId = "r1", UserId = id, AsOf = request.At ?? FakeEngine.AsOf, Ranker = "baseline", ModelVersion = 0, Recorded = request.Record, Candidates = 2,
            Page = request.Page,
            Items = [.. items.Except(request.Exclude).Take(request.Count).Select((item, i) => new RecommendedItem
            {
                Id = item, Kind = item.Split('-')[0], Title = $"The {item}", Score = 2 - i, Reasons = ["4 friends said yes", "starts in 3 days, in Medan"], Sources = ["friends_answers"],
            })],
        });
    }

    public Task<SimilarUsers?> GetSimilar(int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.ContainsKey(id) ? new SimilarUsers(id, [new SimilarUser("bob", 3, 1.5)]) : null);

    public Task<UserStanding> GetStanding(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<byte[]> GetHistory(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public ValueTask<AppliedRecords> Apply(CommittedRecord[] records, bool segments, bool audience, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<UserSnapshot> Snapshot(long atLeast, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Flushed(long offset, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Reload(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<HeldUser?> GetHeld(CancellationToken cancellationToken) =>
        Task.FromResult(engine.Users.TryGetValue(id, out var user) ? new HeldUser(id, null, user, [new HeldTrait("locale", "en_GB", FakeEngine.AsOf, "m")], null) : null);

    public Task<HeldFriendPage> GetHeldFriends(string? after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(new HeldFriendPage([new HeldFriend("bob", true)], null));

    public Task<HeldAnswerPage> GetHeldAnswers(string? after, int count, CancellationToken cancellationToken) =>
        Task.FromResult(new HeldAnswerPage([new HeldAnswer("e1", "interested", null, 1, 0, 0, 0)], null));

    public Task<HeldEntryPage> GetHeldEntries(long after, int count, CancellationToken cancellationToken) => Task.FromResult(after == 0
        ? new HeldEntryPage([new HeldEntry { Offset = 3, Kind = "shown", At = FakeEngine.AsOf, MessageId = "m3", Item = "e1" }], 3)
        : new HeldEntryPage([new HeldEntry { Offset = 4, Kind = "interested", At = FakeEngine.AsOf, MessageId = "m4", Item = "e1" }], null));
}

internal sealed class FakePartition(FakeEngine engine, int number) : IPartitionGrain
{
    public Task<ImportResult> Import(UserEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var (added, known) = (0, 0);
        var journal = engine.Journal.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].Kind == "unheard-of") refused.Add(new Refusal(i, "kind", "is not a known kind"));
                else if (journal.Any(one => one.UserId == events[i].UserId && one.MessageId == events[i].MessageId)) known++;
                else
                {
                    journal.Add(events[i]);
                    added++;
                }
            }

            return Task.FromResult(new ImportResult(number, journal.Count, added, known, [.. refused]));
        }
    }

    public async Task<AppendResult> Append(UserEvent[] events, bool segments, CancellationToken cancellationToken)
    {
        engine.Appending.TrySetResult();
        if (engine.BeforeAppend is { } before) await before();
        return await Take(events, segments);
    }

    private Task<AppendResult> Take(UserEvent[] events, bool segments)
    {
        if (engine.FailedAppends.TryDequeue(out var failure)) throw failure;
        var refused = new List<Refusal>();
        var known = 0;
        var journal = engine.Journal.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].Kind == "unheard-of") refused.Add(new Refusal(i, "kind", "is not a known kind"));
                else if (journal.Find(one => one.UserId == events[i].UserId && one.MessageId == events[i].MessageId) is not { } before) journal.Add(events[i]);
                else if ((before.Stamped ?? before.At, before.Kind, before.Item) == (events[i].Stamped ?? events[i].At, events[i].Kind, events[i].Item)) known++;
                else refused.Add(new Refusal(i, "messageId", "came before with another content"));
            }

            var version = $"{number}.{journal.Count}";
            return Task.FromResult(new AppendResult(number, journal.Count, [.. refused])
            {
                Known = known,
                Segments = segments
                    ? [.. events.Select(one => one.UserId).Distinct().Select(user => new SegmentChange(user, version, 1, null, new SegmentName(0, "Silent Observers")))]
                    : [],
            });
        }
    }

    public Task<AppendResult> Deliver(Delivery[] deliveries, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Reach(long offset, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task TellItems(int shard, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task Settle(long offset, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<FlushResult> Flush(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ErasedUsers> EraseUsers(string[] users, string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<Forgotten> ForgetUsers(string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task ReadTombstones(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");
}

internal sealed class FakeItemShard(FakeEngine engine, int number) : IItemShardGrain
{
    public Task<ImportResult> Import(ItemEvent[] events, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var (added, known) = (0, 0);
        var journal = engine.Items.GetOrAdd(number, _ => []);
        lock (journal)
        {
            for (var i = 0; i < events.Length; i++)
            {
                if (events[i].MessageId == "refuse") refused.Add(new Refusal(i, "messageId", "came before with another content"));
                else if (journal.Any(one => one.ItemId == events[i].ItemId && one.MessageId == events[i].MessageId)) known++;
                else
                {
                    journal.Add(events[i]);
                    added++;
                }
            }

            return Task.FromResult(new ImportResult(number, journal.Count, added, known, [.. refused]));
        }
    }

    public Task Deliver(ItemDelivery[] deliveries, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemView?> Get(string item, CancellationToken cancellationToken) => Task.FromResult(Of(item) is { Length: > 0 } events
        ? new ItemView
        {
            Id = item,
            Traits = events[0].Traits ?? [],
            Answers = new() { ["yes"] = events.Sum(one => one.Yes?.Length ?? 0), ["invited"] = events.Sum(one => one.Invited?.Length ?? 0) },
        }
        : null);

    public Task<ItemAnswerPage?> GetAnswers(string item, string? after, int count, CancellationToken cancellationToken)
    {
        if (Of(item) is not { Length: > 0 } events) return Task.FromResult<ItemAnswerPage?>(null);
        var yes = events.SelectMany(one => one.Yes ?? []).Order(StringComparer.Ordinal).Where(one => string.CompareOrdinal(one, after) > 0).ToArray();
        return Task.FromResult<ItemAnswerPage?>(new ItemAnswerPage(
            [.. yes.Take(count).Select(one => new ItemAnswerView(one, "yes", false))], yes.Length > count ? yes[count - 1] : null));
    }

    public Task<CandidateBatch> FindCandidates(CandidateRequest request, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<DescribedItems> Describe(string[] items, string place, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<SimilarItems?> GetSimilar(string item, int count, CancellationToken cancellationToken) =>
        Task.FromResult(Of(item).Length == 0 ? null : new SimilarItems(item, [new SimilarItem("e2", "The other", 1.5, 4, ["music"])]));

    public Task<string?[]> NamePeople(ulong[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<bool> Heard(UserReactions[] users, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<FlushResult> Flush(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<Forgotten> ForgetPeople(string[] people, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemMentionPage> FindMentions(string[] people, string? after, CancellationToken cancellationToken) =>
        Task.FromResult(new ItemMentionPage(number == 0 ? [new ItemMention("e1", people[0], "yes", false, false)] : [], null));

    public Task ReadTombstones(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<ItemCensus> GetCensus(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    private ItemEvent[] Of(string item) => engine.Items.TryGetValue(number, out var journal) ? [.. journal.Where(one => one.ItemId == item)] : [];
}

internal sealed class FakeCoordinator(FakeEngine engine) : ICoordinatorGrain
{
    private static readonly RankerFigures Figures = new()
    {
        Objective = "lambdamart", Trees = 80, Occasions = 900, Rows = 90_000, Users = 120, Ndcg = .4, Baseline = .35, OverBaseline = new DifferenceView(.05, .03, .07), AsOf = FakeEngine.AsOf,
    };

    public Task<RankerList> GetRankers(CancellationToken cancellationToken) => Task.FromResult(new RankerList(engine.PublishedRanker,
        [.. new[] { 2L, 1 }.Select(version => new RankerView(version, FakeEngine.AsOf, version == engine.PublishedRanker, Figures))]));

    public async Task<RankerList?> RollBackRanker(long version, CancellationToken cancellationToken)
    {
        if (version is < 0 or > 2)
            return null;
        engine.PublishedRanker = version;
        return await GetRankers(cancellationToken);
    }

    public Task<JobView> Start(JobRequest request, CancellationToken cancellationToken)
    {
        if (request.KMin > request.KMax) throw new InvalidRequestException("kMin", "must not be more than kMax");
        if (request.Table is { } name && !engine.Tables.ContainsKey(name)) throw new InvalidRequestException("table", $"there is no table '{name}'");
        var job = new FakeJob(new JobView
        {
            Id = $"j{engine.Jobs.Count + 1}",
            State = "running",
            Phase = "seeding",
            Progress = .25,
            Request = request,
            CreatedAt = FakeEngine.AsOf,
        });
        engine.Jobs[job.View.Id] = job;
        var started = job.View;
        if (engine.Finish is { } finish) End(job, finish(WithResult(job.View)));
        return Task.FromResult(started);
    }

    public Task<JobView?> GetJob(string id, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Jobs.TryGetValue(id, out var job) ? job.View : null);

    public Task<JobView[]> ListJobs(int count, CancellationToken cancellationToken) =>
        Task.FromResult(engine.Jobs.Values.Select(job => job.View).OrderByDescending(job => job.Id, StringComparer.Ordinal).Take(count).ToArray());

    public async IAsyncEnumerable<JobView> Watch(string id, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var job = engine.Jobs[id];
        engine.Watched.Writer.TryWrite(id);
        yield return job.View with { State = "running", Phase = "seeding", EndedAt = null, Result = null };
        await foreach (var change in job.Changes.Reader.ReadAllAsync(cancellationToken)) yield return change;
    }

    public Task<JobView?> Cancel(string id, CancellationToken cancellationToken)
    {
        if (!engine.Jobs.TryGetValue(id, out var job)) return Task.FromResult<JobView?>(null);
        if (!job.View.Ended) End(job, job.View with { State = "cancelled", Phase = "cancelled" });
        return Task.FromResult<JobView?>(job.View);
    }

    public Task<SegmentationView?> GetSegmentation(CancellationToken cancellationToken) => Task.FromResult(engine.Segmentation);

    public Task<MarkedModels> MarkModels(long[] erasures, long? jobsUpTo, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<MarkedModel[]> GetMarked(long[] versions, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task<MarkedModel[]> GetMarkedRankers(long[] versions, CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    public Task KeepDeadlines(CancellationToken cancellationToken) => throw new InvalidOperationException("The API calls no such thing.");

    private static void End(FakeJob job, JobView view)
    {
        job.View = view;
        job.Changes.Writer.TryWrite(view);
        job.Changes.Writer.TryComplete();
    }

    private JobView WithResult(JobView job) => job.Request.Kind == JobRequest.Training ? job with { Trained = new TrainingView(3, Figures) } : job.Request.Table is { } name && engine.Tables.TryGetValue(name, out var table)
        ? job with { Result = FakeEngine.ViewOf(job, table.Columns, table.Values.Count / table.Columns.Length) }
        : job with { Result = FakeEngine.ViewOf(job, ["age", "friends"], 100) };
}

internal sealed class FakeSegment(FakeEngine engine, string[] key) : ISegmentGrain
{
    public Task<SegmentView?> Get(CancellationToken cancellationToken) => Task.FromResult(Find());

    public Task<MemberPage?> Members(string? cursor, int count, CancellationToken cancellationToken)
    {
        if (Find() is not { } segment) return Task.FromResult<MemberPage?>(null);
        var first = cursor is null ? 0 : int.Parse(cursor);
        var ids = Enumerable.Range(first, Math.Min(count, (int)segment.Size - first)).Select(i => $"u{i}").ToArray();
        return Task.FromResult<MemberPage?>(new MemberPage(segment.Version, ids, first + ids.Length < segment.Size ? $"{first + ids.Length}" : null));
    }

    public Task<BorderView?> Border(int count, CancellationToken cancellationToken) => Task.FromResult(Find() is { } segment
        ? new BorderView(segment.Version, segment.Segment, segment.Size, segment.Size, "exact", 1, [new BorderMember("u1", -.25, 0, 1, "Enthusiasts")])
        : null);

    private SegmentView? Find() => engine.Segmentation is { } model && key[1] == $"{model.Version}"
        ? model.Segments.SingleOrDefault(segment => key[2] == $"{segment.Segment}")
        : null;
}

internal sealed class FakeTableGrain(FakeEngine engine, string name) : ITableGrain
{
    public Task<TableView> Create(string[] columns, int shards, CancellationToken cancellationToken)
    {
        if (columns.Length > 100) throw new InvalidRequestException("columns", "are more than 100");
        if (!engine.Tables.TryAdd(name, new FakeTable(columns, shards, []))) throw new InvalidRequestException("name", "is taken");
        return Task.FromResult(View(engine.Tables[name]));
    }

    public Task<TableView> Complete(long generation, CancellationToken cancellationToken) => Task.FromResult(View(engine.Tables[name]));

    public Task<long> Append(long generation, long firstRow, double[] values, string[]? ids, CancellationToken cancellationToken)
    {
        var table = engine.Tables[name];
        table.Values.AddRange(values);
        table.Ids.AddRange(ids ?? []);
        engine.TableCalls.Writer.TryWrite("append");
        return Task.FromResult((long)table.Values.Count / table.Columns.Length);
    }

    public Task<TableView?> Get(CancellationToken cancellationToken) => Task.FromResult(engine.Tables.TryGetValue(name, out var table)
        ? View(table)
        : null);

    private TableView View(FakeTable table) => new(name, table.Columns, table.Values.Count / table.Columns.Length, table.Shards, 1, true);

    public Task<bool> Drop(long generation, CancellationToken cancellationToken) => Task.FromResult(Removed());

    private bool Removed()
    {
        var removed = engine.Tables.TryRemove(name, out _);
        engine.TableCalls.Writer.TryWrite("drop");
        return removed;
    }
}
