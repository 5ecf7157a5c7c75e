using System.CommandLine;
using Auie.Api;
using Auie.Api.Access;
using Auie.Api.Settings;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;

namespace Auie.Silo;

/// <summary>`run`: serves what is in a data folder, or in a database, until it is stopped.</summary>
public static class RunCommand
{
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
            if (ServedAddresses.Problem("--urls", result.GetValueOrDefault<string>()) is { } problem)
                result.AddError(problem);
        });
    }

    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The folder of the store; made if it is not there.", DefaultValueFactory = _ => SiloSettings.DefaultData };
        var postgres = new Option<string?>("--postgres")
        {
            Description = "The PostgreSQL database of the store, in place of --data: Host=…;Database=…;Username=…. Also AUIE_POSTGRES, which keeps it out of sight.",
        };
        var config = new Option<string?>("--config") { Description = "A JSON file of settings: of these options by their names, and of what --set knows. Environment and options go before it." };
        var printConfig = new Option<bool>("--print-config") { Description = "Print every setting with where it comes from, without secrets, and end." };
        var command = new Command("run", """
            Serves the engine until it is stopped (Ctrl-C).

            Each option can also be in a file (--config, or appsettings.json in the working folder) and in the environment (AUIE_URLS for --urls,
            AUIE_Engine__FlushInterval for --set Engine:FlushInterval). The command line goes before the environment, and that before a file.

            Examples:
              dotnet run -c Release --project src/Silo -- run
              dotnet run -c Release --project src/Silo -- run --data /var/lib/auie --urls http://0.0.0.0:5080 --keys keys.json
              AUIE_POSTGRES='Host=db;Database=auie;Username=auie' dotnet run -c Release --project src/Silo -- run --set Cluster:Name=silo-1 --set Cluster:Listen=127.0.0.1:11111
              dotnet run -c Release --project src/Silo -- run --config silo.json --print-config

            Exit codes: 0 ended well, 1 could not start or failed, 2 wrong usage.
            """) { data, postgres, Urls, Keys, Features, Archetypes, Strategies, Partitions, config, Set, printConfig };
        command.Validators.Add(result =>
        {
            if (result.GetResult(data) is { Implicit: false } && result.GetResult(postgres) is { Implicit: false })
                result.AddError("--data and --postgres each name a store; give one of them.");
        });
        command.SetAction((parsed, cancellationToken) => Guard(async () =>
        {
            Option[] named = [data, postgres, Urls, Keys, Features, Archetypes, Strategies, Partitions];
            var flags = named.Where(option => parsed.GetResult(option) is { Implicit: false, Tokens.Count: > 0 })
                .Select(option => $"{option.Name}={parsed.GetResult(option)!.Tokens[0].Value}");
            var configuration = ConfigurationSources.OfSettings(parsed.GetValue(config), [.. flags]);
            var settings = SettingsOf(configuration) with { ConfigFile = parsed.GetValue(config), Overrides = Overrides(parsed) };
            if (parsed.GetValue(printConfig))
            {
                SiloConfiguration.Effective(settings, configuration, SiloHost.CreateBuilder(settings).Configuration).ForEach(setting => Console.WriteLine(setting));
                return 0;
            }

            await using var app = await SiloHost.BuildAsync(settings);
            foreach (var setting in SiloConfiguration.Effective(settings, configuration, (IConfigurationRoot)app.Configuration).Where(setting => setting.Source is not null))
                Console.WriteLine(setting);
            Console.WriteLine("Every other setting is the default; `run --print-config` prints them.");
            await SiloHost.StartAsync(app, cancellationToken);
            var place = app.Services.GetRequiredService<IEngineStore>() is PostgresStore store ? store.Place : Path.GetFullPath(settings.Data);
            Console.WriteLine($"Serving {place} at {string.Join(", ", app.Urls)}. Ctrl-C stops it.");
            await StopTime.WaitAsync(app, cancellationToken);
            return 0;
        }));
        return command;
    }

    /// <summary>What has no section, as the configuration has it.</summary>
    /// <exception cref="InvalidOperationException">A value cannot be what it is for.</exception>
    private static SiloSettings SettingsOf(IConfigurationRoot configuration)
    {
        // Both name a store: what is said later goes before what was said earlier.
        var store = configuration.Providers.Reverse().Select(said => (Data: Says(said, nameof(SiloSettings.Data)), Postgres: Says(said, nameof(SiloSettings.Postgres))))
            .FirstOrDefault(said => (said.Data ?? said.Postgres) is not null);
        if (store is { Data: not null, Postgres: not null })
            throw new InvalidOperationException("Data and Postgres each name a store, and both are configured in one place; leave one of them out.");
        var urls = Said(nameof(SiloSettings.Urls)) ?? SiloSettings.DefaultUrl;
        if (ServedAddresses.Problem(nameof(SiloSettings.Urls), urls) is { } problem)
            throw new InvalidOperationException($"{problem} {SettingSources.From(configuration, nameof(SiloSettings.Urls))}");
        int? partitions = null;
        if (Said(nameof(SiloSettings.Partitions)) is { } text)
            partitions = int.TryParse(text, out var number) && number is >= 1 and <= 1 << 16 ? number : throw new InvalidOperationException($"Partitions is '{text}'; it is a number from 1 to 65,536. {SettingSources.From(configuration, nameof(SiloSettings.Partitions))}");
        return new SiloSettings
        {
            Data = store.Data ?? SiloSettings.DefaultData,
            Postgres = store.Postgres,
            Urls = urls,
            Keys = Said(nameof(SiloSettings.Keys)),
            Features = Said(nameof(SiloSettings.Features)),
            Archetypes = Said(nameof(SiloSettings.Archetypes)),
            Strategies = Said(nameof(SiloSettings.Strategies)),
            Partitions = partitions,
        };

        string? Said(string name) => configuration[name] is { Length: > 0 } value ? value : null;

        static string? Says(IConfigurationProvider provider, string name) => provider.TryGet(name, out var value) && value is { Length: > 0 } ? value : null;
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
        Overrides = Overrides(parsed),
    };

    private static string[] Overrides(ParseResult parsed) => Array.ConvertAll(parsed.GetValue(Set) ?? [], setting => $"--{setting}");

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
            or IOException or UnauthorizedAccessException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
    }
}
