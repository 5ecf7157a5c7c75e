using System.Runtime.ExceptionServices;

namespace Auie.Client;

/// <summary>
/// Asks again what a silo that has gone left unanswered: for what changes nothing, or does so once however often it is asked for. All together, from when it was asked first, takes no longer
/// than one call may take, or the limit where that is more; but what has begun to answer goes on for as long as it takes.
/// </summary>
/// <param name="limit">For how long after it failed first; none: it is not asked again.</param>
/// <param name="longestCall">How long a call may take whose method does not say (<see cref="CallLimit"/>).</param>
public sealed class AskAgain(TimeSpan limit, TimeSpan longestCall, TimeProvider time)
{
    /// <summary>Where nobody is known to have gone yet it would fail at once.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(1);

    /// <param name="ask">Gets the token by which it is given up.</param>
    /// <param name="asked">What there is to know of it; null: it is one call.</param>
    public async ValueTask<T> Run<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken, Asked? asked = null)
    {
        var began = time.GetTimestamp();
        var longest = asked?.Longest ?? longestCall;
        if (longest < limit)
            longest = limit;
        var mayBegin = TimeSpan.MaxValue;
        Exception unanswered;
        try
        {
            return await ask(cancellationToken);
        }
        catch (Exception failure) when (Unanswered.Is(failure))
        {
            mayBegin = time.GetElapsedTime(began) + limit;
            if (!MayAgain(failure))
                throw;
            unanswered = failure;
        }

        var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (asked?.Keep is { } keep)
            keep(given);
        using var own = asked?.Keep is null ? given : null;
        var late = false;
        await using var timer = time.CreateTimer(
            _ =>
            {
                if (HasBegun())
                    return;
                Volatile.Write(ref late, true);
                given.Cancel();
            },
            null, longest - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                // By the time it is asked again whoever takes over may serve it; else the call waits for that.
                await Task.Delay(pause, time, given.Token);
                return await ask(given.Token);
            }
            catch (OperationCanceledException) when (Volatile.Read(ref late) && !cancellationToken.IsCancellationRequested)
            {
                ExceptionDispatchInfo.Throw(unanswered);
            }
            catch (Exception failure) when (MayAgain(failure))
            {
                unanswered = failure;
            }
        }

        bool HasBegun() => asked?.HasBegun?.Invoke() == true;

        bool MayAgain(Exception failure) => Unanswered.Is(failure) && time.GetElapsedTime(began) is var passed && passed < mayBegin && passed < longest && !HasBegun();
    }
}
