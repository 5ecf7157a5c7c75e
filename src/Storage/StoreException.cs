namespace Auie.Storage;

/// <summary>The store could not do what was asked; the message says why and names the file or the server.</summary>
public class StoreException : Exception
{
    public StoreException(string message, Exception? innerException = null, bool outcomeUnknown = false) : base(message, innerException) =>
        OutcomeUnknown = outcomeUnknown;

    /// <summary>Whether a write may have happened all the same (its commit was under way when it failed); else nothing of it has.</summary>
    public bool OutcomeUnknown { get; }
}

/// <summary>A write under an epoch that is no longer, or never was, the current one of its key: somebody else has taken over.</summary>
public sealed class FencedException(string owner, long epoch, long current)
    : StoreException($"'{owner}' is at epoch {current}; a write under epoch {epoch} is refused.")
{
    public string Owner { get; } = owner;

    /// <summary>The epoch of the write.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The epoch that holds; 0 where none was ever claimed.</summary>
    public long Current { get; } = current;
}
