using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Activations;

internal sealed partial class Activation
{
    [LoggerMessage(1, LogLevel.Error, "Grain {Grain} could not be activated; the calls that waited for it fail.")]
    private static partial void LogActivationFailed(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(2, LogLevel.Error, "Grain {Grain} failed while it was deactivated ({Reason}); it is gone all the same.")]
    private static partial void LogDeactivationFailed(ILogger logger, GrainId grain, DeactivationReasonCode reason, Exception exception);

    [LoggerMessage(3, LogLevel.Error, "A continuation in grain {Grain} failed where nobody awaits it.")]
    private static partial void LogContinuationFailed(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "A timer of grain {Grain} failed; it goes on.")]
    private static partial void LogTimerFailed(ILogger logger, GrainId grain, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A stream of grain {Grain} failed while it was ended.")]
    private static partial void LogStreamFailed(ILogger logger, GrainId grain, Exception exception);

    public void ReportTimerFailure(Exception exception) => LogTimerFailed(Host.Logger, GrainId, exception);

    public void ReportStreamFailure(Exception exception) => LogStreamFailed(Host.Logger, GrainId, exception);
}
