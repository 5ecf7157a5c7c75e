using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie export.</summary>
internal static class ExportCommand
{
    private const string StandardOutput = "-";

    public static Command Make(CommonOptions common)
    {
        var impressions = Table(common, "impressions", "Every answer to something shown, one row each: birthyear, friends_count, interested, not_interested.",
            hasFeatures: false, hasAsOf: true,
            "auie export impressions -o impressions.csv", "auie export impressions -o - --as-of 2012-12-31 | gzip > impressions.csv.gz");
        var features = Table(common, "features", "The rows of a feature set, as a job clusters them.", hasFeatures: true, hasAsOf: true,
            "auie export features --features engagement -o engagement.csv", "auie export features -o rows.csv && auie cluster rows.csv --k 3..8");
        var users = Table(common, "users", "Every user: profile, counts, segment.", hasFeatures: false, hasAsOf: false,
            "auie export users -o users.csv", "auie export users -o users-to-open.csv --spreadsheet");
        var segments = Table(common, "segments", "The published segments: persona, size, means.", hasFeatures: false, hasAsOf: false,
            "auie export segments -o segments.csv", "auie export segments -o -");
        var export = new Command("export", "Writes what is in the engine as CSV.") { impressions, features, users, segments };
        HelpWithExamples.Add(export, "auie export impressions -o impressions.csv", "auie export users -o users.csv");
        return export;
    }

    private static Command Table(CommonOptions common, string what, string description, bool hasFeatures, bool hasAsOf, params string[] examples)
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write; it appears when it is whole. - for standard output.",
            HelpName = "FILE",
            Required = true,
        };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError("--output needs the name of a file, or - for standard output.");
        });
        var features = new Option<string>("--features") { Description = "The feature set. [default: the engine's]", HelpName = "NAME" };
        var asOf = CommonOptions.AsOf();
        asOf.Description += " [default: the last event's]";
        var spreadsheet = new Option<bool>("--spreadsheet")
        {
            Description = "Put an apostrophe before texts that a spreadsheet would run as formulas (they begin with = + - or @); otherwise texts are exact.",
        };
        var command = new Command(what, description) { output, spreadsheet };
        if (hasFeatures) command.Options.Add(features);
        if (hasAsOf) command.Options.Add(asOf);
        common.Run(command, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(output);
            if (path == StandardOutput && session.Json)
                throw new CliException(ExitCodes.Usage, "--json and '-o -' would both write to standard output.");
            await using var file = path == StandardOutput ? null : DraftFile.Open(path);
            await using var standard = file is null ? session.Host.OpenOutput() : null;
            await using var table = await session.Engine.Export(
                what, hasFeatures ? parse.GetValue(features) : null, hasAsOf ? parse.GetValue(asOf) : null, parse.GetValue(spreadsheet), cancellationToken);
            var rows = await RowProgress.Show(session, counted =>
                Copy(table, (bytes, cancel) => file?.Write(bytes, cancel) ?? standard!.WriteAsync(bytes, cancel), counted, cancellationToken));
            if (file is not null) await file.Keep();
            if (standard is not null) await standard.FlushAsync(cancellationToken);

            var report = new ExportReport(path, rows, table.AsOf);
            if (session.Json) session.Print(report, CliJson.Default.ExportReport, _ => []);
            session.Note($"{rows:N0} rows{(table.AsOf is { } at ? $" as of {at:O}" : "")}{(file is null ? "" : $" in {path}")}");
            return ExitCodes.Ok;
        }, examples);
        return command;
    }

    private static async Task<long> Copy(
        ExportedTable table, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, Action<long> counted, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var (lines, quoted) = (0L, false);
        while (true)
        {
            int read;
            try
            {
                read = await table.Csv.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException)
            {
                throw new CliException(ExitCodes.TryAgain, "the table broke off before its end, so it is not kept; try again.", "the engine's log may say why.");
            }

            if (read == 0) return Math.Max(0, lines - 1);
            foreach (var value in buffer.AsSpan(0, read))
            {
                // A doubled quote turns it off and on again; a line end within quotes ends no row.
                if (value == '"') quoted = !quoted;
                else if (value == '\n' && !quoted) lines++;
            }

            await write(buffer.AsMemory(0, read), cancellationToken);
            counted(Math.Max(0, lines - 1));
        }
    }
}
