using Auie.Abstractions;
using Auie.Storage;
using Microsoft.Extensions.Logging;

namespace Auie.Grains;

/// <summary>
/// What grains do from time to time fails in all of them when the store does, again and again. That is told once, with why; counted from then on; and told again when it is over.
/// </summary>
public sealed partial class StoreTimers(TimeProvider time, ILogger<StoreTimers> logger)
{
    /// <summary>Where grains that failed are gone, or try again much later only, it is over when others have done without a failure for so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    /// <summary>A timer that comes more rarely is not waited for: what fails is counted, but it would leave the end of an outage untold until it comes again.</summary>
    private static readonly TimeSpan Rare = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<object> _failing = [];
    private volatile bool _isFailing;
    private long _began, _last;
    private long _failures;

    /// <summary>The callback of a timer of that period, whose failures of the store are told here; any other is the host's to tell.</summary>
    public Func<CancellationToken, Task> Of(Func<CancellationToken, Task> callback, TimeSpan period)
    {
        var isAwaited = period <= Rare;
        var timer = new object();
        var knowsEnd = false;
        return async ended =>
        {
            try
            {
                await callback(ended);
            }
            catch (Exception failure) when (IsOutage(failure))
            {
                Failed(isAwaited ? timer : null, failure);
                if (isAwaited && !knowsEnd)
                    ended.UnsafeRegister(_ => Gone(timer), null);
                knowsEnd = true;
                // What was under way when its grain ended fails after it.
                if (ended.IsCancellationRequested)
                    Gone(timer);
                return;
            }

            if (_isFailing)
                Succeeded(timer);
        };
    }

    /// <summary>Whether a failure of something that is tried again, and not by a timer of these, is told here, as theirs are; else it is for who met it to tell.</summary>
    public bool Tells(Exception failure)
    {
        if (!IsOutage(failure))
            return false;
        Failed(null, failure);
        return true;
    }

    /// <summary>Whether the store, or another silo, is out of reach.</summary>
    public static bool IsOutage(Exception failure) => failure is UnavailableException or TimeoutException or (StoreException and not FencedException);

    private void Failed(object? awaited, Exception failure)
    {
        lock (_gate)
        {
            if (awaited is not null)
                _failing.Add(awaited);
            (_last, _failures) = (time.GetTimestamp(), _failures + 1);
            if (_isFailing)
                return;
            (_isFailing, _began) = (true, _last);
        }

        LogBegan(failure);
    }

    private void Gone(object timer)
    {
        lock (_gate)
            _failing.Remove(timer);
    }

    private void Succeeded(object timer)
    {
        long failures;
        double seconds;
        lock (_gate)
        {
            var failed = _failing.Remove(timer);
            if (!_isFailing || _failing.Count > 0 || (!failed && time.GetElapsedTime(_last) < Quiet))
                return;
            (failures, seconds) = (_failures, time.GetElapsedTime(_began, _last).TotalSeconds);
            (_isFailing, _failures) = (false, 0);
        }

        LogOver(failures, seconds);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What grains do from time to time, as writing states, fails, for the store or another silo does not answer. Nothing is lost; it is tried again until it succeeds, and told then.")]
    private partial void LogBegan(Exception exception);

    [LoggerMessage(Level = LogLevel.Information, Message = "What grains do from time to time succeeds again; it had failed {Failures} times in {Seconds:0.0} s.")]
    private partial void LogOver(long failures, double seconds);
}
