using System.Globalization;
using System.Text;
using Auie.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>What lies in the journal's tail is found as what lies in its place.</summary>
public sealed class SqliteTailTests : IAsyncLifetime
{
    private static readonly PartitionId[] Partitions = [new("acme", 0), new("acme", 1), PartitionId.OfItems("acme", 0)];
    private static readonly string[] Users = ["ann", "bob", "cid", "döra", "\U0001F98A", "\uFFFD"];

    private readonly string _folder = Directory.CreateTempSubdirectory("auie-tail-").FullName;

    private static CancellationToken None => CancellationToken.None;

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return Task.CompletedTask;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_done_the_store_says_the_same_whether_the_tail_is_long_short_or_none(int seed)
    {
        var random = new Random(seed);
        await using var none = new Subject(Path.Combine(_folder, "none"), 1);
        await using var little = new Subject(Path.Combine(_folder, "short"), 40);
        await using var much = new Subject(Path.Combine(_folder, "long"), 2048);
        Subject[] subjects = [none, little, much];
        foreach (var subject in subjects)
            await subject.OpenAsync();

        for (var step = 0; step < 250; step++)
        {
            var (partition, act) = (Partitions[random.Next(Partitions.Length)], Act(random));
            var answers = new List<string>();
            foreach (var subject in subjects)
                answers.Add(await act(subject, partition));
            answers.Distinct().ShouldHaveSingleItem(string.Create(CultureInfo.InvariantCulture, $"in step {step}"));
            if (step % 5 == 0)
            {
                answers.Clear();
                foreach (var subject in subjects)
                    answers.Add(await subject.Everything());
                answers.Distinct().ShouldHaveSingleItem(string.Create(CultureInfo.InvariantCulture, $"after step {step}"));
            }
        }
    }

    [Fact]
    public async Task An_append_of_many_records_comes_behind_what_is_in_the_tail()
    {
        await using var subject = new Subject(Path.Combine(_folder, "many"), 2048);
        await subject.OpenAsync();
        var epoch = subject.Epochs[Partitions[0]];
        await subject.Store.AppendAsync(Partitions[0], epoch, [new("ann", "0"u8.ToArray())], [], None);
        var many = Enumerable.Range(1, 300).Select(i => new JournalRecord($"u{i % 7}", Encoding.UTF8.GetBytes($"{i}"))).ToArray();

        (await subject.Store.AppendAsync(Partitions[0], epoch, many, [], None)).First.ShouldBe(2);
        await subject.Store.AppendAsync(Partitions[0], epoch, [new("ann", "301"u8.ToArray())], [], None);

        var records = await subject.Store.ReadJournalAsync(Partitions[0], 0, None).ToArrayAsync();
        records.Select(record => Encoding.UTF8.GetString(record.Payload)).ShouldBe(Enumerable.Range(0, 302).Select(i => $"{i}"));
        (await subject.Store.ReadUserAsync(Partitions[0], "ann", 0, None)).Select(record => record.Offset).ShouldBe([1, 302]);
    }

    [Fact]
    public async Task Who_reads_while_the_tail_is_put_in_its_places_finds_every_record_once()
    {
        await using var subject = new Subject(Path.Combine(_folder, "read"), 16);
        await subject.OpenAsync();
        var (here, epoch) = (Partitions[0], subject.Epochs[Partitions[0]]);
        var acknowledged = 0;
        var writing = Task.Run(async () =>
        {
            for (var i = 1; i <= 1500; i++)
            {
                await subject.Store.AppendAsync(here, epoch, [new("ann", BitConverter.GetBytes(i))], [], None);
                Volatile.Write(ref acknowledged, i);
            }
        });
        var rounds = 0;
        while (!writing.IsCompleted || rounds < 2)
        {
            var before = Volatile.Read(ref acknowledged);
            var ofUser = await subject.Store.ReadUserAsync(here, "ann", 0, None);
            var ofJournal = await subject.Store.ReadJournalAsync(here, 0, None).ToArrayAsync();
            foreach (var records in new[] { ofUser, ofJournal })
            {
                records.Length.ShouldBeGreaterThanOrEqualTo(before);
                records.Select(record => (long)BitConverter.ToInt32(record.Payload)).ShouldBe(Enumerable.Range(1, records.Length).Select(i => (long)i));
                records.Select(record => record.Offset).ShouldBe(Enumerable.Range(1, records.Length).Select(i => (long)i));
            }

            rounds++;
        }

        await writing;
        (await subject.Store.ReadUserAsync(here, "ann", 0, None)).Length.ShouldBe(1500);
    }

    [Fact]
    public async Task A_tail_of_many_bytes_is_put_in_its_places_and_what_is_large_goes_there_at_once()
    {
        var folder = Path.Combine(_folder, "bytes");
        await using var store = await SqliteStore.OpenAsync(folder, new SqliteStoreOptions { Synchronous = false, TailBytes = 16_000 });
        var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(Partitions[0]), None);
        await Append(600);
        (Rows("tail"), Rows("journal")).ShouldBe((1, 0));
        await Append(1_000);
        (Rows("tail"), Rows("journal")).ShouldBe((0, 2));
        for (var i = 0; i < 17; i++)
            await Append(900);
        (Rows("tail"), Rows("journal")).ShouldBe((17, 2));
        await Append(900);
        (Rows("tail"), Rows("journal")).ShouldBe((0, 20));

        Task Append(int bytes) => store.AppendAsync(Partitions[0], epoch, [new("ann", new byte[bytes])], [], None);

        long Rows(string table)
        {
            using var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "auie.db")};Pooling=False");
            connection.Open();
            return SqliteSchema.Scalar(connection, $"SELECT count(*) FROM {table}");
        }
    }

    [Fact]
    public async Task A_full_store_lets_be_taken_out_what_its_tail_has()
    {
        await using var store = await SqliteStore.OpenAsync(Path.Combine(_folder, "full"), new SqliteStoreOptions { Synchronous = false, MaximumBytes = 400 << 10, TailLimit = int.MaxValue });
        var epoch = await store.ClaimEpochAsync(StoreOwners.Partition(Partitions[0]), None);
        var appended = 0;
        var refused = await Should.ThrowAsync<StoreException>(async () =>
        {
            for (; ; appended++)
                await store.AppendAsync(Partitions[0], epoch, [new("ann", new byte[1000])], [new MessageKey(1, (UInt128)appended, 1, 0)], None);
        });
        refused.OutcomeUnknown.ShouldBeFalse();
        (await store.ReadUserAsync(Partitions[0], "ann", 0, None)).Length.ShouldBe(appended);

        await store.AmendAsync(Partitions[0], epoch, new Amendment { RemoveUsers = ["ann"], RemoveSenders = [1] }, None);

        (await store.ReadUserAsync(Partitions[0], "ann", 0, None)).ShouldBeEmpty();
        (await store.AppendAsync(Partitions[0], epoch, [new("bob", new byte[1000])], [new MessageKey(1, 0, 1, 0)], None)).First.ShouldBe(appended + 1);
    }

    /// <summary>Something that is done to a store, the same to each, and what came of it.</summary>
    private static Func<Subject, PartitionId, Task<string>> Act(Random random)
    {
        var what = random.Next(100);
        var user = Users[random.Next(Users.Length)];
        var (low, share) = (random.Next(5), random.NextDouble());
        if (what < 60)
        {
            JournalRecord[] records = [.. Enumerable.Range(0, what < 3 ? 260 : random.Next(4)).Select(_ => new JournalRecord(Users[random.Next(Users.Length)], Bytes(random)))];
            MessageKey[] keys = [.. Enumerable.Range(0, random.Next(records.Length == 0 ? 1 : 0, what < 3 ? 300 : 4)).Select(_ => Key(random))];
            if (records.Length == 0 && keys.Length == 0)
                keys = [Key(random)];
            return async (subject, partition) =>
            {
                var appended = await subject.Store.AppendAsync(partition, subject.Epochs[partition], records, keys, None);
                return $"{appended.First} {string.Join(",", appended.Known)}";
            };
        }

        if (what < 66)
            return async (subject, partition) => (await Should.ThrowAsync<ArgumentException>(() => subject.Store.AppendAsync(
                partition, subject.Epochs[partition], [new(user, [1]), new("\uD800", [2])], [new MessageKey(9, 9, 9, 0)], None))).GetType().Name;
        if (what < 70)
            return async (subject, partition) => (await Should.ThrowAsync<FencedException>(() => subject.Store.AppendAsync(
                partition, subject.Epochs[partition] - 1, [new(user, [1])], [], None))).GetType().Name;
        if (what < 80)
        {
            return async (subject, partition) =>
            {
                var position = await subject.Store.OpenPartitionAsync(partition, None);
                var states = position.Pending.Where(one => one.User != user).Select(one => new UserWrite(one.User, one.LastOffset, [(byte)one.LastOffset], []));
                await subject.Store.FlushAsync(partition, subject.Epochs[partition], [.. states], (long)(position.LastOffset * share), None);
                return "";
            };
        }

        if (what < 88)
        {
            return async (subject, partition) =>
            {
                var position = await subject.Store.OpenPartitionAsync(partition, None);
                await subject.Store.TruncateAsync(partition, subject.Epochs[partition], position.Checkpoint - low, None);
                return "";
            };
        }

        if (what < 92)
            return async (subject, partition) => $"{await subject.Store.ForgetMessagesAsync(partition, subject.Epochs[partition], low, None)}";
        if (what < 96)
        {
            var payload = random.Next(2) == 0 ? null : Bytes(random);
            return async (subject, partition) =>
            {
                var records = await subject.Store.ReadUserAsync(partition, user, 0, None);
                await subject.Store.AmendAsync(partition, subject.Epochs[partition], new Amendment
                {
                    RemoveUsers = share < .3 ? [Users[low]] : [], RemoveSenders = [(ulong)low], Records = [.. records.Where(record => record.User != Users[low]).TakeLast(1).Select(record => (record.Offset, payload))],
                }, None);
                return "";
            };
        }

        if (what == 96)
            return async (subject, _) => await subject.Store.ScrubAsync(None) ?? "";
        return async (subject, _) =>
        {
            await subject.OpenAsync();
            return "";
        };
    }

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[random.Next(40)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static MessageKey Key(Random random) => new((ulong)random.Next(5), (UInt128)random.Next(4000), random.Next(3), random.Next(6));

    /// <summary>A store with a tail of some length, and all that it says.</summary>
    private sealed class Subject(string folder, int tail) : IAsyncDisposable
    {
        public SqliteStore Store { get; private set; } = null!;

        public Dictionary<PartitionId, long> Epochs { get; } = [];

        public async Task OpenAsync()
        {
            if (Store is not null)
                await Store.DisposeAsync();
            Store = await SqliteStore.OpenAsync(folder, new SqliteStoreOptions { Synchronous = false, TailLimit = tail });
            foreach (var partition in Partitions)
                Epochs[partition] = await Store.ClaimEpochAsync(StoreOwners.Partition(partition), None);
        }

        public async Task<string> Everything()
        {
            var text = new StringBuilder();
            foreach (var partition in Partitions)
            {
                var position = await Store.OpenPartitionAsync(partition, None);
                text.Append(CultureInfo.InvariantCulture, $"{partition}: {position.LastOffset} {position.Checkpoint} {string.Join(",", position.Pending.Select(user => $"{user}"))}\n");
                await foreach (var record in Store.ReadJournalAsync(partition, 0, None))
                    Say(record);
                foreach (var user in Users)
                {
                    var opened = await Store.OpenUserAsync(partition, user, None);
                    text.Append(CultureInfo.InvariantCulture, $"{user} {opened.State?.Offset}\n");
                    foreach (var record in opened.Records)
                        Say(record);
                }

                text.AppendJoin(',', (await Store.FindUsersAsync(partition, Users, None)).Order(StringComparer.Ordinal));
            }

            return text.ToString();

            void Say(StoredRecord record) => text.Append(CultureInfo.InvariantCulture, $"{record.Offset} {record.User} {Convert.ToHexString(record.Payload)}\n");
        }

        public async ValueTask DisposeAsync() => await Store.DisposeAsync();
    }
}
