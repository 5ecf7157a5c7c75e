namespace Auie.Runtime.Hosting;

/// <summary>
/// The process that was called has gone, or has lost the right to answer, before it answered: somebody else serves the grain in a moment. Whether the call took effect is unknown; where
/// twice does no harm it may be made again.
/// </summary>
public sealed class UnansweredException : TimeoutException
{
    public UnansweredException() : base("The call was not answered. Whether it took effect is unknown.")
    {
    }

    public UnansweredException(string message) : base(message)
    {
    }

    public UnansweredException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
