namespace Auie.Abstractions;

/// <summary>
/// What was asked cannot be done at present: the store failed, is full, or another owner has just taken over. Nothing is known of a write's
/// effect; the same request, sent again with the same ids, may succeed.
/// </summary>
[GenerateSerializer, Alias("auie.unavailable")]
public sealed class UnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>The engine has more to do than it takes on: nothing of what was asked has happened, and it may be asked again in a moment.</summary>
[GenerateSerializer, Alias("auie.overloaded")]
public sealed class OverloadedException(string message) : Exception(message);
