using Microsoft.Extensions.Hosting;

namespace Auie.Api;

/// <summary>Keeps a process that stops answering for <see cref="AuieApiOptions.StopDelay"/>, while it is not ready any more.</summary>
internal sealed class StopDelay(AuieApiOptions options, TimeProvider time) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // The server is stopped after this.
    public async Task StoppingAsync(CancellationToken cancellationToken) =>
        await Task.Delay(options.StopDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
