using System.CommandLine;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli.Import;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie import.</summary>
internal static class ImportCommand
{
    private const int DefaultRowBytes = 16 << 20, DefaultBatchBytes = 1 << 20, DefaultInFlight = 4, DefaultPatience = 120;

    public static Command Make(CommonOptions common)
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = $"The folder with {string.Join(", ", Layout.Tables)}, each as .csv or .csv.gz.",
        };
        folder.AcceptExistingOnly();
        var rejects = new Option<string>("--rejects")
        {
            Description = "Where rows and cells that are wrong are written to (file, line, column, value, reason), if there are any.",
            HelpName = "FILE",
            DefaultValueFactory = _ => "rejects.csv",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Check the tables and report on them; send nothing." };
        var rowBytes = Number("--row-limit", "Bytes of the longest row.", DefaultRowBytes, 1 << 10, 1 << 30);
        var batchBytes = Number("--batch", "Bytes of a batch that is sent, more or less.", DefaultBatchBytes, 1 << 10, BatchWriter.LargestBytes);
        var inFlight = Number("--in-flight", "How many batches are on their way at once.", DefaultInFlight, 1, 64);
        var patience = Number("--patience", "For how many seconds an engine that takes nothing, being busy or broken, is asked again.", DefaultPatience, 0, 86_400);
        var challenge = new Command("event-challenge", "Brings in the five tables of the Event Recommendation Engine Challenge.")
        {
            folder, rejects, dryRun, rowBytes, batchBytes, inFlight, patience,
        };
        common.Run(challenge, async (parse, session, cancellationToken) =>
        {
            var options = new ImportOptions
            {
                RowBytes = parse.GetValue(rowBytes),
                BatchBytes = parse.GetValue(batchBytes),
                InFlight = parse.GetValue(inFlight),
                Patience = TimeSpan.FromSeconds(parse.GetValue(patience)),
            };
            return await Run(session, parse.GetRequiredValue(folder).FullName, parse.GetRequiredValue(rejects), parse.GetValue(dryRun), options, cancellationToken);
        },
            "auie import event-challenge tables --dry-run",
            "auie import event-challenge tables --rejects wrong.csv --json");
        return new Command("import", "Brings in tables of users, of what they did, and of items.") { challenge };
    }

    private static async Task<int> Run(CliSession session, string path, string rejectsPath, bool dryRun, ImportOptions options, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var folder = TableFolder.Find(path);
        if (folder.Unread.Length > 0) session.Note($"not read: {string.Join(", ", folder.Unread)}");
        if (!dryRun) await Greet(session.Engine, cancellationToken);
        string? rejects = null;
        var (report, refusals, refused) = await ImportProgress.Show(session, async progress =>
        {
            (var tables, rejects) = await Check(session, folder, rejectsPath, options, progress, cancellationToken);
            ImportReport Report(long added, long known) => tables.ToReport(DateTimeOffset.UtcNow, Stopwatch.GetElapsedTime(began), added, known);
            return dryRun ? (Report(0, 0), [], 0) : await Send(session, tables, options, progress, Report, cancellationToken);
        });

        var printed = JsonSerializer.SerializeToNode(report, AuieJson.Lenient.ImportReport)!.AsObject();
        printed["rejectsFile"] = rejects;
        session.Print(printed, CliJson.Default.JsonObject, _ => ImportViews.Of(report, sent: !dryRun));
        if (refused == 0) return ExitCodes.Ok;
        throw new CliException(ExitCodes.Failed, [$"the engine refused {refused:N0} of the events, and has the others; the first:", .. refusals]);
    }

    /// <summary>Tells a wrong address or key before the tables are read, which may take long.</summary>
    private static async Task Greet(AuieHttpClient engine, CancellationToken cancellationToken)
    {
        try
        {
            await engine.GetEngine(cancellationToken);
        }
        catch (AuieHttpException answer) when (answer.Status == HttpStatusCode.Forbidden || BulkSender.IsPassing(answer.Status))
        {
            // A key that may only write may not ask this, and an engine that is busy now need not be so when there is something to send.
        }
    }

    private static async Task<(CheckedTables Tables, string? Rejects)> Check(
        CliSession session, TableFolder folder, string rejectsPath, ImportOptions options, ImportProgress progress, CancellationToken cancellationToken)
    {
        using var rejects = new RejectsFile(rejectsPath);
        var tables = await CheckedTables.Read(folder, options, rejects, progress, cancellationToken);
        var file = rejects.Finish();
        if (file is not null) session.Note($"{rejects.Count:N0} rows and cells were rejected; each is in {file}");
        if (rejects.Removed is { } stale) session.Note($"nothing was rejected; {stale} of an earlier import is removed.");
        return (tables, file);
    }

    private static async Task<(ImportReport Report, IReadOnlyList<string> Refusals, long Refused)> Send(
        CliSession session, CheckedTables tables, ImportOptions options, ImportProgress progress, Func<long, long, ImportReport> report,
        CancellationToken cancellationToken)
    {
        tables.CheckUnchanged(isSent: false);
        await using var sender = new BulkSender(options, progress, session.Host.Time, cancellationToken);
        var import = new TableImport(tables, session.Engine, options, sender);
        try
        {
            progress.Begin("sending items", tables.ItemFacts, "facts");
            await import.SendItems(cancellationToken);
            progress.Begin("sending users", tables.UserFacts, "facts");
            await import.SendUsers(cancellationToken);
            tables.CheckUnchanged(isSent: true);
            progress.Begin("writing states", 1, "steps");
            var kept = await sender.Persist(token => session.Engine.PutImportReport(report(sender.Added, sender.Known), token));
            return (kept, sender.Refusals, sender.Refused);
        }
        catch
        {
            await session.Host.Error.WriteLineAsync(
                $"auie: {sender.Facts:N0} of {tables.ItemFacts + tables.UserFacts:N0} facts are with the engine; it keeps them; the same import sends everything again, and the engine passes over what it has.");
            throw;
        }
    }

    private static Option<int> Number(string name, string description, int usual, int least, int most) => new(name)
    {
        Description = $"{description} From {least} to {most}.",
        HelpName = "N",
        DefaultValueFactory = _ => usual,
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (int.TryParse(text, out var value) && value >= least && value <= most) return value;
            result.AddError($"'{text}' is not a whole number from {least} to {most}, as {name} needs.");
            return usual;
        },
    };
}
