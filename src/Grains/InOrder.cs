namespace Auie.Grains;

/// <summary>Has what changes the same thing done one after the other, as it comes, though the turns of the grain that does it interleave.</summary>
internal sealed class InOrder
{
    private Task _last = Task.CompletedTask;

    /// <summary>Does it once all that came before has ended, in whatever way.</summary>
    public async Task<T> Do<T>(Func<Task<T>> change)
    {
        var (before, done) = (_last, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _last = done.Task;
        await before;
        try
        {
            return await change();
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <inheritdoc cref="Do{T}(Func{Task{T}})"/>
    public Task Do(Func<Task> change) => Do(async () =>
    {
        await change();
        return true;
    });
}
