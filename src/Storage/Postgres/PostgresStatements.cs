using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>Statements over arrays, put together for one round to the server.</summary>
/// <remarks>
/// A statement is planned once, maybe while its tables are empty, when looking through a whole partition costs nothing. So none is free to: an
/// array is joined by all columns of a key, the partition too, or row by row (LATERAL … OFFSET 0), or asked with ANY.
/// </remarks>
internal static class PostgresStatements
{
    /// <summary>The rows of one statement go in one message, which has a limit.</summary>
    private const long StatementBytes = 32 << 20;

    /// <summary>The rows in parts of about <see cref="StatementBytes"/> each; none of no rows.</summary>
    public static IEnumerable<List<T>> Slices<T>(IEnumerable<T> rows, Func<T, byte[]?>? data = null)
    {
        var slice = new List<T>();
        var bytes = 0L;
        foreach (var row in rows)
        {
            slice.Add(row);
            bytes += data?.Invoke(row)?.Length ?? 0;
            if (bytes < StatementBytes)
                continue;
            yield return slice;
            (slice, bytes) = ([], 0);
        }
        if (slice.Count > 0)
            yield return slice;
    }

    public static void Add(this NpgsqlBatch statements, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var statement = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            statement.Parameters.Add(parameter);
        statements.BatchCommands.Add(statement);
    }

    public static NpgsqlParameter<T> One<T>(T value) => new() { TypedValue = value };

    public static NpgsqlParameter<T[]> Of<T>(T[] values) => new() { TypedValue = values };

    public static NpgsqlParameter<TValue[]> Of<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value)
    {
        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
            values[i] = value(rows[i]);
        return Of(values);
    }
}
