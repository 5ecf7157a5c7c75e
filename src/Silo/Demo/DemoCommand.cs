using System.CommandLine;

namespace Auie.Silo.Demo;

/// <summary>`demo`: makes a world, loads it, finds its personas, shows them, and serves.</summary>
public static class DemoCommand
{
    public static Command Create()
    {
        var users = new Option<int>("--users") { Description = "How many users.", DefaultValueFactory = _ => new DemoOptions().Users };
        var seed = new Option<long>("--seed") { Description = "The same seed makes the same world.", DefaultValueFactory = _ => new DemoOptions().Seed };
        var without = new Option<string?>("--without") { Description = "A kind to leave out, such as \"Traditionalists\"." };
        var data = new Option<string>("--data") { Description = "The demo's own folder; it is emptied at each start.", DefaultValueFactory = _ => "auie-demo" };
        var k = new Option<string>("--k") { Description = "Numbers of segments to try.", DefaultValueFactory = _ => "3..10" };
        var exit = new Option<bool>("--exit") { Description = "End when the personas are shown, in place of serving." };
        var json = new Option<bool>("--json") { Description = "Print JSON: the segmentation, and every user's segment beside the planted kind." };
        users.Validators.Add(result =>
        {
            // Text that is no number is told of by the parser itself, and cannot be asked for here.
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var number) && number is < 10 or > 10_000_000)
                result.AddError("--users is a number from 10 to 10,000,000.");
        });

        k.Validators.Add(result =>
        {
            if (Range(result.GetValueOrDefault<string>()) is null)
                result.AddError("--k is a number from 2 to 255, or a range such as 3..10.");
        });

        var command = new Command("demo", """
            Makes a world of people of five overlapping kinds (seeded), loads it through the engine, finds the personas, and serves them.

            Examples:
              dotnet run -c Release --project src/Silo -- demo
              dotnet run -c Release --project src/Silo -- demo --users 4000 --exit --json
            """) { users, seed, without, k, data, RunCommand.Urls, RunCommand.Keys, RunCommand.Set, exit, json };
        command.SetAction((parsed, cancellationToken) => RunCommand.Guard(async () =>
        {
            var options = new DemoOptions { Users = parsed.GetValue(users), Seed = parsed.GetValue(seed), Without = parsed.GetValue(without) };
            var (kMin, kMax) = Range(parsed.GetValue(k))!.Value;
            var folder = parsed.GetValue(data)!;
            DemoFolder.Prepare(folder);

            var settings = RunCommand.Settings(parsed, folder);
            // First, so that --set can ask for more: what the demo tells is not to be broken into by the log.
            settings = settings with { Overrides = ["--Logging:LogLevel:Default=Warning", .. settings.Overrides] };
            await using var app = await SiloHost.BuildAsync(settings);
            await SiloHost.StartAsync(app, cancellationToken);
            try
            {
                var demo = new DemoRun(app, options, DemoRun.ConsoleOver(Console.Out, Console.IsOutputRedirected), quiet: parsed.GetValue(json));
                var found = await demo.FindAsync(kMin, kMax, cancellationToken);
                if (parsed.GetValue(json))
                    await demo.WriteJsonAsync(found, Console.OpenStandardOutput(), cancellationToken);
                else
                    demo.Show(found);
            }
            catch
            {
                // What is under way ends before what it works with is disposed of.
                await app.StopAsync(CancellationToken.None);
                throw;
            }

            if (parsed.GetValue(exit))
            {
                await app.StopAsync(cancellationToken);
                return 0;
            }

            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }));
        return command;
    }

    private static (int Min, int Max)? Range(string? text)
    {
        var parts = text?.Split("..") ?? [];
        return parts.Length is 1 or 2 && int.TryParse(parts[0], out var min) && int.TryParse(parts[^1], out var max) && min >= 2 && max >= min && max <= 255
            ? (min, max)
            : null;
    }
}
