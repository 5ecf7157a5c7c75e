using Auie.Abstractions;
using Auie.Client;
using Auie.Core.Jobs;
using Auie.Core.Segments;
using Auie.Silo;
using Auie.Silo.Demo;
using Auie.Storage;
using Auie.Tests.Shared;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Engine;

/// <summary>A whole silo in this process, as <c>run</c> starts it, over a folder of its own; every local call is serialized.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    private readonly bool _ownsFolder;

    private TestEngine(WebApplication app, string folder, bool ownsFolder)
    {
        App = app;
        Folder = folder;
        _ownsFolder = ownsFolder;
    }

    public WebApplication App { get; }

    public string Folder { get; }

    public string Url => App.Urls.First();

    public EngineClient Client => App.Services.GetRequiredService<EngineClient>();

    public IGrainFactory Grains => App.Services.GetRequiredService<IGrainFactory>();

    public IEngineStore Store => App.Services.GetRequiredService<IEngineStore>();

    public static Task<TestEngine> StartAsync(string? folder = null, int? partitions = null, params string[] settings) =>
        StartWithAsync(null, folder, partitions, settings);

    /// <param name="replace">What is put in place of the silo's usual services, or beside them.</param>
    public static async Task<TestEngine> StartWithAsync(
        Action<IServiceCollection>? replace, string? folder = null, int? partitions = null, params string[] settings)
    {
        var own = folder is null;
        folder ??= Directory.CreateTempSubdirectory("auie-test-").FullName;
        var silo = new SiloSettings { Data = folder, Partitions = partitions, Overrides = ["--Store:Synchronous=false", .. settings.Select(setting => "--" + setting)] };
        return new TestEngine(await ServeAsync(silo, replace), folder, own);
    }

    /// <summary>Over a schema of a PostgreSQL server's.</summary>
    public static async Task<TestEngine> StartOnPostgresAsync(PostgresServer server, string schema) =>
        new(await ServeAsync(new SiloSettings { Postgres = server.ConnectionString, Overrides = [$"--Store:Schema={schema}"] }, null), "", ownsFolder: false);

    private static async Task<WebApplication> ServeAsync(SiloSettings settings, Action<IServiceCollection>? replace)
    {
        var app = await SiloHost.BuildAsync(settings with
        {
            Urls = "http://127.0.0.1:0",
            Overrides = ["--Runtime:SerializeLocalCalls=true", "--Logging:LogLevel:Default=Warning", .. settings.Overrides],
        }, replace);
        await app.StartAsync();
        return app;
    }

    public async Task LoadAsync(DemoWorld world) =>
        await new DemoLoader(Grains, Client.Tenant, Store.Partitions).LoadAsync(world, _ => { }, CancellationToken.None);

    /// <summary>Runs a job to its end.</summary>
    public async Task<JobView> RunAsync(JobRequest request)
    {
        var job = await Client.StartJob(request, CancellationToken.None);
        await foreach (var now in Client.WatchJob(job.Id, CancellationToken.None))
            job = now;
        return job;
    }

    public async Task<SegmentationView> SucceedAsync(JobRequest request)
    {
        var job = await RunAsync(request);
        job.State.ShouldBe("succeeded", job.Error);
        return job.Result.ShouldNotBeNull();
    }

    /// <summary>Erases somebody, and asks until all of it is done.</summary>
    public async Task<ErasureView> EraseAsync(string user) => await UntilErasedAsync((await Client.EraseUser(user, "test", CancellationToken.None)).Id);

    /// <summary>Asks for an erasure's receipt until all of it is done.</summary>
    public async Task<ErasureView> UntilErasedAsync(string receipt)
    {
        while (true)
        {
            if ((await Client.GetErasure(receipt, CancellationToken.None)).ShouldNotBeNull() is { State: "done" } done)
                return done;
            await Task.Yield();
        }
    }

    /// <summary>Every member of every segment.</summary>
    public async Task<Dictionary<string, int>> MembersAsync(SegmentationView segmentation, int page = 1_000)
    {
        var all = new Dictionary<string, int>();
        foreach (var segment in segmentation.Segments)
        {
            string? cursor = null;
            do
            {
                var members = (await Client.GetMembers(segmentation.Version, segment.Segment, cursor, page, CancellationToken.None)).ShouldNotBeNull();
                foreach (var member in members.Members)
                    all.Add(member, segment.Segment);
                cursor = members.Next;
            }
            while (cursor is not null);
        }

        return all;
    }

    /// <summary>The encoded model of the only job, which was over a table.</summary>
    public async Task<byte[]> TableModelAsync()
    {
        await foreach (var (_, job) in Store.ReadDocumentsAsync(Client.Tenant, "job", CancellationToken.None))
            return SegmentationJob.Decode(job).Model.ShouldNotBeNull();
        throw new InvalidOperationException("There is no job.");
    }

    /// <summary>Makes a table, whole.</summary>
    public async Task<TableView> MakeTableAsync(string name, string[] columns, int shards, double[] values, int rowsAtOnce = int.MaxValue, string[]? ids = null)
    {
        var table = await Client.CreateTable(name, columns, shards, CancellationToken.None);
        var rows = values.Length / columns.Length;
        for (var row = 0; row < rows; row += rowsAtOnce)
        {
            var take = Math.Min(rowsAtOnce, rows - row);
            await Client.AppendRows(table, row, values[(row * columns.Length)..((row + take) * columns.Length)], ids?[row..(row + take)], CancellationToken.None);
            if (take == rows)
                break;
        }

        return await Client.CompleteTable(table, CancellationToken.None);
    }

    /// <summary>The cluster of every row of a table by the only job's model; asks the shards themselves, as a job does.</summary>
    public async Task<int[]> TableLabelsAsync(string name)
    {
        var model = SegmentModelCodec.Decode(await TableModelAsync());
        var table = (await Grains.GetGrain<ITableGrain>(GrainKeys.Table(Client.Tenant, name)).Get(CancellationToken.None)).ShouldNotBeNull();
        int[] columns = [.. Enumerable.Range(0, table.Columns.Length)];
        var scale = model.Scale;
        var labels = new int[table.Rows];
        for (var number = 0; number < table.Shards; number++)
        {
            var shard = Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(Client.Tenant, $"table:{name}@{table.Generation}", number));
            await shard.Pin(new ShardPin { Job = "check", Features = [], Columns = columns, TableColumns = columns.Length, Rows = table.Rows }, CancellationToken.None);
            await shard.Standardise("check", new ScaleMessage
            {
                Rows = scale.Rows, Raw = scale.Raw, Missing = scale.Missing, Fill = scale.Fill, Mean = scale.Mean, Deviation = scale.Deviation,
                Constant = scale.Constant, Exponent = scale.Exponent,
            }, CancellationToken.None);
            var part = await shard.Labels("check", [.. model.Centroids], CancellationToken.None);
            for (var i = 0; i < part.Labels.Length; i++)
                labels[part.RowIds[i]] = part.Labels[i];
        }

        return labels;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}
