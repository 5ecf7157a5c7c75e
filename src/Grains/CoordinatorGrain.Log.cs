using Microsoft.Extensions.Logging;

namespace Auie.Grains;

public sealed partial class CoordinatorGrain
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The jobs of {Tenant} are interrupted; they go on from their last checkpoint.")]
    private partial void LogJobsLeft(Exception exception, string tenant);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What job {Job} pinned could not be freed; it will be when the coordinator is activated next.")]
    private partial void LogNotReleased(Exception exception, string job);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Model version {Version} is dropped: somebody who was erased was in it when it was made, and its day has come.")]
    private partial void LogDropped(long version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {Job} failed.")]
    private partial void LogJobFailed(Exception exception, string job);

    [LoggerMessage(Level = LogLevel.Information, Message = "Job {Job} found {Segments} segments of {Rows} rows.")]
    private partial void LogJobSucceeded(string job, int segments, long rows);
}
