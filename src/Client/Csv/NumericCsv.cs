namespace Auie.Client.Csv;

/// <summary>A cell or a row of a CSV file that cannot be taken: the line it ends on (the header is line 1), its column, the text there, and why.</summary>
/// <param name="Column">Null where the row as a whole is wrong.</param>
public sealed record CellError(long Line, string? Column, string? Value, string Reason)
{
    public override string ToString() => (Column, Value) switch
    {
        (null, _) => $"line {Line}: {Reason}",
        (_, null) => $"line {Line}, column {Column}: {Reason}",
        _ => $"line {Line}, column {Column}: '{Value}' {Reason}",
    };
}

/// <summary>A CSV file that cannot be read on: its header does not fit, its quotes do not close, or a limit is passed.</summary>
public sealed class CsvFormatException : Exception
{
    public CsvFormatException(CellError error) : base(error.ToString()) => Error = error;

    /// <summary>Where, and what is wrong there.</summary>
    public CellError Error { get; }

    /// <summary>Whether only one line is wrong, and reading can go on behind it.</summary>
    public bool CanSkip { get; init; }
}

/// <summary>How much of a CSV file is read at the most.</summary>
/// <param name="Columns">Columns in the file, used or not.</param>
/// <param name="RowBytes">Bytes of one row.</param>
/// <param name="Errors">Bad cells that are gathered before reading stops.</param>
public sealed record NumericCsvLimits(int Columns = 4_096, int RowBytes = 1 << 20, int Errors = 100)
{
    public static NumericCsvLimits Default { get; } = new();
}
