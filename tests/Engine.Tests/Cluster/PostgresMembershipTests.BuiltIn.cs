using Auie.Runtime.Cluster;
using Auie.Silo.Cluster;
using Auie.Storage;
using Auie.Storage.Postgres;
using Auie.Tests.Shared;
using Npgsql;

namespace Auie.Runtime.Tests.Cluster
{
    /// <summary>A test of every membership table; here it needs a server.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class TableFactAttribute : FactAttribute
    {
        public TableFactAttribute()
        {
            if (PostgresServer.Missing)
                Skip = $"needs {PostgresServer.Program}";
        }
    }
}

namespace Auie.Engine.Tests.Cluster
{
    /// <summary>The compliance suite on PostgreSQL, and what is particular to a table on a server.</summary>
    public sealed class PostgresMembershipTests : Runtime.Tests.Cluster.MembershipCompliance, IAsyncLifetime
    {
        private static readonly CancellationToken None = CancellationToken.None;
        private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
        private readonly string _schema = PostgresServer.NewSchema();
        private PostgresServer _server = null!;

        private PostgresStoreOptions Options => new() { Schema = _schema };

        public async Task InitializeAsync()
        {
            if (PostgresServer.Missing)
                return;
            _server = await PostgresServer.SharedAsync();
            Table = Open();
        }

        public async Task DisposeAsync()
        {
            if (Table is not PostgresMembership table)
                return;
            await table.DisposeAsync();
            await using var connection = await Connect();
            await Execute(connection, $"DROP SCHEMA IF EXISTS \"{_schema}\" CASCADE");
        }

        [PostgresFact]
        public async Task Silos_that_start_at_one_time_make_one_table()
        {
            await using var other = Open();

            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => (i % 2 == 0 ? Table : other).PrepareAsync(8, None))));

            (await other.ReadAsync(None)).Owners.Count.ShouldBe(8);
        }

        [PostgresFact]
        public async Task The_table_and_the_store_share_a_schema_whichever_is_made_first()
        {
            await Table.PrepareAsync(8, None);
            await using (var store = await PostgresStore.OpenAsync(_server.ConnectionString, Options))
                store.Partitions.ShouldBe(PostgresStoreOptions.DefaultPartitions);

            await Table.PrepareAsync(8, None);
            await using var again = await PostgresStore.OpenAsync(_server.ConnectionString, Options);
        }

        [PostgresFact]
        public async Task A_table_of_a_later_program_is_refused()
        {
            await Table.PrepareAsync(8, None);
            await using (var connection = await Connect())
                await Execute(connection, $"UPDATE \"{_schema}\".cluster_meta SET schema_version = 2");

            (await Should.ThrowAsync<InvalidOperationException>(Table.PrepareAsync(8, None))).Message.ShouldContain("schema version 2");
        }

        [PostgresFact]
        public async Task A_table_of_the_program_before_is_brought_up_to_date_with_its_silos_in_it()
        {
            await Table.PrepareAsync(8, None);
            var silo = (await Table.JoinAsync("a", null, "a:1", "", [], Minute, None))!.Value;
            await using (var connection = await Connect())
                await Execute(connection, $"ALTER TABLE \"{_schema}\".cluster_silos DROP COLUMN unreachable; ALTER TABLE \"{_schema}\".cluster_meta DROP COLUMN secret");

            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Table.PrepareAsync(8, None)));

            (await Table.BeatAsync(new(silo, 1, Minute, default, [7], [], [0]), None))!.Silos.ShouldHaveSingleItem().Unreachable.ShouldBe([7]);
        }

        [PostgresFact]
        public async Task A_server_that_does_not_answer_in_time_is_not_waited_for_and_nothing_has_happened()
        {
            await Table.PrepareAsync(8, None);
            var silo = (await Table.JoinAsync("a", null, "a:1", "", [], Minute, None))!.Value;
            await using var hasty = Open(TimeSpan.FromMilliseconds(200));
            await using (var connection = await Connect())
            {
                await Execute(connection, $"BEGIN; LOCK TABLE \"{_schema}\".cluster_silos");
                await Should.ThrowAsync<StoreException>(hasty.BeatAsync(new(silo, 1, Minute, default, [], [], [0]), None));
                await Execute(connection, "ROLLBACK");
            }

            (await Table.ReadAsync(None)).Owners.ShouldBe(new SiloId?[8]);
            (await hasty.BeatAsync(new(silo, 2, Minute, default, [], [], [0]), None))!.Owners[0].ShouldBe(silo);
        }

        [PostgresFact]
        public async Task A_silo_that_never_had_a_slot_and_is_dead_is_gone_when_the_next_joins()
        {
            await Table.PrepareAsync(8, None);
            await Table.JoinAsync("dead", null, "dead:1", "", [], TimeSpan.Zero, None);

            await Table.JoinAsync("a", null, "a:1", "", [], Minute, None);

            (await Table.ReadAsync(None)).Silos.ShouldHaveSingleItem().Id.Name.ShouldBe("a");
        }

        [PostgresFact]
        public void A_connection_that_cannot_be_read_is_refused_without_being_shown() =>
            Should.Throw<StoreException>(() => PostgresMembership.Open("Host=x;Pasword=secret", Options, Minute)).Message.ShouldNotContain("secret");

        private PostgresMembership Open(TimeSpan? patience = null) => PostgresMembership.Open(_server.ConnectionString, Options, patience ?? Minute);

        private async Task<NpgsqlConnection> Connect()
        {
            var connection = new NpgsqlConnection(_server.ConnectionString);
            await connection.OpenAsync();
            return connection;
        }

#pragma warning disable CA2100 // Made of this test's own text.
        private static async Task Execute(NpgsqlConnection connection, string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            await command.ExecuteNonQueryAsync();
        }
#pragma warning restore CA2100
    }
}
