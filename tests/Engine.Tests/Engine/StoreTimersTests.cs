using System.Collections.Concurrent;
using Auie.Abstractions;
using Auie.Grains;
using Auie.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Auie.Engine.Tests.Engine;

/// <summary>What the log has of an outage of the store that every timer meets again and again.</summary>
public sealed class StoreTimersTests
{
    private const int Failures = 12;

    [Fact]
    public async Task An_outage_that_every_timer_meets_is_told_once_counted_and_told_when_it_is_over()
    {
        var (isGone, failed) = (true, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var log = new KeptLog("succeeds again");
        await using var engine = await TestEngine.StartWithAsync(
            services =>
            {
                GatedStore.Before((call, _) =>
                {
                    if (call != nameof(IEngineStore.FlushAsync) || !Volatile.Read(ref isGone))
                        return Task.CompletedTask;
                    if (Interlocked.Increment(ref failed) == Failures)
                        enough.SetResult();
                    return Task.FromException(new StoreException("The database is gone."));
                })(services);
                services.AddSingleton<ILoggerProvider>(log);
            },
            null, 4, "Engine:FlushInterval=00:00:00.05", $"Logging:LogLevel:{typeof(StoreTimers).FullName}=Information");
        await engine.SendAsync([.. Enumerable.Range(0, 20).Select(i => new UserEvent { UserId = $"u{i}", MessageId = "1", Kind = "viewed", Item = "i", At = DateTimeOffset.UnixEpoch.AddYears(50) })]);
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Volatile.Write(ref isGone, false);

        var over = await log.Awaited.WaitAsync(TimeSpan.FromSeconds(60));
        int.Parse(over.Split(' ').SkipWhile(word => word != "failed").ElementAt(1)).ShouldBeGreaterThanOrEqualTo(Failures);
        log.Entries.Where(entry => entry.Exception is not null).ShouldHaveSingleItem().Exception!.Message.ShouldContain("The database is gone.");
    }

    [Fact]
    public async Task A_timer_that_comes_rarely_is_not_waited_for_and_a_second_outage_is_told()
    {
        var time = new HeldTime(TimeSpan.FromMinutes(1));
        using var log = new KeptLog("succeeds again");
        var timers = new StoreTimers(time, new LoggerFactory([log]).CreateLogger<StoreTimers>());
        var isGone = true;
        Task Call(CancellationToken ended) => isGone ? Task.FromException(new UnavailableException("The database is gone.")) : Task.CompletedTask;
        var (often, rarely) = (timers.Of(Call, TimeSpan.FromSeconds(5)), timers.Of(Call, TimeSpan.FromHours(1)));

        await rarely(CancellationToken.None);
        isGone = false;
        await often(CancellationToken.None);
        log.Awaited.IsCompleted.ShouldBeFalse("it has only just failed");
        time.Advance();
        await often(CancellationToken.None);
        (await log.Awaited.WaitAsync(TimeSpan.FromSeconds(20))).ShouldContain("failed 1 times");

        isGone = true;
        await often(CancellationToken.None);
        await rarely(CancellationToken.None);
        log.Entries.Count(entry => entry.Exception is not null).ShouldBe(2);
    }

    [Fact]
    public async Task A_timer_that_fails_once_more_after_its_grain_has_ended_is_not_waited_for()
    {
        using var log = new KeptLog("succeeds again");
        var timers = new StoreTimers(TimeProvider.System, new LoggerFactory([log]).CreateLogger<StoreTimers>());
        using var ended = new CancellationTokenSource();
        var isGone = true;
        Task Call(CancellationToken ended) => isGone ? Task.FromException(new UnavailableException("The database is gone.")) : Task.CompletedTask;
        var (one, other) = (timers.Of(Call, TimeSpan.FromSeconds(5)), timers.Of(Call, TimeSpan.FromSeconds(5)));

        await one(ended.Token);
        await other(CancellationToken.None);
        await ended.CancelAsync();
        await one(ended.Token);
        isGone = false;
        await other(CancellationToken.None);
        log.Awaited.IsCompletedSuccessfully.ShouldBeTrue("nobody else will ever succeed");

        isGone = true;
        await other(CancellationToken.None);
        log.Entries.Count(entry => entry.Exception is not null).ShouldBe(2);
    }

    [Fact]
    public async Task That_nothing_can_be_delivered_is_told_once_however_much_is_owed()
    {
        var (isGone, failed) = (true, 0);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var log = new KeptLog("succeeds again");
        await using var engine = await TestEngine.StartWithAsync(
            services =>
            {
                GatedStore.Before((call, arguments) =>
                {
                    if (call != nameof(IEngineStore.AppendAsync) || !Volatile.Read(ref isGone) || !((PartitionId)arguments[0]!).Tenant.EndsWith("/items", StringComparison.Ordinal))
                        return Task.CompletedTask;
                    if (Interlocked.Increment(ref failed) == Failures)
                        enough.SetResult();
                    return Task.FromException(new StoreException("The database is gone."));
                })(services);
                services.AddSingleton<ILoggerProvider>(log);
            },
            null, 2, "Engine:RetryInterval=00:00:00.05", $"Logging:LogLevel:{typeof(StoreTimers).FullName}=Information");
        await engine.SendAsync([.. Enumerable.Range(0, 20).Select(i => new UserEvent { UserId = $"u{i}", MessageId = "1", Kind = "yes", Item = $"i{i}", At = DateTimeOffset.UnixEpoch.AddYears(50) })]);
        await enough.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Volatile.Write(ref isGone, false);

        await log.Awaited.WaitAsync(TimeSpan.FromSeconds(60));
        log.Entries.Where(entry => entry.Exception is not null).ShouldHaveSingleItem().Exception!.ToString().ShouldContain("The database is gone.");
    }

    /// <summary>Keeps what is logged, and waits for a line with some words.</summary>
    private sealed class KeptLog(string words) : ILoggerProvider, ILogger
    {
        private readonly TaskCompletionSource<string> _awaited = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Awaited => _awaited.Task;

        public ConcurrentQueue<(string Line, Exception? Exception)> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var line = formatter(state, exception);
            Entries.Enqueue((line, exception));
            if (line.Contains(words, StringComparison.Ordinal))
                _awaited.TrySetResult(line);
        }

        public void Dispose()
        {
        }
    }
}
