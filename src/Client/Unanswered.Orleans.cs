namespace Auie.Client;

/// <summary>What this host can say of calls that nobody answered.</summary>
public static class Unanswered
{
    /// <summary>Whether the silo that was asked has gone before it answered, or nobody can be reached, so that another one takes over in a moment.</summary>
    public static bool Is(Exception failure) => failure is OrleansException and not (LimitExceededException or GatewayTooBusyException);
}
