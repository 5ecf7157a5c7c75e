using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie erasures.</summary>
internal static class ErasuresCommand
{
    public static Command Make(CommonOptions common)
    {
        var list = new Command("list", "The latest erasures, the newest first.");
        common.Run(list, async (_, session, cancellationToken) =>
        {
            var erasures = await session.Engine.ListErasures(cancellationToken: cancellationToken);
            session.Print(erasures, AuieJson.Lenient.ErasureList, found => PrivacyViews.Of(found.Erasures));
            return ExitCodes.Ok;
        }, "auie erasures list");

        var id = new Argument<string>("ID") { Description = "The erasure's id, as its receipt gave it." };
        var show = new Command("show", "The receipt of an erasure.") { id };
        common.Run(show, async (parse, session, cancellationToken) =>
        {
            session.Print(await session.Engine.GetErasure(parse.GetRequiredValue(id), cancellationToken), AuieJson.Lenient.ErasureView, PrivacyViews.Of);
            return ExitCodes.Ok;
        }, "auie erasures show x1");

        var output = new Option<string>("--output", "-o") { Description = "The file to write; it appears when it is whole.", HelpName = "FILE", Required = true };
        var export = new Command("export", "Writes the log of erasures, to be kept apart from backups. It holds the key of the tombstones.") { output };
        common.Run(export, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(output);
            var bytes = await Kept.Write(path, await session.Engine.GetErasureLog(cancellationToken), cancellationToken);
            session.Print(new ReportFile(path, bytes), CliJson.Default.ReportFile, _ => [Views.Line($"{bytes:N0} bytes in {path}")]);
            return ExitCodes.Ok;
        }, "auie erasures export -o erasures.log");

        var file = new Argument<string>("FILE") { Description = "A log of erasures." };
        var apply = new Command("apply", "Erases again whoever is in a log of erasures and alive in the store: after a backup was restored.") { file };
        common.Run(apply, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(file);
            if (!File.Exists(path)) throw new CliException(ExitCodes.NotFound, $"there is no file '{path}'.");
            await using var log = File.OpenRead(path);
            var result = await session.Engine.ApplyErasureLog(log, cancellationToken);
            session.Print(result, AuieJson.Lenient.ErasureLogResult, applied =>
            [
                Views.Line($"{applied.Added:N0} tombstones were new; {applied.Found:N0} ids of them were in the store{(applied.Receipt is { } receipt ? $" and are erased: {receipt}" : "")}."),
                .. applied.Unreadable == 0 ? [] : new[] { Views.Line($"{applied.Unreadable:N0} lines could not be read, and are left out.") },
            ]);
            return ExitCodes.Ok;
        }, "auie erasures apply erasures.log");
        var erasures = new Command("erasures", "Receipts of erasures, and their log.") { list, show, export, apply };
        HelpWithExamples.Add(erasures, "auie erasures list", "auie erasures show x1");
        return erasures;
    }
}
