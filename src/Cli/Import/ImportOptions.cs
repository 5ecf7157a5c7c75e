namespace Auie.Cli.Import;

/// <summary>How an import goes about it.</summary>
internal sealed record ImportOptions
{
    /// <summary>Bytes of the longest row that is read.</summary>
    public required int RowBytes { get; init; }

    /// <summary>Bytes of a batch, more or less; a user's events go together as long as they are no more than four times as many, and fit in one body.</summary>
    public required int BatchBytes { get; init; }

    /// <summary>How many batches may be on their way at once.</summary>
    public required int InFlight { get; init; }

    /// <summary>For how long batches are sent again while the engine takes none; each is sent again once at least.</summary>
    public required TimeSpan Patience { get; init; }
}
