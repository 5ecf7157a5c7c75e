using System.Runtime.ExceptionServices;

namespace Auie.Core.Clustering;

/// <summary>
/// A numbered set of steps, taken by the caller's thread and by helpers from the thread pool as they come. The caller never waits for a
/// helper that has not begun: a set of steps may take less time than a thread to wake up. Helpers therefore stay awake for a moment, in case
/// another set follows, as in an iteration it does.
/// </summary>
internal sealed class ParallelSteps : IThreadPoolWorkItem
{
    private const int Spins = 100;

    // Some tens of microseconds: about what waking up takes.
    private const int LingeringSpins = 400;

    private static ParallelSteps? s_offered;
    private static int s_lingering;

    private readonly Action<int> _step;
    private readonly int _count;
    private readonly CancellationToken _cancellationToken;
    private readonly object _allEnded = new();
    private int _next;
    private int _ended;
    private Exception? _failure;

    private ParallelSteps(int count, Action<int> step, CancellationToken cancellationToken) =>
        (_count, _step, _cancellationToken) = (count, step, cancellationToken);

    /// <summary>Runs all steps on a number of threads. A step's own exception comes through as it is.</summary>
    public static void Run(int count, int threads, Action<int> step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var steps = new ParallelSteps(count, step, cancellationToken);
        var helpers = Math.Min(threads, count) - 1;
        if (helpers > 0)
        {
            // Offered to all that are awake or wake up late, with steps of before that are done by now; a helper that gives up looks once
            // more after it is no longer counted, so one of the two sees the other.
            Interlocked.Exchange(ref s_offered, steps);
            if (Volatile.Read(ref s_lingering) > 0)
                helpers--;
        }

        for (var helper = 0; helper < helpers; helper++)
            ThreadPool.UnsafeQueueUserWorkItem(steps, preferLocal: false);
        steps.TakeSteps();
        steps.WaitForHelpers();
        Interlocked.CompareExchange(ref s_offered, null, steps);
        if (steps._failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    public void Execute()
    {
        for (var steps = this; steps is not null; steps = Linger())
            steps.TakeSteps();
    }

    private static ParallelSteps? Linger()
    {
        Interlocked.Increment(ref s_lingering);
        ParallelSteps? steps = null;
        for (var spin = 0; spin < LingeringSpins && steps is null; spin++)
        {
            Thread.SpinWait(1);
            if (Volatile.Read(ref s_offered) is not null)
                steps = Interlocked.Exchange(ref s_offered, null);
        }

        Interlocked.Decrement(ref s_lingering);
        return steps ?? Interlocked.Exchange(ref s_offered, null);
    }

    private void TakeSteps()
    {
        int number;
        while ((number = Interlocked.Increment(ref _next) - 1) < _count)
        {
            try
            {
                // What is left after a failure is only counted.
                if (Volatile.Read(ref _failure) is null)
                {
                    _cancellationToken.ThrowIfCancellationRequested();
                    _step(number);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _failure, e, null);
            }

            if (Interlocked.Increment(ref _ended) == _count)
            {
                lock (_allEnded)
                    Monitor.PulseAll(_allEnded);
            }
        }
    }

    private void WaitForHelpers()
    {
        // A helper's last step mostly ends sooner than this thread could fall asleep and wake up.
        var spin = new SpinWait();
        while (Volatile.Read(ref _ended) < _count && spin.Count < Spins)
            spin.SpinOnce(sleep1Threshold: -1);
        lock (_allEnded)
        {
            while (_ended < _count)
                Monitor.Wait(_allEnded);
        }
    }
}
