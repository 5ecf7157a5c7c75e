namespace Auie.Core.Segments;

/// <summary>
/// The members of each segment as they were at one moment, to compare users with: all of a segment's up to a limit, else as many drawn by
/// the hash of the version and their ids. It never changes, so several threads may read it.
/// </summary>
public sealed class SegmentReference
{
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly string[] _users;
    private readonly float[] _rows;
    private readonly int[] _starts;
    private readonly long[] _members;

    private SegmentReference(LiveUsers users, LiveSegments segments, int most)
    {
        (Model, AsOf) = (segments.Model, segments.AsOf);
        _members = new long[Model.Segments.Length];
        _starts = new int[_members.Length + 1];
        var drawn = Draw(users, segments, most);
        _users = new string[drawn.Sum(segment => segment.Count)];
        _rows = new float[_users.Length * Columns];
        var sources = new double[Columns];
        var place = 0;
        for (var segment = 0; segment < drawn.Length; segment++)
        {
            foreach (var (_, row) in drawn[segment])
            {
                Model.Features.Sources(users.Facts(row), sources);
                Model.Standardise(sources, AsOf).CopyTo(_rows, place * Columns);
                _users[place] = users.User(row);
                _places[_users[place]] = place;
                place++;
            }

            _starts[segment + 1] = place;
        }
    }

    public SegmentModel Model { get; }

    /// <summary>The instant that everything here is as of.</summary>
    public DateTimeOffset AsOf { get; }

    private int Columns => Model.Features.Count;

    /// <summary>Takes the members as they are now.</summary>
    /// <param name="users">The users.</param>
    /// <param name="segments">Their segments.</param>
    /// <param name="most">How many of a segment are kept at the most; 16 at least, so that the spread among them is known.</param>
    public static SegmentReference Of(LiveUsers users, LiveSegments segments, int most)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(segments);
        return new(users, segments, Math.Max(most, 16));
    }

    /// <summary>The distances of some points to the members kept here.</summary>
    /// <param name="points">Standardised rows, one after the other.</param>
    /// <param name="without">For each point a user who is not compared with it: whose row it is.</param>
    /// <exception cref="ArgumentException">There are not as many points as users.</exception>
    public SegmentDistances Compare(ReadOnlySpan<float> points, string[] without)
    {
        ArgumentNullException.ThrowIfNull(without);
        if (points.Length != (long)without.Length * Columns)
            throw new ArgumentException($"{points.Length} values are not {without.Length} points of {Columns} columns.", nameof(points));
        var segments = _members.Length;
        var result = SegmentDistances.Empty(without.Length, segments);
        for (var p = 0; p < without.Length; p++)
        {
            var point = points.Slice(p * Columns, Columns);
            var own = _places.GetValueOrDefault(without[p], -1);
            for (var segment = 0; segment < segments; segment++)
            {
                var at = (p * segments) + segment;
                var isHere = own >= _starts[segment] && own < _starts[segment + 1];
                result.Members[at] = _members[segment] - (isHere ? 1 : 0);
                result.Compared[at] = _starts[segment + 1] - _starts[segment] - (isHere ? 1 : 0);
                for (var row = _starts[segment]; row < _starts[segment + 1]; row++)
                {
                    var squared = row == own ? 0 : Squared(point, _rows.AsSpan(row * Columns, Columns));
                    result.Sums[at] += Math.Sqrt(squared);
                    result.Squares[at] += squared;
                }
            }
        }

        return result;
    }

    /// <summary>Of the members of a segment kept here those who lean most towards another segment's centroid, who leans most first.</summary>
    public LeaningMember[] LeaningAway(int segment, int count)
    {
        var leaning = new List<LeaningMember>();
        for (var place = _starts[segment]; place < _starts[segment + 1]; place++)
        {
            var row = _rows.AsSpan(place * Columns, Columns);
            var (own, other) = (Math.Sqrt(Squared(row, Model.Rounded(segment))), double.PositiveInfinity);
            for (var s = 0; s < _members.Length; s++)
            {
                if (s != segment)
                    other = Math.Min(other, Math.Sqrt(Squared(row, Model.Rounded(s))));
            }

            leaning.Add(new LeaningMember(_users[place], place, double.IsInfinity(other) || other == 0 ? 0 : 1 - (own / other)));
        }

        return [.. leaning.OrderBy(member => member.SimplifiedSilhouette).ThenBy(member => member.User, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>A member's row, standardised.</summary>
    public ReadOnlySpan<float> Row(LeaningMember member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return _rows.AsSpan(member.Place * Columns, Columns);
    }

    /// <summary>How many members a segment has, and how many of them are kept here.</summary>
    public (long Members, int Kept) Count(int segment) => (_members[segment], _starts[segment + 1] - _starts[segment]);

    private List<(ulong Hash, int Row)>[] Draw(LiveUsers users, LiveSegments segments, int most)
    {
        var drawn = Array.ConvertAll(_members, _ => new List<(ulong Hash, int Row)>());
        foreach (var row in users.Rows)
        {
            if (segments.Label(row) is var label and >= 0)
                drawn[label].Add((StableHash.OfRow(unchecked((ulong)Model.Version), StableHash.OfKey(users.User(row)), 0), row));
        }

        for (var segment = 0; segment < drawn.Length; segment++)
        {
            _members[segment] = drawn[segment].Count;
            drawn[segment].Sort();
            if (drawn[segment].Count > most)
                drawn[segment].RemoveRange(most, drawn[segment].Count - most);
        }

        return drawn;
    }

    private static double Squared(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0.0;
        for (var c = 0; c < a.Length; c++)
        {
            var apart = (double)a[c] - b[c];
            sum += apart * apart;
        }

        return sum;
    }
}

/// <summary>A member of a segment by the simplified silhouette (Hruschka et al. 2004): 1 less the distance to the own centroid over that to the nearest other one.</summary>
/// <param name="Place">Where their row is in the reference.</param>
public sealed record LeaningMember(string User, int Place, double SimplifiedSilhouette);

/// <summary>For each point and segment, point by point: how many members the segment has, with how many the point was compared, the sum of the distances to them, and of their squares.</summary>
public sealed record SegmentDistances(long[] Members, int[] Compared, double[] Sums, double[] Squares)
{
    public static SegmentDistances Empty(int points, int segments) =>
        new(new long[points * segments], new int[points * segments], new double[points * segments], new double[points * segments]);
}
