using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Load;

/// <summary>What is asked of the server.</summary>
public enum Requests
{
    /// <summary>Events are sent to /api/events.</summary>
    Events,

    /// <summary>Events are sent to /v1/batch, as the SDKs of the tracking protocol do.</summary>
    Tracking,

    /// <summary>Events are sent to /api/import/events.</summary>
    Import,

    /// <summary>Users are read.</summary>
    Users,

    /// <summary>Users' segments are read.</summary>
    Segments,
}

/// <summary>What the generator does, as its command line says.</summary>
public sealed record LoadOptions
{
    /// <summary>Where the server is, as in http://127.0.0.1:5080; a line on standard input with another address moves the load there.</summary>
    public Uri? Endpoint { get; init; }

    public Requests Requests { get; init; } = Requests.Events;

    /// <summary>What is appended to the path, as in return=segment.</summary>
    public string? Query { get; init; }

    /// <summary>How many messages a request holds.</summary>
    public int Batch { get; init; } = 100;

    public int Connections { get; init; } = 16;

    /// <summary>How long new messages are made; null: until standard input says "stop" or ends.</summary>
    public double? Seconds { get; init; }

    /// <summary>What is done in the first seconds counts for no figure.</summary>
    public double Warmup { get; init; }

    /// <summary>How many messages (or reads) are made at the most.</summary>
    public long? Count { get; init; }

    /// <summary>Messages (or reads) a second, sent when they are due whatever became of those before; null: the next one when the last one is answered.</summary>
    public double? Rate { get; init; }

    /// <summary>How many users there are.</summary>
    public int Users { get; init; } = 10_000;

    /// <summary>What the ids of users and messages begin with.</summary>
    public string Prefix { get; init; } = "u";

    /// <summary>Reads take the users one after another, not at random.</summary>
    public bool InOrder { get; init; }

    /// <summary>The share of the messages that are sent again, though nothing failed: in the same request, at once by another one, or later.</summary>
    public double Duplicates { get; init; }

    /// <summary>The share of requests that carry, besides, a message with the id of an acknowledged one and another content; it has to be refused.</summary>
    public double Impostors { get; init; }

    /// <summary>The share of the events that come before the user is known, under an anonymous id that an identify then gives to the user.</summary>
    public double Anonymous { get; init; }

    /// <summary>Whether friends' events are to be told to the friends.</summary>
    public bool Mutual { get; init; }

    /// <summary>How often a failed request is sent again; null: until it is answered.</summary>
    public int? Retries { get; init; }

    /// <summary>How many seconds are waited before another attempt at the most, whatever Retry-After says.</summary>
    public double LongestWait { get; init; } = 60;

    /// <summary>How many seconds a request may take.</summary>
    public double Timeout { get; init; } = 30;

    public int Seed { get; init; } = 1;

    /// <summary>A file that gets the number of each message when it is acknowledged.</summary>
    public string? Acks { get; init; }

    /// <summary>Whether a line with the number of acknowledged messages is printed as they grow.</summary>
    public bool Progress { get; init; }

    /// <exception cref="FormatException">An option is unknown or its value is wrong.</exception>
    public static LoadOptions Parse(string[] args)
    {
        var options = new LoadOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            string Text() => ++i < args.Length ? args[i] : throw new FormatException($"{name} needs a value.");
            double Number() => double.TryParse(Text(), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0
                ? value : throw new FormatException($"{name} needs a number that is not negative; it is '{args[i]}'.");
            int Whole(int least) => int.TryParse(Text(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least
                ? value : throw new FormatException($"{name} needs a whole number of at least {least}; it is '{args[i]}'.");
            double Share() => Number() is <= 1 and var share ? share : throw new FormatException($"{name} is a share from 0 to 1.");
            options = name switch
            {
                "--endpoint" => options with { Endpoint = Address(Text()) ?? throw new FormatException($"{name} has '{args[i]}', which is no address.") },
                "--requests" => options with
                {
                    Requests = Enum.TryParse<Requests>(Text(), ignoreCase: true, out var requests) && Enum.IsDefined(requests)
                        ? requests : throw new FormatException($"{name} is one of {string.Join(", ", Enum.GetNames<Requests>()).ToLowerInvariant()}."),
                },
                "--query" => options with { Query = Text() },
                "--batch" => options with { Batch = Whole(1) },
                "--connections" => options with { Connections = Whole(1) },
                "--seconds" => options with { Seconds = Number() },
                "--warmup" => options with { Warmup = Number() },
                "--count" => options with { Count = Whole(1) },
                "--rate" => options with { Rate = Number() is > 0 and var rate ? rate : throw new FormatException($"{name} is more than 0.") },
                "--users" => options with { Users = Whole(1) },
                "--prefix" => options with { Prefix = Text() },
                "--in-order" => options with { InOrder = true },
                "--duplicates" => options with { Duplicates = Share() },
                "--impostors" => options with { Impostors = Share() },
                "--anonymous" => options with { Anonymous = Share() },
                "--mutual" => options with { Mutual = true },
                "--retries" => options with { Retries = Whole(0) },
                "--longest-wait" => options with { LongestWait = Number() },
                "--timeout" => options with { Timeout = Number() },
                "--seed" => options with { Seed = Whole(0) },
                "--acks" => options with { Acks = Text() },
                "--progress" => options with { Progress = true },
                _ => throw new FormatException($"'{name}' is no option."),
            };
        }

        return options;
    }

    /// <summary>An address of a server, or null.</summary>
    public static Uri? Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address : null;
}

/// <summary>What came of a load; of everything but latencies and rates the warm-up is part.</summary>
/// <param name="Sent">Messages in all requests that were made, however often.</param>
/// <param name="Messages">Different messages.</param>
/// <param name="Acknowledged">Different messages that were acknowledged.</param>
/// <param name="Refused">Messages that were refused, each with its reason, though they should not have been.</param>
/// <param name="ImpostorsRefused">Messages with the id of an acknowledged one and another content that were refused.</param>
/// <param name="ImpostorsTaken">Such that were not.</param>
/// <param name="Retried">Requests that were sent again after a failure.</param>
/// <param name="GivenUp">Messages whose last attempt failed.</param>
/// <param name="Unsent">Messages that were due when too many waited for a connection, and were never made.</param>
/// <param name="Statuses">Requests by their status; 0 for such as got no answer.</param>
/// <param name="PerSecond">Acknowledged messages (or reads) a second after the warm-up, sent again or not.</param>
/// <param name="Latency">Of requests that were answered well, after the warm-up.</param>
public sealed record LoadSummary(
    long Sent, long Messages, long Acknowledged, long Refused, long ImpostorsRefused, long ImpostorsTaken, long Retried, long GivenUp, long Unsent,
    SortedDictionary<int, long> Statuses, string[] Reasons, double Seconds, double PerSecond, LatencySummary Latency)
{
    public string ToJson() => JsonSerializer.Serialize(this, LoadJson.Default.LoadSummary);

    public static LoadSummary Parse(string json) =>
        JsonSerializer.Deserialize(json, LoadJson.Default.LoadSummary) ?? throw new FormatException("A summary is not null.");
}

/// <summary>Milliseconds from when a request was due to its whole answer.</summary>
public sealed record LatencySummary(long Count, double Mean, double P50, double P90, double P99, double P999, double Max);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LoadSummary))]
internal sealed partial class LoadJson : JsonSerializerContext;
