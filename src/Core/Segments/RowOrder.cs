namespace Auie.Core.Segments;

/// <summary>
/// Row numbers in the order of the ids that they stand for (<see cref="string.CompareOrdinal(string, string)"/>), in blocks of a few hundred: a row comes or goes by two binary
/// searches and a move within its block, and takes 4 to 12 bytes.
/// </summary>
internal sealed class RowOrder(Func<int, string> idOf)
{
    private const int BlockLength = 512;

    private readonly List<List<int>> _blocks = [];

    public int Count { get; private set; }

    /// <summary>Takes rows that are in no order yet; there were none before.</summary>
    public void Fill(IEnumerable<int> rows)
    {
        var sorted = rows.ToArray();
        Array.Sort(sorted, (a, b) => string.CompareOrdinal(idOf(a), idOf(b)));
        foreach (var block in sorted.Chunk(BlockLength / 2))
            _blocks.Add(Block(block));
        Count = sorted.Length;
    }

    public void Add(int row)
    {
        Count++;
        if (_blocks.Count == 0)
        {
            _blocks.Add(Block([row]));
            return;
        }

        var id = idOf(row);
        var at = BlockOf(id);
        var block = _blocks[at];
        block.Insert(After(block, id), row);
        if (block.Count < BlockLength)
            return;
        _blocks.Insert(at + 1, Block(block.GetRange(BlockLength / 2, BlockLength / 2)));
        block.RemoveRange(BlockLength / 2, BlockLength / 2);
    }

    /// <summary>Takes a row out, whose id still is what it was.</summary>
    public void Remove(int row)
    {
        var id = idOf(row);
        var at = _blocks.Count == 0 ? -1 : BlockOf(id);
        var place = at < 0 ? -1 : After(_blocks[at], id) - 1;
        if (place < 0 || _blocks[at][place] != row)
            throw new InvalidOperationException($"Row {row} is not in this order.");
        Count--;
        _blocks[at].RemoveAt(place);
        if (_blocks[at].Count == 0)
            _blocks.RemoveAt(at);
        else if (at + 1 < _blocks.Count && _blocks[at].Count + _blocks[at + 1].Count <= BlockLength / 2)
            Join(at);
    }

    /// <summary>The rows whose ids come after one (null: all).</summary>
    public IEnumerable<int> After(string? id)
    {
        var first = id is null || _blocks.Count == 0 ? 0 : BlockOf(id);
        for (var at = first; at < _blocks.Count; at++)
        {
            var block = _blocks[at];
            for (var place = at == first && id is not null ? After(block, id) : 0; place < block.Count; place++)
                yield return block[place];
        }
    }

    private static List<int> Block(IReadOnlyCollection<int> rows)
    {
        var block = new List<int>(BlockLength);
        block.AddRange(rows);
        return block;
    }

    private void Join(int at)
    {
        _blocks[at].AddRange(_blocks[at + 1]);
        _blocks.RemoveAt(at + 1);
    }

    /// <summary>The last block that begins at or before an id; the first where none does.</summary>
    private int BlockOf(string id)
    {
        var (low, high) = (0, _blocks.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(idOf(_blocks[middle][0]), id) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - 1);
    }

    /// <summary>The place of the first row after an id.</summary>
    private int After(List<int> block, string id)
    {
        var (low, high) = (0, block.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (string.CompareOrdinal(idOf(block[middle]), id) <= 0)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
