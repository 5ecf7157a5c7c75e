namespace Auie.Client.Http;

/// <summary>
/// A table as it comes from the engine, to be read once. The stream fails where the engine could not send the table to its end: only what
/// was read without a failure is the whole table.
/// </summary>
public sealed class ExportedTable(HttpResponseMessage response, Stream csv) : IAsyncDisposable
{
    /// <summary>The header that says what instant a table is as of.</summary>
    public const string AsOfHeader = "X-Auie-As-Of";

    /// <summary>The table, CSV in UTF-8 with a header.</summary>
    public Stream Csv { get; } = csv;

    /// <summary>The instant that everything relative to time was taken at; null where nothing in the table is.</summary>
    public DateTimeOffset? AsOf { get; } =
        response.Headers.TryGetValues(AsOfHeader, out var values) && InstantConverter.TryParse(values.First(), out var instant, out _) ? instant : null;

    public async ValueTask DisposeAsync()
    {
        await Csv.DisposeAsync();
        response.Dispose();
    }
}
