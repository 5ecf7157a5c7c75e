namespace Auie.Runtime.Cluster;

/// <summary>The other end of a new connection went before both knew each other, or says what makes no sense: it may be that only one of both has a secret.</summary>
internal sealed class SecretDoubtedException(string message, Exception? innerException = null) : IOException(message, innerException);
