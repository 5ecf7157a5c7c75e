namespace Auie.Runtime;

/// <summary>A limit of the runtime is reached, such as the calls that may wait for one grain. Trying again later may help.</summary>
public sealed class LimitExceededException : Exception
{
    public LimitExceededException() : base("Limit exceeded")
    {
    }

    public LimitExceededException(string message) : base(message)
    {
    }

    public LimitExceededException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A stream of results ended before its end: its grain was deactivated, or nobody asked it for more for too long.</summary>
public sealed class EnumerationAbortedException : Exception
{
    public EnumerationAbortedException()
    {
    }

    public EnumerationAbortedException(string message) : base(message)
    {
    }

    public EnumerationAbortedException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
