using Microsoft.Extensions.Logging;

namespace Auie.Grains;

public sealed partial class PartitionGrain
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "User {User} could not be told of record {Offset}; it will be read from the journal.")]
    private partial void LogUserNotTold(Exception exception, string user, long offset);
}
