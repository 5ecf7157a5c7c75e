using System.Diagnostics;
using Auie.Abstractions;
using Auie.Client;
using Auie.Core.Clustering;
using Auie.Grains;
using Auie.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Bench;

/// <summary>A table in a silo of this process, and its rows as a job has them: in shards behind grains.</summary>
internal sealed class GrainRows : IAsyncDisposable
{
    /// <summary>Over how many shards the table is spread.</summary>
    public const int Shards = 4;

    private const int RowsAtOnce = 10_000;
    private readonly BenchFolder _folder;
    private readonly WebApplication _silo;
    private readonly EngineClient _engine;
    private readonly TableView _table;

    private GrainRows(BenchFolder folder, WebApplication silo, EngineClient engine, TableView table, GrainShards rows) =>
        (_folder, _silo, _engine, _table, Rows) = (folder, silo, engine, table, rows);

    /// <summary>The rows, pinned.</summary>
    public IFeatureShards Rows { get; }

    public static async Task<GrainRows> StartAsync(double[] values, int columns)
    {
        var folder = new BenchFolder();
        var silo = await SiloHost.BuildAsync(new SiloSettings
        {
            Data = folder.FullName,
            Urls = "http://127.0.0.1:0",
            Overrides = ["--Logging:LogLevel:Default=Warning", $"--Engine:MaxTableValues={values.Length}", $"--Engine:MaxValuesOfAllTables={values.Length}"],
        });
        await silo.StartAsync();
        var engine = silo.Services.GetRequiredService<EngineClient>();
        var table = await engine.CreateTable("rows", [.. Enumerable.Range(0, columns).Select(c => $"c{c}")], Shards, CancellationToken.None);
        for (var at = 0; at < values.Length; at += RowsAtOnce * columns)
            await engine.AppendRows(table, at / columns, values[at..Math.Min(at + (RowsAtOnce * columns), values.Length)], null, CancellationToken.None);
        table = await engine.CompleteTable(table, CancellationToken.None);

        var keys = Enumerable.Range(0, Shards).Select(shard => GrainKeys.Shard(engine.Tenant, DataSets.Table(table.Name, table.Generation), shard)).ToArray();
        var rows = GrainShards.Over(silo.Services.GetRequiredService<IGrainFactory>(), silo.Services.GetRequiredService<IShardPlacement>().Group(keys), new ShardPin
        {
            Job = "bench",
            Features = [],
            Columns = [.. Enumerable.Range(0, columns)],
            TableColumns = columns,
            Rows = table.Rows,
        });
        await rows.PinAsync(CancellationToken.None);
        return new GrainRows(folder, silo, engine, table, rows);
    }

    /// <summary>Computes on the silo's compute pool.</summary>
    public Task ComputeAsync(Action compute, CancellationToken cancellationToken) => _silo.Services.GetRequiredService<ComputePool>().Run(compute, cancellationToken);

    /// <summary>Seconds from the order of a job to its model.</summary>
    public async Task<double> SweepAsync(int kMin, int kMax, int starts)
    {
        var since = Stopwatch.GetTimestamp();
        var job = await _engine.StartJob(new JobRequest { Table = _table.Name, KMin = kMin, KMax = kMax, Starts = starts }, CancellationToken.None);
        await foreach (var now in _engine.WatchJob(job.Id, CancellationToken.None))
            job = now;
        return job.Result is null ? throw new InvalidOperationException($"The job {job.State}: {job.Error}") : Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    public async ValueTask DisposeAsync()
    {
        await _silo.StopAsync();
        await _silo.DisposeAsync();
        _folder.Dispose();
    }
}
