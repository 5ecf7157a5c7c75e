namespace Auie.Client;

/// <summary>The parts of one request, each asked of a grain of its own.</summary>
public static class Parts
{
    /// <summary>Waits for all parts. That no grain was called it says only where that is so of every part: others may have been carried out.</summary>
    public static async Task<T[]> All<T>(IEnumerable<Task<T>> parts)
    {
        Task<T>[] all = [.. parts];
        await All((Task[])all);
        return Array.ConvertAll(all, static part => part.Result);
    }

    /// <inheritdoc cref="All{T}(IEnumerable{Task{T}})"/>
    public static async Task All(params Task[] parts)
    {
        try
        {
            await Task.WhenAll(parts);
        }
        catch (Exception failure) when (NotCalled.Is(failure) && !Array.TrueForAll(parts, static part => part.Exception?.InnerException is { } one && NotCalled.Is(one)))
        {
            throw Begun(failure);
        }
    }

    /// <summary>A part that comes after others which were carried out.</summary>
    public static async Task<T> After<T>(Task<T> part)
    {
        try
        {
            return await part;
        }
        catch (Exception failure) when (NotCalled.Is(failure))
        {
            throw Begun(failure);
        }
    }

    /// <inheritdoc cref="After{T}"/>
    public static async Task After(Task part)
    {
        try
        {
            await part;
        }
        catch (Exception failure) when (NotCalled.Is(failure))
        {
            throw Begun(failure);
        }
    }

    private static TimeoutException Begun(Exception failure) => new($"Some parts of the request were not carried out, and others may have been. {failure.Message}", failure);
}
