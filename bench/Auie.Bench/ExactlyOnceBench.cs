using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Bench;

/// <summary>
/// The rounds of the exactly-once test, as many as are asked for: a server is killed under load, again and again, and every user is compared with
/// what was acknowledged. The report is whole even where something differs, and says so.
/// </summary>
internal static class ExactlyOnceBench
{
    private const int RoundsOfOneStore = 20;

    /// <param name="args">--rounds N in all (1,000); --seed N of the first session; --keep DIR for what is left of sessions whose users differ.</param>
    public static async Task<ExactlyOnceReport> Run(string[] args)
    {
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "1000");
        var seed = int.Parse(Programs.Option(args, "--seed") ?? "1");
        await using var postgres = PostgresServer.Binaries is null ? null : await PostgresServer.StartAsync();
        var sessions = new List<KillSession>();
        var done = 0;
        while (done < rounds)
        {
            var onPostgres = postgres is not null && sessions.Count % 2 == 1;
            var result = await KillRounds.RunAsync(new KillRoundsOptions(Math.Min(RoundsOfOneStore, rounds - done), seed++, onPostgres ? postgres!.ConnectionString : null) { Keep = Programs.Option(args, "--keep") });
            done += result.Rounds;
            await Console.Error.WriteLineAsync(
                $"{done}: {result.Store}, seed {result.Seed}, {result.Seconds:F1} s, {string.Join(", ", result.Deaths.Select(death => $"{death.Value} {death.Key}"))}; {result.Load.ToJson()} {string.Join('\n', result.Differences)}");
            sessions.Add(new KillSession(result.Store, result.Seed, result.Rounds, result.Deaths, result.Load.Sent, result.Load.Messages, result.Load.Acknowledged,
                result.Load.Refused, result.Load.ImpostorsRefused, result.Load.ImpostorsTaken, result.Load.Retried, result.Users, result.Differences, result.Seconds));
        }

        return new ExactlyOnceReport($"dotnet run -c Release --project bench/Auie.Bench -- exactly-once --rounds {rounds}", Machine.Here, sessions);
    }
}

/// <summary>One data folder or schema with its rounds.</summary>
public sealed record KillSession(
    string Store, int Seed, int Rounds, SortedDictionary<string, int> Deaths, long Sent, long Messages, long Acknowledged, long Refused, long ImpostorsRefused, long ImpostorsTaken,
    long Retried, int Users, IReadOnlyList<string> Differences, double Seconds);

/// <summary>All rounds.</summary>
public sealed record ExactlyOnceReport(string Command, Machine Machine, IReadOnlyList<KillSession> Sessions) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Nothing lost, nothing doubled").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}. The server and the load as processes; SIGKILL, restart, again.").AppendLine();
        text.AppendLine("| store | sessions | kills | messages | sent, with those sent again | requests tried again | acknowledged | refused | false ids refused | false ids taken | users compared | users that differ | minutes |");
        text.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (var store in Sessions.GroupBy(session => session.Store))
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {store.Key} | {store.Count()} | {store.Sum(s => s.Rounds):N0} | {store.Sum(s => s.Messages):N0} | {store.Sum(s => s.Sent):N0} | {store.Sum(s => s.Retried):N0} | {store.Sum(s => s.Acknowledged):N0} | {store.Sum(s => s.Refused):N0} | {store.Sum(s => s.ImpostorsRefused):N0} | {store.Sum(s => s.ImpostorsTaken):N0} | {store.Sum(s => s.Users):N0} | {store.Sum(s => s.Differences.Count):N0} | {store.Sum(s => s.Seconds) / 60:F1} |");
        }

        text.AppendLine().AppendLine("| how the server died | times |").AppendLine("|---|---|");
        foreach (var death in Sessions.SelectMany(session => session.Deaths).GroupBy(death => death.Key).OrderBy(death => death.Key, StringComparer.Ordinal))
            text.AppendLine(CultureInfo.InvariantCulture, $"| {death.Key} | {death.Sum(one => one.Value):N0} |");
        text.AppendLine();
        text.AppendLine("- A session keeps one data folder, or schema, and one load over all its kills. Afterwards every user is read three times: after the last life of the server, after a kill of that one, and after a stop in order; each user's counts, answers, traits, friends, sums and instants have to be Core's fold of the acknowledged messages, each once.");
        text.AppendLine("- 30 % of the messages are sent again though nothing failed, in the same request, at once by another connection, or later; every failed request is sent again with the same ids until it is answered. A false id is a message with the id of an acknowledged one and another content.");
        text.AppendLine("- In every other life the store delays, fails, and loses answers of what it has done; in two of three, users and partitions that nobody calls are let go after milliseconds.");
        foreach (var session in Sessions.Where(session => session.Differences.Count > 0))
            text.AppendLine($"- {session.Store}, seed {session.Seed}: {string.Join("; ", session.Differences)}");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.ExactlyOnceReport);
}
