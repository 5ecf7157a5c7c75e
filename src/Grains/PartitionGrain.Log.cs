using Microsoft.Extensions.Logging;

namespace Auie.Grains;

public sealed partial class PartitionGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "User {User} cannot be read and so not be written; their records stay in the journal.")]
    private partial void LogUserNotWritten(Exception exception, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "User {User} could not be told of record {Offset}; it will be read from the journal.")]
    private partial void LogUserNotTold(Exception exception, string user, long offset);
}
