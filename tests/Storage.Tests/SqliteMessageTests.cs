using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>The messages that partitions know, through the runs that they lie in on SQLite.</summary>
public sealed class SqliteMessageTests : IAsyncLifetime
{
    private static readonly PartitionId Here = new("acme", 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("auie-messages-").FullName;
    private SqliteStore _store = null!;
    private long _epoch;

    private static CancellationToken None => CancellationToken.None;

    public async Task InitializeAsync()
    {
        _store = await SqliteStore.OpenAsync(_folder, new SqliteStoreOptions { Synchronous = false });
        _epoch = await _store.ClaimEpochAsync(StoreOwners.Partition(Here), None);
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Every_message_is_known_through_runs_and_merges_and_restarts_until_it_is_forgotten_or_its_sender_is_removed()
    {
        var random = new Random(8);
        var anchor = new MessageKey(ulong.MaxValue, UInt128.MaxValue, 1, 0);
        var known = new Dictionary<MessageKey, bool>();
        await _store.AppendAsync(Here, _epoch, [], [anchor], None);

        for (var step = 1; step <= 120; step++)
        {
            MessageKey[] keys = [.. Enumerable.Range(0, 700).Select(_ => new MessageKey(
                ((ulong)random.NextInt64(40) << 58) + (ulong)random.NextInt64(3), new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()), random.NextInt64(), random.Next(3) * 10))];
            (await _store.AppendAsync(Here, _epoch, [], keys, None)).Known.ShouldBeEmpty();
            foreach (var key in keys)
                known[key] = true;
            if (step % 9 == 0)
                await Reopen();
            if (step % 50 == 0)
            {
                var forgotten = await _store.ForgetMessagesAsync(Here, _epoch, 11, None);
                forgotten.ShouldBe(known.Count(one => one.Value && one.Key.ForgetAfter == 10));
                Lose(key => key.ForgetAfter == 10);
            }
            if (step % 40 == 0)
            {
                var sender = keys[0].Sender;
                await _store.AmendAsync(Here, _epoch, new Amendment { RemoveSenders = [sender] }, None);
                Lose(key => key.Sender == sender);
            }
            await Check(random.GetItems(known.Keys.ToArray(), 400));
        }

        await Check([.. known.Keys]);
        await RemoveDead();
        await Check([.. known.Keys]);

        void Lose(Func<MessageKey, bool> which)
        {
            foreach (var key in known.Keys.Where(which).ToArray())
                known[key] = false;
        }

        async Task Check(MessageKey[] some)
        {
            // The anchor is known, so that nothing is appended whatever the others are.
            some = [.. some.Distinct(), anchor];
            var found = (await _store.AppendAsync(Here, _epoch, [], some, None)).Known.ToDictionary(one => one.Index, one => one.Digest);
            for (var i = 0; i < some.Length; i++)
                found.GetValueOrDefault(i, long.MinValue).ShouldBe(known.GetValueOrDefault(some[i], true) ? some[i].Digest : long.MinValue);
        }
    }

    [Fact]
    public async Task What_runs_leave_behind_is_removed_a_little_with_each_transaction()
    {
        for (var i = 0; i < 40; i++)
            await _store.AppendAsync(Here, _epoch, [], [.. Enumerable.Range(0, 2048).Select(n => new MessageKey(1, Hash(i, n), n, 10))], None);
        await RemoveDead();
        var (pages, runs, _) = Count();
        runs.ShouldBeLessThan(16, "runs are merged");
        pages.ShouldBeLessThan(40 * 2048 / 100);

        (await _store.ForgetMessagesAsync(Here, _epoch, 11, None)).ShouldBe(40 * 2048);
        await RemoveDead();
        Count().ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Merges_keep_up_with_appends_of_any_size_and_days_that_are_over_become_one_run()
    {
        PartitionId[] partitions = [.. Enumerable.Range(0, 8).Select(number => new PartitionId("acme", number))];
        var epochs = await Task.WhenAll(partitions.Select(partition => _store.ClaimEpochAsync(StoreOwners.Partition(partition), None)));
        for (var i = 0; i < 320; i++)
        {
            var day = 10 + i / 160;
            await _store.AppendAsync(partitions[i % 8], epochs[i % 8], [], [.. Enumerable.Range(0, 2500).Select(n => new MessageKey(1, Hash(i, n), n, day))], None);
        }

        RunsOf(10).ShouldBeLessThan(8 * 3, "of the day before there is about one a partition");
        RunsOf(11).ShouldBeLessThan(8 * 16);
        await RemoveDead();
        RunsOf(10).ShouldBe(8);

        long RunsOf(int day)
        {
            using var connection = Connect();
            return SqliteSchema.Scalar(connection, $"SELECT count(*) FROM message_run WHERE day = {day}");
        }
    }

    [Fact]
    public async Task A_scrub_waits_for_a_pass_of_the_log()
    {
        _epoch = await _store.ClaimEpochAsync(StoreOwners.Partition(Here), None);
        var payload = new byte[1 << 20];
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < 40; i++)
                await _store.AppendAsync(Here, _epoch, [new JournalRecord("ann", payload)], [], None);
            (await _store.ScrubAsync(None)).ShouldBeNull();
            new FileInfo(Path.Combine(_folder, "auie.db-wal")).Length.ShouldBeLessThan(16 << 20);
        }
    }

    [Fact]
    public async Task A_file_of_version_three_keeps_its_messages()
    {
        await _store.DisposeAsync();
        SqliteStore.Delete(_folder);
        var random = new Random(3);
        MessageKey[] keys = [.. Enumerable.Range(0, 5000).Select(i => new MessageKey(
            (ulong)random.NextInt64(long.MinValue, long.MaxValue), new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()), i, i % 3 * 10))];
        using (var old = Connect())
        {
            foreach (var migration in SqliteSchema.Migrations[..3])
                SqliteSchema.Execute(old, migration);
            SqliteSchema.Execute(old, """
                INSERT INTO setting VALUES ('partitions', 16);
                INSERT INTO partition (id, tenant, number, last_offset, checkpoint) VALUES (7, 'acme', 0, 0, 0);
                PRAGMA application_id = 0x41554945;
                PRAGMA user_version = 3;
                """);
            using var message = new SqliteStatement(old, "INSERT INTO message VALUES (7, ?1, ?2, ?3, ?4)");
            using var logged = new SqliteStatement(old, "INSERT INTO message_log VALUES (7, ?1, ?2, ?3, ?4, ?5)");
            for (var i = 0; i < keys.Length; i++)
            {
                if (i < 4900)
                    message.Run((long)keys[i].Sender, keys[i].Message, keys[i].Digest, (long)keys[i].ForgetAfter);
                else
                    logged.Run(i, (long)keys[i].Sender, keys[i].Message, keys[i].Digest, (long)keys[i].ForgetAfter);
            }
        }

        await InitializeAsync();

        (await _store.AppendAsync(Here, _epoch, [], keys, None)).Known.Select(one => one.Digest).ShouldBe(keys.Select(key => key.Digest));
        (await _store.ForgetMessagesAsync(Here, _epoch, 11, None)).ShouldBe(keys.Count(key => key.ForgetAfter == 10));
    }

    [Fact]
    public async Task A_file_of_version_four_keeps_its_records_and_what_its_log_of_messages_has()
    {
        await _store.DisposeAsync();
        SqliteStore.Delete(_folder);
        MessageKey[] keys = [.. Enumerable.Range(0, 60).Select(i => new MessageKey((ulong)i % 7, Hash(i, 4), i, i % 3 * 10))];
        using (var old = Connect())
        {
            foreach (var migration in SqliteSchema.Migrations[..4])
                SqliteSchema.Execute(old, migration);
            SqliteSchema.Execute(old, $"""
                INSERT INTO setting VALUES ('partitions', 16);
                INSERT INTO partition (id, tenant, number, last_offset, checkpoint) VALUES (7, 'acme', 0, 2, 0);
                INSERT INTO journal VALUES ({SqliteWriter.Place(7, 1)}, 'ann', x'01'), ({SqliteWriter.Place(7, 2)}, 'bob', x'02');
                PRAGMA application_id = 0x41554945;
                PRAGMA user_version = 4;
                """);
            using var logged = new SqliteStatement(old, "INSERT INTO message_log VALUES (7, ?1, ?2)");
            for (var i = 0; i < 3; i++)
                logged.Run(i + 1, SqliteMessages.Encode(keys[(20 * i)..(20 * (i + 1))]));
        }

        await InitializeAsync();

        (await _store.AppendAsync(Here, _epoch, [], keys, None)).Known.Select(one => one.Digest).ShouldBe(keys.Select(key => key.Digest));
        MessageKey further = new(3, Hash(61, 4), 61, 20);
        (await _store.AppendAsync(Here, _epoch, [new("ann", [3])], [further], None)).First.ShouldBe(3);
        await Reopen();
        (await _store.AppendAsync(Here, _epoch, [], [.. keys, further], None)).Known.Length.ShouldBe(61);
        (await _store.ReadUserAsync(Here, "ann", 0, None)).Select(record => record.Payload.Single()).ShouldBe([(byte)1, (byte)3]);
        (await _store.ForgetMessagesAsync(Here, _epoch, 11, None)).ShouldBe(20);
    }

    private static UInt128 Hash(int i, int n) => new(unchecked((ulong)(i * 4096 + n) * 0x9E3779B97F4A7C15), unchecked((ulong)(i * 4096 + n) * 0xC2B2AE3D27D4EB4F));

    private async Task Commit() => await _store.ClaimEpochAsync("somebody", None);

    private async Task RemoveDead()
    {
        for (var i = 0; Count().Dead > 0; i++)
        {
            i.ShouldBeLessThan(1000, "it ends");
            await Commit();
        }
    }

    private (long Pages, long Runs, long Dead) Count()
    {
        using var connection = Connect();
        return (SqliteSchema.Scalar(connection, "SELECT count(*) FROM message_page"), SqliteSchema.Scalar(connection, "SELECT count(*) FROM message_run"),
            SqliteSchema.Scalar(connection, "SELECT count(*) FROM message_dead"));
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "auie.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private async Task Reopen()
    {
        await _store.DisposeAsync();
        await InitializeAsync();
    }
}
