using System.CommandLine;
using Auie.Cli.Output;

namespace Auie.Cli.Commands;

/// <summary>auie report.</summary>
internal static class ReportCommand
{
    private const string StandardOutput = "-";

    public static Command Make(CommonOptions common)
    {
        var output = new Option<string>("--output", "-o")
        {
            Description = "The file to write, replacing one that is there; - for standard output.",
            HelpName = "FILE",
            Required = true,
        };
        var report = new Command("report", "Writes the engine's page as it is now into one HTML file, to keep, send or print: it needs no engine to be read.") { output };
        common.Run(report, async (parse, session, cancellationToken) =>
        {
            var file = parse.GetRequiredValue(output);
            if (file == StandardOutput)
            {
                await using var page = await session.Engine.GetReport(cancellationToken);
                using var reader = new StreamReader(page);
                await session.Host.Out.WriteAsync(await reader.ReadToEndAsync(cancellationToken));
                return ExitCodes.Ok;
            }

            var bytes = await Save(session, file, cancellationToken);
            session.Print(new ReportFile(file, bytes), CliJson.Default.ReportFile, _ => [Views.Line($"{file} holds the page as it is now.")]);
            return ExitCodes.Ok;
        }, "auie report -o personas.html", "auie report -o - | gzip > personas.html.gz");
        return report;
    }

    /// <summary>Writes to a file beside it first: a report that breaks off leaves what was there.</summary>
    private static async Task<long> Save(CliSession session, string file, CancellationToken cancellationToken)
    {
        var temporary = $"{file}.{Guid.NewGuid():N}.part";
        try
        {
            long bytes;
            await using (var to = Create(file, temporary))
            {
                await using var page = await session.Engine.GetReport(cancellationToken);
                await page.CopyToAsync(to, cancellationToken);
                bytes = to.Length;
            }

            File.Move(temporary, file, overwrite: true);
            return bytes;
        }
        catch (Exception exception) when (exception is (IOException and not HttpIOException) or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"{file} could not be written: {exception.Message}");
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static FileStream Create(string file, string temporary)
    {
        if (Directory.Exists(file)) throw new CliException(ExitCodes.Usage, $"{file} is a folder; name a file.");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file));
        if (folder is not null && !Directory.Exists(folder)) throw new CliException(ExitCodes.Usage, $"there is no folder {folder} to write {Path.GetFileName(file)} to.");
        return new FileStream(temporary, FileMode.CreateNew, FileAccess.Write);
    }
}
