using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Auie.Api;

/// <summary>The last that a process says: that it has stopped, and how long it took.</summary>
public static class StopTime
{
    /// <summary>Waits until an application is told to stop, and until all of it has.</summary>
    /// <exception cref="InvalidOperationException">It was not told to: something that it does by itself failed, and whoever supervises it is to start it again.</exception>
    public static async Task WaitAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var told = Stopwatch.GetTimestamp();
        await using (app.Lifetime.ApplicationStopping.Register(() => told = Stopwatch.GetTimestamp()))
            await app.WaitForShutdownAsync(cancellationToken);
        var failure = app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Select(static service => service.ExecuteTask?.Exception).FirstOrDefault(static failed => failed is not null);
        // The store is closed with it.
        await app.DisposeAsync();
        if (failure is not null)
            throw new InvalidOperationException($"It had to stop: {failure.InnerException!.Message}", failure);
        Console.WriteLine(FormattableString.Invariant($"Stopped, {Stopwatch.GetElapsedTime(told).TotalSeconds:0.0} s after it was told to."));
    }
}
