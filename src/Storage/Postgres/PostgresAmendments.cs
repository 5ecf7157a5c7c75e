using Npgsql;
using static Auie.Storage.Postgres.PostgresStatements;

namespace Auie.Storage.Postgres;

/// <summary>Takes out of a partition, and puts in place of what was there, in a transaction that no other write shares.</summary>
internal static class PostgresAmendments
{
    public static async Task Run(NpgsqlConnection connection, int partition, Amendment amendment)
    {
        await using var statements = new NpgsqlBatch(connection);
        if (amendment.RemoveUsers.Count > 0)
        {
            var users = amendment.RemoveUsers.ToArray();
            statements.Add("DELETE FROM journal WHERE partition = $1 AND user_id = ANY ($2)", One(partition), Of(users));
            statements.Add("DELETE FROM user_head WHERE partition = $1 AND user_id = ANY ($2)", One(partition), Of(users));
            statements.Add("DELETE FROM user_chunk WHERE partition = $1 AND user_id = ANY ($2)", One(partition), Of(users));
        }
        if (amendment.RemoveSenders.Count > 0)
        {
            statements.Add(
                "DELETE FROM message WHERE partition = $1 AND sender = ANY ($2)",
                One(partition), Of(amendment.RemoveSenders, sender => unchecked((long)sender)));
        }
        AddRecords(statements, partition, amendment.Records);
        AddStates(statements, partition, amendment.States);
        if (statements.BatchCommands.Count > 0)
            await statements.ExecuteNonQueryAsync();
    }

    private static void AddRecords(NpgsqlBatch statements, int partition, IReadOnlyList<(long Offset, byte[]? Payload)> records)
    {
        foreach (var some in Slices(records.Where(record => record.Payload is null)))
        {
            statements.Add(
                "DELETE FROM journal WHERE partition = $1 AND place = ANY ($2)",
                One(partition), Of(some, record => record.Offset));
        }
        foreach (var some in Slices(records.Where(record => record.Payload is not null), record => record.Payload))
        {
            statements.Add(
                """
                UPDATE journal SET payload = w.payload FROM unnest($1, $2, $3) AS w (partition, place, payload)
                WHERE journal.partition = w.partition AND journal.place = w.place
                """,
                Of(some, _ => partition), Of(some, record => record.Offset), Of(some, record => record.Payload!));
        }
    }

    private static void AddStates(NpgsqlBatch statements, int partition, IReadOnlyList<UserWrite> states)
    {
        foreach (var some in Slices(states, state => state.Head))
        {
            statements.Add(
                """
                UPDATE user_head SET head = w.head FROM unnest($1, $2, $3, $4) AS w (partition, user_id, place, head)
                WHERE user_head.partition = w.partition AND user_head.user_id = w.user_id AND user_head.place = w.place
                """,
                Of(some, _ => partition), Of(some, state => state.User), Of(some, state => state.Offset), Of(some, state => state.Head));
        }
        // A state's chunks are written where its head was: that one is still at the same offset.
        var chunks = states.SelectMany(state => state.Chunks.Select(chunk => (state.User, state.Offset, Chunk: chunk))).ToArray();
        foreach (var some in Slices(chunks.Where(chunk => chunk.Chunk.Data is null)))
        {
            statements.Add(
                """
                DELETE FROM user_chunk USING unnest($1, $2, $3, $4, $5) AS w (partition, user_id, place, map, first_key)
                WHERE (user_chunk.partition, user_chunk.user_id, user_chunk.map, user_chunk.first_key) = (w.partition, w.user_id, w.map, w.first_key)
                    AND w.place = (SELECT h.place FROM user_head h WHERE h.partition = w.partition AND h.user_id = w.user_id)
                """,
                Of(some, _ => partition), Of(some, chunk => chunk.User), Of(some, chunk => chunk.Offset), Of(some, chunk => (short)chunk.Chunk.Map),
                Of(some, chunk => chunk.Chunk.FirstKey));
        }
        foreach (var some in Slices(chunks.Where(chunk => chunk.Chunk.Data is not null), chunk => chunk.Chunk.Data))
        {
            statements.Add(
                """
                INSERT INTO user_chunk SELECT w.partition, w.user_id, w.map, w.first_key, w.data
                FROM unnest($1, $2, $3, $4, $5, $6) AS w (partition, user_id, place, map, first_key, data)
                WHERE w.place = (SELECT h.place FROM user_head h WHERE h.partition = w.partition AND h.user_id = w.user_id)
                ON CONFLICT (partition, user_id, map, first_key) DO UPDATE SET data = excluded.data
                """,
                Of(some, _ => partition), Of(some, chunk => chunk.User), Of(some, chunk => chunk.Offset), Of(some, chunk => (short)chunk.Chunk.Map),
                Of(some, chunk => chunk.Chunk.FirstKey), Of(some, chunk => chunk.Chunk.Data!));
        }
    }
}
