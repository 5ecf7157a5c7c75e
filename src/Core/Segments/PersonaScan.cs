namespace Auie.Core.Segments;

/// <summary>
/// How a shard's users stand in a model now: sizes, who is at the border, where they were in the version before, how far columns have moved, and a few of the rows. Parts add up
/// over shards: counts and sums are whole, or on the grid on which sums are exact, so the order of users changes nothing.
/// </summary>
public sealed class PersonaScan
{
    /// <summary>Who is less than so much farther from the runner-up than from their own centroid, as a share of that distance, is at the border.</summary>
    public const double BorderMargin = 0.1;

    private readonly SegmentModel _model;

    /// <param name="previous">How many segments the version before had; 0 for none.</param>
    public PersonaScan(SegmentModel model, int previous)
    {
        _model = model;
        Sizes = new long[model.Segments.Length];
        Border = new long[model.Segments.Length];
        Flows = new long[(previous + 1) * model.Segments.Length];
        Sums = new double[model.Features.Count];
    }

    /// <summary>Users by segment.</summary>
    public long[] Sizes { get; }

    /// <summary>Of them, who is at the border.</summary>
    public long[] Border { get; }

    /// <summary>Users by segment of the version before (the last: of none) and of this one.</summary>
    public long[] Flows { get; }

    /// <summary>Rows: of a user one, or where rows are answers one for each.</summary>
    public double Rows { get; private set; }

    /// <summary>By column the sum of the rows' standardised values.</summary>
    public double[] Sums { get; }

    /// <summary>Rows of users whose ids have the lowest hashes, standardised, with the hash and the segment.</summary>
    public List<(ulong Hash, float[] Row, int Segment)> Sample { get; private set; } = [];

    /// <param name="now">The users' segments by this model.</param>
    /// <param name="before">Their segments by the version before; null where there is none.</param>
    /// <param name="sample">Of how many users rows are kept.</param>
    public static PersonaScan Of(LiveUsers users, LiveSegments now, LiveSegments? before, int sample)
    {
        var scan = new PersonaScan(now.Model, before?.Model.Segments.Length ?? 0);
        var sources = new double[now.Model.Features.Count];
        var kept = new PriorityQueue<(ulong Hash, float[] Row, int Segment), ulong>(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        foreach (var row in users.Rows)
        {
            var segment = now.Label(row);
            if (segment == LiveSegments.None) continue;
            var facts = users.Facts(row);
            now.Model.Features.Sources(facts, sources);
            var standardised = now.Model.Standardise(sources, now.AsOf);
            scan.Add(standardised, now.Model.Features.RowsOf(facts), segment, before is null || before.Label(row) == LiveSegments.None ? -1 : before.Label(row));
            var hash = StableHash.OfKey(users.User(row));
            if (kept.Count == sample && (sample == 0 || hash >= kept.Peek().Hash)) continue;
            kept.Enqueue((hash, standardised, segment), hash);
            if (kept.Count > sample) kept.Dequeue();
        }

        scan.Sample = [.. kept.UnorderedItems.Select(one => one.Element).OrderBy(one => one.Hash)];
        return scan;
    }

    /// <summary>Adds a part that was made elsewhere; of all samples together as many are kept as the largest has, those with the lowest hashes.</summary>
    public void Merge(long[] sizes, long[] border, long[] flows, double rows, double[] sums, IReadOnlyCollection<(ulong Hash, float[] Row, int Segment)> sampled, int most)
    {
        for (var i = 0; i < Sizes.Length; i++) (Sizes[i], Border[i]) = (Sizes[i] + sizes[i], Border[i] + border[i]);
        for (var i = 0; i < Flows.Length; i++) Flows[i] += flows[i];
        for (var i = 0; i < Sums.Length; i++) Sums[i] += sums[i];
        Rows += rows;
        Sample = [.. Sample.Concat(sampled).OrderBy(one => one.Hash).Take(most)];
    }

    private void Add(float[] row, int rows, int segment, int before)
    {
        Sizes[segment]++;
        Flows[((before < 0 ? (Flows.Length / Sizes.Length) - 1 : before) * Sizes.Length) + segment]++;
        Rows += rows;
        for (var column = 0; column < Sums.Length; column++) Sums[column] += rows * (double)row[column];
        var (own, other) = (Square(row, segment), double.PositiveInfinity);
        for (var k = 0; k < Sizes.Length; k++)
        {
            if (k != segment) other = Math.Min(other, Square(row, k));
        }

        (own, other) = (Math.Sqrt(own), Math.Sqrt(other));
        if (other - own < BorderMargin * other) Border[segment]++;
    }

    /// <summary>The squared distance of a row from a centroid.</summary>
    private double Square(float[] row, int segment)
    {
        var centroid = _model.Rounded(segment);
        var sum = 0.0;
        for (var i = 0; i < row.Length; i++)
        {
            var difference = (double)row[i] - centroid[i];
            sum += difference * difference;
        }

        return sum;
    }
}
