using System.Runtime.InteropServices;

namespace Auie.Core.Items;

/// <summary>
/// Items in the order of a number, those of the same number in the order of their places in the index. Neighbours lie side by side in blocks, so that looking through some of them reads little
/// memory, and an item takes twelve bytes and what its block has to spare.
/// </summary>
internal sealed class SlotOrder
{
    private const int MostOfBlock = 256, LeastOfBlock = 4;

    private readonly List<(long Key, int Slot)> _firsts = [];
    private readonly List<Block> _blocks = [];

    /// <summary>Adds an item; one that is there already under the same number stays as it is.</summary>
    public void Add(long key, int slot)
    {
        if (_blocks.Count == 0)
        {
            Insert(0, new Block(LeastOfBlock), key, slot);
            return;
        }

        var number = BlockOf(key, slot);
        var block = _blocks[number];
        var place = block.Find(key, slot);
        if (place >= 0)
            return;
        place = ~place;
        if (block.Count < MostOfBlock)
        {
            block.Insert(place, key, slot);
            _firsts[number] = block.First;
        }
        else if (place == MostOfBlock && number == _blocks.Count - 1)
        {
            // What comes in order fills blocks to their ends.
            Insert(number + 1, new Block(LeastOfBlock), key, slot);
        }
        else
        {
            var upper = block.Halve();
            _blocks.Insert(number + 1, upper);
            _firsts.Insert(number + 1, upper.First);
            Add(key, slot);
        }

        void Insert(int number, Block added, long key, int slot)
        {
            added.Insert(0, key, slot);
            _blocks.Insert(number, added);
            _firsts.Insert(number, added.First);
        }
    }

    /// <summary>Takes an item out, if it is there under this number.</summary>
    public void Remove(long key, int slot)
    {
        if (_blocks.Count == 0)
            return;
        var number = BlockOf(key, slot);
        var block = _blocks[number];
        var place = block.Find(key, slot);
        if (place < 0)
            return;
        block.Remove(place);
        if (block.Count > 0)
        {
            _firsts[number] = block.First;
            return;
        }

        _blocks.RemoveAt(number);
        _firsts.RemoveAt(number);
    }

    /// <summary>A way through the order from its beginning. It ends with any change of the order.</summary>
    public Cursor FromTheTop() => new(this, 0, -1);

    /// <summary>As <see cref="FromTheTop"/>, from the first item whose number is not less than this.</summary>
    public Cursor From(long key)
    {
        if (_blocks.Count == 0)
            return FromTheTop();
        var number = BlockOf(key, 0);
        var place = _blocks[number].Find(key, 0);
        return new Cursor(this, number, (place < 0 ? ~place : place) - 1);
    }

    /// <summary>The block that an item is in if it is in any: the last that does not begin behind it.</summary>
    private int BlockOf(long key, int slot)
    {
        var firsts = CollectionsMarshal.AsSpan(_firsts);
        var (low, high) = (1, firsts.Length);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            if (Compare(firsts[middle].Key, firsts[middle].Slot, key, slot) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low - 1;
    }

    private static int Compare(long key, int slot, long otherKey, int otherSlot) => key != otherKey ? key < otherKey ? -1 : 1 : slot.CompareTo(otherSlot);

    /// <summary>A place in the order.</summary>
    internal struct Cursor(SlotOrder order, int block, int place)
    {
        private int _block = block, _place = place;

        public readonly long Key => order._blocks[_block].Keys[_place];

        public readonly int Slot => order._blocks[_block].Slots[_place];

        /// <summary>Goes on to the next item; whether there is one.</summary>
        public bool MoveNext()
        {
            if (_block >= order._blocks.Count)
                return false;
            if (++_place < order._blocks[_block].Count)
                return true;
            (_block, _place) = (_block + 1, 0);
            return _block < order._blocks.Count;
        }
    }

    private sealed class Block(int room)
    {
        public long[] Keys { get; private set; } = new long[room];

        public int[] Slots { get; private set; } = new int[room];

        public int Count { get; private set; }

        public (long Key, int Slot) First => (Keys[0], Slots[0]);

        /// <summary>Where an item is, or the complement of where it would be.</summary>
        public int Find(long key, int slot)
        {
            var (low, high) = (0, Count);
            while (low < high)
            {
                var middle = (low + high) >> 1;
                if (Compare(Keys[middle], Slots[middle], key, slot) < 0)
                    low = middle + 1;
                else
                    high = middle;
            }

            return low < Count && Keys[low] == key && Slots[low] == slot ? low : ~low;
        }

        public void Insert(int place, long key, int slot)
        {
            if (Count == Keys.Length)
                (Keys, Slots) = (Copy(Keys, 0, Count, 2 * Count), Copy(Slots, 0, Count, 2 * Count));
            Array.Copy(Keys, place, Keys, place + 1, Count - place);
            Array.Copy(Slots, place, Slots, place + 1, Count - place);
            (Keys[place], Slots[place]) = (key, slot);
            Count++;
        }

        public void Remove(int place)
        {
            Count--;
            Array.Copy(Keys, place + 1, Keys, place, Count - place);
            Array.Copy(Slots, place + 1, Slots, place, Count - place);
        }

        /// <summary>Keeps the lower half, and gives the upper.</summary>
        public Block Halve()
        {
            var kept = Count / 2;
            var upper = new Block(0) { Keys = Copy(Keys, kept, Count - kept, Keys.Length), Slots = Copy(Slots, kept, Count - kept, Keys.Length), Count = Count - kept };
            Count = kept;
            return upper;
        }

        private static T[] Copy<T>(T[] from, int place, int count, int room)
        {
            var copy = new T[room];
            Array.Copy(from, place, copy, 0, count);
            return copy;
        }
    }
}
