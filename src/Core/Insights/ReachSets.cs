namespace Auie.Core.Insights;

/// <summary>
/// Reverse-reachable sets (Borgs et al., SODA 2014): for a person drawn from the audience, everybody from whom a word would have reached that person, in one
/// draw of which friends listen to which. The share of sets that hold somebody of a group is the share of the audience that the group reaches.
/// Set number i follows from the seed and i alone, so that no number of threads changes it.
/// </summary>
internal sealed class ReachSets
{
    private const int SetsAtOnce = 2_048;

    private readonly FriendGraph _graph;
    private readonly int[] _audience;
    private readonly ulong _seed;
    private readonly ParallelOptions _threads;
    private readonly double[] _logNot;
    private readonly List<int[]> _blocks = [];
    private readonly List<int[]> _ends = [];

    /// <param name="mostPerLink">The largest chance that a word passes over one link.</param>
    /// <param name="threads">On how many threads sets are drawn; -1 for as many as there are cores.</param>
    public ReachSets(FriendGraph graph, int[] audience, double mostPerLink, int threads, ulong seed)
    {
        _threads = new ParallelOptions { MaxDegreeOfParallelism = threads };
        (_graph, _audience, _seed) = (graph, audience, seed);
        _logNot = new double[graph.People];
        for (var person = 0; person < _logNot.Length; person++) _logNot[person] = Math.Log(1 - ChanceOf(graph.Friends(person), mostPerLink));
    }

    /// <summary>The chance that somebody with so many friends takes up a word from one of them: of all friends' words about one is taken up (Kempe et al., KDD 2003: weighted cascade).</summary>
    public static double ChanceOf(int friends, double mostPerLink) => friends == 0 ? 0 : Math.Min(mostPerLink, 1.0 / friends);

    public int Count { get; private set; }

    /// <summary>How much memory the sets take, in bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>How much more is taken while a choice is made (<see cref="Cover"/>): in which sets each person is, and which of them are covered.</summary>
    public long BytesToCover => Bytes + Count;

    /// <summary>Draws until there are at least so many; a multiple of the block's length.</summary>
    public void DrawTo(long count)
    {
        var blocks = (int)((count + SetsAtOnce - 1) / SetsAtOnce);
        var first = _blocks.Count;
        if (blocks <= first) return;
        for (var i = first; i < blocks; i++)
        {
            _blocks.Add([]);
            _ends.Add([]);
        }

        Parallel.For(first, blocks, _threads, () => (Seen: new int[_graph.People], Stamp: 0, People: new List<int>()), (block, _, state) =>
        {
            state.People.Clear();
            var ends = new int[SetsAtOnce];
            for (var i = 0; i < SetsAtOnce; i++)
            {
                Draw(((long)block * SetsAtOnce) + i, state.Seen, ++state.Stamp, state.People);
                ends[i] = state.People.Count;
            }

            (_blocks[block], _ends[block]) = ([.. state.People], ends);
            return state;
        }, _ => { });
        Count = blocks * SetsAtOnce;
        for (var i = first; i < blocks; i++) Bytes += sizeof(int) * (_blocks[i].LongLength + SetsAtOnce);
    }

    /// <summary>Chooses people so that as many sets as can be found greedily hold one of them: at least 1 - 1/e of the most that any choice could.</summary>
    /// <param name="candidates">Who may be chosen; of equals the one that comes first.</param>
    /// <param name="alone">Who may be chosen besides, and is in no set: each reaches one person whom nobody else does.</param>
    /// <returns>The chosen, first the one with most; in how many sets any of them is; and how many sets any choice of as many could be in at the most. Somebody alone counts for the sets that one person is worth.</returns>
    public (int[] Chosen, double Reached, double AtMost) Cover(int[] candidates, int[] alone, int most)
    {
        var held = new int[_graph.People];
        foreach (var block in _blocks)
        {
            foreach (var person in block) held[person]++;
        }

        // For each candidate the sets that hold them, by counting.
        var starts = new long[_graph.People + 1];
        var isCandidate = new bool[_graph.People];
        foreach (var person in candidates) isCandidate[person] = true;
        for (var person = 0; person < held.Length; person++) starts[person + 1] = starts[person] + (isCandidate[person] ? held[person] : 0);
        var sets = new int[starts[^1]];
        var at = starts.AsSpan(0, held.Length).ToArray();
        for (var set = 0; set < Count; set++)
        {
            foreach (var person in Of(set))
            {
                if (isCandidate[person]) sets[at[person]++] = set;
            }
        }

        // What somebody adds only ever gets less, so that who is still first once it is counted anew is first of all.
        var queue = new PriorityQueue<int, (int NotHeld, int Place)>(candidates.Select((person, place) => (person, (-held[person], place))));
        var (chosen, covered, reached, taken, one) = (new List<int>(), new bool[Count], 0.0, 0, (double)Count / _audience.Length);
        while (chosen.Count < most)
        {
            var best = First();
            if (taken < alone.Length && (best < 0 || held[best] < one))
            {
                chosen.Add(alone[taken++]);
                reached += one;
                continue;
            }

            if (best < 0 || held[best] == 0) break;
            queue.Dequeue();
            chosen.Add(best);
            reached += held[best];
            for (var i = starts[best]; i < starts[best + 1]; i++)
            {
                if (covered[sets[i]]) continue;
                covered[sets[i]] = true;
                foreach (var person in Of(sets[i])) held[person]--;
            }
        }

        // Nobody adds more to a larger choice than to a smaller one: the best choice is in no more sets than this one and those who would add most to it.
        var more = Enumerable.Repeat(one, Math.Min(most, alone.Length - taken)).ToList();
        for (var i = 0; i < most && First() is >= 0 and var next; i++)
        {
            queue.Dequeue();
            more.Add(held[next]);
        }

        return ([.. chosen], reached, Math.Min(reached + more.OrderDescending().Take(most).Sum(), reached / (1 - (1 / Math.E))));

        // Who adds most; -1 for nobody.
        int First()
        {
            while (queue.TryPeek(out var person, out var priority))
            {
                if (held[person] == -priority.NotHeld) return person;
                queue.DequeueEnqueue(person, priority with { NotHeld = -held[person] });
            }

            return -1;
        }
    }

    /// <summary>In how many sets each is that holds nobody before them in the list, and in how many at all.</summary>
    public (long[] Added, long[] Alone) Measure(int[] people)
    {
        var (added, alone) = (new long[people.Length], new long[people.Length]);
        var place = new int[_graph.People];
        for (var i = people.Length; i > 0; i--) place[people[i - 1]] = i;
        for (var set = 0; set < Count; set++)
        {
            var first = int.MaxValue;
            foreach (var person in Of(set))
            {
                if (place[person] == 0) continue;
                alone[place[person] - 1]++;
                first = Math.Min(first, place[person] - 1);
            }

            if (first < int.MaxValue) added[first]++;
        }

        return (added, alone);
    }

    private ReadOnlySpan<int> Of(int set)
    {
        var (ends, within) = (_ends[set / SetsAtOnce], set % SetsAtOnce);
        var start = within == 0 ? 0 : ends[within - 1];
        return _blocks[set / SetsAtOnce].AsSpan(start, ends[within] - start);
    }

    private void Draw(long set, int[] seen, int stamp, List<int> people)
    {
        var random = new Draws(StableHash.Derive(_seed, (ulong)set));
        var next = people.Count;
        var root = _audience[random.Below(_audience.Length)];
        seen[root] = stamp;
        people.Add(root);
        for (; next < people.Count; next++)
        {
            var friends = _graph.FriendsOf(people[next]);
            var logNot = _logNot[people[next]];
            // A chance of 1 has no logarithm of its complement, and skips nobody.
            for (var i = Skip(ref random, logNot); i < friends.Length; i += 1 + Skip(ref random, logNot))
            {
                if (seen[friends[i]] == stamp) continue;
                seen[friends[i]] = stamp;
                people.Add(friends[i]);
            }
        }
    }

    /// <summary>How many friends in turn are not listened to: geometric, so that only those who are cost anything.</summary>
    private static int Skip(ref Draws random, double logNot)
    {
        if (logNot == 0) return int.MaxValue - 1;
        var skipped = Math.Log(1 - random.Unit()) / logNot;
        return skipped < int.MaxValue / 2 ? (int)skipped : int.MaxValue / 2;
    }

    /// <summary>SplitMix64.</summary>
    private struct Draws(ulong seed)
    {
        private ulong _state = seed;

        public ulong Next()
        {
            var drawn = StableHash.Mix(_state);
            _state += 0x9E3779B97F4A7C15UL;
            return drawn;
        }

        public double Unit() => StableHash.ToUnit(Next());

        public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);
    }
}
