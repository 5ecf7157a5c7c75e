using System.Globalization;
using Auie.Core.Statistics;

namespace Auie.Core.Insights;

/// <summary>Two columns' correlations over all showings, with q: p corrected for all pairs of an outcome with features, or for all other pairs.</summary>
public sealed record CorrelationPair(string First, string Second, Correlation Pearson, double PearsonQ, Correlation Spearman, double SpearmanQ)
{
    /// <summary>What the two are called before people.</summary>
    public string FirstLabel => FeatureLabels.Of(First);

    public string SecondLabel => FeatureLabels.Of(Second);
}

/// <summary>A part of a feature's curve.</summary>
/// <param name="Within">How much higher interest is here than in the rest of the same page.</param>
/// <param name="WithinQ">NaN where the feature is a yes or a no, whose curve is its effect once more.</param>
public sealed record DriverBin(double From, double To, Rate Rate, Effect Within, double WithinQ)
{
    /// <summary>The same after the other features are taken into account, and what is claimed by.</summary>
    public Effect Adjusted { get; init; } = Unadjusted;

    public double AdjustedQ { get; init; } = double.NaN;

    internal static Effect Unadjusted { get; } = new(double.NaN, 0, Interval.Unknown, double.NaN);
}

/// <summary>What a feature has to do with interest.</summary>
/// <param name="Unit">What the effects are of: "yes against no", or "one standard deviation", which is <paramref name="Step"/>.</param>
/// <param name="Raw">How much higher interest is, by one unit, over all showings.</param>
/// <param name="Within">The same among what was shown together; its q is corrected for the bins of all curves, too.</param>
/// <param name="OnPages">Pearson's correlation over showings that were not alone on their page.</param>
/// <param name="Meaning">What that says, in words.</param>
public sealed record Driver(
    string Feature, string Definition, string Unit, double Step, Correlation Pearson, Correlation Spearman, Correlation OnPages, Effect Raw, double RawQ, Effect Within, double WithinQ,
    DriverBin[] Curve, string Meaning)
{
    /// <summary>What the feature is called before people.</summary>
    public string Label => FeatureLabels.Of(Feature);

    /// <summary>Of Spearman's correlation, corrected together with the raw effects.</summary>
    public double SpearmanQ { get; init; } = double.NaN;

    /// <summary>How much higher interest is, by one unit, over all showings, after the other features are taken into account (<see cref="AdjustedEffects"/>): what is claimed by.</summary>
    public Effect AdjustedRaw { get; init; } = DriverBin.Unadjusted;

    public double AdjustedRawQ { get; init; } = double.NaN;

    /// <summary>The same among what was shown together; its q is corrected for the bins of all curves, too.</summary>
    public Effect AdjustedWithin { get; init; } = DriverBin.Unadjusted;

    public double AdjustedWithinQ { get; init; } = double.NaN;

    /// <summary>The part of the curve that stands out most from the rest of its pages, of those that do by more than chance; null where none does.</summary>
    internal DriverBin? OutstandingBin => Curve.Where(bin => bin.AdjustedQ <= FalseDiscoveries.Level).MaxBy(bin => Math.Abs(bin.Adjusted.Slope));
}

/// <summary>What drives interest in what is shown.</summary>
public sealed record InterestDrivers(
    int Showings, int Users, int Pages, DateTimeOffset AsOf, Rate Interested, Rate NotInterested, Driver[] Drivers, GroupRates[] Groups, CorrelationPair[] Matrix)
{
    /// <summary>The units of effects.</summary>
    public const string Flag = "yes against no", Deviations = "one standard deviation";

    private const int Bins = 8;

    /// <summary>By how much wider an interval has to be after the others are taken into account for nothing to be told any more.</summary>
    private const double Closely = 10;

    /// <summary>Where the bins of the time to an event's start end, in hours.</summary>
    public static readonly double[] HoursToStart = [0, 24, 72, 168, 720, double.PositiveInfinity];

    /// <summary>As <see cref="OfAsync"/>, on all cores.</summary>
    public static InterestDrivers Of(Showings showings, DateTimeOffset asOf) => OfAsync(showings, asOf, (count, step) =>
    {
        Parallel.For(0, count, step);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <param name="each">Takes a number of steps, side by side or not: where is the caller's affair.</param>
    /// <exception cref="ArgumentException">Nothing was shown.</exception>
    public static async Task<InterestDrivers> OfAsync(Showings showings, DateTimeOffset asOf, Func<int, Action<int>, Task> each)
    {
        if (showings.Count == 0) throw new ArgumentException("Nothing was shown to anybody.", nameof(showings));
        // Which group is ahead is told of all of these together.
        var ranked = Math.Max(1, showings.Categories.Count(category => category.Values.Where(value => value.Length > 0).Distinct().Skip(1).Any()));
        var (drivers, matrix) = (await DriversOf(showings, each), await MatrixOf(showings, each));
        return new InterestDrivers(
            showings.Count, showings.Users.Distinct().Count(), showings.Pages.Distinct().Count(), asOf, Rate.Of(showings.Interested, showings.Users),
            Rate.Of(showings.NotInterested, showings.Users), [.. drivers.OrderByDescending(Weight).ThenBy(driver => driver.Feature, StringComparer.Ordinal)],
            [.. showings.Categories.Select(category => Of(showings, category, ranked))], matrix);
    }

    /// <summary>What each feature has to do with interest, in the order of the features.</summary>
    /// <inheritdoc cref="OfAsync"/>
    public static async Task<Driver[]> DriversOf(Showings showings, Func<int, Action<int>, Task> each)
    {
        var drivers = new Driver[showings.Features.Length];
        var features = Array.ConvertAll(showings.Features, feature => (Values: Scaled(feature, out var step), Edges: feature.IsFlag ? null : feature.Edges?.Select(edge => edge / step).ToArray()));
        var marks = Array.ConvertAll(showings.Marks, mark => mark.Values);
        var adjusted = new AdjustedEffects[2];
        await each(2, i => adjusted[i] = AdjustedEffects.Of(features, marks, showings.Interested, i == 0 ? new int[showings.Count] : showings.Pages, showings.Users));
        await each(drivers.Length, i => drivers[i] = Adjusted(Of(showings, showings.Features[i]), i, adjusted[0], adjusted[1], showings.Features[i]));
        // Over all showings, too, lines and what rises and falls otherwise are tested together.
        var raw = FalseDiscoveries.Adjust([.. drivers.Select(driver => driver.Raw.P), .. drivers.Select(driver => driver.Spearman.P)]);
        // Lines and the bins of curves are tested together: either may be claimed.
        var within = FalseDiscoveries.Adjust([.. drivers.Select(driver => driver.Within.P), .. drivers.SelectMany(driver => driver.Curve).Select(bin => bin.WithinQ)]);
        // What is claimed is corrected by itself.
        var claims = FalseDiscoveries.Adjust([.. drivers.Select(driver => driver.AdjustedRaw.P)]);
        var claimsWithin = FalseDiscoveries.Adjust([.. drivers.Select(driver => driver.AdjustedWithin.P), .. drivers.SelectMany(driver => driver.Curve).Select(bin => bin.AdjustedQ)]);
        var next = drivers.Length;
        for (var i = 0; i < drivers.Length; i++)
        {
            drivers[i] = drivers[i] with { RawQ = raw[i], SpearmanQ = raw[drivers.Length + i], WithinQ = within[i], Curve = Array.ConvertAll(drivers[i].Curve, bin => bin with { WithinQ = within[next], AdjustedQ = claimsWithin[next++] }), AdjustedRawQ = claims[i], AdjustedWithinQ = claimsWithin[i] };
            drivers[i] = drivers[i] with { Meaning = Say(drivers[i]) };
        }

        return drivers;
    }

    /// <summary>First what matters among what was shown together, by how much; then what matters over all showings only.</summary>
    private static double Weight(Driver driver) =>
        driver.AdjustedWithinQ <= FalseDiscoveries.Level ? 1 + Math.Abs(driver.AdjustedWithin.Slope) : driver.OutstandingBin is { } bin ? 1 + Math.Abs(bin.Adjusted.Slope) : driver.AdjustedRawQ <= FalseDiscoveries.Level ? Math.Abs(driver.AdjustedRaw.Slope) : 0;

    private static Driver Adjusted(Driver driver, int number, AdjustedEffects over, AdjustedEffects within, ShownFeature feature)
    {
        var values = Scaled(feature, out _);
        var effects = within.Of(number, [values, .. driver.Curve.Select(bin => In(feature, bin.From, bin.To))]);
        return driver with
        {
            AdjustedRaw = over.Of(number, [values])[0],
            AdjustedWithin = effects[0],
            // Their p until all are corrected together.
            Curve = [.. driver.Curve.Select((bin, i) => bin with { Adjusted = effects[i + 1], AdjustedQ = feature.IsFlag ? double.NaN : effects[i + 1].P })],
        };
    }

    private static double[] In(ShownFeature feature, double from, double to) => [.. feature.Values.Select(value => double.IsNaN(value) ? value : value >= from && value < to ? 1 : 0)];

    private static double[] Scaled(ShownFeature feature, out double step)
    {
        var by = step = feature.IsFlag ? 1 : Deviation(feature.Values);
        return Array.ConvertAll(feature.Values, value => value / by);
    }

    private static Driver Of(Showings showings, ShownFeature feature)
    {
        var (users, pages, interested) = (showings.Users, showings.Pages, showings.Interested);
        var scaled = Scaled(feature, out var step);
        var sizes = pages.CountBy(page => page).ToDictionary();
        double[] together = [.. feature.Values.Select((value, i) => sizes[pages[i]] > 1 ? value : double.NaN)];
        var curve = feature.IsFlag || feature.Edges is not null
            ? BinnedCurve.Of(feature.Values, interested, users, feature.Edges ?? [1, double.PositiveInfinity])
            : BinnedCurve.OfEqualCounts(feature.Values, interested, users, Bins);
        return new Driver(
            feature.Name, feature.Definition, feature.IsFlag ? Flag : Deviations, step,
            Correlation.Pearson(feature.Values, interested, users), Correlation.Spearman(feature.Values, interested, users), Correlation.Pearson(together, interested, users),
            Effect.Raw(scaled, interested, users), double.NaN, Effect.Within(scaled, interested, pages, users), double.NaN,
            [.. curve.Where(bin => bin.Rate.N > 0).Select(OfBin)], "");

        DriverBin OfBin(CurveBin bin)
        {
            var within = Effect.Within(In(feature, bin.From, bin.To), interested, pages, users);
            // Its p until all are corrected together.
            return new DriverBin(bin.From, bin.To, bin.Rate, within, feature.IsFlag ? double.NaN : within.P);
        }
    }

    private static GroupRates Of(Showings showings, ShownCategory category, int ranked)
    {
        var groups = Enumerable.Range(0, showings.Count).Where(i => category.Values[i].Length > 0).GroupBy(i => category.Values[i])
            .Select(rows => (rows.Key, rows.Where(i => !double.IsNaN(showings.Interested[i])).GroupBy(i => showings.Users[i])
                .Aggregate(new InterestTally(), (sum, user) => sum + InterestTally.Of(user.Count(), user.Count(i => showings.Interested[i] > 0), 0)))).ToArray();
        return GroupRates.Of(category.Name, category.Definition, groups, showings.Interested.Count(interested => !double.IsNaN(interested)), together: ranked);
    }

    /// <summary>What goes together: most of the work, since every column is held against every other.</summary>
    /// <param name="of">An outcome, of which alone the pairs with features are told; null for all pairs. What they are corrected by is the same.</param>
    /// <inheritdoc cref="OfAsync"/>
    public static async Task<CorrelationPair[]> MatrixOf(Showings showings, Func<int, Action<int>, Task> each, string? of = null)
    {
        (string Name, double[] Values)[] columns =
            [("interested", showings.Interested), ("not_interested", showings.NotInterested), .. showings.Outcomes.Concat(showings.Features).Select(column => (column.Name, column.Values))];
        var ordered = new OrderedColumn[columns.Length];
        await each(columns.Length, i => ordered[i] = new OrderedColumn(columns[i].Values));
        var outcomes = columns.Length - showings.Features.Length;
        var pairs = (from i in Enumerable.Range(0, columns.Length) from j in Enumerable.Range(0, i) where of is null || (columns[j].Name == of && i >= outcomes) select (First: j, Second: i)).ToArray();
        var (pearson, spearman) = (new Correlation[pairs.Length], new Correlation[pairs.Length]);
        await each(pairs.Length, i =>
        {
            var (first, second) = (ordered[pairs[i].First], ordered[pairs[i].Second]);
            (pearson[i], spearman[i]) = (Correlation.Pearson(first.Values, second.Values, showings.Users), Correlation.Spearman(first, second, showings.Users));
        });
        // Of each outcome its pairs with features are corrected by themselves: features that go together, of which there are always many, must not make chance look like what drives an outcome.
        var q = new (double Pearson, double Spearman)[pairs.Length];
        foreach (var family in Enumerable.Range(0, pairs.Length).GroupBy(i => pairs[i].First < outcomes && pairs[i].Second >= outcomes ? pairs[i].First : -1))
        {
            int[] ofOne = [.. family];
            var adjusted = FalseDiscoveries.Adjust([.. ofOne.Select(i => pearson[i].P), .. ofOne.Select(i => spearman[i].P)]);
            for (var i = 0; i < ofOne.Length; i++) q[ofOne[i]] = (adjusted[i], adjusted[ofOne.Length + i]);
        }

        return [.. pairs.Select((pair, i) => new CorrelationPair(columns[pair.First].Name, columns[pair.Second].Name, pearson[i], q[i].Pearson, spearman[i], q[i].Spearman))];
    }

    private static string Say(Driver driver)
    {
        var name = $"'{driver.Label}'";
        if (double.IsNaN(driver.Raw.Slope)) return $"{name} is the same wherever it is known, and tells nothing.";
        var raw = driver.AdjustedRawQ <= FalseDiscoveries.Level;
        var alone = driver.RawQ <= FalseDiscoveries.Level || driver.SpearmanQ <= FalseDiscoveries.Level;
        var unit = driver.Unit == Flag ? $"{name}: yes against no" : $"{name} by {Number(driver.Step)} (one standard deviation) more";
        var over = raw
            ? $"Over all showings, {unit} comes with {InPoints(driver.AdjustedRaw)} of interest after the others are taken into account."
            : alone
                ? $"Over all showings, what {name} has to do with interest ({(driver.RawQ <= FalseDiscoveries.Level ? InPoints(driver.Raw) : $"Spearman's correlation {WithInterval(driver.Spearman)}")} by itself) goes with the others, or could be chance."
                : $"Over all showings, {name} has nothing to do with interest that could not be chance.";
        if (double.IsNaN(driver.Within.Slope))
        {
            if (driver.OnPages.N == 0) return $"{over} Nothing of which it is known was shown together with anything else, so nothing can be told of a choice.";
            var same = $"{over} It is the same for all that was shown together, so it cannot decide which of that is of interest";
            return double.IsNaN(driver.OnPages.R)
                ? $"{same}."
                : $"{same}; over showings that were not alone on their page Pearson's correlation is {WithInterval(driver.OnPages)}, over all {WithInterval(driver.Pearson)}."
                    + (raw && Math.Abs(driver.OnPages.R) < Math.Abs(driver.Pearson.R) / 2 ? " What there is over all comes with what was shown alone, not with a choice between things." : "");
        }

        if (!(driver.AdjustedWithinQ <= FalseDiscoveries.Level) && driver.OutstandingBin is { } bin)
            return $"{over} Among what was shown together it does, but not along a line: at “{CurveBand.Name(driver, bin)}” interest is {InPoints(bin.Adjusted)} from the rest of the page after the others are taken into account.";
        if (!(driver.AdjustedWithinQ <= FalseDiscoveries.Level))
        {
            // What the others tell wholly has nothing of its own, however much it has by itself.
            if (double.IsNaN(driver.AdjustedWithin.Slope))
                return $"{over} Among what was shown together, what it has by itself ({InPoints(driver.Within)}) is all told by the others.";
            if (Width(driver.AdjustedWithin) > Closely * Width(driver.Within))
                return $"{over} Among what was shown together it goes with the others so closely that what it has of its own cannot be told ({InPoints(driver.AdjustedWithin)}).";
            return driver.WithinQ <= FalseDiscoveries.Level
                ? $"{over} Among what was shown together, what it has by itself ({InPoints(driver.Within)}) goes with the others, or could be chance: after them it is {InPoints(driver.AdjustedWithin)}."
                : $"{over} Among what was shown together {(raw ? "that is gone, or too small to be told from chance" : "neither")} ({InPoints(driver.AdjustedWithin)}).";
        }

        return Math.Sign(driver.AdjustedWithin.Slope) == Math.Sign(driver.AdjustedRaw.Slope) || !raw
            ? $"{over} Among what was shown together it does, after the others are taken into account: {InPoints(driver.AdjustedWithin)}."
            : $"{over} Among what was shown together it is the other way round, after the others are taken into account: {InPoints(driver.AdjustedWithin)}.";
    }

    private static double Width(Effect effect) => effect.Interval.High - effect.Interval.Low;

    private static string WithInterval(Correlation correlation) => Signed(correlation.R) + Bracketed(correlation.Interval, Signed);

    private static string InPoints(Effect effect)
    {
        var digits = Points.DigitsOf(effect.Interval);
        return $"{Points.Of(effect.Slope, digits)} points{Bracketed(effect.Interval, value => Points.Of(value, digits))}";
    }

    private static string Bracketed(Interval interval, Func<double, string> text) => double.IsNaN(interval.Low) ? "" : $" [{text(interval.Low)}, {text(interval.High)}]";

    private static string Signed(double value) => value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString(value >= 100 ? "N0" : "G3", CultureInfo.InvariantCulture);

    private static double Deviation(double[] values)
    {
        double[] known = [.. values.Where(value => !double.IsNaN(value))];
        if (known.Length == 0) return 1;
        var mean = known.Average();
        var deviation = Math.Sqrt(known.Average(value => (value - mean) * (value - mean)));
        return deviation > 0 ? deviation : 1;
    }
}
