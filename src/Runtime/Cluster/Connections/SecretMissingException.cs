namespace Auie.Runtime.Cluster;

/// <summary>There is no secret, and what is to be connected to is not on this machine's loopback.</summary>
internal sealed class SecretMissingException(string message) : InvalidOperationException(message);
