using System.Diagnostics;
using System.Globalization;
using System.Text;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;
using Auie.Load;
using Auie.Tests.Shared;

namespace Auie.Bench;

/// <summary>
/// What a second silo costs where it brings no further cores: one silo and two over PostgreSQL on the same machine take in events and make a segmentation, turn by turn. And how long the
/// users of a silo that is killed are not served, with the leases as they are by default.
/// </summary>
internal static class ClusterBench
{
    private const int Users = 20_000, Batch = 100, Connections = 32, Rows = 38_000, Columns = 12;
    private static readonly TimeSpan Warmup = TimeSpan.FromSeconds(8);

    /// <param name="args">--seconds N of each window of events (8); --rounds N (3); --kills N (3).</param>
    public static async Task<Report> Run(string[] args)
    {
        var seconds = int.Parse(Programs.Option(args, "--seconds") ?? "8");
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "3");
        var kills = int.Parse(Programs.Option(args, "--kills") ?? "3");
        await using var server = await PostgresServer.StartAsync(syncs: true);
        var (one, two) = (new Found(), new Found());
        await using (var alone = await Silos.StartAsync(server, 1))
        await using (var both = await Silos.StartAsync(server, 2))
        {
            foreach (var silos in new[] { alone, both })
            {
                await Say($"{silos.Count} silo(s): users and a table…");
                await EventsAsync(silos, 1, seconds);
                await silos[0].Client.PutTable("rows", new StringContent(Table(), Encoding.UTF8, "text/csv"), shards: 8);
                await SegmentsAsync(silos[0].Client);
            }

            for (var round = 0; round < rounds; round++)
            {
                await Say($"round {round + 1}…");
                foreach (var (silos, found) in new[] { (alone, one), (both, two) })
                {
                    found.Events.Add(await EventsAsync(silos, 10 + round, seconds));
                    found.Seconds.Add(await SegmentsAsync(silos[0].Client));
                }
            }
        }

        var unserved = new List<double>();
        for (var kill = 0; kill < kills; kill++)
        {
            await Say($"kill {kill + 1}…");
            unserved.Add(await UnservedAsync(server));
        }

        var (events, fit) = (Measurement.Of("", "", one.Events).Median, Measurement.Of("", "", one.Seconds).Median);
        return new(
            "A second silo on the same machine",
            $"dotnet run -c Release --project bench/Auie.Bench -- cluster --seconds {seconds} --rounds {rounds} --kills {kills}",
            Machine.Here,
            rounds,
            [
                Measurement.Of("events in batches of 100, one silo", "events/s", one.Events, events),
                Measurement.Of("events in batches of 100, two silos", "events/s", two.Events, events),
                Measurement.Of($"segmentation of {Rows:N0} x {Columns}, k = 2..8, one silo", "s", one.Seconds, fit),
                Measurement.Of($"segmentation of {Rows:N0} x {Columns}, k = 2..8, two silos", "s", two.Seconds, fit),
                Measurement.Of("users of a killed silo unserved", "s", unserved),
            ],
            [
                "Silos, two processes of load (half of the connections each, one to each silo where there are two) and PostgreSQL share the machine's cores: the second silo brings nothing but its cost. Half of the events of a batch belong to the other silo.",
                "The segmentation's rows are a table in 8 shards, spread over the silos; silhouettes are exact.",
                "Unserved: from the kill (SIGKILL) of one of two silos to the last moment at which one of the users that it served was not answered by the other, all of them asked again and again; leases, margins and heartbeats as by default.",
            ]);
    }

    /// <summary>Events acknowledged a second by all silos together.</summary>
    private static async Task<double> EventsAsync(Silos silos, int seed, int seconds)
    {
        var loads = await Task.WhenAll(Enumerable.Range(0, 2).Select(half => LoadProcess.RunAsync(
            "--endpoint", silos[half % silos.Count].Http.BaseAddress!.AbsoluteUri, "--users", $"{Users}", "--seed", $"{2 * seed + half}", "--batch", $"{Batch}", "--connections", $"{Connections}",
            "--seconds", $"{seconds}", "--warmup", Warmup.TotalSeconds.ToString(CultureInfo.InvariantCulture), "--prefix", $"h{half}-")));
        return loads.Sum(load => load.PerSecond);
    }

    private static async Task<double> SegmentsAsync(AuieHttpClient client)
    {
        var watch = Stopwatch.StartNew();
        var job = await client.StartJob(new JobOrder { Table = "rows", KMin = 2, KMax = 8, Starts = 8 });
        await foreach (var now in client.WatchJob(job.Id))
            job = now;
        return job.State == "succeeded" ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"The segmentation {job.State}: {job.Error}");
    }

    private static async Task<double> UnservedAsync(PostgresServer server)
    {
        await using var silos = await Silos.StartAsync(server, 2);
        var users = Enumerable.Range(0, 64).Select(i => $"u{i}").ToArray();
        await silos[0].Client.SendEvents([.. users.Select(user => new Abstractions.UserEvent { UserId = user, MessageId = "m", Kind = "viewed", Item = "i", At = DateTimeOffset.UtcNow })]);
        using var over = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        var last = new double[users.Length];
        var asking = users.Select(async (user, i) =>
        {
            while (!over.IsCancellationRequested)
            {
                var began = watch.Elapsed;
                var served = true;
                try
                {
                    await silos[0].Client.GetUser(user);
                }
                catch (Exception exception) when (exception is AuieHttpException or HttpRequestException)
                {
                    served = false;
                }

                // Who waited for an answer was not served meanwhile.
                if (!served || watch.Elapsed - began > TimeSpan.FromSeconds(.5))
                    last[i] = watch.Elapsed.TotalSeconds;
                await Task.Delay(10);
            }
        }).ToArray();
        await Task.Delay(1_000);
        var killed = watch.Elapsed.TotalSeconds;
        await silos[1].KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(20));
        await over.CancelAsync();
        await Task.WhenAll(asking);
        return last.Max() - killed;
    }

    private static string Table()
    {
        var (text, random) = (new StringBuilder(string.Join(',', Enumerable.Range(0, Columns).Select(c => $"c{c}"))).AppendLine(), new Random(7));
        for (var row = 0; row < Rows; row++)
        {
            var heap = row % 5;
            text.AppendJoin(',', Enumerable.Range(0, Columns).Select(c => (heap * (c % 3 + 1) + random.NextDouble() * 2).ToString("0.####", CultureInfo.InvariantCulture))).AppendLine();
        }

        return text.ToString();
    }

    private static Task Say(string what) => Console.Error.WriteLineAsync(what);

    private sealed class Found
    {
        public List<double> Events { get; } = [];

        public List<double> Seconds { get; } = [];
    }

    /// <summary>Silos over a schema of their own.</summary>
    private sealed class Silos : IAsyncDisposable
    {
        private readonly List<SiloProcess> _all = [];

        public int Count => _all.Count;

        public SiloProcess this[int number] => _all[number];

        public static async Task<Silos> StartAsync(PostgresServer server, int count)
        {
            var (silos, schema) = (new Silos(), PostgresServer.NewSchema());
            for (var number = 1; number <= count; number++)
            {
                var silo = SiloProcess.Launch(
                    ["run", "--urls", "http://127.0.0.1:0", "--set", $"Store:Schema={schema}", "--set", $"Cluster:Name=silo-{number}", "--set", "Logging:LogLevel:Default=Warning"],
                    ("AUIE_POSTGRES", server.ConnectionString));
                silos._all.Add(silo);
                await silo.ListeningAsync();
            }

            while ((await silos[0].Client.ListSilos()).Silos is var list && (list.Length != count || list.Any(silo => silo.Slots.Length != 16 / count)))
                await Task.Delay(50);
            return silos;
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var silo in _all)
                await silo.DisposeAsync();
        }
    }
}
