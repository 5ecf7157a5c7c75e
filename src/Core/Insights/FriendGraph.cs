namespace Auie.Core.Insights;

/// <summary>Who is a friend of whom, by numbers from 0, both ways: whoever lists a friend is one of that friend too. A person's friends lie together, ascending.</summary>
public sealed class FriendGraph
{
    private readonly long[] _starts;
    private readonly int[] _friends;

    private FriendGraph(long[] starts, int[] friends) => (_starts, _friends) = (starts, friends);

    public int People => _starts.Length - 1;

    /// <summary>Pairs of friends.</summary>
    public long Pairs => _friends.LongLength / 2;

    public ReadOnlySpan<int> FriendsOf(int person) => _friends.AsSpan((int)_starts[person], Friends(person));

    public int Friends(int person) => (int)(_starts[person + 1] - _starts[person]);

    /// <summary>Of lists of friends; who is in somebody's list more than once, or in their own, counts once, or not.</summary>
    /// <param name="first">One end of each link.</param>
    /// <param name="second">The other; a link may be told from both ends, or twice.</param>
    /// <exception cref="ArgumentException">A number is nobody's, or there are too many links.</exception>
    public static FriendGraph Of(int people, ReadOnlyMemory<int> first, ReadOnlyMemory<int> second)
    {
        if (first.Length != second.Length) throw new ArgumentException($"{first.Length} links have {second.Length} other ends.", nameof(second));
        if (2L * first.Length > Array.MaxLength) throw new ArgumentException($"{first.Length:N0} links are more than fit; {Array.MaxLength / 2:N0} do.", nameof(first));
        var from = first.Span;
        var to = second.Span;
        var ends = new long[people + 1];
        for (var i = 0; i < from.Length; i++)
        {
            if ((uint)from[i] >= (uint)people || (uint)to[i] >= (uint)people)
                throw new ArgumentException($"Link {i} is of {from[i]} and {to[i]}; there are {people} people, from 0.", nameof(first));
            if (from[i] == to[i]) continue;
            ends[from[i] + 1]++;
            ends[to[i] + 1]++;
        }

        for (var person = 0; person < people; person++) ends[person + 1] += ends[person];
        var starts = ends.AsSpan(0, people).ToArray();
        var friends = new int[ends[people]];
        var at = starts.ToArray();
        for (var i = 0; i < from.Length; i++)
        {
            if (from[i] == to[i]) continue;
            friends[at[from[i]]++] = to[i];
            friends[at[to[i]]++] = from[i];
        }

        var kept = new int[people];
        Parallel.For(0, people, person =>
        {
            var own = friends.AsSpan((int)starts[person], (int)(ends[person + 1] - starts[person]));
            own.Sort();
            for (var i = 0; i < own.Length; i++)
            {
                if (i == 0 || own[i] != own[i - 1]) own[kept[person]++] = own[i];
            }
        });

        var packed = new long[people + 1];
        for (var person = 0; person < people; person++)
        {
            // Never to the right of where they are, so that nothing is written over before it is moved.
            friends.AsSpan((int)starts[person], kept[person]).CopyTo(friends.AsSpan((int)packed[person]));
            packed[person + 1] = packed[person] + kept[person];
        }

        return new FriendGraph(packed, packed[people] == friends.Length ? friends : friends[..(int)packed[people]]);
    }
}
