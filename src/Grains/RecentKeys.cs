using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// The messages that were committed last, with their digests: what is sent again soon is recognised without the store. It may forget any of
/// them, for the store has them all.
/// </summary>
/// <param name="most">How many it keeps, at least half of them the latest.</param>
internal sealed class RecentKeys(int most)
{
    private Dictionary<(ulong Sender, UInt128 Message), long> _newer = [], _older = [];

    public void Add(in MessageKey key)
    {
        if (_newer.Count >= Math.Max(1, most / 2))
        {
            (_older, _newer) = (_newer, _older);
            _newer.Clear();
        }

        _newer[(key.Sender, key.Message)] = key.Digest;
    }

    public bool TryGetDigest(in MessageKey key, out long digest) =>
        _newer.TryGetValue((key.Sender, key.Message), out digest) || _older.TryGetValue((key.Sender, key.Message), out digest);

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _newer = [];
        _older = [];
    }
}
