using System.Collections.Concurrent;
using System.Text;
using Auie.Core.Privacy;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// Whom this silo knows to be erased, by tenant. Whoever refuses things by it reads it from the store before it takes anything in, and is told of every erasure after that,
/// so that what another silo erased is known here, too.
/// </summary>
public sealed class Tombstones(IEngineStore store)
{
    private readonly ConcurrentDictionary<string, ErasedIds> _byTenant = new();

    /// <summary>The tenant's, with all that the store has at this moment. It is the same object each time, and grows.</summary>
    internal async Task<ErasedIds> ReadAsync(string tenant, CancellationToken cancellationToken)
    {
        var erased = _byTenant.GetOrAdd(tenant, _ => new ErasedIds());
        await foreach (var (id, key) in store.ReadDocumentsAsync(tenant, Documents.TombstoneKey, cancellationToken).OrUnavailable())
            erased.AddKey(id, key);
        // Without a key there is nothing that was made with it.
        if (erased.Key is null)
            return erased;
        await foreach (var (hash, _) in store.ReadDocumentsAsync(tenant, Documents.Tombstone, cancellationToken).OrUnavailable())
            erased.Add(hash);
        return erased;
    }

    /// <summary>As <see cref="ReadAsync"/>, without reading where there is a key already: for who is told of what came since.</summary>
    internal async Task<ErasedIds> KnownAsync(string tenant, CancellationToken cancellationToken) =>
        _byTenant.TryGetValue(tenant, out var known) && known.Key is not null ? known : await ReadAsync(tenant, cancellationToken);

    /// <summary>The document that keeps a tombstone: its line of the log of erasures.</summary>
    internal static DocumentWrite Document(ErasureLogLine line) => new(Documents.Tombstone, line.Hash!, Encoding.UTF8.GetBytes(line.ToString()));
}

/// <summary>The ids of one tenant that were erased, by their keyed hashes. For any number of threads.</summary>
internal sealed class ErasedIds
{
    private readonly ConcurrentDictionary<string, byte> _hashes = new();
    private readonly ConcurrentDictionary<string, byte[]> _keys = new();

    /// <summary>The key that hashes are made with: of several, which come of copies of a store that each made one, the first by name. Null while there is none.</summary>
    public (string Id, byte[] Key)? Key => _keys.IsEmpty ? null : _keys.OrderBy(key => key.Key, StringComparer.Ordinal).Select(key => (key.Key, key.Value)).First();

    public IEnumerable<byte[]> Keys => _keys.Values;

    public bool IsEmpty => _hashes.IsEmpty;

    public void AddKey(string id, byte[] key) => _keys[id] = key;

    public bool Add(string hash) => _hashes.TryAdd(hash, 0);

    public bool HoldsHash(string hash) => _hashes.ContainsKey(hash);

    /// <summary>Whether an id was erased. It costs a hash, but while nobody was.</summary>
    public bool Holds(string id) => !_hashes.IsEmpty && _keys.Values.Any(key => _hashes.ContainsKey(Tombstone.Of(key, id)));

    /// <summary>The hashes of an id under every key: that it was erased may have been written down with any.</summary>
    public string[] AllOf(string id) => [.. _keys.Values.Select(key => Tombstone.Of(key, id))];

    /// <summary>The hash of an id under the key.</summary>
    public string Of(string id) => Tombstone.Of((Key ?? throw new InvalidOperationException("There is no key for tombstones yet.")).Key, id);
}
