using System.Collections.Concurrent;
using Auie.Core.Codecs;

namespace Auie.Grains;

/// <summary>
/// What this silo has in memory of something that is kept by version. Each is read from the store once, however many ask for it meanwhile; and that one cannot be read is remembered as well,
/// since no later read would find anything else.
/// </summary>
/// <param name="read">Reads one from the store; null where that has none.</param>
internal sealed class VersionsAtHand<T>(Func<string, long, Task<T?>> read)
    where T : class
{
    private readonly ConcurrentDictionary<(string Tenant, long Version), Lazy<Task<T?>>> _readings = new();

    /// <summary>What is in memory.</summary>
    public bool TryGet(string tenant, long version, out T? value)
    {
        var isThere = _readings.TryGetValue((tenant, version), out var reading) && reading is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && reading.Value.Result is not null;
        value = isThere ? reading!.Value.Result : null;
        return isThere;
    }

    /// <summary>Of that version, or null.</summary>
    /// <exception cref="CodecException">This program cannot read it.</exception>
    /// <exception cref="InvalidDataException">This program cannot read it.</exception>
    public Task<T?> GetAsync(string tenant, long version, CancellationToken cancellationToken) =>
        version <= 0 ? Task.FromResult<T?>(null) : _readings.GetOrAdd((tenant, version), Begin).Value.WaitAsync(cancellationToken);

    /// <summary>Takes one in that need not be read.</summary>
    public void Add(string tenant, long version, T value) => _readings[(tenant, version)] = new Lazy<Task<T?>>(Task.FromResult<T?>(value));

    public void Remove(string tenant, long version) => _readings.TryRemove((tenant, version), out _);

    /// <summary>Removes all others of a tenant.</summary>
    public void RemoveAllBut(string tenant, long version)
    {
        foreach (var other in _readings.Keys.Where(one => one.Tenant == tenant && one.Version != version))
            Remove(tenant, other.Version);
    }

    /// <summary>Reads on nobody's turn and for nobody's deadline: others wait for it, too.</summary>
    private Lazy<Task<T?>> Begin((string Tenant, long Version) key)
    {
        Lazy<Task<T?>>? reading = null;
        return reading = new(() => Task.Run(async () =>
        {
            var isKnown = false;
            try
            {
                var value = await read(key.Tenant, key.Version);
                isKnown = value is not null;
                return value;
            }
            catch (Exception e) when (e is CodecException or InvalidDataException)
            {
                isKnown = true;
                throw;
            }
            finally
            {
                // It may be there the next time, or the store.
                if (!isKnown)
                    _readings.TryRemove(new(key, reading!));
            }
        }));
    }
}
