using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>
/// Grows trees on histograms: the smaller child's are summed, the larger child's are what that leaves of the parent's. All sums are exact, so that
/// a tree depends neither on the order of rows nor on the number of threads.
/// </summary>
internal sealed class TreeGrower
{
    private const int SmallWork = 1 << 17;

    private readonly BinnedRows _rows;
    private readonly RankingColumn[] _columns;
    private readonly TreeOptions _options;
    private readonly int _threads, _blockWords;
    private readonly CancellationToken _cancellationToken;
    private readonly bool[] _falling;
    private readonly Stack<long[]> _free = [];
    private readonly int[] _parted;
    private readonly long[] _gathered;

    public TreeGrower(BinnedRows rows, RankingColumn[] columns, TreeOptions options, int threads, CancellationToken cancellationToken)
    {
        options.Check();
        (_rows, _columns, _options, _threads, _cancellationToken) = (rows, columns, options, threads, cancellationToken);
        _falling = Array.ConvertAll(columns, column => !column.IsCategorical && options.Falling.Contains(column.Name));
        _blockWords = Histograms.Length(rows.Stride);
        _parted = new int[rows.Count];
        _gathered = new long[2 * (long)rows.Count];
    }

    /// <summary>Grows a tree.</summary>
    /// <param name="sample">The rows that it is grown on, ascending; leaf by leaf when the tree is grown.</param>
    /// <param name="value">The value of a leaf with these sums.</param>
    /// <param name="seed">What the columns are drawn by.</param>
    public GrownTree Grow(Gradients gradients, Memory<int> sample, Func<NodeSums, double> value, ulong seed)
    {
        var active = Active(seed);
        var tree = new List<TreeNode>();
        var open = new List<Node> { Root(gradients, sample.Span, seed, active) };
        var leaves = 1;
        var closed = new List<Node>();
        while (leaves < _options.MaxLeaves)
        {
            var batch = NextToSplit(open, closed, _options.MaxLeaves - leaves);
            if (batch.Length == 0) break;
            leaves += batch.Length;
            Run(batch.Length, batch.Sum(node => node.Count), i => Part(batch[i], sample));
            foreach (var node in batch) Bound(node, gradients, value);
            foreach (var node in batch) AddNode(tree, node);
            FindSplits(gradients, sample, batch, active, isLast: leaves >= _options.MaxLeaves);
            open.AddRange(batch.SelectMany(node => new[] { node.Left!, node.Right! }));
        }

        closed.AddRange(open);
        closed.Sort((a, b) => a.From.CompareTo(b.From));
        foreach (var node in closed) Free(node);
        var values = new float[closed.Count];
        for (var leaf = 0; leaf < values.Length; leaf++)
        {
            var node = closed[leaf];
            values[leaf] = (float)ValueOf(node, gradients, value);
            if (node.Parent < 0) continue;
            var parent = tree[node.Parent];
            tree[node.Parent] = node.IsLeft ? parent with { Left = ~leaf } : parent with { Right = ~leaf };
        }

        return new GrownTree(new RegressionTree([.. tree], values), [.. closed.Select(node => node.From), sample.Length]);
    }

    private bool[] Active(ulong seed)
    {
        var active = new bool[_columns.Length];
        Draw(active, _options.ColumnShare, seed);
        return active;
    }

    /// <summary>Draws a share of the columns, one at least: those of the least hashes.</summary>
    private static void Draw(bool[] chosen, double share, ulong seed, bool[]? of = null)
    {
        var from = Enumerable.Range(0, chosen.Length).Where(column => of is null || of[column]).ToArray();
        var count = Math.Max(1, (int)Math.Round(share * from.Length));
        foreach (var column in from.OrderBy(column => StableHash.Derive(seed, (ulong)column)).Take(count)) chosen[column] = true;
    }

    /// <summary>The columns that a node may be split by.</summary>
    private bool[] ColumnsOf(Node node, bool[] active)
    {
        if (_options.SplitColumnShare >= 1) return active;
        var chosen = new bool[active.Length];
        Draw(chosen, _options.SplitColumnShare, node.Seed, active);
        return chosen;
    }

    private Node Root(Gradients gradients, ReadOnlySpan<int> sample, ulong seed, bool[] active)
    {
        var root = new Node { Count = sample.Length, Parent = -1, Seed = seed };
        if (sample.Length < _rows.Count) Gather(gradients, sample, 0);
        foreach (var row in sample)
        {
            root.First += gradients.Words[2 * (long)row];
            root.Second += gradients.Words[(2 * (long)row) + 1];
        }

        if (sample.Length < 2 * _options.MinLeafRows) return root;
        root.Histogram = Take();
        root.Columns = ColumnsOf(root, active);
        var splits = new Split[_rows.Blocks.Length];
        var all = sample.Length == _rows.Count;
        var rows = all ? [] : sample.ToArray();
        Run(_rows.Blocks.Length, (long)root.Count * _columns.Length, block =>
        {
            splits[block] = Split.None;
            if (!IsActive(block, active)) return;
            var histogram = Block(root, block);
            histogram.Clear();
            if (all) Histograms.Add(_rows.Blocks[block], gradients.Words, _rows.Stride, histogram);
            else Histograms.Add(_rows.Blocks[block], rows, _gathered.AsSpan(0, 2 * rows.Length), _rows.Stride, histogram);
            splits[block] = Best(root, block, gradients);
        });
        root.Best = Best(splits);
        return root;
    }

    /// <summary>Takes out of the open leaves those that are split now, and closes those that cannot be.</summary>
    private Node[] NextToSplit(List<Node> open, List<Node> closed, int most)
    {
        closed.AddRange(open.Where(node => !node.Best.Exists));
        open.RemoveAll(node => !node.Best.Exists);
        if (open.Count == 0) return [];
        // All that is open lies on one level where growth is by depth.
        var batch = open.OrderByDescending(node => node.Best.Gain).ThenBy(node => node.From)
            .Take(_options.Growth == TreeGrowth.LeafWise ? 1 : most).ToArray();
        open.RemoveAll(batch.Contains);
        return batch;
    }

    /// <summary>Moves a node's rows to its children, in their order.</summary>
    private void Part(Node node, Memory<int> sample)
    {
        var rows = sample.Span.Slice(node.From, node.Count);
        Span<bool> goesLeft = stackalloc bool[FeatureBins.Most];
        for (var bin = 0; bin < FeatureBins.Most; bin++) goesLeft[bin] = node.Best.GoesLeft[bin];
        var bins = _rows.Column(node.Best.Column);
        var others = _parted.AsSpan(node.From, node.Count);
        var (left, right) = (0, 0);
        foreach (var row in rows)
        {
            // Both are written and one is kept: a branch would be guessed wrong half the time.
            var goes = goesLeft[bins[row * BinnedRows.ColumnsPerBlock]] ? 1 : 0;
            others[right] = row;
            rows[left] = row;
            left += goes;
            right += 1 - goes;
        }

        others[..right].CopyTo(rows[left..]);
        node.Left = Child(node, isLeft: true, node.From, left, node.Best.LeftFirst, node.Best.LeftSecond);
        node.Right = Child(node, isLeft: false, node.From + left, right, node.First - node.Best.LeftFirst, node.Second - node.Best.LeftSecond);
    }

    private static Node Child(Node parent, bool isLeft, int from, int count, long first, long second) => new()
    {
        From = from,
        Count = count,
        Depth = parent.Depth + 1,
        First = first,
        Second = second,
        IsLeft = isLeft,
        Seed = StableHash.Derive(parent.Seed, isLeft ? 1UL : 2UL),
    };

    /// <summary>A node's value as a leaf, within what splits above it by falling columns leave it.</summary>
    private static double ValueOf(Node node, Gradients gradients, Func<NodeSums, double> value) => Math.Clamp(value(gradients.Sums(node.First, node.Second)), node.Least, node.Most);

    /// <summary>Hands a node's bounds on to its children. Parted by a falling column, all that grows on the left stays above the middle of the two, and all on the right below.</summary>
    private void Bound(Node node, Gradients gradients, Func<NodeSums, double> value)
    {
        var (left, right) = (node.Left!, node.Right!);
        (left.Least, left.Most, right.Least, right.Most) = (node.Least, node.Most, node.Least, node.Most);
        if (!_falling[node.Best.Column]) return;
        left.Least = right.Most = (ValueOf(left, gradients, value) + ValueOf(right, gradients, value)) / 2;
    }

    private void AddNode(List<TreeNode> tree, Node node)
    {
        var (at, split) = (tree.Count, node.Best);
        var bins = _rows.Bins[split.Column];
        var missingLeft = split.GoesLeft[0];
        if (_columns[split.Column].IsCategorical)
        {
            var codes = Enumerable.Range(1, bins.Count - 1).Where(bin => split.GoesLeft[bin] != missingLeft).Select(bin => bins.Codes[bin - 1]).Order();
            tree.Add(new TreeNode(split.Column, 0, missingLeft, [.. codes], 0, 0));
        }
        else
        {
            var last = Enumerable.Range(1, bins.Count - 1).Last(bin => split.GoesLeft[bin]);
            tree.Add(new TreeNode(split.Column, last <= bins.Bounds.Length ? bins.Bounds[last - 1] : float.PositiveInfinity, missingLeft, null, 0, 0));
        }

        if (node.Parent >= 0)
            tree[node.Parent] = node.IsLeft ? tree[node.Parent] with { Left = at } : tree[node.Parent] with { Right = at };
        (node.Left!.Parent, node.Right!.Parent) = (at, at);
    }

    private void FindSplits(Gradients gradients, Memory<int> sample, Node[] parents, bool[] active, bool isLast)
    {
        var pairs = new List<(Node Smaller, Node Larger)>();
        foreach (var parent in parents)
        {
            var (left, right) = (parent.Left!, parent.Right!);
            var (smaller, larger) = left.Count <= right.Count ? (left, right) : (right, left);
            if (isLast || left.Depth >= _options.MaxDepth || larger.Count < 2 * _options.MinLeafRows)
            {
                Free(parent);
                continue;
            }

            (larger.Histogram, smaller.Histogram, parent.Histogram) = (parent.Histogram, Take(), null);
            (smaller.Columns, larger.Columns) = (ColumnsOf(smaller, active), ColumnsOf(larger, active));
            pairs.Add((smaller, larger));
        }

        if (pairs.Count == 0) return;
        var rows = pairs.Sum(pair => (long)pair.Smaller.Count);
        Run(pairs.Count, rows, i => Gather(gradients, sample.Span.Slice(pairs[i].Smaller.From, pairs[i].Smaller.Count), pairs[i].Smaller.From));

        var blocks = _rows.Blocks.Length;
        var (ofSmaller, ofLarger) = (new Split[pairs.Count * blocks], new Split[pairs.Count * blocks]);
        Run(pairs.Count * blocks, rows * _columns.Length, task =>
        {
            var (block, (smaller, larger)) = (task % blocks, pairs[task / blocks]);
            ofSmaller[task] = ofLarger[task] = Split.None;
            if (!IsActive(block, active)) return;
            var histogram = Block(smaller, block);
            histogram.Clear();
            var (from, count) = (smaller.From, smaller.Count);
            Histograms.Add(_rows.Blocks[block], sample.Span.Slice(from, count), _gathered.AsSpan(2 * from, 2 * count), _rows.Stride, histogram);
            Histograms.Subtract(Block(larger, block), histogram);
            ofSmaller[task] = Best(smaller, block, gradients);
            ofLarger[task] = Best(larger, block, gradients);
        });
        for (var i = 0; i < pairs.Count; i++)
        {
            pairs[i].Smaller.Best = Best(ofSmaller.AsSpan(i * blocks, blocks));
            pairs[i].Larger.Best = Best(ofLarger.AsSpan(i * blocks, blocks));
        }
    }

    private void Gather(Gradients gradients, ReadOnlySpan<int> rows, int from)
    {
        var words = gradients.Words;
        var to = _gathered.AsSpan(2 * from, 2 * rows.Length);
        for (var i = 0; i < rows.Length; i++)
        {
            to[2 * i] = words[2 * (long)rows[i]];
            to[(2 * i) + 1] = words[(2 * (long)rows[i]) + 1];
        }
    }

    private Split Best(Node node, int block, Gradients gradients)
    {
        var best = Split.None;
        if (node.Count < 2 * _options.MinLeafRows) return best;
        var histogram = Block(node, block);
        var end = Math.Min(_columns.Length, (block + 1) * BinnedRows.ColumnsPerBlock);
        for (var column = block * BinnedRows.ColumnsPerBlock; column < end; column++)
        {
            if (!node.Columns[column]) continue;
            var bins = histogram.Slice(column % BinnedRows.ColumnsPerBlock * _rows.Stride * 2, 2 * _rows.Bins[column].Count);
            var split = SplitFinder.Best(
                bins, _rows.Bins[column].Count, column, _columns[column].IsCategorical, _falling[column], node.First, node.Second, gradients, _options);
            if (split.Gain > best.Gain) best = split;
        }

        return best;
    }

    // Of equal gains that of the first column.
    private static Split Best(ReadOnlySpan<Split> splits)
    {
        var best = Split.None;
        foreach (var split in splits)
        {
            if (split.Exists && split.Gain > best.Gain) best = split;
        }

        return best;
    }

    private static bool IsActive(int block, bool[] active) =>
        active.AsSpan(block * BinnedRows.ColumnsPerBlock, Math.Min(BinnedRows.ColumnsPerBlock, active.Length - (block * BinnedRows.ColumnsPerBlock))).Contains(true);

    private Span<long> Block(Node node, int block) => node.Histogram.AsSpan(block * _blockWords, _blockWords);

    private long[] Take() => _free.TryPop(out var histogram) ? histogram : GC.AllocateUninitializedArray<long>(_blockWords * _rows.Blocks.Length);

    private void Free(Node node)
    {
        if (node.Histogram is not null) _free.Push(node.Histogram);
        node.Histogram = null;
    }

    // Little work is done sooner than it is handed out.
    private void Run(int count, long work, Action<int> step) => ParallelSteps.Run(count, work < SmallWork ? 1 : _threads, step, _cancellationToken);

    private sealed class Node
    {
        public int From, Count, Depth, Parent;
        public bool IsLeft;
        public long First, Second;
        public double Least = double.NegativeInfinity, Most = double.PositiveInfinity;
        public ulong Seed;
        public bool[] Columns = [];
        public Split Best = Split.None;
        public long[]? Histogram;
        public Node? Left, Right;
    }
}

/// <summary>A tree, and where in the sample each leaf's rows begin; last, where they end.</summary>
internal sealed record GrownTree(RegressionTree Tree, int[] LeafStarts);
