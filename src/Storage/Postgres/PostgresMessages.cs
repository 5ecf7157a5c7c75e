using System.Buffers.Binary;
using Npgsql;
using static Auie.Storage.Postgres.PostgresStatements;

namespace Auie.Storage.Postgres;

/// <summary>The keys of messages as the table has them: a sender as the signed number of its bits, a message as the uuid of its bytes, the highest first.</summary>
internal static class PostgresMessages
{
    public static long Sender(MessageKey key) => unchecked((long)key.Sender);

    public static Guid Message(MessageKey key)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key.Message);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Looks at the next few messages of a partition, and forgets those of them whose day is past.</summary>
    public static async Task<int> Forget(NpgsqlConnection connection, int partition, int today)
    {
        var from = (await Find(connection, "SELECT forget_sender, forget_message FROM partition WHERE id = $1", One(partition)))!.Value;
        var end = await Find(
            connection,
            """
            SELECT sender, message FROM message
            WHERE partition = $1 AND (sender, message) >= ($2, $3) ORDER BY sender, message OFFSET $4 LIMIT 1
            """,
            One(partition), One(from.Sender), One(from.Message), One(StoreSlices.Messages - 1L));
        var to = end ?? (long.MaxValue, new Guid([.. Enumerable.Repeat(byte.MaxValue, 16)]));
        // Where there is an end, the next call begins with it.
        var next = end ?? (long.MinValue, Guid.Empty);
        await using var statements = new NpgsqlBatch(connection);
        statements.Add(
            """
            DELETE FROM message
            WHERE partition = $1 AND (sender, message) >= ($2, $3) AND (sender, message) <= ($4, $5) AND forget_after BETWEEN 1 AND $6
            """,
            One(partition), One(from.Sender), One(from.Message), One(to.Sender), One(to.Message), One(today - 1L));
        statements.Add(
            "UPDATE partition SET forget_sender = $2, forget_message = $3 WHERE id = $1", One(partition), One(next.Sender), One(next.Message));
        await statements.ExecuteNonQueryAsync();
        return (int)statements.BatchCommands[0].RecordsAffected;
    }

    // CA2100: the statements are constants of this class.
#pragma warning disable CA2100
    private static async Task<(long Sender, Guid Message)?> Find(NpgsqlConnection connection, string sql, params NpgsqlParameter[] parameters)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        await using var found = await command.ExecuteReaderAsync();
        return await found.ReadAsync() ? (found.GetInt64(0), found.GetGuid(1)) : null;
    }
#pragma warning restore CA2100
}
