using System.Globalization;
using System.Numerics;

namespace Auie.Silo.Demo;

/// <summary>
/// Who is whose friend. A small part of each list are users with a profile, mostly of the same community, and each lists the other; the
/// rest are references, people without a profile of whom each community has its own neighbourhood.
/// </summary>
internal sealed class DemoFriends
{
    private const int SmallestCommunity = 30;
    private const int Neighbourhood = 8_192;
    private const double WithinCommunity = .8;
    private const double WithinNeighbourhood = .8;

    private readonly long seed;
    private readonly int[] community;
    private readonly int[] first;
    private readonly int[] known;
    private readonly Lazy<string[]> references;
    private readonly int referenceCount;

    /// <param name="counts">How many friends each user has in all.</param>
    public DemoFriends(long seed, IReadOnlyList<int> counts)
    {
        this.seed = seed;
        var communityOf = new int[counts.Count];
        var edges = new List<long>();
        var across = new List<int>();
        for (int start = 0, number = 0; start < counts.Count; number++)
        {
            var random = new DemoRandom(seed, DemoStream.Community, number);
            var end = Math.Min(counts.Count, start + CommunitySize(ref random));
            var within = new List<int>();
            for (var user = start; user < end; user++)
            {
                communityOf[user] = number;
                var wanted = KnownFriendsWanted(counts[user]);
                var near = Math.Min((int)(wanted * WithinCommunity), end - start - 1);
                within.AddRange(Enumerable.Repeat(user, near));
                across.AddRange(Enumerable.Repeat(user, wanted - (int)(wanted * WithinCommunity)));
            }

            Match(within, number, edges);
            start = end;
        }

        Match(across, -1, edges);
        community = communityOf;
        (first, known) = Adjacency(counts.Count, edges);
        referenceCount = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4 * Neighbourhood, 24 * counts.Count));
        references = new(() =>
            [.. Enumerable.Range(0, referenceCount).Select(number => "p" + number.ToString("D7", CultureInfo.InvariantCulture))]);
    }

    /// <summary>The friends of a user who are users themselves, in the order of their numbers.</summary>
    public ReadOnlySpan<int> Known(int user) => known.AsSpan(first[user]..first[user + 1]);

    public int CommunityOf(int user) => community[user];

    /// <summary>All friends of a user: the known ones, then references until there are <paramref name="count"/>; none twice.</summary>
    public string[] Listed(int user, int count, Func<int, string> idOf)
    {
        var friends = new string[count];
        var filled = 0;
        foreach (var friend in Known(user)) friends[filled++] = idOf(friend);

        var random = new DemoRandom(seed, DemoStream.References, user);
        var neighbourhoods = new DemoRandom(seed, DemoStream.References, -1 - community[user]);
        var window = neighbourhoods.Below(referenceCount / Neighbourhood) * Neighbourhood;
        var near = (int)((count - filled) * WithinNeighbourhood);

        // An odd stride visits every number of a power of two once.
        var (at, stride) = (random.Below(Neighbourhood), (2 * random.Below(Neighbourhood / 2)) + 1);
        for (; near > 0; near--) friends[filled++] = references.Value[window + (at = (at + stride) & (Neighbourhood - 1))];
        (at, stride) = (random.Below(referenceCount), (2 * random.Below(referenceCount / 2)) + 1);
        while (filled < count)
        {
            at = (at + stride) & (referenceCount - 1);
            if (at < window || at >= window + Neighbourhood) friends[filled++] = references.Value[at];
        }

        return friends;
    }

    private static int KnownFriendsWanted(int count) => Math.Min(count, 4 + (int)(count * .055));

    // Sizes double with probability one half: few large communities, many small ones.
    private static int CommunitySize(ref DemoRandom random)
    {
        var size = SmallestCommunity + random.Below(SmallestCommunity);
        while (size < 1_000 && random.Chance(.5)) size *= 2;
        return size;
    }

    // The configuration model: everyone's open ends are shuffled and joined in pairs; loops and doubles fall away.
    private void Match(List<int> ends, long number, List<long> edges)
    {
        var shuffled = ends.ToArray();
        var random = new DemoRandom(seed, DemoStream.Matching, number);
        random.Shuffle(shuffled);
        for (var i = 0; i + 1 < shuffled.Length; i += 2)
        {
            var (a, b) = (Math.Min(shuffled[i], shuffled[i + 1]), Math.Max(shuffled[i], shuffled[i + 1]));
            if (a != b) edges.Add(((long)a << 32) | (uint)b);
        }
    }

    private static (int[] First, int[] Known) Adjacency(int users, List<long> edges)
    {
        edges.Sort();
        var begins = new int[users + 1];
        var distinct = 0;
        for (var i = 0; i < edges.Count; i++)
        {
            if (i > 0 && edges[i] == edges[i - 1]) continue;
            edges[distinct++] = edges[i];
            begins[(edges[i] >> 32) + 1]++;
            begins[(int)edges[i] + 1]++;
        }

        for (var user = 0; user < users; user++) begins[user + 1] += begins[user];
        var next = begins[..^1];
        var friendsOf = new int[2 * distinct];
        for (var i = 0; i < distinct; i++)
        {
            var (a, b) = ((int)(edges[i] >> 32), (int)edges[i]);
            friendsOf[next[a]++] = b;
            friendsOf[next[b]++] = a;
        }

        for (var user = 0; user < users; user++) Array.Sort(friendsOf, begins[user], begins[user + 1] - begins[user]);
        return (begins, friendsOf);
    }
}
