namespace Auie.Silo.Demo;

/// <summary>
/// What is planted in a demo world and can be looked for in it. The generator draws from this record, so that it is true. How many of the
/// shown items a user answers follows from their kind alone; *which* ones is drawn without replacement, interested ones with odds
/// proportional to taste x time x distance x price of the item, items turned down with the inverse odds.
/// </summary>
public sealed record DemoTruth
{
    /// <summary>The kinds, by number.</summary>
    public IReadOnlyList<DemoKind> Kinds { get; init; } = DemoKind.All;

    /// <summary>The number of every user's kind.</summary>
    public required IReadOnlyList<int> KindOfUser { get; init; }

    public IReadOnlyList<string> Categories { get; init; } = ["music", "film", "food", "sport", "arts", "tech", "family", "travel"];

    /// <summary>For each kind, its taste for each category, as a factor of the odds of interest.</summary>
    public IReadOnlyList<IReadOnlyList<double>> Taste { get; init; } =
    [
        [1, 2, 1, 1, 1, 1, 1, 1],
        [1, 1, 1, .5, 3, .5, 3, 2],
        [3, 1, 3, 1, 1, .5, .5, 2],
        [.5, 2, 1, .5, 2, 2, .5, 1],
        [2, 2, 2, 2, 1, 1, 1, 1],
    ];

    /// <summary>Days from being shown to an event's start, upper ends; at 0 or less it has begun.</summary>
    public IReadOnlyList<double> LeadDays { get; init; } = [0, 1, 3, 7, 30];

    /// <summary>For each band of <see cref="LeadDays"/> the factor of the odds of interest. Products have none.</summary>
    public IReadOnlyList<double> LeadFactor { get; init; } = [2, 1, .6, .6, 2.5];

    /// <summary>Distance from the user's home to an event, upper ends in km; a further band is beyond the last.</summary>
    public IReadOnlyList<double> DistanceKm { get; init; } = [30, 500, 3_000];

    /// <summary>For each band of <see cref="DistanceKm"/> and beyond, the factor of the odds of interest. Products have none.</summary>
    public IReadOnlyList<double> DistanceFactor { get; init; } = [2, 1.2, .7, .4];

    /// <summary>A price of this many currency units halves the odds of interest and of buying: 1 / (1 + price / this).</summary>
    public double HalvingPrice { get; init; } = 40;

    /// <summary>The log-odds that an invited user who answers says yes, without friends who said so; of the rest half say maybe.</summary>
    public double YesLogOdds { get; init; } = -1;

    /// <summary>What each friend who said yes before adds to the log-odds of a yes, up to <see cref="MostInfluentialFriends"/>.</summary>
    public double FriendYesLogOdds { get; init; } = .8;

    public int MostInfluentialFriends { get; init; } = 3;

    /// <summary>The Mondays of weeks in which people are <see cref="PeakFactor"/> times as active as in others.</summary>
    public IReadOnlyList<DateOnly> PeakWeeks { get; init; } =
        [new(2012, 6, 18), new(2012, 8, 13), new(2012, 10, 29), new(2012, 11, 19), new(2012, 12, 17)];

    public double PeakFactor { get; init; } = 2.5;

    internal double TimeFactorOf(double leadDays) => LeadFactor[BandOf(LeadDays, leadDays, LeadFactor.Count)];

    internal double DistanceFactorOf(double km) => DistanceFactor[BandOf(DistanceKm, km, DistanceFactor.Count)];

    internal double PriceFactorOf(long price) => 1 / (1 + (price / (10_000 * HalvingPrice)));

    internal double YesProbability(int friends) =>
        PortableMath.Logistic(YesLogOdds + (FriendYesLogOdds * Math.Min(friends, MostInfluentialFriends)));

    private static int BandOf(IReadOnlyList<double> ends, double value, int bands)
    {
        for (var band = 0; band < ends.Count; band++)
            if (value <= ends[band])
                return band;
        return bands - 1;
    }
}
