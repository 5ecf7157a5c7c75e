using Auie.Abstractions;
using Auie.Client;
using Auie.Silo;
using Auie.Silo.Demo;
using Auie.Storage;
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

    public static async Task<TestEngine> StartAsync(string? folder = null, int? partitions = null, params string[] settings)
    {
        var own = folder is null;
        folder ??= Directory.CreateTempSubdirectory("auie-test-").FullName;
        var app = await SiloHost.BuildAsync(new SiloSettings
        {
            Data = folder,
            Urls = "http://127.0.0.1:0",
            Partitions = partitions,
            Overrides =
            [
                "--Runtime:SerializeLocalCalls=true", "--Store:Synchronous=false", "--Logging:LogLevel:Default=Warning",
                .. settings.Select(setting => "--" + setting),
            ],
        });
        await app.StartAsync();
        return new TestEngine(app, folder, own);
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

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        if (_ownsFolder)
            Directory.Delete(Folder, recursive: true);
    }
}
