using System.Threading.Channels;

namespace Auie.Bench;

/// <summary>The yardstick: a request through a bounded channel to its consumer, and the answer back through a task.</summary>
internal sealed class ChannelHop : IAsyncDisposable
{
    private readonly Channel<Request> _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(10_000) { SingleReader = true });
    private readonly Task _consumer;

    public ChannelHop() => _consumer = Task.Run(Consume);

    public async ValueTask<int> Call(int number)
    {
        var request = new Request(number, new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
        await _requests.Writer.WriteAsync(request);
        return await request.Answer.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _requests.Writer.Complete();
        await _consumer;
    }

    private async Task Consume()
    {
        await foreach (var request in _requests.Reader.ReadAllAsync())
            request.Answer.SetResult(request.Number + 1);
    }

    private sealed record Request(int Number, TaskCompletionSource<int> Answer);
}
