using System.Collections;
using System.Data.Common;
using System.Globalization;
using System.Reflection;
using Auie.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace Auie.Api.Settings;

/// <summary>One setting as it holds: its name, its value without secrets, and where that came from (null: it is the default).</summary>
public readonly record struct EffectiveSetting(string Name, string Value, string? Source)
{
    public override string ToString() => $"{Name}={Value}  ({Source ?? EffectiveConfiguration.Default})";
}

/// <summary>What a process is configured to, for people to read: every setting with its value and where that came from. Secrets are left out.</summary>
public static class EffectiveConfiguration
{
    internal const string Default = "default";

    private const string Hidden = "***";

    /// <summary>What of a connection to a database is no secret, by any name that it has.</summary>
    private static readonly string[] Open = ["Host", "Server", "Port", "Database", "Username", "User Id", "SSL Mode"];

    private static readonly string[] Secrets = ["Secret", "Password", "Passphrase", "Token", "Key", "Headers"];

    /// <param name="outside">What has no section, as it holds.</param>
    /// <param name="outer">Where that was found (<see cref="ConfigurationSources.OfSettings"/>).</param>
    /// <param name="sections">The sections whose settings are known, with their defaults.</param>
    /// <param name="all">All that the process reads.</param>
    public static List<EffectiveSetting> Of(
        IEnumerable<(string Name, string? Value)> outside, IConfigurationRoot outer, IEnumerable<(string Section, object Defaults)> sections, IConfigurationRoot all)
    {
        var found = new List<EffectiveSetting>();
        var named = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in outside)
        {
            named.Add(name);
            found.Add(new EffectiveSetting(name, Shown(name, value ?? ""), SettingSources.Of(outer, name)));
        }

        foreach (var (section, defaults) in sections)
        {
            foreach (var property in defaults.GetType().GetProperties().Where(IsSetting))
            {
                var name = $"{section}:{property.Name}";
                named.Add(name);
                var source = SettingSources.Of(all, name);
                found.Add(new EffectiveSetting(name, source is null ? Shown(name, Text(property.GetValue(defaults))) : Shown(name, Configured(all, name)), source));
            }
        }

        // What is set besides: of the framework, and of those who export telemetry.
        foreach (var (name, value) in all.AsEnumerable().OrderBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase))
        {
            if (value is null || Ancestors(name).Any(named.Contains) || name.StartsWith("hostBuilder:", StringComparison.OrdinalIgnoreCase))
                continue;
            var provider = SettingSources.ProviderOf(all, name);
            // The environment holds much that is no setting of this program.
            if (provider is not EnvironmentVariablesConfigurationProvider || SettingNames.Sections.Contains(name.Split(':')[0], StringComparer.OrdinalIgnoreCase) || name.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                if (SettingSources.Place(provider) is { } source)
                    found.Add(new EffectiveSetting(name, Shown(name, value), source));
            }
        }

        return found;
    }

    /// <summary>A value as it may be read by anybody.</summary>
    internal static string Shown(string name, string value)
    {
        var last = name[(name.LastIndexOfAny([':', '_']) + 1)..];
        if (name.Equals("Postgres", StringComparison.OrdinalIgnoreCase) || name.EndsWith(":Postgres", StringComparison.OrdinalIgnoreCase))
            return WithoutPassword(value);
        if (value.Length > 0 && Secrets.Any(secret => last.EndsWith(secret, StringComparison.OrdinalIgnoreCase)))
            return Hidden;
        // Who an address lets in stands before its host, up to the last @ of all: a password may hold what its writer has not escaped, a / too. Of an endpoint also where it is no address.
        var scheme = value.IndexOf("://", StringComparison.Ordinal);
        var start = scheme >= 0 ? scheme + 3 : last.EndsWith("Endpoint", StringComparison.OrdinalIgnoreCase) ? 0 : value.Length;
        var end = value.LastIndexOf('@');
        return end >= start ? $"{value[..start]}{Hidden}{value[end..]}" : value;
    }

    private static string WithoutPassword(string connection)
    {
        try
        {
            var settings = new DbConnectionStringBuilder { ConnectionString = connection };
            // Only what is known to be no secret: any other may be one.
            var open = Open.Where(settings.ContainsKey).ToArray();
            var shown = open.Select(name => $"{name}={settings[name]}").ToList();
            if (settings.Count > open.Length || open.Length == 0)
                shown.Add(Hidden);
            return string.Join(';', shown);
        }
        catch (ArgumentException)
        {
            return Hidden;
        }
    }

    private static bool IsSetting(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        return property.SetMethod is { IsPublic: true } && (type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan) || type == typeof(string[]));
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
}
