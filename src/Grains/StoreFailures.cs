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

    /// <inheritdoc cref="OrUnavailable{T}"/>
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

    private static UnavailableException Translated(StoreException exception, Action? stepDown)
    {
        if (exception is FencedException)
            stepDown?.Invoke();
        return new UnavailableException(exception.Message, exception);
    }
}
