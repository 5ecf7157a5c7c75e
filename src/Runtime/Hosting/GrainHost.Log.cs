using Auie.Runtime.Invocation;
using Microsoft.Extensions.Logging;

namespace Auie.Runtime.Hosting;

internal sealed partial class GrainHost
{
    [LoggerMessage(10, LogLevel.Warning, "The one-way call of {Method} on {Grain} failed.")]
    private static partial void LogOneWayFailed(ILogger logger, GrainMethod method, GrainId grain, Exception exception);

    [LoggerMessage(11, LogLevel.Warning, "The host stops with {Count} grains that could not be deactivated in time.")]
    private static partial void LogStopIncomplete(ILogger logger, int count);
}
