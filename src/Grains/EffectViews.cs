using Auie.Abstractions;
using Auie.Core.Insights;
using Auie.Core.Statistics;

namespace Auie.Grains;

/// <summary>What drives interest, as messages.</summary>
internal static class EffectViews
{
    public static EffectsView Of(InterestDrivers drivers, long modelVersion, long shownTo, long kept, DateTimeOffset since) => new()
    {
        AsOf = drivers.AsOf,
        ModelVersion = modelVersion,
        ShownTo = shownTo,
        Kept = kept,
        Users = drivers.Users,
        Showings = drivers.Showings,
        Pages = drivers.Pages,
        Since = since,
        Interested = Rhythms.Rate(drivers.Interested),
        NotInterested = Rhythms.Rate(drivers.NotInterested),
        Drivers = Array.ConvertAll(drivers.Drivers, View),
        Matrix = Array.ConvertAll(drivers.Matrix, pair => new CorrelationPairView(pair.First, pair.Second, View(pair.Pearson), pair.PearsonQ, View(pair.Spearman), pair.SpearmanQ) { FirstLabel = pair.FirstLabel, SecondLabel = pair.SecondLabel }),
    };

    public static EffectsView OfNothing(DateTimeOffset asOf, long modelVersion, long shownTo, long kept)
    {
        var none = Rhythms.Rate(Rate.Of(0, 0));
        return new EffectsView
        {
            AsOf = asOf, ModelVersion = modelVersion, ShownTo = shownTo, Kept = kept, Users = 0, Showings = 0, Pages = 0, Since = null, Interested = none, NotInterested = none, Drivers = [], Matrix = [],
        };
    }

    private static DriverView View(Driver driver) => new(
        driver.Feature, driver.Definition, driver.Unit, driver.Step, View(driver.Raw, driver.RawQ), View(driver.Within, driver.WithinQ), View(driver.Pearson), View(driver.Spearman), View(driver.OnPages),
        Array.ConvertAll(driver.Curve, bin => new DriverBinView(bin.From, bin.To, Rhythms.Rate(bin.Rate), View(bin.Within, bin.WithinQ)) { Adjusted = View(bin.Adjusted, bin.AdjustedQ) }), driver.Meaning)
    {
        AdjustedRaw = View(driver.AdjustedRaw, driver.AdjustedRawQ),
        AdjustedWithin = View(driver.AdjustedWithin, driver.AdjustedWithinQ),
        Label = driver.Label,
    };

    private static EffectView View(Effect effect, double q) => new(effect.Slope, effect.N, effect.Interval.Low, effect.Interval.High, q);

    private static CorrelationView View(Correlation one) => new(one.R, one.N, one.Interval.Low, one.Interval.High);
}
