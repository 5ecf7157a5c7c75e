using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Tests;

/// <summary>What the writer keeps in memory.</summary>
public sealed class SqliteWriterTests
{
    [Fact]
    public void Pages_of_documents_do_not_stay_in_its_cache()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "store");
            var connection = new SqliteConnection($"Data Source={file};Pooling=False");
            connection.Open();
            SqliteSchema.Execute(connection, "PRAGMA cache_size = -65536");
            SqliteSchema.Prepare(connection, file, 2);
            using var writer = new SqliteWriter(connection, new SqliteRecordChains(), new Lock(), new SqliteStoreOptions());
            writer.Begin();
            var epoch = writer.ClaimEpoch("me");
            writer.Commit();

            Write(6);
            Used().ShouldBeGreaterThan(6 << 20);
            Write(4);
            Used().ShouldBeLessThan(1 << 20);
            Write(6);
            Used().ShouldBeGreaterThan(6 << 20);
            Write(4);
            Used().ShouldBeLessThan(1 << 20);

            void Write(int megabytes)
            {
                writer.Begin();
                writer.WriteDocuments("acme", "me", epoch, [.. Enumerable.Range(0, megabytes).Select(i => new DocumentWrite("kind", $"{i}", new byte[1 << 20]))]);
                writer.Commit();
            }

            int Used()
            {
                raw.sqlite3_db_status(connection.Handle, raw.SQLITE_DBSTATUS_CACHE_USED, out var used, out _, 0);
                return used;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
