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
        var command = new Command("restore", "Puts a backup in place as the store of a data folder.") { file, data, replace };
        command.SetAction((parsed, _) => RunCommand.Guard(async () =>
        {
            await SqliteStore.RestoreAsync(parsed.GetValue(file)!, parsed.GetValue(data)!, parsed.GetValue(replace));
            Console.WriteLine($"{Path.GetFullPath(parsed.GetValue(data)!)} holds the backup; `run --data {parsed.GetValue(data)}` serves it.");
            return 0;
        }));
        return command;
    }
}
