namespace Auie.Silo;

/// <summary>How one silo is started.</summary>
public sealed record SiloSettings
{
    /// <summary>The address that is served unless told otherwise: this machine only.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>The folder that holds the store unless told otherwise.</summary>
    public const string DefaultData = "auie-data";

    /// <summary>The folder that holds the store; not used where <see cref="Postgres"/> says where it is.</summary>
    public string Data { get; init; } = DefaultData;

    /// <summary>How to connect to the PostgreSQL database that holds the store, in place of a folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>The addresses to serve, separated by ';'.</summary>
    public string Urls { get; init; } = DefaultUrl;

    /// <summary>The file of keys; without one, only loopback addresses are served.</summary>
    public string? Keys { get; init; }

    /// <summary>A JSON file of feature sets beside the built-in ones.</summary>
    public string? Features { get; init; }

    /// <summary>A JSON file of archetypes in place of the built-in ones.</summary>
    public string? Archetypes { get; init; }

    /// <summary>A JSON file of strategies in place of the built-in ones.</summary>
    public string? Strategies { get; init; }

    /// <summary>The number of partitions of a store that is made now; null: the default for a new one, whatever it has for an old one.</summary>
    public int? Partitions { get; init; }

    /// <summary>A JSON file of configuration, over appsettings.json and under the environment and <see cref="Overrides"/>.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Configuration from the command line: Engine:FlushInterval=00:00:10 and the like.</summary>
    public string[] Overrides { get; init; } = [];
}
