namespace Auie.Runtime.Cluster;

/// <summary>
/// Until when a silo may answer for its slots, by its own clock: counted from before the renewal was sent, so that whatever the way there took is lost to the silo and never
/// to who comes after it.
/// </summary>
/// <param name="term">The lease less the margin, in ticks of that clock.</param>
/// <param name="deadline">From when it is over; over from the start unless told otherwise.</param>
internal sealed class LeaseClock(long term, long deadline = long.MinValue)
{
    private long _deadline = deadline;

    public long Deadline => Volatile.Read(ref _deadline);

    public bool IsValid(long now) => now < Volatile.Read(ref _deadline);

    /// <summary>The table has renewed the lease, asked by what was sent after that moment.</summary>
    public void Renew(long beforeSent) => Volatile.Write(ref _deadline, beforeSent + term);

    public void End() => Volatile.Write(ref _deadline, long.MinValue);
}
