using System.Diagnostics;

namespace Auie.Storage.Faults;

/// <summary>
/// A store that suffers what it is told to (<see cref="StoreFaults"/>), and is otherwise the one that it wraps: for tests and drills, and in use
/// only where a configuration asks for it. Writes are counted over the whole store, in the order of the calls.
/// </summary>
public sealed class FaultyStore : IEngineStore
{
    private readonly IEngineStore _inner;
    private readonly StoreFaults _faults;
    private readonly TimeProvider _time;
    private readonly Action _kill;
    private readonly Dictionary<string, HashSet<int>> _kills;
    private readonly Dictionary<string, int> _passed = [];
    private readonly Lock _gate = new();
    private readonly Random _random;
    private long _writes;

    public FaultyStore(IEngineStore inner, StoreFaults faults, TimeProvider? time = null) : this(inner, faults, time ?? TimeProvider.System, Kill)
    {
    }

    /// <exception cref="ArgumentException">The faults are not such that can be had.</exception>
    internal FaultyStore(IEngineStore inner, StoreFaults faults, TimeProvider time, Action kill)
    {
        if (faults.Problem() is { } problem)
            throw new ArgumentException(problem, nameof(faults));
        _inner = inner;
        _faults = faults;
        _time = time;
        _kill = kill;
        _kills = faults.Kills().GroupBy(at => at.Point, at => at.Passing).ToDictionary(point => point.Key, point => point.ToHashSet());
        _random = new Random(faults.Seed);
    }

    public int Partitions => _inner.Partitions;

    public bool IsShared => _inner.IsShared;

    public Task<long> ClaimEpochAsync(string owner, CancellationToken cancellationToken) =>
        Write(StoreCall.Other, () => _inner.ClaimEpochAsync(owner, cancellationToken), cancellationToken);

    public Task<Appended> AppendAsync(
        PartitionId partition, long epoch, IReadOnlyList<JournalRecord> records, IReadOnlyList<MessageKey> keys, CancellationToken cancellationToken) =>
        Write(StoreCall.Append, () => _inner.AppendAsync(partition, epoch, records, keys, cancellationToken), cancellationToken);

    public Task TruncateAsync(PartitionId partition, long epoch, long upTo, CancellationToken cancellationToken) =>
        Write(StoreCall.Truncate, () => Answered(_inner.TruncateAsync(partition, epoch, upTo, cancellationToken)), cancellationToken);

    public Task<int> ForgetMessagesAsync(PartitionId partition, long epoch, int today, CancellationToken cancellationToken) =>
        Write(StoreCall.Other, () => _inner.ForgetMessagesAsync(partition, epoch, today, cancellationToken), cancellationToken);

    public Task AmendAsync(PartitionId partition, long epoch, Amendment amendment, CancellationToken cancellationToken) =>
        Write(StoreCall.Other, () => Answered(_inner.AmendAsync(partition, epoch, amendment, cancellationToken)), cancellationToken);

    public Task FlushAsync(PartitionId partition, long epoch, IReadOnlyList<UserWrite> users, long checkpoint, CancellationToken cancellationToken) =>
        Write(StoreCall.Flush, () => Answered(_inner.FlushAsync(partition, epoch, users, checkpoint, cancellationToken)), cancellationToken);

    public Task WriteDocumentsAsync(
        string tenant, string owner, long epoch, IReadOnlyList<DocumentWrite> documents, CancellationToken cancellationToken) =>
        Write(StoreCall.Document, () => Answered(_inner.WriteDocumentsAsync(tenant, owner, epoch, documents, cancellationToken)), cancellationToken);

    public Task DeleteDocumentsAsync(string tenant, string owner, long epoch, string kind, CancellationToken cancellationToken) =>
        Write(StoreCall.Document, () => Answered(_inner.DeleteDocumentsAsync(tenant, owner, epoch, kind, cancellationToken)), cancellationToken);

    public Task<string?> ScrubAsync(CancellationToken cancellationToken) => Read(() => _inner.ScrubAsync(cancellationToken), cancellationToken);

    public Task BackupAsync(string file, CancellationToken cancellationToken) => _inner.BackupAsync(file, cancellationToken);

    public Task<PartitionPosition> OpenPartitionAsync(PartitionId partition, CancellationToken cancellationToken) =>
        Read(() => _inner.OpenPartitionAsync(partition, cancellationToken), cancellationToken);

    public Task<HashSet<string>> FindUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken) =>
        Read(() => _inner.FindUsersAsync(partition, users, cancellationToken), cancellationToken);

    public Task<StoredRecord[]> ReadUserAsync(PartitionId partition, string user, long after, CancellationToken cancellationToken) =>
        Read(() => _inner.ReadUserAsync(partition, user, after, cancellationToken), cancellationToken);

    public Task<StoredRecord[]> ReadUsersAsync(
        PartitionId partition, IReadOnlyList<(string User, long After)> users, CancellationToken cancellationToken) =>
        Read(() => _inner.ReadUsersAsync(partition, users, cancellationToken), cancellationToken);

    public Task<StoredUser?> LoadUserAsync(PartitionId partition, string user, CancellationToken cancellationToken) =>
        Read(() => _inner.LoadUserAsync(partition, user, cancellationToken), cancellationToken);

    public Task<OpenedUser> OpenUserAsync(PartitionId partition, string user, CancellationToken cancellationToken) =>
        _inner.OpenUserAsync(partition, user, cancellationToken);

    public Task<StoredUser[]> LoadUsersAsync(PartitionId partition, IReadOnlyList<string> users, CancellationToken cancellationToken) =>
        Read(() => _inner.LoadUsersAsync(partition, users, cancellationToken), cancellationToken);

    public Task<byte[]?> ReadDocumentAsync(string tenant, string kind, string key, CancellationToken cancellationToken) =>
        Read(() => _inner.ReadDocumentAsync(tenant, kind, key, cancellationToken), cancellationToken);

    public Task<T?> ReadDocumentAsync<T>(string tenant, string kind, string key, Func<ReadOnlySpan<byte>, T> read, CancellationToken cancellationToken)
        where T : class =>
        Read(() => _inner.ReadDocumentAsync(tenant, kind, key, read, cancellationToken), cancellationToken);

    // What is read page by page goes as it does without faults.
    public IAsyncEnumerable<StoredUser> ReadUserStatesAsync(PartitionId partition, string? after, CancellationToken cancellationToken) =>
        _inner.ReadUserStatesAsync(partition, after, cancellationToken);

    public IAsyncEnumerable<StoredRecord> ReadJournalAsync(PartitionId partition, long after, CancellationToken cancellationToken) =>
        _inner.ReadJournalAsync(partition, after, cancellationToken);

    public IAsyncEnumerable<StoredHead> ReadHeadsAsync(PartitionId partition, string? after, CancellationToken cancellationToken) =>
        _inner.ReadHeadsAsync(partition, after, cancellationToken);

    public IAsyncEnumerable<(string Key, byte[] Data)> ReadDocumentsAsync(string tenant, string kind, CancellationToken cancellationToken) =>
        _inner.ReadDocumentsAsync(tenant, kind, cancellationToken);

    private async Task<T> Read<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        await Wait(cancellationToken);
        return await read();
    }

    private async Task<T> Write<T>(StoreCall call, Func<Task<T>> write, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _writes);
        var name = StoreFaults.Name(call);
        await Wait(cancellationToken);
        if (Falls(number, _faults.FailEvery))
            throw new StoreException($"The store fails write {number}, as it was told to.");
        Pass($"before-{name}");
        var answer = await write();
        Pass($"after-{name}");
        return Falls(number, _faults.LoseAnswerEvery)
            ? throw new StoreException($"The store loses the answer to write {number}, as it was told to. Whether the write happened is unknown.", outcomeUnknown: true)
            : answer;
    }

    private static async Task<bool> Answered(Task write)
    {
        await write;
        return true;
    }

    private static bool Falls(long number, int every) => every > 0 && number % every == 0;

    private Task Wait(CancellationToken cancellationToken)
    {
        if (_faults.Delay == TimeSpan.Zero)
            return Task.CompletedTask;
        double part;
        lock (_gate)
            part = _random.NextDouble();
        return Task.Delay(_faults.Delay * part, _time, cancellationToken);
    }

    private void Pass(string point)
    {
        if (!_kills.TryGetValue(point, out var passings))
            return;
        lock (_gate)
        {
            var passing = _passed[point] = _passed.GetValueOrDefault(point) + 1;
            if (passings.Contains(passing))
                _kill();
        }
    }

    /// <summary>SIGKILL: no handler runs and no buffer is written. Nobody gets past it.</summary>
    private static void Kill()
    {
        using var self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
