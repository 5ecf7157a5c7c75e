using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Sqlite;

/// <summary>Copies a store's file whole, as of one instant, while it is written to; nothing under the copy's name is ever half a copy.</summary>
internal static class SqliteCopy
{
    /// <exception cref="StoreException">A copy cannot be made there.</exception>
    public static void CheckTarget(string file)
    {
        if (!Path.IsPathFullyQualified(file))
            throw new StoreException($"The backup file '{file}' is not a full path: where it would be is a matter of where the engine was started.");
        if (Path.Exists(file))
            throw new StoreException($"The backup file '{file}' exists already; a backup goes to a new file.");
        if (Path.GetDirectoryName(file) is not { } folder || !Directory.Exists(folder))
            throw new StoreException($"The folder of the backup file '{file}' does not exist.");
    }

    /// <summary>Copies what a connection reads to a new file, with its bytes on disk when this ends.</summary>
    public static void Write(SqliteConnection connection, string from, string to, CancellationToken cancellationToken)
    {
        var part = $"{to}.part";
        try
        {
            // What a copy that was killed has left.
            File.Delete(part);
            OwnersFile.Make(part);
            using (cancellationToken.Register(() => raw.sqlite3_interrupt(connection.Handle)))
            using (var copy = new SqliteStatement(connection, "VACUUM INTO ?1"))
            {
                cancellationToken.ThrowIfCancellationRequested();
                copy.Run(part);
            }
            using (var written = new FileStream(part, FileMode.Open, FileAccess.ReadWrite))
                written.Flush(flushToDisk: true);
            File.Move(part, to);
        }
        catch (Exception exception)
        {
            Discard(part);
            cancellationToken.ThrowIfCancellationRequested();
            if (exception is SqliteException or IOException or UnauthorizedAccessException)
                throw new StoreException($"The store '{from}' could not be copied to '{to}': {exception.Message}", exception);
            throw;
        }
    }

    private static void Discard(string part)
    {
        try
        {
            File.Delete(part);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It could not be written, and now not be deleted either: the next copy tries again.
        }
    }
}
