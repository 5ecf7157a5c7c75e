using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Cluster;

/// <summary>
/// Every answer about a user was current at some moment between request and answer, and versions never go back, while silos that own users are paused past their lease
/// and woken, or cut off from the others, with the store or without it. AUIE_PAUSE_ROUNDS says how often; AUIE_PAUSE_LEASES=default has leases as long as an operator's, to be timed.
/// </summary>
public sealed class LinearizabilityTests(ITestOutputHelper output)
{
    private const int Users = 24, Writers = 4, Readers = 6;

    private static int Rounds => int.TryParse(Environment.GetEnvironmentVariable("AUIE_PAUSE_ROUNDS"), out var rounds) ? rounds : 1;

    private static string[] Leases => Environment.GetEnvironmentVariable("AUIE_PAUSE_LEASES") == "default" ? [] : SiloCluster.QuickLeases;

    [PostgresFact]
    public async Task What_a_silo_says_that_was_paused_past_its_lease_is_never_old()
    {
        await using var cluster = await SiloCluster.StartAsync(3, Leases);
        await LoseAndRegainAsync(cluster, silo => cluster[silo].PauseAsync(), silo => cluster[silo].WakeAsync());
    }

    [NetworkFact]
    public async Task What_a_silo_says_that_is_cut_off_from_the_others_and_the_store_is_never_old()
    {
        await using var cluster = await SiloCluster.StartApartAsync(3, Leases);
        var network = cluster.Network!;
        await LoseAndRegainAsync(cluster, network.CutAsync, network.HealAsync);
    }

    [NetworkFact]
    public async Task What_a_silo_says_that_reaches_the_store_but_not_the_others_is_never_old()
    {
        await using var cluster = await SiloCluster.StartApartAsync(3, Leases);
        var network = cluster.Network!;
        await LoseAndRegainAsync(
            cluster,
            async silo =>
            {
                await network.SeparateAsync(silo);
                await SiloCluster.ReadyAsync(cluster[silo], ready: false);
            },
            network.UniteAsync);
    }

    /// <summary>Has one silo after the other lost until the rest serve what it had, and then regained, while all of them are written to and read from.</summary>
    private async Task LoseAndRegainAsync(SiloCluster cluster, Func<int, Task> lose, Func<int, Task> regain)
    {
        var history = new History();
        using var over = new CancellationTokenSource();
        // Whoever is lost is asked as well: what it answers is what may be old.
        var work = Enumerable.Range(0, Writers).Select(writer => WriteAsync(cluster, writer, history, over.Token))
            .Concat(Enumerable.Range(0, Readers).Select(reader => ReadAsync(cluster, reader, history, over.Token))).ToArray();
        for (var round = 0; round < Rounds; round++)
        {
            await history.AnsweredAsync(300);
            var lost = round % 3 + 1;
            var asked = cluster[lost % 3 + 1];
            var watch = Stopwatch.StartNew();
            await lose(lost);
            await cluster.UntilAsync(asked, silos => silos.Where(silo => silo.Name != SiloCluster.NameOf(lost)).Sum(silo => silo.Slots.Length) == 16);
            output.WriteLine(FormattableString.Invariant($"{SiloCluster.NameOf(lost)} is lost, and the others serve all slots after {watch.Elapsed.TotalSeconds:0.00} s."));
            await history.AnsweredAsync(200);
            await regain(lost);
            await cluster.SettledAsync(cluster[lost], 3);
        }

        await history.AnsweredAsync(300);
        await over.CancelAsync();
        await Task.WhenAll(work);
        output.WriteLine($"{history.Writes} writes, {history.Reads} reads, {history.Failed} that were not answered.");
        history.Reads.ShouldBeGreaterThan(100);
        history.Violations.ShouldBeEmpty();
    }

    private static string UserId(int user) => $"lin-{user}";

    /// <summary>Each writer has users of its own, one event after the other; one whose outcome is unknown is sent again.</summary>
    private static async Task WriteAsync(SiloCluster cluster, int writer, History history, CancellationToken over)
    {
        for (var number = 0; !over.IsCancellationRequested; number++)
        {
            var user = writer + number % (Users / Writers) * Writers;
            var @event = new UserEvent
            {
                UserId = UserId(user), MessageId = $"w{writer}-{number}", Kind = "viewed", Item = "e1", Platform = "web",
                At = DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(number),
            };
            history.WriteBegins(user);
            for (var attempt = 0; ; attempt++)
            {
                using var late = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                try
                {
                    (await cluster[(number + attempt) % 3 + 1].Client.SendEvents([@event], cancellationToken: late.Token)).Refused.ShouldBeEmpty();
                    history.WriteIsAcknowledged(user);
                    break;
                }
                catch (Exception exception) when (exception is AuieHttpException or HttpRequestException or OperationCanceledException)
                {
                    Interlocked.Increment(ref history.Failed);
                    await Task.Delay(20, CancellationToken.None);
                }
            }
        }
    }

    private static async Task ReadAsync(SiloCluster cluster, int reader, History history, CancellationToken over)
    {
        // Each asks one silo: one that asks a paused silo waits for its answer until it wakes.
        var silo = cluster[reader % 3 + 1];
        for (var number = reader; !over.IsCancellationRequested; number++)
        {
            var user = number % Users;
            var least = history.ReadBegins(user);
            using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            try
            {
                var view = await silo.Client.GetUser(UserId(user), cancellationToken: late.Token);
                history.ReadEnds(user, least, view.Events.GetValueOrDefault("viewed"), view.Version);
            }
            catch (AuieHttpException exception) when (exception.Status == System.Net.HttpStatusCode.NotFound)
            {
                history.ReadEnds(user, least, 0, null);
            }
            catch (Exception exception) when (exception is AuieHttpException or HttpRequestException or OperationCanceledException)
            {
                Interlocked.Increment(ref history.Failed);
            }
        }
    }

    /// <summary>
    /// Of each user a counter that only grows, by one an event: a read has to see at least what was acknowledged, or read by anybody, before it began, and at most what
    /// was begun before it ended. For a register that only grows this is linearizability.
    /// </summary>
    private sealed class History
    {
        private readonly Lock _gate = new();
        private readonly long[] _begun = new long[Users], _acknowledged = new long[Users], _seen = new long[Users], _offsets = new long[Users];
        private long _answered;

        public ConcurrentBag<string> Violations { get; } = [];

        public long Writes { get; private set; }

        public long Reads { get; private set; }

        public int Failed;

        public void WriteBegins(int user)
        {
            lock (_gate)
                _begun[user]++;
        }

        public void WriteIsAcknowledged(int user)
        {
            lock (_gate)
            {
                _acknowledged[user]++;
                Writes++;
                _answered++;
            }
        }

        public (long Count, long Offset) ReadBegins(int user)
        {
            lock (_gate)
                return (Math.Max(_acknowledged[user], _seen[user]), _offsets[user]);
        }

        public void ReadEnds(int user, (long Count, long Offset) least, long count, string? version)
        {
            var offset = version is null ? 0 : long.Parse(version[(version.IndexOf('.', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);
            lock (_gate)
            {
                if (count < least.Count)
                    Violations.Add($"{UserId(user)}: {count} events are read, when {least.Count} had been acknowledged or read before the read began");
                if (count > _begun[user])
                    Violations.Add($"{UserId(user)}: {count} events are read, and {_begun[user]} were ever sent");
                if (offset < least.Offset)
                    Violations.Add($"{UserId(user)}: version {version} is read, when offset {least.Offset} had been read before the read began");
                _seen[user] = Math.Max(_seen[user], count);
                _offsets[user] = Math.Max(_offsets[user], offset);
                Reads++;
                _answered++;
            }
        }

        /// <summary>Waits for so many answers more.</summary>
        public async Task AnsweredAsync(int more)
        {
            long from;
            lock (_gate)
                from = _answered;
            for (var watch = Stopwatch.StartNew(); ; await Task.Delay(20))
            {
                lock (_gate)
                {
                    if (_answered >= from + more)
                        return;
                }

                if (watch.Elapsed > SiloProcess.Patience)
                    throw new InvalidOperationException($"Only {_answered - from} of {more} answers came.");
            }
        }
    }
}
