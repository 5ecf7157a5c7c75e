using System.Text.RegularExpressions;
using Auie.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Auie.Api.Settings;

/// <summary>Where a setting came from: a file, the environment, the command line.</summary>
public static partial class SettingSources
{
    /// <summary>Has what a setting's reader says of its value, or of what several are together, say where these came from.</summary>
    /// <exception cref="InvalidOperationException">What <paramref name="read"/> says, with where the settings that it names came from.</exception>
    public static async Task<T> TellAsync<T>(IConfiguration configuration, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is not OperationCanceledException && Told(configuration, e.Message) is { } sentence)
        {
            throw new InvalidOperationException(sentence, e);
        }
    }

    /// <inheritdoc cref="TellAsync"/>
    public static T Tell<T>(IConfiguration configuration, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (Told(configuration, e.Message) is { } sentence)
        {
            throw new InvalidOperationException(sentence, e);
        }
    }

    /// <summary>A sentence with where the settings came from that it names; null where it names none that anybody has set.</summary>
    public static string? Told(IConfiguration configuration, string sentence)
    {
        var told = string.Join(' ', Named().Matches(sentence).Select(match => match.Value).Distinct(StringComparer.OrdinalIgnoreCase).Where(IsOurs)
            .Select(name => From((IConfigurationRoot)configuration, name)).Where(from => from.Length > 0));
        return told.Length > 0 ? $"{sentence}{(sentence.EndsWith('.') ? "" : ".")} {told}" : null;

        static bool IsOurs(string name) => SettingNames.Sections.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>A sentence of where a setting came from; empty where it is the default.</summary>
    public static string From(IConfigurationRoot configuration, string name) =>
        Of(configuration, name) is { } source ? $"{name} comes from {(source is CommandLine or Environment ? "the " : "")}{source}." : "";

    internal static string? Of(IConfigurationRoot configuration, string name) => Place(ProviderOf(configuration, name));

    internal static IConfigurationProvider? ProviderOf(IConfigurationRoot configuration, string name) =>
        configuration.Providers.LastOrDefault(provider => provider.TryGet(name, out _) || provider.GetChildKeys([], name).Any());

    internal static string? Place(IConfigurationProvider? provider) => provider switch
    {
        JsonConfigurationProvider json => json.Source.Path is { } path && json.Source.FileProvider is { } files ? files.GetFileInfo(path).PhysicalPath ?? path : json.Source.Path,
        EnvironmentVariablesConfigurationProvider => Environment,
        CommandLineConfigurationProvider => CommandLine,
        AliasedSetting aliased => aliased.Place,
        _ => null,
    };

    /// <summary>The higher, the later in the order of <see cref="ConfigurationSources"/>; 0 for a default.</summary>
    internal static int Rank(IConfigurationRoot configuration, string name) => Of(configuration, name) switch { null => 0, CommandLine => 3, Environment => 2, _ => 1 };

    private const string Environment = "environment", CommandLine = "command line";

    [GeneratedRegex(@"\b\w+(:\w+)+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();
}
