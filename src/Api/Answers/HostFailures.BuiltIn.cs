namespace Auie.Api.Answers;

/// <summary>Failures that only this host has.</summary>
internal static class HostFailures
{
    /// <summary>Whether the silo that was asked has gone. For the one that takes over this host waits, until the call's time is up; it knows nothing of what was told piece by piece.</summary>
    public static bool IsTakeOver(Exception exception) => exception is EnumerationAbortedException;
}
