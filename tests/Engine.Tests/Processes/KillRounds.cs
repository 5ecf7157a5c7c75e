using System.Net;
using System.Net.Sockets;
using Auie.Load;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Processes;

/// <summary>
/// A load from a process of its own goes on while its server is killed again and again: where a point in the store's work says, or after some number of
/// acknowledgements; while the store delays and fails; while users and partitions come and go. When all is over, every user is what was acknowledged.
/// </summary>
internal sealed class KillRounds
{
    /// <summary>A server that dies nowhere by itself is killed after so many more messages were acknowledged, at the least and at the most.</summary>
    private const int FewestMessages = 50, MostMessages = 400;

    private readonly KillRoundsOptions _options;
    private readonly Random _random;
    private readonly TemporaryFolder _folder;
    private readonly string _schema = PostgresServer.NewSchema();

    // A silo that listens where the one before it did knows that it is dead, and need not wait for its lease to run out.
    private readonly int _port = FreePort();
    private readonly SortedDictionary<string, int> _deaths = new(StringComparer.Ordinal);

    private const string AtRandom = "at random";

    private KillRounds(KillRoundsOptions options, TemporaryFolder folder)
    {
        _options = options;
        _folder = folder;
        // CA5394: what is wanted is the same numbers each time.
#pragma warning disable CA5394
        _random = new Random(options.Seed);
#pragma warning restore CA5394
    }

    public static async Task<KillRoundsResult> RunAsync(KillRoundsOptions options)
    {
        using var folder = new TemporaryFolder();
        var result = await new KillRounds(options, folder).RunAsync();
        if (result.Differences.Count > 0 && options.Keep is not null)
            folder.CopyTo(Path.Combine(options.Keep, $"{result.Store}-{result.Seed}"));
        return result;
    }

    private async Task<KillRoundsResult> RunAsync()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        var acks = _folder.At("acknowledged");
        string[] arguments =
        [
            "--users", "300", "--batch", "15", "--connections", "8", "--duplicates", "0.3", "--impostors", "0.05", "--anonymous", "0.2", "--mutual", "--progress",
            "--longest-wait", "0.2", "--timeout", "20", "--seed", $"{_options.Seed}", "--acks", acks, "--requests", _options.Tracking ? "tracking" : "events",
        ];
        await using var load = LoadProcess.Start(arguments);
        for (var round = 0; round < _options.Rounds; round++)
            await KilledAsync(load, round);

        // Undisturbed, until every message is acknowledged.
        LoadSummary summary;
        ExpectedUsers expected;
        var differences = new List<string>();
        await using (var silo = await StartAsync())
        {
            load.MoveTo(silo.Http.BaseAddress!);
            summary = await load.StopAsync().WaitAsync(SiloProcess.Patience);
            expected = new ExpectedUsers(LoadOptions.Parse(arguments), AckLog.Read(acks));
            differences.AddRange(await expected.DifferencesAsync(silo.Client));
            await silo.KillAsync();
        }

        // And once more by whoever was not there: from the states and the journal alone; then from the states alone.
        await using (var silo = await StartAsync())
        {
            differences.AddRange(await expected.DifferencesAsync(silo.Client));
            await silo.StopAsync();
        }

        await using (var silo = await StartAsync())
            differences.AddRange(await expected.DifferencesAsync(silo.Client));
        return new KillRoundsResult(_options.Postgres is null ? "SQLite" : "PostgreSQL", _options.Seed, _options.Rounds, _deaths, summary, expected.Count, differences, watch.Elapsed.TotalSeconds);
    }

    /// <summary>One life of the server under load.</summary>
    private async Task KilledAsync(LoadProcess load, int round)
    {
        var (how, settings) = Fate(round);
        await using var silo = Launch(settings);
        try
        {
            await silo.ListeningAsync();
        }
        catch (InvalidOperationException) when (silo.ExitCode == SiloProcess.Killed)
        {
            // It got to the point while it started.
            Count($"{how}, at start");
            return;
        }

        load.MoveTo(silo.Http.BaseAddress!);
        var killed = silo.ExitedAsync();
        var before = load.Acknowledged;
        var enough = load.AcknowledgedAsync(before + _random.Next(FewestMessages, MostMessages) + (how == AtRandom ? 0 : MostMessages / 2));
        Task first;
        try
        {
            first = await Task.WhenAny(killed, enough).WaitAsync(SiloProcess.Patience);
        }
        catch (TimeoutException exception)
        {
            throw new InvalidOperationException(
                $"Round {round} ({how}; {string.Join(' ', settings)}) does not end: {before} messages were acknowledged before it, {load.Acknowledged} are now. {silo.Errors}", exception);
        }

        if (first != killed)
        {
            await silo.KillAsync();
            how = AtRandom;
        }
        else if (silo.ExitCode != SiloProcess.Killed)
        {
            throw new InvalidOperationException($"The silo ended with {silo.ExitCode}. {silo.Errors}");
        }

        Count(how);
    }

    /// <summary>How a server is to die, and what befalls it until then. Every named point comes once before any comes again.</summary>
    private (string How, string[] Settings) Fate(int round)
    {
        var settings = new List<string>
        {
            $"Engine:FlushInterval=00:00:00.{_random.Next(50, 400):D3}",
            "Engine:ShareInterval=00:00:00.050",
            "Engine:TruncateAfter=100",
            "Engine:KeepForTraining=0",
            "Engine:RetryInterval=00:00:00.200",
            $"Store:Faults:Seed={_random.Next()}",
        };
        // Users and partitions that nobody has called for so long are let go, at the next of the host's rounds.
        if (round % 3 != 2)
            settings.Add($"Runtime:IdleCollection=00:00:00.{_random.Next(1, 80):D3}");
        if (round % 4 == 1)
            settings.Add("Engine:RecentKeys=0");
        if (round % 2 == 1)
        {
            settings.Add("Store:Faults:Delay=00:00:00.005");
            settings.Add($"Store:Faults:FailEvery={_random.Next(30, 90)}");
            settings.Add($"Store:Faults:LoseAnswerEvery={_random.Next(30, 90)}");
        }

        if (round % 3 == 0)
            return (AtRandom, [.. settings]);
        var point = Points[(round - round / 3 - 1) % Points.Length];
        settings.Add($"Store:Faults:KillAt:0={point}@{_random.Next(1, 12)}");
        return ($"at {point}", [.. settings]);
    }

    private static readonly string[] Points = ["before-append", "after-append", "before-flush", "after-flush", "before-truncate", "after-truncate"];

    private void Count(string how) => _deaths[how] = _deaths.GetValueOrDefault(how) + 1;

    private static int FreePort()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private async Task<SiloProcess> StartAsync()
    {
        var silo = Launch([]);
        await silo.ServingAsync();
        return silo;
    }

    private SiloProcess Launch(string[] settings)
    {
        string[] all = _options.Postgres is null ? ["Store:Synchronous=false", .. settings] : [$"Store:Schema={_schema}", "Cluster:Name=only", $"Cluster:Listen=127.0.0.1:{_port}", .. settings];
        return SiloProcess.Launch(
            ["run", "--urls", "http://127.0.0.1:0", .. (string[])(_options.Postgres is null ? ["--data", _folder.At("data")] : []), .. all.SelectMany(setting => new[] { "--set", setting })],
            _options.Postgres is null ? [] : [("AUIE_POSTGRES", _options.Postgres)]);
    }
}

/// <summary>How a server is killed: how often, and on which store (null: SQLite in a folder).</summary>
internal sealed record KillRoundsOptions(int Rounds, int Seed, string? Postgres = null)
{
    /// <summary>Whether the load speaks the tracking protocol.</summary>
    public bool Tracking { get; init; }

    /// <summary>Where the data folder and the acknowledgements are kept when users differ; null: nowhere.</summary>
    public string? Keep { get; init; }
}

/// <summary>What came of it: how the server died how often, what the generator says, how many users were compared, and where they differ.</summary>
internal sealed record KillRoundsResult(
    string Store, int Seed, int Rounds, SortedDictionary<string, int> Deaths, LoadSummary Load, int Users, IReadOnlyList<string> Differences, double Seconds);
