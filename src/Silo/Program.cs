using System.CommandLine;
using Auie.Silo;
using Auie.Silo.Demo;
using Auie.Silo.Tables;

// One level of commands: `run` serves what is in a folder, `restore` puts a backup there, `demo` makes a world to look at and serves that, `tables` writes one to import.
var root = new RootCommand("""
    The server of the Adaptive User Interaction Engine.

    Examples:
      dotnet run -c Release --project src/Silo -- demo
      dotnet run -c Release --project src/Silo -- run --data ./auie-data
      dotnet run -c Release --project src/Silo -- run --data ./auie-data --urls http://0.0.0.0:5080 --keys keys.json

    Exit codes: 0 ended well, 1 could not start or failed, 2 wrong usage.
    """);
root.Subcommands.Add(RunCommand.Create());
root.Subcommands.Add(RestoreCommand.Create());
root.Subcommands.Add(DemoCommand.Create());
root.Subcommands.Add(TablesCommand.Create());
var parsed = root.Parse(args);
// Stopping in order hands over and writes what is still to be written, in the host's own time limit of 30 s; Api:StopDelay is 20 s at the most.
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return parsed.Errors.Count > 0 ? 2 : code;
