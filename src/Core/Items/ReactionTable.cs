using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Items;

/// <summary>
/// What each of many people did with items, found by the hash of their ids. It is an open table, since a look-up is mostly waiting for memory: it reads a place in the table and what the person did,
/// which lies together, and nothing else.
/// </summary>
internal sealed class ReactionTable
{
    private const int ReactionBits = 3, ReactionMask = (1 << ReactionBits) - 1, LeastRoom = 3;

    private Entry[] _entries = new Entry[16];
    private int _count;

    /// <summary>What somebody did, packed: <see cref="Unpack"/> tells what. It holds until something is set.</summary>
    public ReadOnlySpan<int> Of(ulong person) => _entries[PlaceOf(_entries, person)].Did is { } did ? did.AsSpan(1, did[0]) : [];

    /// <summary>Has memory fetch where somebody is looked for next, while others are looked up.</summary>
    public unsafe void Prefetch(ulong person)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _entries[(int)(person & (ulong)(_entries.Length - 1))]));
    }

    /// <summary>Has memory fetch what somebody did, once <see cref="Prefetch"/> has had the time to fetch where that stands.</summary>
    public unsafe void PrefetchDid(ulong person)
    {
        ref var entry = ref _entries[(int)(person & (ulong)(_entries.Length - 1))];
        if (Sse.IsSupported && entry.Person == person && entry.Did is { } did)
            Sse.Prefetch0(Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(did)));
    }

    public static (int Slot, Reaction Reaction) Unpack(int did) => (did >> ReactionBits, (Reaction)(did & ReactionMask));

    public Reaction Of(ulong person, int slot)
    {
        foreach (var did in Of(person))
        {
            if (did >> ReactionBits == slot)
                return (Reaction)(did & ReactionMask);
        }

        return Reaction.None;
    }

    /// <summary>Takes out what somebody's reaction to an item is.</summary>
    public void Remove(ulong person, int slot)
    {
        if (_entries[PlaceOf(_entries, person)].Did is not { } did)
            return;
        for (var place = 1; place <= did[0]; place++)
        {
            if (did[place] >> ReactionBits != slot)
                continue;
            did[place] = did[did[0]--];
            return;
        }
    }

    /// <summary>Sets what somebody's reaction to an item is; whether it is the first thing that they did.</summary>
    public bool Set(ulong person, int slot, Reaction reaction)
    {
        var packed = slot << ReactionBits | (int)reaction;
        ref var entry = ref _entries[PlaceOf(_entries, person)];
        if (entry.Did is not { } did)
        {
            if (2 * (_count + 1) > _entries.Length)
                Grow();
            did = new int[1 + LeastRoom];
            (did[0], did[1]) = (1, packed);
            _entries[PlaceOf(_entries, person)] = new Entry(person, did);
            _count++;
            return true;
        }

        for (var place = 1; place <= did[0]; place++)
        {
            if (did[place] >> ReactionBits != slot)
                continue;
            did[place] = packed;
            return false;
        }

        if (did[0] + 1 == did.Length)
        {
            Array.Resize(ref did, 2 * did.Length);
            entry = new Entry(person, did);
        }

        did[++did[0]] = packed;
        return false;
    }

    private static int PlaceOf(Entry[] entries, ulong person)
    {
        var place = (int)(person & (ulong)(entries.Length - 1));
        while (entries[place].Did is not null && entries[place].Person != person)
            place = (place + 1) & (entries.Length - 1);
        return place;
    }

    private void Grow()
    {
        var grown = new Entry[2 * _entries.Length];
        foreach (var entry in _entries)
        {
            if (entry.Did is not null)
                grown[PlaceOf(grown, entry.Person)] = entry;
        }

        _entries = grown;
    }

    /// <param name="Did">How many things, and then these.</param>
    private readonly record struct Entry(ulong Person, int[]? Did);
}
