using Auie.Runtime.Hosting;

namespace Auie.Client;

/// <summary>What this host can say of calls that failed.</summary>
public static class NotCalled
{
    /// <summary>Whether a call failed before its grain was called, so that it certainly changed nothing.</summary>
    public static bool Is(Exception failure) => failure is NotCalledException;
}
