using System.Globalization;
using Auie.Api;
using Auie.Api.Settings;
using Auie.Grains;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;

namespace Auie.Silo;

/// <summary>What a silo is configured to, for people to read.</summary>
internal static class SiloConfiguration
{
    /// <param name="outer">What has no section (<see cref="ConfigurationSources.OfSettings"/>).</param>
    /// <param name="all">All that the silo reads.</param>
    public static List<EffectiveSetting> Effective(SiloSettings settings, IConfigurationRoot outer, IConfigurationRoot all) =>
        EffectiveConfiguration.Of(Outside(settings), outer, Sections(settings), all);

    private static IEnumerable<(string Name, string? Value)> Outside(SiloSettings settings)
    {
        yield return settings.Postgres is { } postgres ? (nameof(settings.Postgres), postgres) : (nameof(settings.Data), Path.GetFullPath(settings.Data));
        yield return (nameof(settings.Urls), settings.Urls);
        yield return (nameof(settings.Keys), settings.Keys);
        yield return (nameof(settings.Features), settings.Features);
        yield return (nameof(settings.Archetypes), settings.Archetypes);
        yield return (nameof(settings.Strategies), settings.Strategies);
        yield return (nameof(settings.Partitions), settings.Partitions?.ToString(CultureInfo.InvariantCulture));
    }

    private static IEnumerable<(string Section, object Defaults)> Sections(SiloSettings settings)
    {
        yield return (EngineOptions.Section, new EngineOptions { BackupFolder = settings.Postgres is null ? Path.Combine(settings.Data, "backups") : "" });
        yield return ("Store", settings.Postgres is null ? new SqliteStoreOptions() : new PostgresStoreOptions());
        yield return ("Api", new AuieApiOptions());
        foreach (var section in ActorHosting.Defaults(settings))
            yield return section;
    }
}
