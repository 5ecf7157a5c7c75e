namespace Auie.Grains;

/// <summary>
/// Has recommendations computed in the order in which they were asked for, as many at once on this silo as there are cores: computed all at once they would only keep one another waiting, and
/// most would be answered later than in their turn.
/// </summary>
public sealed class RecommendationTurns : IDisposable
{
    private readonly SemaphoreSlim _free = new(Environment.ProcessorCount);

    public async Task<T> TakeAsync<T>(Func<Task<T>> compute, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        try
        {
            return await compute();
        }
        finally
        {
            _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();
}
