using Auie.Api;
using Auie.Api.Access;
using Auie.Api.Settings;
using Auie.Client;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Core.Strategies;
using Auie.Grains;
using Auie.Storage;
using Auie.Storage.Faults;
using Auie.Storage.Postgres;
using Auie.Storage.Sqlite;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace Auie.Silo;

/// <summary>Puts one silo together: the store, the grains' host, the API, telemetry.</summary>
public static class SiloHost
{
    /// <summary>Opens the store and builds the silo; nothing is served until it is started.</summary>
    /// <param name="replace">What an embedding program, or a test, puts in place of the usual services.</param>
    /// <exception cref="StoreException">The data folder or the database cannot be used.</exception>
    /// <exception cref="InvalidOperationException">A setting is wrong, or an address is open to others and there are no keys.</exception>
    public static async Task<WebApplication> BuildAsync(SiloSettings settings, Action<IServiceCollection>? replace = null)
    {
        var keys = settings.Keys is null ? KeyStore.Empty : KeyStore.Load(settings.Keys);
        if (ListenAddressGuard.Refusal([settings.Urls], keys) is { } refusal)
            throw new InvalidOperationException(refusal);
        var featureSets = settings.Features is null ? FeatureSets.BuiltIn : FeatureSets.BuiltIn.With(settings.Features, await File.ReadAllTextAsync(settings.Features));
        var archetypes = settings.Archetypes is null ? Archetypes.BuiltIn : Archetypes.Parse(settings.Archetypes, await File.ReadAllTextAsync(settings.Archetypes));
        var strategies = settings.Strategies is null ? StrategyLibrary.BuiltIn : StrategyLibrary.Parse(settings.Strategies, await File.ReadAllTextAsync(settings.Strategies));

        // A silo that could not serve must not join a cluster first, and take slots there.
        if (settings.Postgres is not null)
            FreePorts.Check(settings.Urls);
        SettingNames.CheckSections(settings.Overrides);
        var builder = CreateBuilder(settings);
        return await SettingSources.TellAsync(builder.Configuration, () => BuildAsync(builder, settings, new(keys, featureSets, archetypes, strategies), replace));
    }

    /// <summary>What the files say that settings name.</summary>
    private sealed record Files(KeyStore Keys, FeatureSets Features, Archetypes Archetypes, StrategyLibrary Strategies);

    private static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder, SiloSettings settings, Files files, Action<IServiceCollection>? replace)
    {
        builder.WebHost.UseUrls(settings.Urls);
        var started = Logging(builder.Logging);

        if (files.Keys.IsEmpty && builder.Configuration.GetSection("Kestrel:Endpoints").Exists())
            throw new InvalidOperationException("Kestrel:Endpoints is configured, and no keys are: without keys only --urls says where to listen.");
        if (builder.Configuration.GetSection(EngineOptions.Section).Read<EngineOptions>(EngineOptions.Section)?.Problem() is { } problem)
            throw new InvalidOperationException(problem);
        var api = builder.Configuration.GetSection(ApiSection).Read<AuieApiOptions>(ApiSection) ?? new AuieApiOptions();
        if (api.Problem() is { } wrong)
            throw new InvalidOperationException(wrong);
        // Where they are used they are read again; here, so that what cannot be is told of before the store is opened.
        _ = api.LoadMapping();
        Telemetry.Check(builder.Configuration);
        ActorHosting.Check(builder.Configuration, settings.Postgres);
        var store = await OpenAsync(settings, builder.Configuration.GetSection(StoreSection));

        var services = builder.Services;
        // Made by a factory, so that the container closes it when it is disposed of.
        services.AddSingleton<IEngineStore>(_ => store);
        services.AddSingleton(ClockOf(builder.Configuration.GetSection(StoreSection)));
        if (settings.Postgres is null)
            services.Configure<EngineOptions>(engine => engine.BackupFolder = Path.Combine(settings.Data, "backups"));
        services.Configure<EngineOptions>(builder.Configuration.GetSection(EngineOptions.Section));
        services.AddSingleton(files.Features);
        services.AddSingleton(files.Archetypes);
        services.AddSingleton(files.Strategies);
        services.AddSingleton<Publications>();
        services.AddSingleton<StoreTimers>();
        services.AddSingleton<PublishedModels>();
        services.AddSingleton<PublishedRankers>();
        services.AddSingleton<ComputePool>();
        services.AddSingleton<Influence>();
        services.AddSingleton<InterestEffects>();
        services.AddSingleton<HeavyInsights>();
        services.AddSingleton<RecommendationTurns>();
        services.AddSingleton<Tombstones>();
        services.AddSingleton<ReactionScan>();
        services.AddSingleton(provider => new ErasureLog(ErasureLogOf(settings, provider.GetRequiredService<IOptions<EngineOptions>>().Value)));
        services.AddHostedService<Telemetry>();
        builder.AddActorHost(settings.Postgres);
        services.AddHostedService<RestoredErasures>();
        services.AddSingleton<UnfinishedWork>();
        services.AddHostedService(provider => provider.GetRequiredService<UnfinishedWork>());
        services.AddHostedService<ErasureDeadlines>();
        services.AddHostedService<ColumnsAtStart>();
        services.AddAuieApi(api with { Keys = files.Keys });

        replace?.Invoke(services);
        var app = builder.Build();
        _ = app.Services.GetRequiredService<IEngineStore>();
        app.Lifetime.ApplicationStarted.Register(started);
        app.UseAuieApi();
        return app;
    }

    /// <summary>Starts a silo that was built. Where that fails, what had started is stopped before the failure is told: grains do not go on while their services are disposed of.</summary>
    public static async Task StartAsync(WebApplication app, CancellationToken cancellationToken = default)
    {
        await SettingSources.TellAsync(app.Configuration, async () =>
        {
            // Those that cannot be made fail here: there is nothing to be stopped yet.
            var services = app.Services.GetServices<IHostedService>().Count();
            try
            {
                await app.StartAsync(cancellationToken);
                return services;
            }
            catch
            {
                await app.StopAsync(CancellationToken.None);
                throw;
            }
        });
    }

    /// <summary>A builder that has its configuration, and nothing else yet.</summary>
    internal static WebApplicationBuilder CreateBuilder(SiloSettings settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            // Nothing is reloaded: the watcher would look at every write to a data folder below this one.
            Args = [.. settings.Overrides, "--hostBuilder:reloadConfigOnChange=false"],
        });
        ConfigurationSources.AddTo(builder.Configuration, settings.ConfigFile, settings.Overrides);
        return builder;
    }

    private static string? ErasureLogOf(SiloSettings settings, EngineOptions options) => options.ErasureLog switch
    {
        null => settings.Postgres is null ? Path.Combine(settings.Data, "erasures.log") : null,
        "" => null,
        var file => file,
    };

    /// <summary>The store, with the faults that it is to suffer where Store:Faults has any.</summary>
    private static async Task<IEngineStore> OpenAsync(SiloSettings settings, IConfigurationSection section)
    {
        var faults = section.GetSection(FaultsSection).Read<StoreFaults>($"{StoreSection}:{FaultsSection}") ?? new StoreFaults();
        if (faults.Problem() is { } problem)
            throw new InvalidOperationException(problem);
        var own = new ConfigurationBuilder().AddInMemoryCollection(section.AsEnumerable(makePathsRelative: true)
            .Where(setting => !setting.Key.Split(':')[0].Equals(FaultsSection, StringComparison.OrdinalIgnoreCase))).Build();
        var store = await OpenSoundAsync(settings, own);
        return faults.Any ? new FaultyStore(store, faults) : store;
    }

    private static async Task<IEngineStore> OpenSoundAsync(SiloSettings settings, IConfiguration section)
    {
        if (settings.Postgres is { } connection)
        {
            var options = section.Read<PostgresStoreOptions>(StoreSection) ?? new PostgresStoreOptions();
            return await PostgresStore.OpenAsync(connection, options with { Partitions = settings.Partitions ?? options.Partitions });
        }
        else
        {
            var options = section.Read<SqliteStoreOptions>(StoreSection) ?? new SqliteStoreOptions();
            if (options.Problem() is { } problem)
                throw new InvalidOperationException(problem);
            return await SqliteStore.OpenAsync(settings.Data, options with { Partitions = settings.Partitions ?? options.Partitions });
        }
    }

    private static TimeProvider ClockOf(IConfiguration section) =>
        section.GetSection(FaultsSection).Get<StoreFaults>()?.ClockOffset is { } offset && offset != TimeSpan.Zero ? new WrongClock(offset) : TimeProvider.System;

    /// <summary>Under Store, but no setting of a store: for tests and drills.</summary>
    private const string FaultsSection = "Faults";

    private const string ApiSection = "Api", StoreSection = "Store";

    /// <summary>
    /// Logs go to standard error: standard output belongs to what a command prints. Why the silo could not start is told by whoever started
    /// it, in a sentence, so the framework's own accounts of that, with their stacks, are left out until the returned action is called.
    /// </summary>
    private static Action Logging(ILoggingBuilder logging)
    {
        var started = false;
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Polly", LogLevel.Warning);
        // Whoever asks is answered; why it is so, the log has from who found it.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // Of a start that comes to nothing it also warns of all that ends with it.
        logging.AddFilter("Orleans", level => level >= (Volatile.Read(ref started) ? LogLevel.Warning : LogLevel.Error));
        foreach (var category in new[] { "Microsoft.AspNetCore.Server.Kestrel", "Microsoft.Extensions.Hosting.Internal.Host" })
            logging.AddFilter(category, level => Volatile.Read(ref started) && level >= LogLevel.Warning);
        return () => Volatile.Write(ref started, true);
    }
}
