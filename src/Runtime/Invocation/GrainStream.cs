namespace Auie.Runtime.Invocation;

/// <summary>A stream of results, at the caller.</summary>
internal sealed class GrainStream<TItem>(GrainReference grain, StreamCall<TItem> prototype, CancellationToken token) : IAsyncEnumerable<TItem>
{
    public IAsyncEnumerator<TItem> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        new Enumerator(grain, prototype, token, cancellationToken);

    private sealed class Enumerator : IAsyncEnumerator<TItem>
    {
        private readonly GrainReference _grain;
        private readonly StreamCall<TItem> _prototype;
        private readonly CancellationTokenSource? _linked;
        private readonly CancellationToken _token;
        private readonly Guid _id = Guid.NewGuid();
        private TItem[] _items = [];
        private int _next;
        private bool _opened, _ended, _closed;

        public Enumerator(GrainReference grain, StreamCall<TItem> prototype, CancellationToken first, CancellationToken second)
        {
            (_grain, _prototype) = (grain, prototype);
            if (first.CanBeCanceled && second.CanBeCanceled && first != second)
                _linked = CancellationTokenSource.CreateLinkedTokenSource(first, second);
            _token = _linked?.Token ?? (first.CanBeCanceled ? first : second);
        }

        public TItem Current { get; private set; } = default!;

        public async ValueTask<bool> MoveNextAsync()
        {
            while (true)
            {
                _token.ThrowIfCancellationRequested();
                if (_next < _items.Length)
                {
                    Current = _items[_next++];
                    return true;
                }

                if (_ended || _closed)
                    return false;
                var step = _opened ? StreamStep.Next : StreamStep.Open;
                _opened = true;
                StreamBatch<TItem> batch;
                try
                {
                    batch = await _grain.Ask(Step(step), _token);
                }
                catch (Exception exception) when (exception is not (OperationCanceledException or TimeoutException))
                {
                    _ended = true; // it failed there, and is gone
                    throw;
                }

                (_items, _next, _ended) = (batch.Items, 0, batch.Ended);
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_closed)
                return;
            _closed = true;
            _linked?.Dispose();
            if (_opened && !_ended)
                await _grain.Ask(Step(StreamStep.Close), CancellationToken.None);
        }

        private StreamCall<TItem> Step(StreamStep step)
        {
            var call = _prototype.Repeat();
            (call.StreamId, call.Step, call.Limit) = (_id, step, _grain.Host.Options.StreamBatch);
            return call;
        }
    }
}
