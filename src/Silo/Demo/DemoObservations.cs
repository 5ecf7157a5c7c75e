namespace Auie.Silo.Demo;

/// <summary>
/// What a recommender gets to see of a user, and nothing else; the counts that the user's events add up to.
/// </summary>
/// <param name="BirthYear">1900 to 1999; null where it is missing or not a year.</param>
/// <param name="Friends">How many friends are listed.</param>
/// <param name="Shown">How many items were shown.</param>
/// <param name="Interested">How many of them the user is interested in.</param>
/// <param name="NotInterested">How many of them the user turned down.</param>
public readonly record struct DemoObservation(int? BirthYear, int Friends, int Shown, int Interested, int NotInterested);

/// <summary>Draws kinds and what is observed of them, and knows the densities that it draws from.</summary>
internal sealed class DemoObservations
{
    public const int FirstYear = 1900;
    public const int Years = 100;
    private const int Present = 2012;
    private const int FewestShown = 24;
    private const int MostShown = 100;
    private const double MeanShown = 34;

    /// <summary>The share of users whose birth year is missing or not a year.</summary>
    public const double NoBirthYear = .039;

    /// <summary>
    /// Birth years that people give for a joke, whatever their kind, each with its share of users: the two oldest half as often as in the
    /// real data, so that in a small world, too, those who give them are too few to be a cluster of their own.
    /// </summary>
    public static readonly (int Year, double Share)[] JokeYears = [(1905, .0006), (1910, .0005), (1945, .0016)];

    private readonly DemoOptions options;
    private readonly DiscreteDistribution kinds;
    private readonly DiscreteDistribution[] births;
    private readonly DiscreteDistribution[] friends;
    private readonly double[][][] logRising;
    private readonly (int Year, double Share)[] jokes;

    public DemoObservations(DemoOptions options)
    {
        this.options = options;
        jokes = options.Without == DemoKind.Traditionalists ? [] : JokeYears;
        kinds = new(DemoKind.All.Select(kind => kind.Name == options.Without ? 0 : kind.Share));
        births = [.. DemoKind.All.Select(BirthYears)];
        friends = [.. DemoKind.All.Select(Friends)];
        logRising = [.. DemoKind.All.Select(kind => AnswerWeights(kind).Select(LogRisingFactorials).ToArray())];
    }

    public int KindOf(int user)
    {
        var random = new DemoRandom(options.Seed, DemoStream.Kind, user);
        return kinds.Draw(ref random);
    }

    public DemoObservation Of(int user)
    {
        var kind = KindOf(user);
        var (shown, interested, notInterested) = Answers(user, kind);
        return new(BirthYear(user, kind), FriendsOf(user, kind), shown, interested, notInterested);
    }

    public int FriendsOf(int user, int kind)
    {
        var random = new DemoRandom(options.Seed, DemoStream.Friends, user);
        return 1 + friends[kind].Draw(ref random);
    }

    /// <summary>The kind that is likeliest given what is observed, by Bayes' rule over the planted densities.</summary>
    public int LikeliestKind(in DemoObservation observed)
    {
        var best = -1;
        var highest = double.NegativeInfinity;
        for (var kind = 0; kind < DemoKind.All.Count; kind++)
        {
            var likelihood = LogJoint(kind, observed);
            if (likelihood <= highest) continue;
            highest = likelihood;
            best = kind;
        }

        return best;
    }

    // Leaves out what all kinds share: the number shown, the multinomial coefficient, the chance of a missing birth year.
    private double LogJoint(int kind, in DemoObservation observed)
    {
        var prior = kinds.Probability(kind);
        if (prior == 0) return double.NegativeInfinity;
        var rising = logRising[kind];
        var unanswered = observed.Shown - observed.Interested - observed.NotInterested;
        var answers = rising[0][observed.Interested] + rising[1][observed.NotInterested] + rising[2][unanswered]
            - rising[3][observed.Shown];
        var birth = observed.BirthYear is { } year ? BirthYearProbability(kind, year) : 1;
        return SafeLog(prior) + SafeLog(birth) + SafeLog(friends[kind].Probability(observed.Friends - 1)) + answers;
    }

    private double BirthYearProbability(int kind, int year)
    {
        double joking = 0, thisYear = 0;
        foreach (var (joke, share) in jokes)
        {
            joking += share;
            if (joke == year) thisYear = share;
        }

        return thisYear + ((1 - NoBirthYear - joking) * births[kind].Probability(year - FirstYear));
    }

    private int? BirthYear(int user, int kind)
    {
        var random = new DemoRandom(options.Seed, DemoStream.BirthYear, user);
        var year = FirstYear + births[kind].Draw(ref random);
        var gap = random.NextDouble() - NoBirthYear;
        if (gap < 0) return null;
        foreach (var (joke, share) in jokes)
        {
            gap -= share;
            if (gap < 0) return joke;
        }

        return year;
    }

    // Pólya's urn: drawing and putting back with one more of the same gives Dirichlet-multinomial counts from uniform draws alone.
    private (int Shown, int Interested, int NotInterested) Answers(int user, int kind)
    {
        var random = new DemoRandom(options.Seed, DemoStream.Answers, user);
        var shown = Math.Min(MostShown, FewestShown + (int)(random.NextExponential() * (MeanShown - FewestShown + .5)));
        var weights = AnswerWeights(DemoKind.All[kind]);
        int interested = 0, notInterested = 0;
        for (var drawn = 0; drawn < shown; drawn++)
        {
            var target = random.NextDouble() * (weights[3] + drawn);
            if (target < weights[0] + interested) interested++;
            else if (target < weights[0] + interested + weights[1] + notInterested) notInterested++;
        }

        return (shown, interested, notInterested);
    }

    /// <summary>The Dirichlet weights of interested, not interested and unanswered, and their sum.</summary>
    private static double[] AnswerWeights(DemoKind kind) =>
    [
        kind.Interested * kind.Concentration,
        kind.NotInterested * kind.Concentration,
        (1 - kind.Interested - kind.NotInterested) * kind.Concentration,
        kind.Concentration,
    ];

    // log a(a+1)...(a+n-1) for n up to the most shown.
    private static double[] LogRisingFactorials(double start)
    {
        var logs = new double[MostShown + 1];
        for (var n = 0; n < MostShown; n++) logs[n + 1] = logs[n] + PortableMath.Log(start + n);
        return logs;
    }

    private static DiscreteDistribution BirthYears(DemoKind kind)
    {
        var scale = (kind.MeanAge - DemoKind.YoungestAge) / kind.AgeShape;
        return new(Enumerable.Range(FirstYear, Years).Select(year =>
        {
            double over = Present - year - DemoKind.YoungestAge;
            return over <= 0 ? 0 : PortableMath.Exp(((kind.AgeShape - 1) * PortableMath.Log(over)) - (over / scale));
        }));
    }

    private static DiscreteDistribution Friends(DemoKind kind) => new(Enumerable.Range(1, DemoKind.MostFriends).Select(count =>
    {
        var deviations = (PortableMath.Log(count) - PortableMath.Log(kind.MedianFriends)) / kind.FriendsSigma;
        return PortableMath.Exp(-.5 * deviations * deviations) / count;
    }));

    private static double SafeLog(double probability) => probability < 1e-300 ? -700 : PortableMath.Log(probability);
}
