namespace Auie.Client;

/// <summary>Asks again what a silo that has gone left unanswered: for what changes nothing, or does so once however often it is asked for.</summary>
/// <param name="limit">For how long after it was asked first; none: it is not asked again.</param>
public sealed class AskAgain(TimeSpan limit, TimeProvider time)
{
    /// <summary>Where nobody is known to have gone yet it would fail at once.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <param name="may">Whether it may still be asked again when it has failed; null: it may.</param>
    public async ValueTask<T> Run<T>(Func<ValueTask<T>> ask, CancellationToken cancellationToken, Func<bool>? may = null)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception failure) when (Unanswered.Is(failure) && time.GetElapsedTime(began) < limit && may?.Invoke() != false)
            {
                // By the time it is asked again whoever takes over may serve it; else the call waits for that.
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
