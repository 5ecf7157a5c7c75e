using System.CommandLine;
using System.CommandLine.Help;
using System.Net;
using System.Text.Json;
using Auie.Cli.Commands;
using Auie.Client.Csv;
using Auie.Client.Http;

namespace Auie.Cli;

/// <summary>The command line `auie`: parses, runs one command, and turns every failure into a sentence and an exit code.</summary>
public static class AuieCli
{
    /// <summary>Runs a command line; returns one of <see cref="ExitCodes"/>. Ctrl-C and <paramref name="cancellationToken"/> interrupt it.</summary>
    public static async Task<int> Run(string[] arguments, CliHost host, CancellationToken cancellationToken = default)
    {
        var common = new CommonOptions(host);
        var root = new RootCommand("Asks and steers an AUIE engine (Adaptive User Interaction Engine).")
        {
            OverviewCommand.Make(common),
            UsersCommand.Make(common),
            ErasuresCommand.Make(common),
            AuditCommand.Make(common),
            ItemsCommand.Make(common),
            RecommendCommand.Make(common),
            SegmentsCommand.Make(common),
            RecomputeCommand.Make(common),
            TrainCommand.Make(common),
            RankersCommand.Make(common),
            JobsCommand.Make(common),
            SilosCommand.Make(common),
            ClusterCommand.Make(common),
            EvaluateCommand.Make(common),
            InsightsCommand.Make(common),
            InsightsCommand.MakeFunnels(common),
            StrategiesCommand.Make(common),
            CampaignsCommand.Make(common),
            ImportCommand.Make(common),
            ReportCommand.Make(common),
            ExportCommand.Make(common),
            BackupCommand.Make(common),
            KeysCommand.Make(common),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples(new HelpAction { MaxWidth = host.Width });

        var parse = root.Parse(arguments);
        if (parse.Errors.Count > 0)
        {
            foreach (var error in parse.Errors) await host.Error.WriteLineAsync($"auie: {error.Message}");
            await host.Error.WriteLineAsync("auie: --help shows how it is called.");
            return ExitCodes.Usage;
        }

        try
        {
            return await parse.InvokeAsync(new InvocationConfiguration
            {
                Output = host.Out,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                // Long enough to take back what an interrupted command has begun.
                ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
            }, cancellationToken);
        }
        catch (Exception exception)
        {
            return await Explain(exception, parse.CommandResult.Command, host.Error);
        }
    }

    private static async Task<int> Explain(Exception exception, Command command, TextWriter error)
    {
        var (code, lines) = exception switch
        {
            AuieHttpException answer => (CodeOf(answer.Status), LinesOf(answer, command)),
            HttpRequestException { InnerException: CsvFormatException csv } => (ExitCodes.Failed, [csv.Message]),
            HttpRequestException unreachable => (ExitCodes.Unreachable, [$"the engine cannot be reached: {unreachable.Message}"]),
            TaskCanceledException { InnerException: TimeoutException } => (ExitCodes.Unreachable, ["the engine did not answer in time."]),
            OperationCanceledException => (ExitCodes.Interrupted, ["interrupted."]),
            CliException failure => (failure.ExitCode, failure.Lines),
            JsonException json => (ExitCodes.Failed, [$"the engine's answer cannot be read: {json.Message} Is it an AUIE engine?"]),
            _ => (ExitCodes.Failed, [exception.Message]),
        };
        foreach (var line in lines) await error.WriteLineAsync($"auie: {line}");
        return code;
    }

    private static int CodeOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ExitCodes.NotAllowed,
        HttpStatusCode.NotFound => ExitCodes.NotFound,
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => ExitCodes.TryAgain,
        _ => ExitCodes.Failed,
    };

    private static string[] LinesOf(AuieHttpException answer, Command command)
    {
        var lines = new List<string> { TypedNames.In(command, answer.Message) };
        if (answer.Problem?.Cells is { Length: > 1 } cells) lines.AddRange(cells.Select(cell => cell.ToString()));
        if (answer.Problem?.RequestId is { } id && (int)answer.Status >= 500) lines.Add($"the engine's log has more under the request id {id}.");
        return [.. lines];
    }
}

/// <summary>A command cannot go on: what to say, and the exit code.</summary>
public sealed class CliException(int exitCode, params string[] lines) : Exception(string.Join(' ', lines))
{
    public int ExitCode { get; } = exitCode;
    public string[] Lines { get; } = lines;
}
