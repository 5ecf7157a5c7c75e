using System.Globalization;
using System.Net;
using Auie.Client.Http;
using Auie.Engine.Tests.Processes;

namespace Auie.Bench;

/// <summary>
/// Resident memory of a server over what it has when idle, for a table that is loaded over HTTP and clustered: a fresh process for each
/// table. Peaks are the system's own (VmHWM), which nothing escapes.
/// </summary>
internal static class MemoryBench
{
    private const double MostOfData = 1.3, MostBesides = 60;
    private static readonly PlantedRows[] All = [new("A", 38_000, 12, 5), new("B", 1_000_000, 16, 16), new("C", 1_000_000, 64, 32)];

    /// <param name="args">Which data (A, B, C; all); --starts N (1) of each k.</param>
    public static async Task<Report> Run(string[] args)
    {
        var starts = int.Parse(Programs.Option(args, "--starts") ?? "1", CultureInfo.InvariantCulture);
        var chosen = All.Where(data => args.Contains(data.Name)).ToArray();
        var (measured, notes) = (new List<Measurement>(), new List<string>
        {
            $"A table over HTTP as CSV, then two jobs over it one after the other: k = its planted number, and k = 2 and 3, {starts} start(s) each, with silhouettes. SQLite.",
            $"To be met: at most {MostOfData.ToString(CultureInfo.InvariantCulture)} times the data (rows x columns x 4 bytes) and {MostBesides} MB over the idle process. Megabytes are of 10^6 bytes.",
        });
        foreach (var data in chosen.Length == 0 ? All : chosen)
        {
            var found = await OfAsync(data, starts);
            var size = data.Rows * (double)data.Columns * sizeof(float) / 1e6;
            var allowed = (MostOfData * size) + MostBesides;
            measured.AddRange(found.Select(f => Measurement.Of($"{data.Name}: {f.Name}", "MB", [f.Megabytes], f.IsOverIdle ? allowed : null)));
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"{data.Name}: {data.Rows:N0} x {data.Columns} are {size:F0} MB; {allowed:F0} MB are allowed, which ratios are to."));
        }

        return new(
            "Resident memory of a table and its jobs",
            "dotnet run -c Release --project bench/Auie.Bench -- memory [A] [B] [C] [--starts N]",
            Machine.Here,
            1,
            measured,
            notes);
    }

    private static async Task<List<(string Name, double Megabytes, bool IsOverIdle)>> OfAsync(PlantedRows data, int starts)
    {
        using var folder = new TemporaryFolder();
        await using var silo = SiloProcess.Launch(
        [
            "run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0", "--set", "Logging:LogLevel:Default=Warning",
            "--set", $"Engine:MaxTableValues={(long)data.Rows * data.Columns}", "--set", $"Api:TableBytes={1L << 40}",
        ]);
        await silo.ServingAsync();
        // A large table takes minutes to send.
        using var http = new HttpClient { BaseAddress = silo.Http.BaseAddress, Timeout = Timeout.InfiniteTimeSpan };
        var client = new AuieHttpClient(http);
        // The program's own code is idle memory: a small table and its job bring it in.
        await LoadAsync(client, "small", new PlantedRows("small", 2_000, 8, 4));
        await JobAsync(client, "small", 4, starts);
        var idle = ServerGauges.Resident(silo.Id);
        var found = new List<(string, double, bool)> { ("idle", idle, false) };

        await Phase("loading", () => LoadAsync(client, "rows", data));
        await Phase("a job", () => JobAsync(client, "rows", data.K, starts));
        await Phase("another job", () => JobAsync(client, "rows", 2, starts, 3));
        return found;

        async Task Phase(string name, Func<Task> work)
        {
            ServerGauges.ForgetPeak(silo.Id);
            await work();
            found.Add(($"{name}: peak, over idle", ServerGauges.Peak(silo.Id) - idle, true));
            found.Add(($"{name}: after it, over idle", ServerGauges.Resident(silo.Id) - idle, true));
        }
    }

    private static async Task LoadAsync(AuieHttpClient client, string name, PlantedRows data)
    {
        using var csv = new CsvContent(data);
        await client.PutTable(name, csv, shards: GrainRows.Shards);
    }

    private static async Task JobAsync(AuieHttpClient client, string table, int k, int starts, int? kMax = null)
    {
        var job = await client.StartJob(new JobOrder { Table = table, KMin = k, KMax = kMax ?? k, Starts = starts });
        await foreach (var now in client.WatchJob(job.Id))
            job = now;
        if (job.Error is { } error)
            throw new InvalidOperationException($"The job {job.State}: {error}");
    }

    /// <summary>Rows as they are sent.</summary>
    private sealed class CsvContent(PlantedRows data) : HttpContent
    {
        // Made beforehand: a server gives up on who begins to send and then takes seconds over the first row.
        private readonly double[] _values = data.Values();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await using var writer = new StreamWriter(stream, bufferSize: 1 << 16, leaveOpen: true);
            await writer.WriteLineAsync(string.Join(',', Enumerable.Range(0, data.Columns).Select(c => $"c{c}")));
            var line = new char[data.Columns * 32];
            for (var row = 0; row < data.Rows; row++)
            {
                var length = 0;
                for (var c = 0; c < data.Columns; c++)
                {
                    if (c > 0)
                        line[length++] = ',';
                    _values[(row * data.Columns) + c].TryFormat(line.AsSpan(length), out var written, "F6", CultureInfo.InvariantCulture);
                    length += written;
                }

                line[length++] = '\n';
                await writer.WriteAsync(line.AsMemory(0, length));
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
