namespace Auie.Abstractions;

/// <summary>How far two columns rise together, from -1 to 1, in how many showings, with an interval in which the truth lies in 95 of 100 cases. NaN where a column has but one value; the interval also where no deviation can be told, as of what lies on a line without a rest.</summary>
[GenerateSerializer, Immutable, Alias("auie.correlation-view")]
public sealed record CorrelationView([property: Id(0)] double R, [property: Id(1)] long N, [property: Id(2)] double Low, [property: Id(3)] double High);

/// <summary>How much higher interest is, as a difference of rates, in how many showings. NaN where the feature does not vary; the interval and q also where no deviation can be told, as of an outcome that is always the same.</summary>
/// <param name="Q">How often so large an effect would come by chance, corrected for all that is tested beside it; NaN where there was no test.</param>
[GenerateSerializer, Immutable, Alias("auie.effect-view")]
public sealed record EffectView([property: Id(0)] double Value, [property: Id(1)] long N, [property: Id(2)] double Low, [property: Id(3)] double High, [property: Id(4)] double Q);

/// <summary>A part of a feature's curve, from a value up to, not including, another; from an infinite one, which JSON has as null, it has no bound.</summary>
/// <param name="Within">How much higher interest is here than in the rest of the same page.</param>
[GenerateSerializer, Immutable, Alias("auie.driver-bin-view")]
public sealed record DriverBinView([property: Id(0)] double From, [property: Id(1)] double To, [property: Id(2)] RateView Rate, [property: Id(3)] EffectView Within)
{
    /// <summary>The same after the other features are taken into account: what is claimed by.</summary>
    [Id(4)] public EffectView Adjusted { get; init; } = new(double.NaN, 0, double.NaN, double.NaN, double.NaN);
}

/// <summary>What a feature of a showing has to do with interest.</summary>
/// <param name="Unit">What the effects are of: "yes against no", or "one standard deviation", which is <paramref name="Step"/>.</param>
/// <param name="Raw">How much higher interest is, by one unit, over all showings.</param>
/// <param name="Within">The same among what was shown together.</param>
/// <param name="OnPages">Pearson's correlation over showings that were not alone on their page.</param>
/// <param name="Meaning">What that says, in words.</param>
[GenerateSerializer, Immutable, Alias("auie.driver-view")]
public sealed record DriverView(
    [property: Id(0)] string Feature, [property: Id(1)] string Definition, [property: Id(2)] string Unit, [property: Id(3)] double Step, [property: Id(4)] EffectView Raw,
    [property: Id(5)] EffectView Within, [property: Id(6)] CorrelationView Pearson, [property: Id(7)] CorrelationView Spearman, [property: Id(8)] CorrelationView OnPages,
    [property: Id(9)] DriverBinView[] Curve, [property: Id(10)] string Meaning)
{
    /// <summary>How much higher interest is, by one unit, over all showings, after the other features are taken into account, in one regression on all at once: what is claimed by. NaN where the others tell all of it.</summary>
    [Id(11)] public EffectView AdjustedRaw { get; init; } = new(double.NaN, 0, double.NaN, double.NaN, double.NaN);

    /// <summary>The same among what was shown together.</summary>
    [Id(12)] public EffectView AdjustedWithin { get; init; } = new(double.NaN, 0, double.NaN, double.NaN, double.NaN);

    /// <summary>What the feature is called before people.</summary>
    [Id(13)] public string Label { get; init; } = "";
}

/// <summary>Two columns' correlations, with q: how often so strong a one would come by chance, corrected for all pairs of the matrix and both kinds.</summary>
[GenerateSerializer, Immutable, Alias("auie.correlation-pair-view")]
public sealed record CorrelationPairView(
    [property: Id(0)] string First, [property: Id(1)] string Second, [property: Id(2)] CorrelationView Pearson, [property: Id(3)] double PearsonQ, [property: Id(4)] CorrelationView Spearman,
    [property: Id(5)] double SpearmanQ)
{
    /// <summary>What the two are called before people.</summary>
    [Id(6)] public string FirstLabel { get; init; } = "";

    [Id(7)] public string SecondLabel { get; init; } = "";
}

/// <summary>
/// What drives interest: effects of features, over all and among what was shown together, and how features and outcomes are correlated. Of those showings that the journal still has, of users in
/// the order of their ids' hashes, until there are enough; the same journal gives the same. Users are taken as independent.
/// </summary>
[GenerateSerializer, Immutable, Alias("auie.effects-view")]
public sealed record EffectsView
{
    [Id(0)] public required DateTimeOffset AsOf { get; init; }
    [Id(1)] public required long ModelVersion { get; init; }

    /// <summary>To how many of whom the request is about something was ever shown.</summary>
    [Id(2)] public required long ShownTo { get; init; }

    /// <summary>Of how many of them the journal still tells something; among these it is drawn.</summary>
    [Id(3)] public required long Kept { get; init; }

    /// <summary>How many were drawn and had been shown something there.</summary>
    [Id(4)] public required long Users { get; init; }
    [Id(5)] public required long Showings { get; init; }

    /// <summary>A page is what was shown to one user at one instant.</summary>
    [Id(6)] public required long Pages { get; init; }

    /// <summary>The first of the showings; null where there is none.</summary>
    [Id(7)] public required DateTimeOffset? Since { get; init; }
    [Id(8)] public required RateView Interested { get; init; }
    [Id(9)] public required RateView NotInterested { get; init; }

    /// <summary>What matters most first.</summary>
    [Id(10)] public required DriverView[] Drivers { get; init; }
    [Id(11)] public required CorrelationPairView[] Matrix { get; init; }

    /// <summary>Where nobody is meant, that in words, with what nobody matches; null where somebody is.</summary>
    [Id(12)] public string? Nobody { get; init; }
}

/// <summary>To whom of a shard something was shown, how many of them its journal tells of, and some of these in the order of their ids' hashes.</summary>
[GenerateSerializer, Immutable, Alias("auie.shown-to-part")]
public sealed record ShownToPart([property: Id(0)] long ShownTo, [property: Id(1)] long Kept, [property: Id(2)] string[] Users)
{
    /// <summary>In which segment of the version that was asked for each of these is; -1 for none.</summary>
    [Id(3)] public int[] Segments { get; init; } = [];
}
