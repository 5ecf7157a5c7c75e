using System.CommandLine;
using Auie.Abstractions;
using Auie.Cli.Output;
using Auie.Client.Csv;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie cluster.</summary>
internal static class ClusterCommand
{
    private static readonly TimeSpan PatienceWithCleaning = TimeSpan.FromSeconds(8);

    public static Command Make(CommonOptions common)
    {
        var file = new Argument<FileInfo>("FILE") { Description = "CSV with a header. An empty cell, NA, NaN and null are missing values." };
        file.AcceptExistingOnly();
        var columns = CommonOptions.Names("--columns", "The columns to cluster by. [default: all but that of --id]", required: false);
        var id = new Option<string>("--id")
        {
            Description = "The column whose texts identify the rows, each its own: the result then does not depend on their order. It is not clustered "
                + "by. Empty for none. [default: the column called id, if there is one that --columns does not name]",
            HelpName = "COLUMN",
        };
        var k = CommonOptions.K(required: true);
        var seed = CommonOptions.Seed();
        var raw = new Option<bool>("--raw") { Description = "Take the values as they are, not standardised." };
        var shards = new Option<int?>("--shards") { Description = "Over how many shards the table lies; the result does not depend on it.", HelpName = "N" };
        var keep = new Option<bool>("--keep") { Description = "Leave the table with the engine; it is removed otherwise." };
        var name = new Option<string>("--name") { Description = "The table's name with the engine. [default: one that is free]", HelpName = "NAME" };
        var cluster = new Command("cluster", "Clusters the rows of a table of numbers.") { file, columns, id, k, seed, raw, shards, keep, name };
        common.Run(cluster, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(file).FullName;
            var (chosen, key) = (parse.GetValue(columns), parse.GetValue(id));
            await Check(path, chosen, key, cancellationToken);

            var table = parse.GetValue(name) ?? $"cluster-{Guid.NewGuid():N}"[..24];
            await Send(session, path, chosen, key, table, parse.GetValue(shards), cancellationToken);
            try
            {
                var range = parse.GetRequiredValue(k)!;
                var view = await Run(session, new JobOrder
                {
                    Table = table,
                    KMin = range.Min,
                    KMax = range.Max,
                    Seed = parse.GetValue(seed),
                    Raw = parse.GetValue(raw),
                }, cancellationToken);
                session.Print(ClusterReport.Of(view), CliJson.Default.ClusterReport, _ => Views.Of(view));
                return ExitCodes.Ok;
            }
            finally
            {
                if (!parse.GetValue(keep)) await Remove(session, table);
            }
        },
            "auie cluster train.csv --columns birthyear,friends_count,interested --k 5",
            "auie cluster train.csv --columns birthyear,friends_count --k 2..8 --seed 7 --json",
            "auie cluster orders.csv --id order --k 2..8");
        return cluster;
    }

    // Everything that is wrong with the file is told before any of it is sent.
    private static async Task Check(string path, string[]? columns, string? id, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = File.OpenRead(path);
            var csv = await NumericCsvReader.Open(stream, columns, id, NumericCsvLimits.Default, cancellationToken);
            var row = new double[csv.Columns.Length];
            var rowId = new string[1];
            var lines = new Dictionary<string, long>();
            var twice = new List<CellError>();
            while (twice.Count < NumericCsvLimits.Default.Errors && await csv.Read(row, rowId, cancellationToken) > 0)
            {
                if (csv.IdColumn is not null && !lines.TryAdd(rowId[0], csv.Line))
                    twice.Add(new CellError(csv.Line, csv.IdColumn, rowId[0], $"identifies the row of line {lines[rowId[0]]} already"));
            }

            var errors = csv.Errors.Concat(twice).OrderBy(error => error.Line).ToArray();
            if (errors.Length > 0) throw new CliException(ExitCodes.Failed, [.. errors.Select(error => $"{path}, {error}")]);
            if (csv.Rows == 0) throw new CliException(ExitCodes.Failed, $"{path} has a header and no rows.");
        }
        catch (CsvFormatException exception)
        {
            throw new CliException(ExitCodes.Failed, $"{path}, {exception.Message}");
        }
    }

    private static async Task Send(
        CliSession session, string path, string[]? columns, string? id, string table, int? shards, CancellationToken cancellationToken)
    {
        await using var stream = File.OpenRead(path);
        var csv = await NumericCsvReader.Open(stream, columns, id, NumericCsvLimits.Default, cancellationToken);
        using var content = new NumericCsvContent(csv);
        await session.Engine.PutTable(table, content, id: csv.IdColumn ?? "", shards: shards, cancellationToken: cancellationToken);
    }

    private static async Task<SegmentationView> Run(CliSession session, JobOrder order, CancellationToken cancellationToken)
    {
        var job = await session.Engine.StartJob(order, cancellationToken);
        try
        {
            job = await JobWatch.ToEnd(session, job, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Its table is about to go.
            using var patience = new CancellationTokenSource(PatienceWithCleaning);
            await session.Engine.CancelJob(job.Id, patience.Token);
            throw;
        }

        return job is { State: "succeeded", Result: { } result }
            ? result
            : throw new CliException(ExitCodes.Failed, $"the job {job.Id} {job.State}{(job.Error is { } error ? $": {error}" : "")}.");
    }

    private static async Task Remove(CliSession session, string table)
    {
        using var patience = new CancellationTokenSource(PatienceWithCleaning);
        try
        {
            await session.Engine.DropTable(table, patience.Token);
        }
        catch (Exception exception) when (exception is AuieHttpException or HttpRequestException or OperationCanceledException)
        {
            await session.Host.Error.WriteLineAsync($"auie: the table '{table}' is left with the engine: {exception.Message}");
        }
    }
}
