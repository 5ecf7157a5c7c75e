namespace Auie.Silo.Demo;

/// <summary>
/// A planted kind of user: how many are of it, and the densities that what is seen of them is drawn from. The kinds overlap. Sizes and
/// means follow the Event Recommendation Engine Challenge (2013).
/// </summary>
/// <param name="Share">The part of all users that is of this kind.</param>
/// <param name="MeanAge">In 2012, in years. The age is <see cref="YoungestAge"/> plus a gamma variate.</param>
/// <param name="AgeShape">The shape of the gamma variate.</param>
/// <param name="MedianFriends">Of a log-normal distribution, cut at <see cref="MostFriends"/>.</param>
/// <param name="FriendsSigma">The deviation of the logarithm of the number of friends.</param>
/// <param name="Interested">The mean share of shown items that a user of this kind is interested in.</param>
/// <param name="NotInterested">The mean share of shown items that a user of this kind turns down.</param>
/// <param name="Concentration">
/// How alike users of the kind answer: a user's own shares are Dirichlet with these means and this sum, so that the counts of answers are
/// Dirichlet-multinomial.
/// </param>
/// <param name="Views">
/// How often a user of the kind looks at a shown item on average, and twice as often at one that interests them. Users differ widely.
/// </param>
public sealed record DemoKind(
    string Name,
    double Share,
    double MeanAge,
    double AgeShape,
    double MedianFriends,
    double FriendsSigma,
    double Interested,
    double NotInterested,
    double Concentration,
    double Views)
{
    public const int YoungestAge = 13;
    public const int MostFriends = 5_000;
    public const string Traditionalists = "Traditionalists";

    /// <summary>The kinds, in the order of their numbers.</summary>
    public static IReadOnlyList<DemoKind> All { get; } =
    [
        new("Silent Observers", .5635, 21.7, 3.0, 700, .45, .09, .016, 19, .65),
        new(Traditionalists, .0455, 50.8, 14.0, 690, .46, .20, .016, 16, .85),
        new("Social Butterflies", .12, 19.8, 3.0, 3_130, .18, .20, .016, 18, 1.5),
        new("Detached Critics", .03, 29.0, 4.5, 970, .42, .06, .60, 14, 1),
        new("Enthusiasts", .241, 21.3, 3.0, 830, .44, .75, .012, 15, 1.45),
    ];
}
