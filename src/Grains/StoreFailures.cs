using Auie.Abstractions;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// What a failure of the store becomes for whoever called a grain: no exception of the store leaves the grains, for their callers neither
/// know the store nor can mend it.
/// </summary>
internal static class StoreFailures
{
    /// <param name="stepDown">What a writer does when its epoch is over: another activation owns the key now.</param>
    /// <exception cref="UnavailableException">The store refused or failed.</exception>
    public static async Task<T> OrUnavailable<T>(this Task<T> call, Action? stepDown = null)
    {
        try
        {
            return await call;
        }
        catch (StoreException exception)
        {
            throw Translated(exception, stepDown);
        }
    }

    /// <inheritdoc cref="OrUnavailable{T}(Task{T}, Action?)"/>
    public static async Task OrUnavailable(this Task call, Action? stepDown = null)
    {
        try
        {
            await call;
        }
        catch (StoreException exception)
        {
            throw Translated(exception, stepDown);
        }
    }

    /// <inheritdoc cref="OrUnavailable{T}(Task{T}, Action?)"/>
    public static async IAsyncEnumerable<T> OrUnavailable<T>(this IAsyncEnumerable<T> items)
    {
        await using var enumerator = items.GetAsyncEnumerator();
        while (await enumerator.MoveNextAsync().AsTask().OrUnavailable())
            yield return enumerator.Current;
    }

    /// <summary>A writer whose epoch is over, or who does not know what became of its write, cannot go on from what it remembers.</summary>
    private static UnavailableException Translated(StoreException exception, Action? stepDown)
    {
        if (exception is FencedException || exception.OutcomeUnknown)
            stepDown?.Invoke();
        return new UnavailableException(exception.Message, exception);
    }
}
