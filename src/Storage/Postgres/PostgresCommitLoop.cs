namespace Auie.Storage.Postgres;

/// <summary>
/// Group commit over one connection: every write that waits goes into one transaction, and then each is told what came of it. What arrives
/// meanwhile waits for the next one.
/// </summary>
internal sealed class PostgresCommitLoop : IAsyncDisposable
{
    private readonly PostgresWriter _writer;
    private readonly PostgresStoreOptions _options;
    private readonly PostgresErrors _errors;
    private readonly WriteQueue<PostgresWrite> _queue;
    private readonly Task _loop;

    public PostgresCommitLoop(PostgresWriter writer, PostgresStoreOptions options, PostgresErrors errors)
    {
        _writer = writer;
        _options = options;
        _errors = errors;
        _queue = new WriteQueue<PostgresWrite>(new WriteLimits(options.QueueLimit, options.BatchLimit, options.BatchBytes, options.StateBytes), $"on {errors.Place}");
        _loop = Task.Run(Run);
    }

    /// <inheritdoc cref="WriteQueue{T}.Execute"/>
    public Task<object?> Execute(long bytes, PostgresWrite write, CancellationToken cancellationToken) =>
        _queue.Execute(bytes, write, cancellationToken, write.Turn, write.Alone is not null);

    private async Task Run()
    {
        try
        {
            while (await _queue.WaitAsync())
            {
                var batch = _queue.Take();
                if (batch.Count > 0)
                    await GroupCommit.Run(batch, () => Commit(batch));
            }
        }
        catch (Exception exception)
        {
            _queue.Abandon(exception);
            throw;
        }
    }

    /// <summary>Commits the batch; what has surely not happened is tried again a few times, what may have happened never.</summary>
    private async Task Commit(List<QueuedWrite<PostgresWrite>> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _writer.Commit(batch);
                return;
            }
            catch (Exception exception)
            {
                var outcomeUnknown = _writer.Committing && !PostgresErrors.IsSurelyUndone(exception);
                if (outcomeUnknown || attempt >= _options.Attempts || !PostgresErrors.IsPassing(exception))
                    throw _errors.Translate(exception, outcomeUnknown);
            }
            await Task.Delay(_options.DelayAfter(attempt));
        }
    }

    /// <summary>Commits what is queued, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _loop;
        await _writer.DisposeAsync();
    }
}
