using Auie.Runtime.Invocation;

namespace Auie.Runtime.Activations;

/// <summary>The streams of results that callers are reading from one activation. Used on its loop only.</summary>
internal sealed class ActivationStreams(Activation activation)
{
    private readonly Dictionary<Guid, Stream> _open = [];

    public int Count => _open.Count;

    /// <summary>Answers one pull.</summary>
    /// <exception cref="EnumerationAbortedException">There is no such stream, or no longer.</exception>
    public async ValueTask<StreamBatch<TItem>> Pull<TItem>(StreamCall<TItem> call)
    {
        var id = call.StreamId;
        switch (call.Step)
        {
            case StreamStep.Open:
                var opened = new Stream<TItem>(activation, call);
                _open.Add(id, opened);
                activation.Host.StreamOpened(activation);
                break;
            case StreamStep.Close:
                if (_open.Remove(id, out var closed))
                    await closed.End();
                return new([], Ended: true);
        }

        if (_open.GetValueOrDefault(id) is not Stream<TItem> stream)
            throw new EnumerationAbortedException(
                $"The stream of {call.Method} on {activation.GrainId} is not there: the grain was deactivated, or nobody asked it for more for too long.");
        try
        {
            var batch = await stream.Pull(call.Limit);
            if (batch.Ended)
                await Forget(id);
            return batch;
        }
        catch
        {
            await Forget(id);
            throw;
        }
    }

    /// <summary>Ends the streams that nobody has pulled since then.</summary>
    public async Task AbortAbandoned(long since)
    {
        foreach (var (id, stream) in _open.ToArray())
        {
            if (!stream.IsPulled && stream.LastPull < since)
                await Forget(id);
        }
    }

    /// <summary>Answers whoever waits for a next result, and from now on at once, with what there is: the grain is to be served elsewhere, and a silence must not hold that up.</summary>
    public void EndSilences()
    {
        foreach (var stream in _open.Values)
            stream.EndSilence();
    }

    /// <summary>Ends them all.</summary>
    public async Task AbortAll()
    {
        foreach (var id in _open.Keys.ToArray())
            await Forget(id);
    }

    private async Task Forget(Guid id)
    {
        if (!_open.Remove(id, out var stream))
            return;
        try
        {
            await stream.End();
        }
        catch (Exception exception)
        {
            activation.ReportStreamFailure(exception);
        }
    }

    private abstract class Stream
    {
        public long LastPull { get; protected set; }

        public bool IsPulled { get; protected set; }

        public abstract Task End();

        public abstract void EndSilence();
    }

    private sealed class Stream<TItem> : Stream
    {
        private readonly Activation _activation;
        private readonly StreamCall<TItem> _copier;
        private readonly CancellationTokenSource _ended = new();
        private readonly IAsyncEnumerator<TItem> _items;
        private Task<bool>? _moving;
        private CancellationTokenSource? _silence;
        private bool _waitsNoMore;

        public Stream(Activation activation, StreamCall<TItem> call)
        {
            _activation = activation;
            _copier = call.Repeat();
            LastPull = activation.Host.Now;
            // The method keeps its arguments for as long as the stream lasts: they are those of a call object of its own.
            _items = _copier.OpenOn(activation.GrainInstance!, _ended.Token).GetAsyncEnumerator(_ended.Token);
        }

        public async Task<StreamBatch<TItem>> Pull(int limit)
        {
            IsPulled = true;
            try
            {
                return await Collect(limit);
            }
            finally
            {
                IsPulled = false;
                LastPull = _activation.Host.Now;
            }
        }

        private async Task<StreamBatch<TItem>> Collect(int limit)
        {
            var items = new List<TItem>();
            while (items.Count < Math.Max(1, limit))
            {
                _moving ??= _items.MoveNextAsync().AsTask();
                if (!_moving.IsCompleted)
                {
                    if (items.Count > 0 || !await MovesInTime(_moving))
                        break;
                }

                // What came before a failure is given first.
                if (_moving.IsFaulted && items.Count > 0)
                    break;
                var moved = _moving;
                _moving = null;
                if (!await moved)
                    return new([.. items], Ended: true);
                items.Add(_activation.Host.CopiesArguments ? _copier.CopyOf(_items.Current) : _items.Current);
            }

            return new([.. items], Ended: false);
        }

        public override async Task End()
        {
            await _ended.CancelAsync();
            try
            {
                if (_moving is { } moving)
                    await moving;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                // As it was asked to.
            }
            finally
            {
                await _items.DisposeAsync();
                _copier.Drop();
                _ended.Dispose();
            }
        }

        private async Task<bool> MovesInTime(Task<bool> moving)
        {
            if (_waitsNoMore)
                return false;
            using var answered = _silence = new CancellationTokenSource();
            var silence = Task.Delay(_activation.Host.StreamHeartbeat, _activation.Host.Time, answered.Token);
            await Task.WhenAny(moving, silence);
            _silence = null;
            await answered.CancelAsync();
            return moving.IsCompleted;
        }

        public override void EndSilence()
        {
            _waitsNoMore = true;
            _silence?.Cancel();
        }
    }
}
