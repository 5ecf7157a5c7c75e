namespace Auie.Api.Answers;

/// <summary>Failures that only this host has.</summary>
internal static class HostFailures
{
    /// <summary>Whether the silo that was asked has gone, or nobody can be reached: another one takes over in a moment.</summary>
    public static bool IsTakeOver(Exception exception) => exception is OrleansException;
}
