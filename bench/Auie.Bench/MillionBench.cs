using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Engine.Tests.Processes;
using Auie.Load;

namespace Auie.Bench;

/// <summary>
/// A million users in one engine on SQLite: how much disk they take, how long a restart is away, how many can be made live in a second, and how much memory
/// each of them takes then.
/// </summary>
internal static class MillionBench
{
    private const int EventsOfUser = 5, Batch = 2_000, Restarts = 3, InsightRounds = 20;

    /// <param name="args">--users N (1,000,000); --live N (300,000): how many are made live.</param>
    public static async Task<MillionReport> Run(string[] args)
    {
        var users = int.Parse(Programs.Option(args, "--users") ?? "1000000");
        var live = Math.Min(users, int.Parse(Programs.Option(args, "--live") ?? "300000"));
        using var folder = new TemporaryFolder();
        var data = folder.At("data");

        LoadSummary load;
        double mostWhileLoading;
        await using (var silo = Launch(data))
        {
            var address = (await silo.ServingAsync()).AbsoluteUri;
            await using var process = LoadProcess.Start("--endpoint", address, "--requests", "import", "--batch", $"{Batch}", "--connections", "4",
                "--users", $"{users}", "--together", $"{EventsOfUser}", "--count", $"{(long)users * EventsOfUser}");
            var ended = process.EndedAsync();
            mostWhileLoading = (await ServerGauges.ResidentWhile(silo.Id, ended)).Max();
            load = await ended;
            if (load.Acknowledged < load.Messages)
                throw new InvalidOperationException($"The import was not taken: {load.ToJson()}");
            await silo.StopAsync();
        }

        var disk = new DirectoryInfo(data).EnumerateFiles().Sum(file => file.Length) / 1e6;
        var restarts = new List<double>();
        for (var restart = 0; restart < Restarts; restart++)
        {
            await using var silo = Launch(data);
            restarts.Add(await FirstAnswer(silo, users / 2 + restart));
            await silo.KillAsync();
        }

        await using var engine = Launch(data);
        await FirstAnswer(engine, 0);
        string[] reads = ["--endpoint", engine.Http.BaseAddress!.AbsoluteUri, "--requests", "users", "--users", $"{users}", "--in-order", "--connections", "16"];
        // What any reading takes is there before; these users are not counted again.
        await LoadProcess.RunAsync([.. reads, "--count", "2000"]);
        var before = ServerGauges.Resident(engine.Id);
        var activated = await LoadProcess.RunAsync([.. reads, "--count", $"{live}"]);
        var after = ServerGauges.Resident(engine.Id);
        var warm = await LoadProcess.RunAsync([.. reads, "--count", $"{Math.Min(live, 50_000)}"]);
        var (who, drivers) = (new List<double>(), new List<double>());
        for (var round = 0; round < InsightRounds; round++)
        {
            who.Add(await Milliseconds(() => engine.Client.GetWho(new AudienceRequest())));
            drivers.Add(await Milliseconds(() => engine.Client.GetDrivers(new AudienceRequest { Gender = round % 2 == 0 ? "male" : null })));
        }

        return new MillionReport($"dotnet run -c Release --project bench/Auie.Bench -- million --users {users} --live {live}", Machine.Here, users, EventsOfUser, load, mostWhileLoading,
            disk, restarts, live, before, after, activated, warm, who, drivers);
    }

    private static SiloProcess Launch(string data) => SiloProcess.Launch(["run", "--data", data, "--urls", "http://127.0.0.1:0", "--set", "Logging:LogLevel:Default=Warning"]);

    private static async Task<double> Milliseconds<T>(Func<Task<T>> ask)
    {
        var watch = Stopwatch.StartNew();
        await ask();
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Seconds from the start of the process until a user has been read.</summary>
    private static async Task<double> FirstAnswer(SiloProcess silo, int user)
    {
        var watch = Stopwatch.StartNew();
        await silo.ListeningAsync();
        await silo.Client.GetUser(new LoadWorld(new LoadOptions()).UserId(user));
        return watch.Elapsed.TotalSeconds;
    }
}

/// <summary>What came of it: the import, disk in MB, seconds to the first answer after each restart, memory in MB before and after so many users were made live, and milliseconds of insights over all of them.</summary>
public sealed record MillionReport(
    string Command, Machine Machine, int Users, int EventsOfUser, LoadSummary Load, double MostWhileLoading, double Disk, IReadOnlyList<double> Restarts, int Live,
    double Before, double After, LoadSummary Activated, LoadSummary Warm, IReadOnlyList<double> Who, IReadOnlyList<double> Drivers) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# A million users").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}. SQLite; server and load as processes.").AppendLine();
        text.AppendLine("| what | | must |").AppendLine("|---|---|---|");
        Row($"users, of {EventsOfUser} events each, brought in by /api/import/users", $"{Users:N0} ({Load.Acknowledged:N0} events, {Load.PerSecond:N0}/s, server {MostWhileLoading:F0} MB at the most)");
        Row("on disk", $"{Disk:N0} MB, {Disk * 1e6 / Users:N0} bytes a user");
        Row("from the start of the process to the first user read, seconds", string.Join(", ", Restarts.Select(seconds => seconds.ToString("0.00", CultureInfo.InvariantCulture))), "2");
        Row("users made live a second, by reading them for the first time", $"{Activated.PerSecond:N0} (p99 {Activated.Latency.P99:F1} ms)");
        Row($"memory of a live user ({Before:F0} MB before {Live:N0} of them, {After:F0} MB after)", $"{(After - Before) * 1e6 / Live:N0} bytes");
        Row("live users read a second", $"{Warm.PerSecond:N0} (p99 {Warm.Latency.P99:F1} ms)");
        Row("who they are: /api/insights/who, milliseconds", Times(Who), "1,000");
        Row("who is interested: /api/insights/drivers, of all and of men in turn, milliseconds", Times(Drivers), "1,000");
        text.AppendLine();
        if (Activated.Statuses.Keys.Any(status => status != 200))
            text.AppendLine($"- Answers: {string.Join(", ", Activated.Statuses.Select(status => $"{status.Key}: {status.Value:N0}"))}");
        text.AppendLine("- The first restart is after a stop in order, the others after a kill. Memory is resident memory as the system has it, garbage included.");
        return text.ToString();

        static string Times(IReadOnlyList<double> times)
        {
            var sorted = times.Order().ToArray();
            return string.Create(CultureInfo.InvariantCulture, $"median {sorted[sorted.Length / 2]:F0}, from {sorted[0]:F0} to {sorted[^1]:F0}");
        }

        void Row(string what, string found, string must = "") => text.AppendLine(CultureInfo.InvariantCulture, $"| {what} | {found} | {must} |");
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.MillionReport);
}
