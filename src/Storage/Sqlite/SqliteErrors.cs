using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>Says in words what SQLite's result codes mean for whoever runs the engine (https://www.sqlite.org/rescode.html).</summary>
internal static class SqliteErrors
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, TooBig = 18, NotADatabase = 26;

    public static StoreException Translate(SqliteException exception, string file, bool outcomeUnknown = false)
    {
        var reason = exception.SqliteErrorCode switch
        {
            Busy or Locked => "is locked by another process",
            ReadOnly => "cannot be written: the file or its folder is read-only",
            IoError => $"could not be read or written (input/output error {exception.SqliteExtendedErrorCode})",
            Corrupt => "is damaged; restore it from a backup",
            Full => "could not grow: the disk is full",
            CannotOpen => "cannot be opened: the folder is missing or may not be used",
            TooBig => "does not take values of that size",
            NotADatabase => "is not a database",
            _ => $"failed with SQLite's error {exception.SqliteErrorCode}",
        };
        var outcome = outcomeUnknown ? " Whether the write happened is unknown." : "";
        return new StoreException($"The store '{file}' {reason}: {exception.Message}{outcome}", exception, outcomeUnknown);
    }
}
