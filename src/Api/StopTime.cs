using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Auie.Api;

/// <summary>The last that a process says: that it has stopped, and how long it took.</summary>
public static class StopTime
{
    /// <summary>Waits until an application is told to stop, and until all of it has.</summary>
    public static async Task WaitAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var told = Stopwatch.GetTimestamp();
        await using (app.Lifetime.ApplicationStopping.Register(() => told = Stopwatch.GetTimestamp()))
            await app.WaitForShutdownAsync(cancellationToken);
        // The store is closed with it.
        await app.DisposeAsync();
        Console.WriteLine(FormattableString.Invariant($"Stopped, {Stopwatch.GetElapsedTime(told).TotalSeconds:0.0} s after it was told to."));
    }
}
