using System.Runtime.ExceptionServices;

namespace Auie.Client;

/// <summary>
/// Asks again what a silo that has gone left unanswered: for what changes nothing, or does so once however often it is asked for. All together takes no longer than a call may take, 30 s, or
/// the limit where that is more.
/// </summary>
/// <param name="limit">For how long after it was asked first; none: it is not asked again.</param>
public sealed class AskAgain(TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(30);

    /// <summary>Where nobody is known to have gone yet it would fail at once.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(1);

    /// <param name="ask">Gets the token by which it is given up.</param>
    /// <param name="may">Whether it may still be asked again when it has failed; null: it may.</param>
    public async ValueTask<T> Run<T>(Func<CancellationToken, ValueTask<T>> ask, CancellationToken cancellationToken, Func<bool>? may = null)
    {
        var began = time.GetTimestamp();
        Exception unanswered;
        try
        {
            return await ask(cancellationToken);
        }
        catch (Exception failure) when (MayAgain(failure))
        {
            unanswered = failure;
        }

        // Not disposed of: what is answered with may be a stream, which goes on by it.
        var given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var late = false;
        var left = (limit > LongestCall ? limit : LongestCall) - time.GetElapsedTime(began);
        await using var timer = time.CreateTimer(
            _ =>
            {
                late = true;
                given.Cancel();
            },
            null, left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
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

        bool MayAgain(Exception failure) => Unanswered.Is(failure) && time.GetElapsedTime(began) < limit && may?.Invoke() != false;
    }
}
