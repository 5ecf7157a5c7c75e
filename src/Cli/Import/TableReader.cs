namespace Auie.Cli.Import;

/// <summary>Reads a table row by row, validates each, and stops at those that can be used. The order of columns is <see cref="Layout"/>'s.</summary>
internal abstract class TableReader(TableFile file, TableQuality quality) : IAsyncDisposable
{
    protected const string Repeated = "came in an earlier row already";

    protected TableQuality Quality => quality;

    /// <summary>Goes to the next row that can be used.</summary>
    public async ValueTask<bool> Next(CancellationToken cancellationToken)
    {
        while (await file.Read(cancellationToken))
        {
            if (Take()) return true;
        }

        return false;
    }

    public ValueTask DisposeAsync() => file.DisposeAsync();

    /// <summary>Reads the row; false where it cannot be used, and is rejected.</summary>
    protected abstract bool Take();

    protected ReadOnlySpan<byte> Cell(int column) => file[column];

    /// <summary>The cell, counted where it is missing; false then.</summary>
    protected bool IsThere(int column, out ReadOnlySpan<byte> cell)
    {
        cell = file[column];
        if (!Cells.IsMissing(cell)) return true;
        quality.Missing(column);
        return false;
    }

    /// <summary>An id without which the row says nothing.</summary>
    protected bool NeedsId(int column, out ulong id)
    {
        id = 0;
        if (!Needs(column, out var cell)) return false;
        if (Cells.TryId(cell, out id)) return true;
        quality.RejectRow(column, cell, Cells.NoId);
        return false;
    }

    /// <summary>A cell without which the row says nothing.</summary>
    protected bool Needs(int column, out ReadOnlySpan<byte> cell)
    {
        if (IsThere(column, out cell)) return true;
        quality.RejectRow(column, cell, "is missing, and the row says nothing without it");
        return false;
    }

    /// <summary>A text, or null where it is missing or cannot be taken.</summary>
    protected string? Text(int column)
    {
        if (!IsThere(column, out var cell)) return null;
        if (Cells.Text(cell, out var text) is not { } wrong) return text;
        quality.Reject(column, cell, wrong);
        return null;
    }

    protected DateTimeOffset? Instant(int column)
    {
        if (!IsThere(column, out var cell)) return null;
        if (Cells.TryInstant(cell, out var instant)) return instant;
        quality.Reject(column, cell, Cells.NoInstant);
        return null;
    }
}
