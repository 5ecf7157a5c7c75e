namespace Auie.Runtime.Serialization;

/// <summary>The bytes are not a message, or not of the type that was expected: cut short, garbled, or nested too deeply.</summary>
public sealed class WireFormatException : Exception
{
    public WireFormatException() : base("The bytes are not a valid message.")
    {
    }

    public WireFormatException(string message) : base(message)
    {
    }

    public WireFormatException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}
