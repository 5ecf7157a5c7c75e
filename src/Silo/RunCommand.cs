using System.CommandLine;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;

namespace Auie.Silo;

/// <summary>`run`: serves what is in a data folder, or in a database, until it is stopped.</summary>
public static class RunCommand
{
    /// <summary>The variable that says what --postgres would.</summary>
    private const string PostgresVariable = "AUIE_POSTGRES";

    internal static readonly Option<string> Urls = new("--urls")
    {
        Description = "The addresses to serve, separated by ';'. Any but this machine's own need --keys.",
        DefaultValueFactory = _ => SiloSettings.DefaultUrl,
    };

    internal static readonly Option<string?> Keys = new("--keys") { Description = "A file of keys, made by `auie keys new`." };
    internal static readonly Option<string?> Features = new("--features") { Description = "A JSON file of feature sets beside the built-in ones." };
    internal static readonly Option<string?> Archetypes = new("--archetypes") { Description = "A JSON file of archetypes in place of the built-in ones." };
    internal static readonly Option<string?> Strategies = new("--strategies") { Description = "A JSON file of strategies in place of the built-in ones." };
    internal static readonly Option<int?> Partitions = new("--partitions") { Description = $"The number of partitions of a new store ({SqliteStoreOptions.DefaultPartitions})." };
    internal static readonly Option<string[]> Set = new("--set")
    {
        Description = "A setting by its name, as Engine:FlushInterval=00:00:10; may be given several times.",
        DefaultValueFactory = _ => [],
    };

    static RunCommand()
    {
        Partitions.Validators.Add(result =>
        {
            // Text that is no number is told of by the parser itself, and cannot be asked for here.
            if (result.Tokens is [var token] && long.TryParse(token.Value, out var number) && number is < 1 or > 1 << 16)
                result.AddError("--partitions is a number from 1 to 65,536.");
        });
        Set.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => !token.Value.Contains('=', StringComparison.Ordinal)))
                result.AddError($"--set has '{token.Value}'; it is NAME=VALUE, such as Engine:FlushInterval=00:00:10.");
        });
        Urls.Validators.Add(result =>
        {
            foreach (var url in result.GetValueOrDefault<string>().Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                if (!IsAddress(url.Trim()))
                    result.AddError($"--urls has '{url}', which is not an address such as {SiloSettings.DefaultUrl}.");
            }
        });
    }

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The folder of the store; made if it is not there.", DefaultValueFactory = _ => SiloSettings.DefaultData };
        var postgres = new Option<string?>("--postgres")
        {
            Description = $"The PostgreSQL database of the store, in place of --data: Host=…;Database=…;Username=…. Also {PostgresVariable}, which keeps it out of sight.",
        };
        var command = new Command("run", "Serves the engine until it is stopped (Ctrl-C).") { data, postgres, Urls, Keys, Features, Archetypes, Strategies, Partitions, Set };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is { Implicit: false } && result.GetResult(postgres) is { Implicit: false })
                result.AddError("--data and --postgres each name a store; give one of them.");
        });
        command.SetAction((parsed, cancellationToken) => Guard(async () =>
        {
            // What the command line says goes before the environment.
            var folder = parsed.GetResult(data) is { Implicit: false };
            var settings = Settings(parsed, parsed.GetValue(data)!) with
            {
                Postgres = folder ? null : parsed.GetValue(postgres) ?? (Environment.GetEnvironmentVariable(PostgresVariable) is { Length: > 0 } named ? named : null),
            };
            await using var app = await SiloHost.BuildAsync(settings);
            await app.StartAsync(cancellationToken);
            var place = app.Services.GetRequiredService<IEngineStore>() is PostgresStore store ? store.Place : Path.GetFullPath(settings.Data);
            Console.WriteLine($"Serving {place} at {string.Join(", ", app.Urls)}. Ctrl-C stops it.");
            await app.WaitForShutdownAsync(cancellationToken);
            return 0;
        }));
        return command;
    }

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port is >= 0 and <= 65_535;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    internal static SiloSettings Settings(ParseResult parsed, string data) => new()
    {
        Data = data,
        Urls = parsed.GetValue(Urls)!,
        Keys = parsed.GetValue(Keys),
        Features = parsed.GetValue(Features),
        Archetypes = parsed.GetValue(Archetypes),
        Strategies = parsed.GetValue(Strategies),
        Partitions = parsed.GetValue(Partitions),
        Overrides = Array.ConvertAll(parsed.GetValue(Set) ?? [], setting => $"--{setting}"),
    };

    /// <summary>What an operator can mend is told in a sentence; anything else keeps its stack.</summary>
    internal static async Task<int> Guard(Func<Task<int>> run)
    {
        try
        {
            return await run();
        }
        catch (OperationCanceledException)
        {
            return 0;
        }
        catch (Exception e) when (e is StoreException or InvalidOperationException or FormatException or InvalidDataException
            or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
