using Auie.Storage.Postgres;
using Auie.Tests.Shared;
using Npgsql;

namespace Auie.Storage.Tests;

/// <summary>The compliance suite on PostgreSQL, and what is particular to a store that is a schema of a server's database.</summary>
[NeedsPostgres]
public sealed class PostgresStoreTests : StoreCompliance
{
    private readonly string _schema = PostgresServer.NewSchema();
    private PostgresServer _server = null!;

    protected override async Task<IEngineStore> OpenAsync() => await OpenStoreAsync();

    private async Task<PostgresStore> OpenStoreAsync(Func<PostgresStoreOptions, PostgresStoreOptions>? change = null) =>
        await PostgresStore.OpenAsync($"{_server.ConnectionString};Application Name={_schema}", (change ?? (same => same))(new PostgresStoreOptions { Schema = _schema }));

    public override async Task InitializeAsync()
    {
        _server = await PostgresServer.SharedAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Execute($"DROP SCHEMA IF EXISTS \"{_schema}\" CASCADE");
    }

    [PostgresFact]
    public async Task Two_silos_on_one_store_are_kept_apart_by_their_epochs()
    {
        var old = await Claim(First);
        await Store.AppendAsync(First, old, [Record("ann", "1")], [], None);
        await using var other = await OpenStoreAsync();
        var now = await other.ClaimEpochAsync(StoreOwners.Partition(First), None);
        now.ShouldBe(old + 1);

        (await Should.ThrowAsync<FencedException>(Store.AppendAsync(First, old, [Record("ann", "late")], [], None))).Current.ShouldBe(now);
        (await other.AppendAsync(First, now, [Record("ann", "2")], [], None)).First.ShouldBe(2);
        (await Store.ReadUserAsync(First, "ann", 0, None)).Length.ShouldBe(2);
    }

    [PostgresFact]
    public async Task Many_take_overs_at_once_give_dense_offsets_and_exactly_the_appends_that_succeeded()
    {
        await using var other = await OpenStoreAsync();
        var acknowledged = new List<(long Offset, string Text)>();
        var fenced = 0;

        await Task.WhenAll(new[] { Store, other }.SelectMany(store => Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(First), None);
            for (var i = 0; i < 20; i++)
            {
                var text = $"{store.GetHashCode()}.{worker}.{i}";
                try
                {
                    var offset = (await store.AppendAsync(First, epoch, [Record("ann", text)], [], None)).First;
                    lock (acknowledged)
                        acknowledged.Add((offset, text));
                }
                catch (FencedException)
                {
                    Interlocked.Increment(ref fenced);
                    epoch = await store.ClaimEpochAsync(StoreOwners.Partition(First), None);
                }
            }
        }))));

        fenced.ShouldBeGreaterThan(0);
        var stored = await Store.ReadUserAsync(First, "ann", 0, None);
        stored.Select(record => record.Offset).ShouldBe(Enumerable.Range(1, stored.Length).Select(offset => (long)offset));
        stored.Select(record => (record.Offset, System.Text.Encoding.UTF8.GetString(record.Payload))).ShouldBe(acknowledged.Order());
    }

    [PostgresFact]
    public async Task Silos_that_start_at_one_time_make_one_store()
    {
        await Store.DisposeAsync();
        await Execute($"DROP SCHEMA \"{_schema}\" CASCADE");

        var stores = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => OpenStoreAsync()));

        var epochs = await Task.WhenAll(stores.Select(store => store.ClaimEpochAsync("key", None)));
        epochs.Order().ShouldBe([1, 2, 3, 4, 5, 6]);
        foreach (var store in stores)
            await store.DisposeAsync();
        await Reopen();
    }

    [PostgresFact]
    public async Task Writers_wait_for_the_disk_and_lose_their_locks_when_they_fall_silent_whatever_the_server_was_told()
    {
        await Execute($"""
            SET search_path = "{_schema}";
            CREATE TABLE seen (waits text, silence text);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO seen VALUES (current_setting('synchronous_commit'), current_setting('idle_in_transaction_session_timeout')); RETURN NEW;
            END $$;
            CREATE TRIGGER see BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION see();
            """);
        await using var store = await PostgresStore.OpenAsync(
            $"{_server.ConnectionString};Options=-c synchronous_commit=off", new PostgresStoreOptions { Schema = _schema, SilenceLimit = TimeSpan.FromSeconds(7) });

        var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(First), None);
        await store.AppendAsync(First, epoch, [Record("ann", "1")], [], None);

        (await Ask($"SELECT waits || ' ' || silence FROM \"{_schema}\".seen")).ShouldBe("on 7s");
    }

    [PostgresFact]
    public async Task Another_count_of_partitions_is_refused()
    {
        var refused = await Should.ThrowAsync<StoreException>(() => OpenStoreAsync(options => options with { Partitions = 7 }));

        refused.Message.ShouldContain("made with 16 partitions");
        Store.Partitions.ShouldBe(PostgresStoreOptions.DefaultPartitions);
    }

    [PostgresFact]
    public async Task A_store_of_a_newer_schema_is_refused()
    {
        await Execute($"INSERT INTO \"{_schema}\".auie_schema VALUES (99)");

        (await Should.ThrowAsync<StoreException>(() => OpenStoreAsync())).Message.ShouldContain("schema version 99");
    }

    [PostgresFact]
    public async Task Another_programs_schema_is_refused_and_left_alone()
    {
        await Store.DisposeAsync();
        await Execute($"DROP SCHEMA \"{_schema}\" CASCADE; CREATE SCHEMA \"{_schema}\"; CREATE TABLE \"{_schema}\".theirs (x integer)");

        (await Should.ThrowAsync<StoreException>(() => OpenStoreAsync())).Message.ShouldContain("another program's tables");

        await Execute($"INSERT INTO \"{_schema}\".theirs VALUES (1)");
    }

    [PostgresFact]
    public async Task A_database_that_does_not_keep_all_text_is_refused()
    {
        await Execute($"CREATE DATABASE \"{_schema}\" ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
        try
        {
            var refused = await Should.ThrowAsync<StoreException>(() => PostgresStore.OpenAsync($"{_server.ConnectionString};Database={_schema}"));
            refused.Message.ShouldContain("LATIN1");
        }
        finally
        {
            await Execute($"DROP DATABASE \"{_schema}\" WITH (FORCE)");
        }
    }

    [PostgresFact]
    public async Task What_keeps_a_store_from_being_opened_is_said_with_the_server_and_without_the_password()
    {
        var settings = new NpgsqlConnectionStringBuilder(_server.ConnectionString);
        (string Reason, string Connection)[] wrong =
        [
            ("does not let this user in", $"Host={settings.Host};Username={settings.Username};Database=postgres;Password=secret-1"),
            ("no database of that name", $"{_server.ConnectionString};Database=nowhere"),
            ("does the server run?", "Host=127.0.0.1;Port=1;Username=auie;Password=secret-1;Database=postgres"),
            ("cannot be reached", "Host=nowhere.invalid;Username=auie;Password=secret-1;Database=postgres"),
            ("cannot be read", "Host=127.0.0.1;Pasword=secret-1"),
            ("cannot be read", "postgres://auie:secret-1@127.0.0.1/auie"),
            ("cannot be read", "Host=127.0.0.1;Port=secret-1"),
            ("several hosts", "Host=one.invalid,two.invalid;Username=auie;Password=secret-1"),
        ];
        foreach (var (reason, connection) in wrong)
        {
            var refused = await Should.ThrowAsync<StoreException>(() => PostgresStore.OpenAsync(connection));
            refused.Message.ShouldContain(reason);
            refused.ToString().ShouldNotContain("secret-1");
            refused.ToString().ShouldNotContain(_server.Password);
            if (reason != "cannot be read")
                refused.Message.ShouldContain(new NpgsqlConnectionStringBuilder(connection).Host!);
        }
    }

    [PostgresFact]
    public async Task A_user_without_the_right_to_write_is_told_so()
    {
        await Execute($"CREATE ROLE \"{_schema}\" LOGIN PASSWORD 'reader'; GRANT USAGE ON SCHEMA \"{_schema}\" TO \"{_schema}\"; GRANT SELECT ON ALL TABLES IN SCHEMA \"{_schema}\" TO \"{_schema}\"");
        try
        {
            await using var reader = await PostgresStore.OpenAsync($"{_server.ConnectionString};Username={_schema};Password=reader", new PostgresStoreOptions { Schema = _schema });

            (await Should.ThrowAsync<StoreException>(reader.ClaimEpochAsync("key", None))).Message.ShouldContain("does not allow that to this user");
        }
        finally
        {
            await Execute($"DROP OWNED BY \"{_schema}\"; DROP ROLE \"{_schema}\"");
        }
    }

    [PostgresFact]
    public async Task A_transaction_that_the_server_refuses_has_not_happened_and_later_ones_go_through()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1")], [], None);
        await Execute($"ALTER TABLE \"{_schema}\".journal ADD CONSTRAINT small CHECK (octet_length(payload) < 10)");

        var refused = await Should.ThrowAsync<StoreException>(Store.AppendAsync(First, epoch, [Record("ann", "2"), Record("ann", new string('x', 10))], [], None));

        refused.OutcomeUnknown.ShouldBeFalse();
        (await Store.AppendAsync(First, epoch, [Record("ann", "3")], [], None)).First.ShouldBe(2);
    }

    [PostgresFact]
    public async Task What_a_connection_string_asks_of_pools_does_not_keep_the_store_from_being_opened()
    {
        await using var store = await PostgresStore.OpenAsync(
            $"{_server.ConnectionString};Minimum Pool Size=50;Multiplexing=true", new PostgresStoreOptions { Schema = _schema });

        (await store.ClaimEpochAsync("key", None)).ShouldBe(1);
    }

    [PostgresFact]
    public async Task Sessions_are_not_ended_for_being_idle_whatever_the_server_was_told()
    {
        await Execute($"""
            SET search_path = "{_schema}";
            CREATE TABLE seen (idle text);
            CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (current_setting('idle_session_timeout')); RETURN NEW; END $$;
            CREATE TRIGGER see BEFORE INSERT ON epoch FOR EACH ROW EXECUTE FUNCTION see();
            """);
        await using var store = await PostgresStore.OpenAsync(
            $"{_server.ConnectionString};Options=-c idle_session_timeout=60000", new PostgresStoreOptions { Schema = _schema });

        await store.ClaimEpochAsync("key", None);

        (await Ask($"SELECT idle FROM \"{_schema}\".seen")).ShouldBe("0");
    }

    [PostgresFact]
    public async Task Connections_that_the_server_ends_are_made_again_without_anybody_noticing()
    {
        await using var store = await OpenStoreAsync();
        var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(First), None);
        for (var round = 0; round < 5; round++)
        {
            await store.AppendAsync(First, epoch, [Record("ann", $"{round}")], [], None);
            (await store.ReadUserAsync(First, "ann", 0, None)).Length.ShouldBe(round + 1);
            await EndConnections();
        }
    }

    [PostgresFact]
    public async Task Text_that_cannot_be_kept_is_refused_before_it_harms_its_neighbours()
    {
        var epoch = await Claim(First);
        string[] wrong = ["\uD800", "a\0b", new string('x', 3000)];
        foreach (var text in wrong)
        {
            await Should.ThrowAsync<ArgumentException>(Store.AppendAsync(First, epoch, [Record("ann", "1"), Record(text, "2")], [], None));
            await Should.ThrowAsync<ArgumentException>(() => Store.ReadUserAsync(First, text, 0, None));
            await Should.ThrowAsync<ArgumentException>(() => Store.FindUsersAsync(First, ["ann", text], None));
            await Should.ThrowAsync<ArgumentException>(() => States(First, text));
            await Should.ThrowAsync<ArgumentException>(() => Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = ["ann", text] }, None));
            await Should.ThrowAsync<ArgumentException>(() => Store.AmendAsync(First, epoch, new Amendment { States = [new UserWrite(text, 1, [], [])] }, None));
            await Should.ThrowAsync<ArgumentException>(() => Store.AmendAsync(First, epoch, new Amendment { Documents = [new DocumentWrite("kind", text, null)] }, None));
            await Should.ThrowAsync<ArgumentException>(() => Store.ReadDocumentAsync("acme", "kind", text, None));
        }

        (await Store.OpenPartitionAsync(First, None)).LastOffset.ShouldBe(0);
    }

    [PostgresFact]
    public async Task Documents_of_a_kind_that_is_removed_and_written_again_in_one_go_are_the_new_ones()
    {
        var epoch = await Store.ClaimEpochAsync("key", None);
        await Store.WriteDocumentsAsync("acme", "key", epoch, [new DocumentWrite("row", "1", Bytes("old")), new DocumentWrite("row", "2", Bytes("old"))], None);

        for (var round = 0; round < 50; round++)
        {
            Task[] writes =
            [
                Store.WriteDocumentsAsync("acme", "key", epoch, [new DocumentWrite("row", "9", Bytes("gone"))], None),
                Store.DeleteDocumentsAsync("acme", "key", epoch, "row", None),
                Store.WriteDocumentsAsync("acme", "key", epoch, [new DocumentWrite("row", "2", Bytes($"new {round}"))], None),
            ];
            await Task.WhenAll(writes);
        }

        var left = new List<(string, string)>();
        await foreach (var (key, data) in Store.ReadDocumentsAsync("acme", "row", None))
            left.Add((key, System.Text.Encoding.UTF8.GetString(data)));
        left.ShouldBe([("2", "new 49")]);
    }

    [PostgresFact]
    public async Task A_store_of_the_first_schema_is_brought_up_to_date_with_all_that_it_has()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [Record("ann", "1"), Record("bob", "2")], [], None);
        await Store.FlushAsync(First, epoch, [], 1, None);
        await Store.DisposeAsync();
        await Execute($"""
            SET search_path = "{_schema}";
            DROP TABLE message;
            ALTER TABLE partition DROP COLUMN truncated, DROP COLUMN forget_sender, DROP COLUMN forget_message;
            DELETE FROM auie_schema WHERE version > 1;
            """);

        await Reopen();

        (await Store.AppendAsync(First, epoch, [Record("ann", "3")], [Key(1, 1)], None)).First.ShouldBe(3);
        (await Store.AppendAsync(First, epoch, [Record("ann", "4")], [Key(1, 1)], None)).Known.Length.ShouldBe(1);
        await Store.TruncateAsync(First, epoch, 9, None);
        (await Journal(First)).Select(record => record.Offset).ShouldBe([2, 3]);
    }

    [PostgresFact]
    public async Task A_scrub_vacuums_the_tables_and_names_what_is_left_to_the_operator()
    {
        var epoch = await Claim(First);
        await Store.AppendAsync(First, epoch, [.. Enumerable.Range(0, 1_000).Select(i => Record($"user {i}", new string('x', 500)))], [Key(1, 1)], None);
        await Store.AmendAsync(First, epoch, new Amendment { RemoveUsers = [.. Enumerable.Range(0, 1_000).Select(i => $"user {i}")], RemoveSenders = [1] }, None);
        (await Pages()).ShouldBeGreaterThan(0);

        var left = (await Store.ScrubAsync(None)).ShouldNotBeNull();

        (await Pages()).ShouldBe(0, "a table without a row that anybody sees is given back to its last page");
        left.ShouldContain($"VACUUM FULL \"{_schema}\".journal, ");
        foreach (var table in new[] { "user_head", "user_chunk", "message", "document" })
            left.ShouldContain($"\"{_schema}\".{table}");
        left.ShouldContain("write-ahead log");
        left.ShouldNotContain(_server.Password);

        // The command is one that the server takes.
        await Execute(left[left.IndexOf("VACUUM", StringComparison.Ordinal)..].Split('\'')[0]);

        async Task<long> Pages() => (long)(await Ask($"SELECT pg_relation_size('\"{_schema}\".journal')"))! / 8192;
    }

    [PostgresFact]
    public async Task A_backup_is_refused_with_the_tool_that_makes_it()
    {
        var refused = await Should.ThrowAsync<StoreException>(Store.BackupAsync("/backup", None));

        refused.Message.ShouldContain($"pg_dump --format=custom --schema={_schema}");
        refused.Message.ShouldNotContain(_server.Password);
    }

    [PostgresFact]
    public async Task A_closed_store_refuses_work()
    {
        await Store.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(() => Store.ClaimEpochAsync("key", None));
        await Should.ThrowAsync<ObjectDisposedException>(() => Store.ReadDocumentAsync("acme", "kind", "key", None));
        await Reopen();
    }

    private Task EndConnections() => Execute($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{_schema}'");

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
            await Task.Delay(TimeSpan.FromMilliseconds(20), patience.Token);
    }

    private Task Execute(string sql) => Ask(sql);

    private async Task<object?> Ask(string sql)
    {
        await using var connection = new NpgsqlConnection(_server.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
