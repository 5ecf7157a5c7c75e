using System.Text;
using Auie.Storage.Faults;
using Auie.Storage.Sqlite;

namespace Auie.Storage.Tests;

/// <summary>The store that suffers what it is told to.</summary>
public sealed class FaultyStoreTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly PartitionId Partition = new("acme", 0);
    private static readonly string Owner = StoreOwners.Partition(Partition);

    private readonly string _folder = Directory.CreateTempSubdirectory("auie-faults-").FullName;
    private readonly InstantTime _time = new();
    private SqliteStore _inner = null!;
    private long _epoch;

    public async Task InitializeAsync()
    {
        _inner = await SqliteStore.OpenAsync(_folder);
        _epoch = await _inner.ClaimEpochAsync(Owner, None);
    }

    public async Task DisposeAsync()
    {
        await _inner.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private FaultyStore Faulty(StoreFaults faults) => new(_inner, faults, _time, () => throw new InvalidOperationException("Nobody asked for a kill."));

    private Task<Appended> Append(IEngineStore store, string text) =>
        store.AppendAsync(Partition, _epoch, [new JournalRecord("ann", Encoding.UTF8.GetBytes(text))], [], None);

    private async Task<string[]> Stored() =>
        [.. (await _inner.ReadUserAsync(Partition, "ann", 0, None)).Select(record => Encoding.UTF8.GetString(record.Payload))];

    [Fact]
    public async Task Every_nth_write_fails_before_it_happens()
    {
        var store = Faulty(new StoreFaults { FailEvery = 3 });

        for (var i = 1; i <= 7; i++)
        {
            if (i % 3 == 0)
                (await Should.ThrowAsync<StoreException>(Append(store, $"{i}"))).OutcomeUnknown.ShouldBeFalse();
            else
                await Append(store, $"{i}");
        }

        (await Stored()).ShouldBe(["1", "2", "4", "5", "7"]);
    }

    [Fact]
    public async Task Of_every_nth_write_the_answer_is_lost_and_it_has_happened()
    {
        var store = Faulty(new StoreFaults { LoseAnswerEvery = 2 });

        await Append(store, "1");
        (await Should.ThrowAsync<StoreException>(Append(store, "2"))).OutcomeUnknown.ShouldBeTrue();
        await Append(store, "3");
        (await Should.ThrowAsync<StoreException>(store.FlushAsync(Partition, _epoch, [], 2, None))).OutcomeUnknown.ShouldBeTrue();

        (await Stored()).ShouldBe(["1", "2", "3"]);
        (await _inner.OpenPartitionAsync(Partition, None)).Checkpoint.ShouldBe(2);
    }

    [Fact]
    public async Task Reads_never_fail_and_count_for_nothing()
    {
        var store = Faulty(new StoreFaults { FailEvery = 2 });
        await Append(store, "1");

        for (var i = 0; i < 5; i++)
            (await store.ReadUserAsync(Partition, "ann", 0, None)).Length.ShouldBe(1);

        await Should.ThrowAsync<StoreException>(store.TruncateAsync(Partition, _epoch, 1, None));
        await store.AmendAsync(Partition, _epoch, new Amendment { RemoveUsers = ["ann"] }, None);
        (await Stored()).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_process_is_killed_at_the_told_passing_of_a_point()
    {
        var kills = 0;
        var store = new FaultyStore(
            _inner, new StoreFaults { KillAt = ["before-append@2", "after-append@2", "after-flush@1", "before-truncate@1", "after-document@2"] }, _time, () => kills++);

        await Append(store, "1");
        kills.ShouldBe(0);
        await Append(store, "2");
        kills.ShouldBe(2);
        await store.FlushAsync(Partition, _epoch, [], 1, None);
        kills.ShouldBe(3);
        await store.TruncateAsync(Partition, _epoch, 1, None);
        kills.ShouldBe(4);
        await store.WriteDocumentsAsync("acme", Owner, _epoch, [new DocumentWrite("kind", "1", [1])], None);
        kills.ShouldBe(4);
        await store.DeleteDocumentsAsync("acme", Owner, _epoch, "kind", None);
        kills.ShouldBe(5);
        await Append(store, "3");
        kills.ShouldBe(5);
    }

    [Fact]
    public async Task A_kill_before_a_write_is_before_it_happens_and_one_after_it_is_after()
    {
        var seen = new List<string>();
        var store = new FaultyStore(
            _inner, new StoreFaults { KillAt = ["before-append@1", "after-append@1"] }, _time,
            () => seen.Add(string.Join(",", _inner.ReadUserAsync(Partition, "ann", 0, None).GetAwaiter().GetResult().Select(record => record.Offset))));

        await Append(store, "1");

        seen.ShouldBe(["", "1"]);
    }

    [Fact]
    public async Task Delays_are_drawn_by_the_seed_up_to_the_longest()
    {
        async Task<TimeSpan[]> Delays(int seed)
        {
            _time.Waited.Clear();
            var store = Faulty(new StoreFaults { Delay = TimeSpan.FromMinutes(10), Seed = seed });
            for (var i = 0; i < 20; i++)
                await store.ReadUserAsync(Partition, "ann", 0, None);
            return [.. _time.Waited];
        }

        var first = await Delays(1);

        first.Length.ShouldBe(20);
        first.ShouldAllBe(delay => delay >= TimeSpan.Zero && delay <= TimeSpan.FromMinutes(10));
        first.Distinct().Count().ShouldBeGreaterThan(10);
        (await Delays(1)).ShouldBe(first);
        (await Delays(2)).ShouldNotBe(first);
    }

    [Fact]
    public void Faults_that_cannot_be_had_are_refused_with_the_name_of_the_option()
    {
        (StoreFaults Faults, string Reason)[] wrong =
        [
            (new() { Delay = TimeSpan.FromSeconds(-1) }, "Store:Faults:Delay"), (new() { FailEvery = -1 }, "FailEvery"), (new() { LoseAnswerEvery = -1 }, "LoseAnswerEvery"),
            (new() { KillAt = ["after-append@1", "after-append"] }, "'after-append'"), (new() { KillAt = ["after-append@0"] }, "after-append@0"),
            (new() { KillAt = ["in-append@1"] }, "before-document"), (new() { KillAt = ["after-other@1"] }, "after-other@1"), (new() { KillAt = ["after-append@x"] }, "after-append@x"),
        ];
        foreach (var (faults, reason) in wrong)
        {
            faults.Problem().ShouldNotBeNull().ShouldContain(reason);
            Should.Throw<ArgumentException>(() => new FaultyStore(_inner, faults));
        }
        new StoreFaults { KillAt = ["after-append@1"] }.Problem().ShouldBeNull();
        (new StoreFaults().Any, new StoreFaults { FailEvery = 1 }.Any).ShouldBe((false, true));
    }

    /// <summary>Time in which every wait is over at once, and is noted.</summary>
    private sealed class InstantTime : TimeProvider
    {
        public List<TimeSpan> Waited { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waited.Add(dueTime);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
            return new Done();
        }

        private sealed class Done : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
