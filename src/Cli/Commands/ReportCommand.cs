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
            Description = "The file to write; it appears when it is whole, in place of one that is there. - for standard output.",
            HelpName = "FILE",
            Required = true,
        };
        output.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: "" }]) result.AddError("--output needs the name of a file, or - for standard output.");
        });
        var report = new Command("report", "Writes the engine's page as it is now into one HTML file, to keep, send or print: it needs no engine to be read.") { output };
        common.Run(report, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(output);
            if (path == StandardOutput && session.Json)
                throw new CliException(ExitCodes.Usage, "--json and '-o -' would both write to standard output.");
            await using var file = path == StandardOutput ? null : DraftFile.Open(path);
            var page = await Read(session, cancellationToken);
            if (file is null)
            {
                await using var standard = session.Host.OpenOutput();
                await standard.WriteAsync(page, cancellationToken);
                return ExitCodes.Ok;
            }

            await file.Write(page, cancellationToken);
            await file.Keep();
            session.Print(new ReportFile(path, page.Length), CliJson.Default.ReportFile, _ => [Views.Line($"{path} holds the page as it is now.")]);
            return ExitCodes.Ok;
        }, "auie report -o personas.html", "auie report -o - | gzip > personas.html.gz");
        return report;
    }

    private static async Task<byte[]> Read(CliSession session, CancellationToken cancellationToken)
    {
        try
        {
            await using var page = await session.Engine.GetReport(cancellationToken);
            using var whole = new MemoryStream();
            await page.CopyToAsync(whole, cancellationToken);
            return whole.ToArray();
        }
        catch (HttpIOException)
        {
            throw new CliException(ExitCodes.TryAgain, "the page broke off before its end, so it is not kept; try again.");
        }
    }
}
