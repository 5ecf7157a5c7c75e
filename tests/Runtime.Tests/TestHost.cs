using System.Collections.Concurrent;
using Auie.Runtime.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Tests;

/// <summary>A host of the grains of this assembly, on a clock that stands still, with calls written to bytes unless told otherwise.</summary>
public sealed class TestHost : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    public TestHost(bool serialize = true, Action<RuntimeOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var collection = new ServiceCollection();
        collection.AddSingleton<TimeProvider>(Time);
        collection.AddSingleton(Stage);
        collection.AddSingleton<ILoggerProvider>(Log);
        collection.AddAuieRuntime(options =>
        {
            options.Assemblies.Add(typeof(TestHost).Assembly);
            options.SerializeLocalCalls = serialize;
            configure?.Invoke(options);
        });
        services?.Invoke(collection);
        _services = collection.BuildServiceProvider();
        Grains = _services.GetRequiredService<IGrainFactory>();
        Host = _services.GetRequiredService<GrainHost>();
    }

    public ManualTime Time { get; } = new();

    public Stage Stage { get; } = new();

    public RecordedLog Log { get; } = new();

    public IGrainFactory Grains { get; }

    internal GrainHost Host { get; }

    public Task Stop() => _services.GetServices<IHostedService>().Single().StopAsync(CancellationToken.None);

    /// <summary>Takes the host down, whatever its grains wait for.</summary>
    public async ValueTask DisposeAsync()
    {
        var stopping = Stop();
        Time.Advance(TimeSpan.FromMinutes(1));
        await stopping;
        await _services.DisposeAsync();
    }
}

/// <summary>Where a test and its grains meet: named points that a grain reaches and waits at, and what grains have noted.</summary>
public sealed class Stage
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new(), _opened = new();

    public ConcurrentQueue<string> Notes { get; } = new();

    public void Note(string what)
    {
        Notes.Enqueue(what);
        Source(_reached, what).TrySetResult();
    }

    /// <summary>Done when a grain has reached the point, or has noted it.</summary>
    public Task Reached(string point) => Source(_reached, point).Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Open(string point) => Source(_opened, point).TrySetResult();

    /// <summary>A grain stops here until the test opens the point.</summary>
    public Task Wait(string point)
    {
        Note(point);
        return Source(_opened, point).Task;
    }

    private static TaskCompletionSource Source(ConcurrentDictionary<string, TaskCompletionSource> sources, string point) =>
        sources.GetOrAdd(point, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Keeps what is logged.</summary>
public sealed class RecordedLog : ILoggerProvider, ILogger
{
    public ConcurrentQueue<(string Message, Exception? Exception)> Entries { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Entries.Enqueue((formatter(state, exception), exception));

    public void Dispose()
    {
    }
}

/// <summary>Runs a behaviour both ways that calls travel: as objects and as bytes.</summary>
public sealed class BothWaysAttribute : Xunit.Sdk.DataAttribute
{
    public override IEnumerable<object[]> GetData(System.Reflection.MethodInfo testMethod) => [[true], [false]];
}
