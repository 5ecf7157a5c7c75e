using System.Collections.Concurrent;
using System.Text;
using Auie.Storage.Postgres;
using Auie.Tests.Shared;

namespace Auie.Storage.Tests;

/// <summary>The server is killed and started again while writes are under way: what was acknowledged is there, and nobody is told a falsehood.</summary>
public sealed class KilledPostgresTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_and_what_failed_is_told_as_unknown_or_did_not_happen()
    {
        const int partitions = 8;
        await using var server = await PostgresServer.StartAsync();
        await using var store = await PostgresStore.OpenAsync(server.ConnectionString, new PostgresStoreOptions { Partitions = partitions });
        var acknowledged = new ConcurrentDictionary<string, long>();
        var (failed, unknown) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        using var stop = new CancellationTokenSource();
        var progress = new SemaphoreSlim(0);

        var writers = Enumerable.Range(0, partitions).Select(number => Task.Run(async () =>
        {
            var partition = new PartitionId("acme", number);
            long? epoch = null;
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var text = $"{number}.{i}";
                try
                {
                    epoch ??= await store.ClaimEpochAsync(StoreOwners.Partition(partition), None);
                    acknowledged[text] = (await store.AppendAsync(partition, epoch.Value, [new JournalRecord("ann", Encoding.UTF8.GetBytes(text))], [], None)).First;
                    progress.Release();
                }
                catch (StoreException exception)
                {
                    if (epoch is not null)
                        (exception.OutcomeUnknown ? unknown : failed).Add(text);
                    epoch = null;
                }
            }
        })).ToArray();

        for (var round = 0; round < 4; round++)
        {
            for (var seen = 0; seen < 500; seen++)
                (await progress.WaitAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue("nothing is written any more");
            await server.KillAsync();
            await server.StartAgainAsync();
        }
        await stop.CancelAsync();
        await Task.WhenAll(writers);

        var stored = new Dictionary<string, long>();
        for (var number = 0; number < partitions; number++)
        {
            var records = await store.ReadUserAsync(new PartitionId("acme", number), "ann", 0, None);
            records.Select(record => record.Offset).ShouldBe(Enumerable.Range(1, records.Length).Select(offset => (long)offset));
            foreach (var record in records)
                stored.Add(Encoding.UTF8.GetString(record.Payload), record.Offset);
        }
        (failed.Count + unknown.Count).ShouldBeGreaterThan(0);
        foreach (var (text, offset) in acknowledged)
            stored.GetValueOrDefault(text).ShouldBe(offset);
        stored.Keys.Intersect(failed).ShouldBeEmpty();
        stored.Keys.Except(acknowledged.Keys).Except(unknown).ShouldBeEmpty();
    }
}
