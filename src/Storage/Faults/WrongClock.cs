namespace Auie.Storage.Faults;

/// <summary>A clock that tells another time than it is, as of a machine whose clock nobody has set; time passes on it as it does.</summary>
public sealed class WrongClock(TimeSpan offset) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + offset;
}
