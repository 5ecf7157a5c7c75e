namespace Auie.Runtime.Cluster;

/// <summary>The other end of a new connection has another secret.</summary>
internal sealed class SecretRefusedException(string message, Exception? innerException = null) : IOException(message, innerException)
{
    /// <summary>What an end says that refuses another for that.</summary>
    public const string Reason = "The secrets of both ends differ.";
}
