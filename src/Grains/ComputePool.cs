using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>
/// The threads that kernels run on: few, below the priority of the thread pool that turns run on, so that a long computation starves
/// neither turns nor heartbeats. Work is taken in the order in which it was given.
/// </summary>
public sealed partial class ComputePool : IDisposable
{
    // Some tens of microseconds, about what waking up takes: the steps of a job follow one another sooner.
    private const int LingeringSpins = 400;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread[] _threads;

    public ComputePool(IOptions<EngineOptions> options)
    {
        var count = options.Value.ComputeThreads > 0 ? options.Value.ComputeThreads : Environment.ProcessorCount;
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = $"auie-compute-{i}", Priority = ThreadPriority.BelowNormal };
            _threads[i].Start();
        }
    }

    /// <summary>Computes on the pool; the caller's turn goes on, when awaited, where it was.</summary>
    public Task<T> Run<T>(Func<T> compute, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return Task.FromCanceled<T>(cancellationToken);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                cancellationToken.ThrowIfCancellationRequested();
                done.SetResult(compute());
            }
            catch (OperationCanceledException e) when (e.CancellationToken == cancellationToken)
            {
                done.SetCanceled(cancellationToken);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }, CancellationToken.None);
        return done.Task;
    }

    /// <summary>Computes what gives no result.</summary>
    public Task Run(Action compute, CancellationToken cancellationToken) =>
        Run(() =>
        {
            compute();
            return true;
        }, cancellationToken);

    /// <summary>Takes a number of steps, side by side as threads are free; the first exception of one comes through as it is.</summary>
    public Task RunEach(int count, Action<int> step, CancellationToken cancellationToken)
    {
        if (count == 0)
            return Task.CompletedTask;
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = count;
        Exception? failure = null;
        for (var i = 0; i < count; i++)
        {
            var number = i;
            _work.Add(() =>
            {
                try
                {
                    // What is left after a failure is only counted.
                    cancellationToken.ThrowIfCancellationRequested();
                    if (Volatile.Read(ref failure) is null)
                        step(number);
                }
                catch (Exception e)
                {
                    Interlocked.CompareExchange(ref failure, e, null);
                }

                if (Interlocked.Decrement(ref left) > 0)
                    return;
                if (failure is null)
                    done.SetResult();
                else if (failure is OperationCanceledException && cancellationToken.IsCancellationRequested)
                    done.SetCanceled(cancellationToken);
                else
                    done.SetException(failure);
            }, CancellationToken.None);
        }

        return done.Task;
    }

    /// <summary>Takes step after step while each says that there are more; what was given meanwhile has its turn between two of them.</summary>
    public async Task RunInSteps(Func<bool> step, CancellationToken cancellationToken)
    {
        while (await Run(step, cancellationToken))
        {
        }
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        foreach (var thread in _threads)
            thread.Join();
        _work.Dispose();
    }

    // On Linux a thread's priority does nothing, but each thread has a niceness of its own, at first the process's. Where it cannot be had, everything is as before.
    private static void GiveWay()
    {
        const int Process = 0, ThisThread = 0, Nicer = 5;
        if (OperatingSystem.IsLinux())
            _ = SetPriority(Process, ThisThread, GetPriority(Process, ThisThread) + Nicer);
    }

    [LibraryImport("libc", EntryPoint = "getpriority")]
    private static partial int GetPriority(int which, uint who);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);

    private void Run()
    {
        GiveWay();
        while (TryTake(out var compute))
            compute();
    }

    private bool TryTake([NotNullWhen(true)] out Action? compute)
    {
        for (var spin = 0; spin < LingeringSpins && !_work.IsCompleted; spin++)
        {
            if (_work.TryTake(out compute))
                return true;
            Thread.SpinWait(1);
        }

        return _work.TryTake(out compute, Timeout.Infinite);
    }
}
