namespace Auie.Abstractions;

/// <summary>
/// What was asked cannot be done at present: the store failed, is full, or another owner has just taken over. Nothing is known of a write's
/// effect; the same request, sent again with the same ids, may succeed.
/// </summary>
[GenerateSerializer, Alias("auie.unavailable")]
public sealed class UnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
