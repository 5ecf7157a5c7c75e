using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Auie.Core.Items;

/// <summary>
/// What each of many people did with items, found by the hash of their ids. It is an open table, since a look-up is mostly waiting for memory: the few things that most people did lie in their place in it,
/// and only of who did more it reads somewhere else.
/// </summary>
internal sealed class ReactionTable
{
    private const int ReactionBits = 3, ReactionMask = (1 << ReactionBits) - 1, MostOfFew = 3;

    private Entry[] _entries = new Entry[16];
    private int _count;

    /// <summary>What somebody did, packed: <see cref="Unpack"/> tells what. It holds until something is set.</summary>
    public ReadOnlySpan<int> Of(ulong person) => DidOf(ref PlaceOf(_entries, person));

    /// <summary>Has memory fetch where somebody is looked for next, while others are looked up.</summary>
    public unsafe void Prefetch(ulong person)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref _entries[(int)(person & (ulong)(_entries.Length - 1))]));
    }

    /// <summary>Has memory fetch what somebody did who did more than lies in their place, once <see cref="Prefetch"/> has had the time to fetch that.</summary>
    public unsafe void PrefetchDid(ulong person)
    {
        ref var entry = ref _entries[(int)(person & (ulong)(_entries.Length - 1))];
        if (Sse.IsSupported && entry.Person == person && entry.More is { } did)
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
        ref var entry = ref PlaceOf(_entries, person);
        var did = DidOf(ref entry);
        for (var place = 0; place < did.Length; place++)
        {
            if (did[place] >> ReactionBits != slot)
                continue;
            did[place] = did[^1];
            entry.Held--;
            return;
        }
    }

    /// <summary>Sets what somebody's reaction to an item is; whether it is the first thing that they did.</summary>
    public bool Set(ulong person, int slot, Reaction reaction)
    {
        var packed = slot << ReactionBits | (int)reaction;
        ref var entry = ref PlaceOf(_entries, person);
        var isFirst = entry.Held == 0;
        if (isFirst)
        {
            if (2 * ++_count > _entries.Length)
            {
                Grow();
                entry = ref PlaceOf(_entries, person);
            }

            (entry.Person, entry.Held) = (person, 1);
        }

        var did = DidOf(ref entry);
        foreach (ref var one in did)
        {
            if (one >> ReactionBits != slot)
                continue;
            one = packed;
            return false;
        }

        if (did.Length == (entry.More?.Length ?? MostOfFew))
        {
            var more = new int[2 * did.Length];
            did.CopyTo(more);
            entry.More = more;
        }

        entry.Held++;
        DidOf(ref entry)[^1] = packed;
        return isFirst;
    }

    /// <summary>The place of somebody, or the free one that would be theirs.</summary>
    private static ref Entry PlaceOf(Entry[] entries, ulong person)
    {
        var place = (int)(person & (ulong)(entries.Length - 1));
        while (entries[place].Held > 0 && entries[place].Person != person)
            place = (place + 1) & (entries.Length - 1);
        return ref entries[place];
    }

    private static Span<int> DidOf(ref Entry entry)
    {
        var count = Math.Max(0, entry.Held - 1);
        return entry.More is { } more ? more.AsSpan(0, count) : MemoryMarshal.CreateSpan(ref Unsafe.As<FewReactions, int>(ref entry.Few), count);
    }

    private void Grow()
    {
        var grown = new Entry[2 * _entries.Length];
        foreach (ref var entry in _entries.AsSpan())
        {
            if (entry.Held > 0)
                PlaceOf(grown, entry.Person) = entry;
        }

        _entries = grown;
    }

    private struct Entry
    {
        public ulong Person;

        /// <summary>What they did, once that is more than <see cref="Few"/> holds.</summary>
        public int[]? More;

        /// <summary>How many things they did, and one; 0 where nobody is.</summary>
        public int Held;

        public FewReactions Few;
    }

    [InlineArray(MostOfFew)]
    private struct FewReactions
    {
        private int _first;
    }
}
