using System.Text.Json;
using Auie.Client;
using Microsoft.Extensions.Configuration;

namespace Auie.Api.Settings;

/// <summary>
/// Where the settings of a silo, or of an API process, come from. A later one goes before an earlier one: appsettings.json in the working folder, the file that --config names, variables of the
/// environment (AUIE_Engine__FlushInterval for Engine:FlushInterval; sections also without the prefix), and the command line.
/// </summary>
public static class ConfigurationSources
{
    /// <summary>What an API process calls Cluster:Gateways outside of any section, as AUIE_GATEWAYS.</summary>
    public const string Gateways = "Gateways";

    /// <summary>What variables begin with that are about the engine.</summary>
    public const string Prefix = "AUIE_";

    /// <summary>What a file may hold, be it read by a silo or by an API process: what has no section, the engine's sections, and those of the framework.</summary>
    private static readonly string[] Known =
    [
        "Data", "Postgres", "Urls", "Keys", Gateways, "Features", "Archetypes", "Strategies", "Partitions", .. SettingNames.Sections, "Logging", "Kestrel", "AllowedHosts",
    ];

    /// <summary>What has no section: where the store is, what is served.</summary>
    /// <exception cref="InvalidOperationException">The file is not there, or holds what is no configuration.</exception>
    public static IConfigurationRoot OfSettings(string? file, string[] flags)
    {
        // Without the prefix such a variable would be anybody's: DATA, KEYS.
        var configuration = new ConfigurationBuilder().SetBasePath(Directory.GetCurrentDirectory()).AddJsonFile("appsettings.json", optional: true);
        AddFile(configuration, file);
        return Build(configuration.AddEnvironmentVariables(Prefix).AddCommandLine(flags), file);
    }

    /// <summary>Adds to what the framework reads by itself.</summary>
    public static void AddTo(IConfigurationBuilder configuration, string? file, string[] flags)
    {
        AddFile(configuration, file);
        configuration.AddEnvironmentVariables().AddEnvironmentVariables(Prefix).AddCommandLine(flags);
    }

    /// <summary>Has a setting of a section be what another place says by a name outside of any, unless the section itself says it in a place that goes before.</summary>
    public static void AddAlias(IConfigurationBuilder configuration, IConfigurationRoot all, string name, IConfigurationRoot outside, string alias)
    {
        if (outside[alias] is { Length: > 0 } value && SettingSources.Of(outside, alias) is { } place && SettingSources.Rank(outside, alias) >= SettingSources.Rank(all, name))
            configuration.Add(new AliasedSetting(name, value, place));
    }

    private static void AddFile(IConfigurationBuilder configuration, string? file)
    {
        if (file is null)
            return;
        if (!File.Exists(file))
            throw new InvalidOperationException($"--config names '{file}', and there is no such file.");
        configuration.AddJsonFile(Path.GetFullPath(file), optional: false, reloadOnChange: false);
    }

    private static IConfigurationRoot Build(IConfigurationBuilder configuration, string? file)
    {
        try
        {
            var built = configuration.Build();
            if (file is not null)
                CheckNames(file);
            return built;
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException($"{e.Message} {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>A setting that does not exist is most often a misspelt one. What is in a section is checked by whoever reads that.</summary>
    private static void CheckNames(string file)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        foreach (var name in json.RootElement.EnumerateObject().Select(property => property.Name.Split(':')[0]))
        {
            if (!Known.Contains(name, StringComparer.OrdinalIgnoreCase) && !name.StartsWith("OTEL_", StringComparison.Ordinal))
                throw new InvalidOperationException($"'{file}' has '{name}', which is no setting; it may have {string.Join(", ", Known)}, and the OTEL_ variables.");
        }
    }
}
