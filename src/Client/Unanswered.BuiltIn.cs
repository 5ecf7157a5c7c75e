using Auie.Runtime.Hosting;

namespace Auie.Client;

/// <summary>What this host can say of calls that nobody answered.</summary>
public static class Unanswered
{
    /// <summary>Whether the silo that was asked has gone, or may not answer any more, before it answered, so that another one takes over in a moment.</summary>
    public static bool Is(Exception failure) => failure is UnansweredException;
}
