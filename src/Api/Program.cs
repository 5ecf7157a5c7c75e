using System.CommandLine;
using Auie.Api;
using Auie.Api.Settings;

// The HTTP API in a process of its own, beside silos that run without being asked by users themselves.
var urls = new Option<string>("--urls")
{
    Description = "The addresses to serve, separated by ';'. Any but this machine's own need --keys.",
    DefaultValueFactory = _ => ApiHost.DefaultUrl,
};
var keys = new Option<string?>("--keys") { Description = "A file of keys, made by `auie keys new`." };
var gateways = new Option<string?>("--gateways") { Description = "Some silos, host:port separated by ';'; the others are found through them. Also AUIE_GATEWAYS, and Cluster:Gateways." };
var config = new Option<string?>("--config") { Description = "A JSON file of settings: Urls, Keys, Gateways, and the sections Api, Cluster, Logging and Kestrel, as a silo's file has them. Variables of the environment (AUIE_URLS, AUIE_Api__...) and the command line go before it." };
var set = new Option<string[]>("--set") { Description = "A setting by its name, as Api:EventBatchBytes=1000000; may be given several times.", DefaultValueFactory = _ => [] };
var printConfig = new Option<bool>("--print-config") { Description = "Print every setting with where it comes from, without secrets, and end." };
var root = new RootCommand("""
    Serves the HTTP API of the Adaptive User Interaction Engine, as a client of its silos.

    Examples:
      dotnet run -c Release --project src/Api -- --gateways 127.0.0.1:11111
      dotnet run -c Release --project src/Api -- --gateways 'silo-1:11111;silo-2:11111' --urls http://0.0.0.0:5090 --keys keys.json --set Cluster:SecretFile=secret
      AUIE_GATEWAYS='silo-1:11111;silo-2:11111' AUIE_Cluster__SecretFile=secret dotnet run -c Release --project src/Api
      dotnet run -c Release --project src/Api -- --config api.json --print-config

    Exit codes: 0 ended well, 1 could not start or failed, 2 wrong usage.
    """) { urls, keys, gateways, config, set, printConfig };
set.Validators.Add(result =>
{
    foreach (var token in result.Tokens.Where(token => !token.Value.Contains('=', StringComparison.Ordinal)))
        result.AddError($"--set has '{token.Value}'; it is NAME=VALUE, such as Api:EventBatchBytes=1000000.");
});
root.SetAction(async (parsed, cancellationToken) =>
{
    try
    {
        string[] settings = [.. (parsed.GetValue(set) ?? []).Select(setting => $"--{setting}")];
        var flags = new Option[] { urls, keys, gateways }.Where(option => parsed.GetResult(option) is { Implicit: false, Tokens.Count: > 0 })
            .Select(option => $"{option.Name}={parsed.GetResult(option)!.Tokens[0].Value}");
        var outside = ConfigurationSources.OfSettings(parsed.GetValue(config), [.. flags]);
        if (parsed.GetValue(printConfig))
        {
            foreach (var setting in ApiHost.Settings(outside, parsed.GetValue(config), settings))
                Console.WriteLine(setting);
            return 0;
        }

        await using var app = ApiHost.Build(outside, parsed.GetValue(config), settings);
        foreach (var setting in ApiHost.Settings(outside, app).Where(setting => setting.Source is not null))
            Console.WriteLine(setting);
        Console.WriteLine("Every other setting is the default; --print-config prints them.");
        await ApiHost.StartAsync(app, cancellationToken);
        Console.WriteLine($"Serving the API at {string.Join(", ", app.Urls)}. Ctrl-C stops it.");
        await StopTime.WaitAsync(app, cancellationToken);
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
    catch (Exception e) when (e is InvalidOperationException or FormatException or InvalidDataException or IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
var command = root.Parse(args);
// Stopping in order answers what is under way, and waits for load balancers to see it.
var code = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
return command.Errors.Count > 0 ? 2 : code;
