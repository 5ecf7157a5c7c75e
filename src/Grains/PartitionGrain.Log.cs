using Microsoft.Extensions.Logging;

namespace Auie.Grains;

public sealed partial class PartitionGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "User {User} cannot be read and so not be written; their records stay in the journal.")]
    private partial void LogUserNotWritten(Exception exception, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "User {User} could not be told of record {Offset}; it will be read from the journal.")]
    private partial void LogUserNotTold(Exception exception, string user, long offset);

    [LoggerMessage(Level = LogLevel.Error, Message = "Record {Offset} of user {User} cannot be read, nor what it says to others.")]
    private partial void LogRecordNotRead(Exception exception, long offset, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What record {Offset} says to others could not be delivered; it is tried again in {Interval}.")]
    private partial void LogNotDelivered(Exception exception, long offset, TimeSpan interval);

    [LoggerMessage(Level = LogLevel.Error, Message = "User {User} has a state or a record that cannot be read; whether it names somebody who was erased is not known.")]
    private partial void LogNotForgotten(Exception exception, string user);

    [LoggerMessage(Level = LogLevel.Error, Message = "User {User} is about to be erased, and cannot be read; whether they belong to somebody else is not known.")]
    private partial void LogOwnerNotRead(Exception exception, string user);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The shard of partition {Partition} could not be told of the latest changes before the partition was deactivated.")]
    private partial void LogNotShared(Exception exception, int partition);
}
