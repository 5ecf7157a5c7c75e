namespace Auie.Storage;

/// <summary>What every store asks of what it is to write.</summary>
internal static class StoreChecks
{
    /// <exception cref="ArgumentException">A document has no key.</exception>
    public static void Documents(IReadOnlyList<DocumentWrite> documents)
    {
        if (documents.Any(document => document.Key.Length == 0))
            throw new ArgumentException("A document's key is not empty.", nameof(documents));
    }

    /// <exception cref="ArgumentException">A record is none that the partition has ever had.</exception>
    public static void Offsets(PartitionId partition, Amendment amendment, long last)
    {
        foreach (var (offset, _) in amendment.Records)
        {
            if (offset < 1 || offset > last)
                throw new ArgumentException($"Offset {offset} is not one of the {last} of {partition}.", nameof(amendment));
        }
    }
}
