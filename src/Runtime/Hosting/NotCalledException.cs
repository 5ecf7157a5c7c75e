namespace Auie.Runtime.Hosting;

/// <summary>
/// Nobody could be asked within the time that there was, or is known to serve: the grain was certainly not called, and nothing of what was asked has happened. What a grain that was
/// called fails with is never this, even where that is why.
/// </summary>
public sealed class NotCalledException : TimeoutException
{
    public NotCalledException() : base("The grain was not called.")
    {
    }

    public NotCalledException(string message) : base(message)
    {
    }

    public NotCalledException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
