using System.CommandLine;
using Auie.Storage.Sqlite;

namespace Auie.Silo;

/// <summary>`restore`: puts a backup in place as the store of a data folder that nothing serves.</summary>
public static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The backup, as `auie backup` made it." };
        var data = new Option<string>("--data") { Description = "The folder of the store; made if it is not there.", DefaultValueFactory = _ => SiloSettings.DefaultData };
        var replace = new Option<bool>("--replace") { Description = "Give up the store that is in the folder." };
        var erasures = new Option<string?>("--erasures")
        {
            Description = $"The log of erasures that came after the backup, so that nobody who was erased comes back; left out, {LogName} of the folder whose backup it is.",
        };
        var command = new Command("restore", "Puts a backup in place as the store of a data folder.") { file, data, replace, erasures };
        command.SetAction((parsed, _) => RunCommand.Guard(async () =>
        {
            if (parsed.GetValue(erasures) is { } log && !File.Exists(log))
                throw new InvalidOperationException($"There is no log of erasures '{log}'; nothing was restored.");
            await SqliteStore.RestoreAsync(parsed.GetValue(file)!, parsed.GetValue(data)!, parsed.GetValue(replace));
            await TakeErasuresAsync(parsed.GetValue(erasures), parsed.GetValue(file)!, parsed.GetValue(data)!);
            Console.WriteLine($"{Path.GetFullPath(parsed.GetValue(data)!)} holds the backup; `run --data {parsed.GetValue(data)}` serves it.");
            return 0;
        }));
        return command;
    }

    private const string LogName = "erasures.log";

    /// <summary>Adds to the folder's log of erasures what it does not have; the engine carries it out before it answers.</summary>
    private static async Task TakeErasuresAsync(string? named, string backup, string folder)
    {
        var from = named ?? Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(backup))!, "..", LogName));
        var to = Path.GetFullPath(Path.Combine(folder, LogName));
        if (!File.Exists(from))
        {
            if (!File.Exists(to))
                await Console.Error.WriteLineAsync($"There is no {LogName} beside the backups: who was erased since the backup is back. Name the log by --erasures if there is one.");
            return;
        }

        if (from == to)
            return;
        var known = File.Exists(to) ? (await File.ReadAllLinesAsync(to)).ToHashSet() : [];
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
        // It holds the key of the tombstones.
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var log = new StreamWriter(to, options);
        foreach (var line in (await File.ReadAllLinesAsync(from)).Where(known.Add))
            await log.WriteLineAsync(line);
    }
}
