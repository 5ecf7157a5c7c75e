using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Tracking;

namespace Auie.Api;

/// <summary>How the HTTP API is served: whose data, to whom, and how much one request may hold.</summary>
public sealed record AuieApiOptions
{
    /// <summary>Whoever asks does not wait longer.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>The tenant whose users, segments, jobs and tables are served.</summary>
    public string Tenant { get; init; } = GrainKeys.DefaultTenant;

    /// <summary>The keys that open the API; with none of them it answers only to this machine.</summary>
    public KeyStore Keys { get; init; } = KeyStore.Empty;

    /// <summary>Names besides localhost, 127.0.0.1 and [::1] that a request without keys may address the engine by.</summary>
    public string[] AllowedHosts { get; init; } = [];

    /// <summary>Origins besides the engine's own, as in https://example.org, whose pages may send events to /v1, and, where there are no keys, any request.</summary>
    public string[] AllowedOrigins { get; init; } = [];

    /// <summary>For how long a process that stops goes on answering, and says that it is not ready, so that load balancers see it and send requests elsewhere.</summary>
    public TimeSpan StopDelay { get; init; }

    /// <summary>For how long whoever asks for the silos waits until one of them tells; then they are told as this process knew them last.</summary>
    public TimeSpan SilosWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>For how long after it failed first what a silo left unanswered that has gone is asked again: what is only read, and events, which take effect once all the same. None: never.</summary>
    public TimeSpan AskAgain { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Bytes of a batch of events; where it comes as gzip, both of that and of what it unfolds to. The same holds for every other limit of bytes.</summary>
    public long EventBatchBytes { get; init; } = 500 * 1024;

    /// <summary>Bytes of a batch of the tracking protocol.</summary>
    public long TrackingBatchBytes { get; init; } = 500 * 1024;

    /// <summary>Bytes of one event of the tracking protocol.</summary>
    public int TrackingEventBytes { get; init; } = 32 * 1024;

    /// <summary>Events of a batch of the tracking protocol.</summary>
    public int TrackingBatchEvents { get; init; } = 2_500;

    /// <summary>How deep an event of the tracking protocol may nest.</summary>
    public int TrackingDepth { get; init; } = 64;

    /// <summary>By how much a clock that is behind the engine's is put right: a longer lag is taken for time on the way.</summary>
    public TimeSpan TrackingLag { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How far past its receipt an event's own time may lie; what is later is refused. The tracking protocol puts such clocks right, but for what is known of items.</summary>
    public TimeSpan EventsAhead { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The file that says what the events of the tracking protocol mean, in place of what is built in.</summary>
    public string? Mapping { get; init; }

    /// <summary>Bytes of events, of all requests together, that may be inside at a time; a request that would bring more is answered with 429.</summary>
    public long IntakeBytes { get; init; } = 8L << 20;

    /// <summary>How many of them are read and committed at a time; the others wait, in their order, but bodies of up to a 64th of it.</summary>
    public long IntakeBytesAtOnce { get; init; } = 512 * 1024;

    /// <summary>After how long a request counts no more among those, whatever it waits for.</summary>
    public TimeSpan IntakeTurn { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Bytes of a part of an import.</summary>
    public long ImportBatchBytes { get; init; } = 8L << 20;

    /// <summary>Bytes of an import's report.</summary>
    public long ImportReportBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of a table's CSV.</summary>
    public long TableBytes { get; init; } = 256L << 20;

    /// <summary>Bytes of any other request.</summary>
    public long RequestBytes { get; init; } = 64 * 1024;

    /// <summary>Over how many shards a table lies unless its sender says; the answers do not depend on it.</summary>
    public int TableShards { get; init; } = 4;

    /// <summary>What is wrong with the options, or null.</summary>
    public string? Problem()
    {
        (string Name, long Value)[] positive =
        [
            (nameof(EventBatchBytes), EventBatchBytes), (nameof(TrackingBatchBytes), TrackingBatchBytes), (nameof(TrackingEventBytes), TrackingEventBytes),
            (nameof(TrackingBatchEvents), TrackingBatchEvents), (nameof(TrackingDepth), TrackingDepth), (nameof(IntakeBytes), IntakeBytes), (nameof(IntakeBytesAtOnce), IntakeBytesAtOnce),
            (nameof(ImportBatchBytes), ImportBatchBytes), (nameof(ImportReportBytes), ImportReportBytes), (nameof(TableBytes), TableBytes), (nameof(RequestBytes), RequestBytes),
            (nameof(TableShards), TableShards),
        ];
        (string Name, TimeSpan Value)[] notNegative = [(nameof(StopDelay), StopDelay), (nameof(AskAgain), AskAgain), (nameof(SilosWait), SilosWait), (nameof(TrackingLag), TrackingLag), (nameof(EventsAhead), EventsAhead), (nameof(IntakeTurn), IntakeTurn)];
        return Array.Find(positive, one => one.Value < 1) is { Name: not null } small ? $"Api:{small.Name} is {small.Value}; it is at least 1."
            : StopDelay > TimeSpan.FromSeconds(20) ? $"Api:{nameof(StopDelay)} is {StopDelay}; it is 20 seconds at the most: a process that takes a minute to stop is ended."
            : Array.Find(notNegative, one => one.Value < TimeSpan.Zero) is { Name: not null } negative ? $"Api:{negative.Name} is {negative.Value}; it is not negative."
            : Array.Find([(nameof(AskAgain), AskAgain), (nameof(SilosWait), SilosWait)], static one => one.Item2 > LongestWait) is { Item1: not null } endless
                ? $"Api:{endless.Item1} is {endless.Item2}; it is {LongestWait.TotalMinutes:0} minutes at the most (a number alone is days; seconds are 00:00:10)."
            : Access.AllowedOrigins.Problem(AllowedOrigins);
    }

    /// <summary>What <see cref="Mapping"/> says, or what is built in.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read.</exception>
    /// <exception cref="FormatException">It is none of rules.</exception>
    public TrackingMapping LoadMapping()
    {
        if (Mapping is null)
            return TrackingMapping.BuiltIn;
        try
        {
            return TrackingMapping.Load(Mapping);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InvalidOperationException($"Api:{nameof(Mapping)} is '{Mapping}', which cannot be read: {e.Message}", e);
        }
        catch (FormatException e)
        {
            throw new FormatException($"Api:{nameof(Mapping)} cannot be used. {e.Message}", e);
        }
    }
}
