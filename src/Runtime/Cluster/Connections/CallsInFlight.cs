using Auie.Runtime.Invocation;

namespace Auie.Runtime.Cluster;

/// <summary>
/// The calls of one connection that have not been answered, by number: a place in an array, and above it how often the place was given away, so that an answer
/// never finds another call than its own. A call that was given up keeps its place until its answer comes. Not thread-safe.
/// </summary>
internal sealed class CallsInFlight
{
    private Entry[] _entries = new Entry[64];
    private int _used;
    private int _free = -1;

    public int Count { get; private set; }

    /// <summary>Takes in a call that begins at this byte of all that is sent.</summary>
    /// <returns>Its number.</returns>
    public ulong Add(GrainCall call, long start)
    {
        var place = _free;
        if (place >= 0)
        {
            _free = _entries[place].NextFree;
        }
        else
        {
            place = _used++;
            if (place == _entries.Length)
                Array.Resize(ref _entries, place * 2);
        }

        ref var entry = ref _entries[place];
        (entry.Call, entry.Start) = (call, start);
        Count++;
        return ((ulong)entry.Generation << 32) | (uint)place;
    }

    /// <summary>The call of a number, or null.</summary>
    public GrainCall? Find(ulong number)
    {
        var place = (uint)number;
        return place < (uint)_used && _entries[place].Generation == (uint)(number >> 32) ? _entries[place].Call : null;
    }

    /// <summary>Takes out the call of a number; null where there is none.</summary>
    public GrainCall? Remove(ulong number)
    {
        if (Find(number) is not { } call)
            return null;
        ref var entry = ref _entries[(uint)number];
        entry.Call = null;
        entry.Generation++;
        entry.NextFree = _free;
        _free = (int)(uint)number;
        Count--;
        return call;
    }

    /// <summary>All calls with where they begin.</summary>
    public IEnumerable<(GrainCall Call, long Start)> All()
    {
        for (var i = 0; i < _used; i++)
        {
            if (_entries[i].Call is { } call)
                yield return (call, _entries[i].Start);
        }
    }

    private struct Entry
    {
        public GrainCall? Call;
        public long Start;
        public uint Generation;
        public int NextFree;
    }
}
