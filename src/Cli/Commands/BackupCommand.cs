using System.CommandLine;
using Auie.Cli.Output;
using Auie.Client.Http;

namespace Auie.Cli.Commands;

/// <summary>auie backup.</summary>
internal static class BackupCommand
{
    public static Command Make(CommonOptions common)
    {
        var name = new Argument<string?>("name")
        {
            Description = "The file's name; left out, auie- and the time. It lies in the engine's backup folder, on its machine.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var backup = new Command("backup", "Copies all that the engine keeps to a file, while it goes on.") { name };
        common.Run(backup, async (parse, session, cancellationToken) =>
        {
            var made = await session.Engine.Backup(parse.GetValue(name) ?? $"auie-{DateTime.UtcNow:yyyyMMdd-HHmmss}.db", cancellationToken);
            session.Print(made, AuieJson.Lenient.BackupView, backup => [Views.Line($"{backup.File}: {backup.Bytes:N0} bytes, as of {Views.Instant(backup.At)}.")]);
            return ExitCodes.Ok;
        }, "auie backup", "auie backup before-upgrade.db --json");
        return backup;
    }
}
