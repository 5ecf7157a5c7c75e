using Microsoft.Data.Sqlite;

namespace Auie.Storage.Sqlite;

/// <summary>A statement prepared once for a connection, its parameters ?1, ?2, … set in order at each use.</summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly SqliteCommand _command;
    private readonly SqliteParameter[] _parameters;

    // CA2100: statements are constants of this project.
#pragma warning disable CA2100
    public SqliteStatement(SqliteConnection connection, string sql, int parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        _parameters = new SqliteParameter[parameters];
        for (var i = 0; i < parameters; i++)
            _parameters[i] = _command.Parameters.Add(new SqliteParameter($"?{i + 1}", null));
        _command.Prepare();
    }
#pragma warning restore CA2100

    /// <summary>Runs the statement and returns how many rows it changed.</summary>
    public int Run(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row, or null where there is no row.</summary>
    public object? Value(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteScalar();
    }

    /// <summary>The rows; the reader is disposed before the statement is used again.</summary>
    public SqliteDataReader Rows(params ReadOnlySpan<object> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    private void Bind(ReadOnlySpan<object> values)
    {
        for (var i = 0; i < _parameters.Length; i++)
            _parameters[i].Value = values[i];
    }

    public void Dispose() => _command.Dispose();
}
