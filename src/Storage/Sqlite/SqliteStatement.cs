using System.Buffers.Binary;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Auie.Storage.Sqlite;

/// <summary>
/// A statement prepared once for a connection, its parameters ?1, ?2, … bound in order at each use. It calls SQLite's own functions: an
/// insert takes two thirds of the time that it takes by a DbCommand, and text that is not valid is refused instead of altered.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    /// <summary>Refuses text that is not valid, which it would otherwise alter.</summary>
    internal static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqliteStatement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    /// <summary>Runs the statement and returns how many rows it changed.</summary>
    public int Run(params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Rows(values);
        while (rows.Read())
        {
        }
        return raw.sqlite3_changes(_database);
    }

    /// <summary>The first column of the first row as an integer, or null where there is no row.</summary>
    public long? Number(params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Rows(values);
        return rows.Read() ? rows.Number(0) : null;
    }

    /// <summary>The first column of the first row as bytes, or null where there is no row.</summary>
    public byte[]? Bytes(params ReadOnlySpan<SqliteValue> values)
    {
        using var rows = Rows(values);
        return rows.Read() ? rows.Bytes(0) : null;
    }

    /// <summary>The rows; disposed before the statement is used again.</summary>
    public SqliteRows Rows(params ReadOnlySpan<SqliteValue> values)
    {
        for (var i = 0; i < values.Length; i++)
            Bind(i + 1, values[i]);
        return new SqliteRows(this, _statement);
    }

    private void Bind(int place, SqliteValue value)
    {
        switch (value.Value)
        {
            case null:
                Check(raw.sqlite3_bind_int64(_statement, place, value.Number));
                break;
            case string text:
                BindText(place, text);
                break;
            case byte[] { Length: 0 }:
                Check(raw.sqlite3_bind_zeroblob(_statement, place, 0)); // a pointer to no bytes would be NULL
                break;
            case byte[] bytes:
                Check(raw.sqlite3_bind_blob(_statement, place, bytes));
                break;
            case SqliteValue.Wide:
                Span<byte> wide = stackalloc byte[16];
                BinaryPrimitives.WriteUInt128BigEndian(wide, new UInt128((ulong)value.High, (ulong)value.Number));
                Check(raw.sqlite3_bind_blob(_statement, place, wide));
                break;
        }
    }

    private void BindText(int place, string text)
    {
        const int small = 1024;
        var length = Utf8.GetByteCount(text);
        Span<byte> buffer = length < small ? stackalloc byte[small] : new byte[length + 1];
        Check(raw.sqlite3_bind_text(_statement, place, buffer[..Utf8.GetBytes(text, buffer)]));
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    internal bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
            Check(code);
        return code == raw.SQLITE_ROW;
    }

    // The code that reset returns repeats what step has thrown already.
    internal void Reset() => raw.sqlite3_reset(_statement);

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);

    public void Dispose() => _statement.Dispose();
}

/// <summary>A value to bind: an integer, text, bytes, or a number of 128 bits, which is bound as its bytes, the highest first.</summary>
internal readonly struct SqliteValue
{
    private SqliteValue(long number, object? value, long high = 0)
    {
        Number = number;
        Value = value;
        High = high;
    }

    /// <summary>The integer, or the lower half of a wide number.</summary>
    public long Number { get; }

    /// <summary>The upper half of a wide number.</summary>
    public long High { get; }

    /// <summary>Text or bytes, or <see cref="Wide"/>; null for an integer.</summary>
    public object? Value { get; }

    /// <summary>Marks a number of 128 bits, which costs no array.</summary>
    internal sealed class Wide
    {
        public static readonly Wide Mark = new();
    }

    public static implicit operator SqliteValue(UInt128 number) => new((long)(ulong)number, Wide.Mark, (long)(ulong)(number >> 64));

    public static implicit operator SqliteValue(long number) => new(number, null);

    public static implicit operator SqliteValue(string text) => new(0, text ?? throw new ArgumentNullException(nameof(text)));

    public static implicit operator SqliteValue(byte[] bytes) => new(0, bytes ?? throw new ArgumentNullException(nameof(bytes)));
}

/// <summary>The rows of a running statement, one at a time.</summary>
internal readonly struct SqliteRows(SqliteStatement statement, sqlite3_stmt handle) : IDisposable
{
    public bool Read() => statement.Step();

    public long Number(int column) => raw.sqlite3_column_int64(handle, column);

    public string Text(int column) => raw.sqlite3_column_text(handle, column).utf8_to_string();

    public byte[] Bytes(int column) => Blob(column).ToArray();

    /// <summary>The bytes where SQLite has them, until the next row is read.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(handle, column);

    public void Dispose() => statement.Reset();
}
