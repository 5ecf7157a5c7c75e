using System.Collections;
using System.Globalization;
using System.Reflection;
using Auie.Api;
using Auie.Grains;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Npgsql;

namespace Auie.Silo;

/// <summary>One setting as it holds: its name, its value without secrets, and where that came from (null: it is the default).</summary>
internal readonly record struct EffectiveSetting(string Name, string Value, string? Source)
{
    public override string ToString() => $"{Name}={Value}  ({Source ?? EffectiveConfiguration.Default})";
}

/// <summary>What a silo is configured to, for people to read: every setting with its value and where that came from. Secrets are left out.</summary>
internal static class EffectiveConfiguration
{
    public const string Default = "default";

    private const string Hidden = "***";

    /// <summary>The engine's sections of a configuration.</summary>
    public static readonly string[] Sections = ["Engine", "Runtime", "Store", "Api", "Cluster"];

    private static readonly string[] Secrets = ["Secret", "Password", "Passphrase", "Token", "Key", "Headers"];

    /// <param name="outer">What has no section (<see cref="SiloConfiguration.OfSettings"/>).</param>
    /// <param name="all">All that the silo reads.</param>
    public static List<EffectiveSetting> Of(SiloSettings settings, IConfigurationRoot outer, IConfigurationRoot all)
    {
        var found = new List<EffectiveSetting>();
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in Outer(settings))
        {
            named.Add(name);
            found.Add(new EffectiveSetting(name, Shown(name, value), SourceOf(outer, name)));
        }

        foreach (var (section, defaults) in Defaults(settings))
        {
            foreach (var property in defaults.GetType().GetProperties().Where(IsSetting))
            {
                var name = $"{section}:{property.Name}";
                named.Add(name);
                var source = SourceOf(all, name);
                found.Add(new EffectiveSetting(name, source is null ? Shown(name, Text(property.GetValue(defaults))) : Shown(name, Configured(all, name)), source));
            }
        }

        // What is set besides: of the framework, and of those who export telemetry.
        foreach (var (name, value) in all.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (value is null || Ancestors(name).Any(named.Contains) || name.StartsWith("hostBuilder:", StringComparison.OrdinalIgnoreCase))
                continue;
            var provider = ProviderOf(all, name);
            // The environment holds much that is no setting of this program.
            if (provider is not EnvironmentVariablesConfigurationProvider || Sections.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase) || name.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                if (Place(provider) is { } source)
                    found.Add(new EffectiveSetting(name, Shown(name, value), source));
            }
        }

        return found;
    }

    /// <summary>A value as it may be read by anybody.</summary>
    internal static string Shown(string name, string value)
    {
        var last = name[(name.LastIndexOfAny([':', '_']) + 1)..];
        if (name.Equals(nameof(SiloSettings.Postgres), StringComparison.OrdinalIgnoreCase) || name.EndsWith(":Postgres", StringComparison.OrdinalIgnoreCase))
            return WithoutPassword(value);
        if (value.Length > 0 && Secrets.Any(secret => last.EndsWith(secret, StringComparison.OrdinalIgnoreCase)))
            return Hidden;
        // Who an address lets in stands before its host.
        return Uri.TryCreate(value, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? value.Replace(uri.UserInfo, Hidden, StringComparison.Ordinal) : value;
    }

    private static string WithoutPassword(string connection)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connection);
            // Only what is known to be no secret: a setting that a later Npgsql has may be one.
            string[] open = ["Host", "Port", "Database", "Username", "SSL Mode"];
            var shown = open.Where(settings.ContainsKey).Where(name => settings.ShouldSerialize(name)).Select(name => $"{name}={settings[name]}").ToList();
            if (settings.Keys.Cast<string>().Any(name => !open.Contains(name) && settings.ShouldSerialize(name)))
                shown.Add(Hidden);
            return string.Join(';', shown);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or KeyNotFoundException)
        {
            return Hidden;
        }
    }

    private static IEnumerable<(string Name, string Value)> Outer(SiloSettings settings)
    {
        yield return settings.Postgres is { } postgres ? (nameof(settings.Postgres), postgres) : (nameof(settings.Data), Path.GetFullPath(settings.Data));
        yield return (nameof(settings.Urls), settings.Urls);
        yield return (nameof(settings.Keys), settings.Keys ?? "");
        yield return (nameof(settings.Features), settings.Features ?? "");
        yield return (nameof(settings.Archetypes), settings.Archetypes ?? "");
        yield return (nameof(settings.Strategies), settings.Strategies ?? "");
        yield return (nameof(settings.Partitions), Text(settings.Partitions));
    }

    private static IEnumerable<(string Section, object Defaults)> Defaults(SiloSettings settings)
    {
        yield return (EngineOptions.Section, new EngineOptions { BackupFolder = settings.Postgres is null ? Path.Combine(settings.Data, "backups") : "" });
        yield return ("Store", settings.Postgres is null ? new SqliteStoreOptions() : new PostgresStoreOptions());
        yield return ("Api", new AuieApiOptions());
        foreach (var section in ActorHosting.Defaults(settings))
            yield return section;
    }

    private static bool IsSetting(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(string[]);
    }

    private static string Text(object? value) => value switch
    {
        null => "",
        bool truth => truth ? "true" : "false",
        string text => text,
        IEnumerable many => string.Join(", ", many.Cast<object>()),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static string Configured(IConfiguration all, string name) =>
        all[name] ?? string.Join(", ", all.GetSection(name).GetChildren().Select(child => child.Value));

    private static IEnumerable<string> Ancestors(string name)
    {
        for (var end = name.Length; end > 0; end = name.LastIndexOf(':', end - 1))
            yield return name[..end];
    }

    private static string? SourceOf(IConfigurationRoot configuration, string name) => Place(ProviderOf(configuration, name));

    private static IConfigurationProvider? ProviderOf(IConfigurationRoot configuration, string name) =>
        configuration.Providers.LastOrDefault(provider => provider.TryGet(name, out _) || provider.GetChildKeys([], name).Any());

    private static string? Place(IConfigurationProvider? provider) => provider switch
    {
        JsonConfigurationProvider json => json.Source.Path is { } path && json.Source.FileProvider is { } files ? files.GetFileInfo(path).PhysicalPath ?? path : json.Source.Path,
        EnvironmentVariablesConfigurationProvider => "environment",
        CommandLineConfigurationProvider => "command line",
        _ => null,
    };
}
