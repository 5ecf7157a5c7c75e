namespace Auie.Core.Insights;

/// <summary>How often somebody is met who goes from friend to friend at random and begins anew with a chance of .15 at each step (Brin and Page, WWW 1998).</summary>
public static class PageRank
{
    private const double Damping = 0.85, Close = 1e-10;
    private const int MostRounds = 200;

    /// <summary>For each person; they sum to 1. Who has no friends goes on to anybody.</summary>
    public static double[] Of(FriendGraph graph)
    {
        var n = graph.People;
        if (n == 0) return [];
        var (ranks, next, shares) = (new double[n], new double[n], new double[n]);
        Array.Fill(ranks, 1.0 / n);
        for (var round = 0; round < MostRounds; round++)
        {
            var lost = 0.0;
            for (var person = 0; person < n; person++)
            {
                var friends = graph.Friends(person);
                if (friends == 0) lost += ranks[person];
                shares[person] = friends == 0 ? 0 : ranks[person] / friends;
            }

            // Each sums what its own friends give, in their order: the same bits on any number of threads.
            Parallel.For(0, n, person =>
            {
                var sum = 0.0;
                foreach (var friend in graph.FriendsOf(person)) sum += shares[friend];
                next[person] = ((1 - Damping) / n) + (Damping * (sum + (lost / n)));
            });
            var moved = 0.0;
            for (var person = 0; person < n; person++) moved += Math.Abs(next[person] - ranks[person]);
            (ranks, next) = (next, ranks);
            if (moved < Close) break;
        }

        return ranks;
    }
}
