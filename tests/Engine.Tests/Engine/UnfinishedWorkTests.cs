using Auie.Abstractions;
using Auie.Core.Jobs;
using Auie.Core.Privacy;
using Auie.Storage;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

/// <summary>A grain that does not know what became of a write ends, and with it what it was at. Here nobody asks for it again: what was left is taken up all the same.</summary>
public sealed class UnfinishedWorkTests
{
    private const string Soon = "Engine:UnfinishedInterval=00:00:00.05";

    [Fact]
    public async Task A_job_whose_checkpoint_may_or_may_not_be_written_ends_though_nobody_asks_for_it_and_other_work_cannot_be_taken_up()
    {
        var lost = 0;
        await using var engine = await StartAsync((method, arguments) =>
            // Of one shard of items it is never known whether anything is left there.
            method == nameof(IEngineStore.OpenPartitionAsync) && arguments[0]!.Equals(PartitionId.OfItems("default", 1)) ? new StoreException("It cannot be read.")
            : Writes(method, arguments, "checkpoint") && Interlocked.Increment(ref lost) == 1 ? Unknown : null);
        await engine.MakeTableAsync("t", ["a"], 2, [.. Enumerable.Range(0, 60).Select(i => (double)(i % 3 * 100 + i))]);
        await engine.Client.StartJob(new JobRequest { Table = "t", KMin = 2, KMax = 3, Seed = 1 }, CancellationToken.None);

        await UntilAsync(async () => await AllAsync(engine, "job", bytes => SegmentationJob.Decode(bytes) is { Done: true, State: JobState.Succeeded }));
        lost.ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task An_erasure_of_whose_step_nobody_knows_whether_it_was_written_ends_though_nobody_asks_for_it()
    {
        var written = 0;
        // The first says that it began, the second that its users are closed; both are of the call that asks for it.
        await using var engine = await StartAsync((method, arguments) => Writes(method, arguments, "erasure") && Interlocked.Increment(ref written) == 3 ? Unknown : null);
        await engine.SendAsync(Viewed("ann", "m1"));
        await engine.Client.EraseUser("ann", "test", CancellationToken.None);

        await UntilAsync(async () => await AllAsync(engine, "erasure", bytes => ErasureReceipt.Decode(bytes).Phase == ErasurePhase.Done));
        written.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task Records_of_whose_flush_nobody_knows_whether_it_was_written_are_flushed_though_nobody_asks_for_it()
    {
        var flushes = 0;
        await using var engine = await StartAsync(
            (method, _) => method == nameof(IEngineStore.FlushAsync) && Interlocked.Increment(ref flushes) == 1 ? Unknown : null,
            "Engine:FlushInterval=00:00:00.02", "Engine:RetryInterval=00:00:00.05");
        await engine.SendAsync(Viewed("ann", "m1"));

        await UntilAsync(async () => flushes > 1
            && (await Task.WhenAll(Enumerable.Range(0, 2).Select(number => engine.Store.OpenPartitionAsync(new PartitionId("default", number), CancellationToken.None)))).All(at => at.Pending.Length == 0));
    }

    private static StoreException Unknown => new("The connection broke.", null, outcomeUnknown: true);

    /// <param name="failure">What a call of the store fails with, by its name and arguments; null for one that does not.</param>
    private static Task<TestEngine> StartAsync(Func<string, object?[], Exception?> failure, params string[] settings) => TestEngine.StartWithAsync(
        GatedStore.Before((method, arguments) => failure(method, arguments) is { } exception ? Task.FromException(exception) : Task.CompletedTask), null, 2, [Soon, .. settings]);

    private static bool Writes(string method, object?[] arguments, string kind) =>
        method == nameof(IEngineStore.WriteDocumentsAsync) && ((IReadOnlyList<DocumentWrite>)arguments[3]!).Any(document => document.Kind == kind && document.Data is not null);

    private static async Task<bool> AllAsync(TestEngine engine, string kind, Func<byte[], bool> holds)
    {
        var any = false;
        await foreach (var (_, bytes) in engine.Store.ReadDocumentsAsync("default", kind, CancellationToken.None))
        {
            any = true;
            if (!holds(bytes))
                return false;
        }

        return any;
    }

    /// <summary>Looks into the store, which no grain notices, again and again.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            late.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
