using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Cluster;

internal sealed partial class ClusterMember
{
    [LoggerMessage(30, LogLevel.Information, "Joined the cluster as {Silo}, reached at {Address}.")]
    private static partial void LogJoined(ILogger logger, SiloId silo, string address);

    [LoggerMessage(31, LogLevel.Warning, "Silo {Silo} was put out of the cluster: its lease had run out and others needed its slots, or another of its name has joined. It gives up all that it holds.")]
    private static partial void LogPutOut(ILogger logger, SiloId silo);

    [LoggerMessage(32, LogLevel.Error, "The membership table was changed by other hands. This silo gives up all that it holds, and joins again.")]
    private static partial void LogContradicted(ILogger logger, Exception exception);

    [LoggerMessage(33, LogLevel.Warning, "The membership table cannot be used; it is tried again until it can.")]
    private static partial void LogFailing(ILogger logger, Exception exception);

    [LoggerMessage(34, LogLevel.Error, "The lease has run out: nothing is answered until the membership table can be used again.")]
    private static partial void LogLapsed(ILogger logger, Exception exception);

    [LoggerMessage(35, LogLevel.Information, "The membership table can be used again.")]
    private static partial void LogRecovered(ILogger logger);

    [LoggerMessage(36, LogLevel.Warning, "The grains of {Count} slots did not end in time; the slots are released, and what still runs is not answered for.")]
    private static partial void LogDrainCut(ILogger logger, int count, Exception exception);

    [LoggerMessage(38, LogLevel.Error, "The other silos cannot talk to this one: it gives its slots away, and takes none until they can.")]
    private static partial void LogCutOff(ILogger logger);

    [LoggerMessage(39, LogLevel.Information, "The other silos can talk to this one again.")]
    private static partial void LogReached(ILogger logger);

    [LoggerMessage(37, LogLevel.Warning, "The membership table is slow to answer; this silo has not joined yet, and tries again.")]
    private static partial void LogJoinsLate(ILogger logger, Exception exception);

    [LoggerMessage(40, LogLevel.Information, "Left the cluster: {Slots} slots were given up in {Seconds:0.0} s.")]
    private static partial void LogLeft(ILogger logger, int slots, double seconds);

    [LoggerMessage(42, LogLevel.Information, "Silo {Silo} at {Address} is in the cluster no more: it has left, or its lease ran out and others needed its slots.")]
    private static partial void LogGone(ILogger logger, SiloId silo, string address);

    [LoggerMessage(43, LogLevel.Information, "Serves {Gained} slots more: {Slots} of {All}.")]
    private static partial void LogGained(ILogger logger, int gained, int slots, int all);

    [LoggerMessage(41, LogLevel.Warning, "Stopped after {Seconds:0.0} s with {Slots} slots that could not be given up: the others take them when the lease has run out.")]
    private static partial void LogLeftWith(ILogger logger, int slots, double seconds);
}
