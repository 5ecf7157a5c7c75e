using Npgsql;

namespace Auie.Storage.Postgres;

/// <summary>
/// Keeps a schema to one process at a time, for what an engine remembers of it must not change behind its back: an advisory lock of the
/// session, on a connection kept for it. The server lets go of it when that connection ends, and so it never outlives the process. Where
/// only the connection is lost the lock is taken again; if anybody had the store in between, this process is done with it.
/// </summary>
internal sealed class PostgresTenure : IAsyncDisposable
{
    /// <summary>With the schema's name the key of the lock; another than that of the migrations.</summary>
    private const int LockKey = 0x41554946;

    /// <summary>The key whose epoch counts who had the store.</summary>
    private const string Turns = "store";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlDataSource _source;
    private readonly PostgresStoreOptions _options;
    private readonly string _place;
    private NpgsqlConnection _connection;
    private (int Process, DateTime Began) _session;
    private long _turn;
    private Task _watch = Task.CompletedTask;
    private volatile StoreException? _lost;

    private PostgresTenure(NpgsqlDataSource source, NpgsqlConnection connection, PostgresStoreOptions options, string place)
    {
        _source = source;
        _connection = connection;
        _options = options;
        _place = place;
    }

    /// <summary>Waits a moment for the lock.</summary>
    /// <exception cref="StoreException">Another process has it.</exception>
    public static async Task<PostgresTenure> Take(NpgsqlDataSource source, PostgresStoreOptions options, string place)
    {
        var connection = await source.OpenConnectionAsync();
        var tenure = new PostgresTenure(source, connection, options, place);
        try
        {
            await tenure.Lock();
            return tenure;
        }
        catch
        {
            await tenure.DisposeAsync();
            throw;
        }
    }

    /// <summary>Counts this process's turn, once the tables are there, and from now on sees to it that the lock is kept.</summary>
    public async Task Begin()
    {
        await using var count = Command(
            "INSERT INTO epoch VALUES ($1, 1) ON CONFLICT (owner) DO UPDATE SET epoch = epoch.epoch + 1 RETURNING epoch", Parameter(Turns));
        _turn = (long)(await count.ExecuteScalarAsync())!;
        _watch = Task.Run(Watch);
    }

    /// <exception cref="StoreException">Another process has had the store since.</exception>
    public void Check()
    {
        if (_lost is { } lost)
            throw new StoreException(lost.Message, lost);
    }

    private async Task Watch()
    {
        while (!_stop.IsCancellationRequested && _lost is null)
        {
            try
            {
                // Nobody notifies it: this ends when the connection does.
                await _connection.WaitAsync(_stop.Token);
            }
            catch (Exception)
            {
                await TakeAgain();
            }
        }
    }

    private async Task TakeAgain()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _connection.DisposeAsync();
                _connection = await _source.OpenConnectionAsync(_stop.Token);
                // The server may not know yet that the connection was lost, and keep the lock for it.
                await using (var end = Command(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND backend_start = $2",
                    Parameter(_session.Process), Parameter(_session.Began)))
                    await end.ExecuteNonQueryAsync(_stop.Token);
                await Lock();
                await using var turn = Command("SELECT epoch FROM epoch WHERE owner = $1", Parameter(Turns));
                if (await turn.ExecuteScalarAsync(_stop.Token) is not long found || found != _turn)
                    throw InUse("was in use by another engine");
                return;
            }
            catch (StoreException exception)
            {
                _lost = new StoreException($"{exception.Message} This one had lost its connection to the server, and writes nothing any more; stop it.", exception);
                return;
            }
            catch (Exception)
            {
                await Task.Delay(Pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task Lock()
    {
        await using (var patience = Command("SELECT set_config('lock_timeout', $1, false)", Parameter($"{(long)_options.ReleaseWait.TotalMilliseconds}ms")))
            await patience.ExecuteNonQueryAsync(_stop.Token);
        try
        {
            await using var take = Command("SELECT pg_advisory_lock($1, hashtext($2))", Parameter(LockKey), Parameter(_options.Schema));
            await take.ExecuteNonQueryAsync(_stop.Token);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw InUse("is in use by another engine");
        }
        await using var self = Command("SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()");
        await using var found = await self.ExecuteReaderAsync(_stop.Token);
        await found.ReadAsync(_stop.Token);
        _session = (found.GetInt32(0), found.GetDateTime(1));
    }

    private StoreException InUse(string how) => new($"The store on {_place}, schema '{_options.Schema}', {how}; one process at a time may have it open.");

    // CA2100: the statements are constants of this class.
#pragma warning disable CA2100
    private NpgsqlCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, _connection);
        command.CommandTimeout += (int)Math.Ceiling(_options.ReleaseWait.TotalSeconds);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }
#pragma warning restore CA2100

    private static NpgsqlParameter<T> Parameter<T>(T value) => new() { TypedValue = value };

    /// <summary>Lets go of the lock.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watch;
        await _connection.DisposeAsync();
        _stop.Dispose();
    }
}
