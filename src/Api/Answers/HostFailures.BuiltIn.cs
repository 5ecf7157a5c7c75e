namespace Auie.Api.Answers;

/// <summary>Failures that only this host has.</summary>
internal static class HostFailures
{
    /// <summary>Whether the silo that was asked has gone. This host waits for the one that takes over, until the call's time is up.</summary>
    public static bool IsTakeOver(Exception exception) => false;
}
