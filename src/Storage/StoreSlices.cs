namespace Auie.Storage;

/// <summary>How much of what may be a lot is done in one transaction, so that other writes never wait long for it.</summary>
internal static class StoreSlices
{
    /// <summary>Records that are removed from the beginning of a journal.</summary>
    public const int Records = 5_000;

    /// <summary>Messages that are looked at for whether they are to be forgotten.</summary>
    public const int Messages = 10_000;
}
