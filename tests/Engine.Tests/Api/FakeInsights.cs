using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

internal sealed class FakeInsights(FakeEngine engine) : IInsightsGrain
{
    /// <summary>A segment that cannot be asked for, as if none were published.</summary>
    public const int Unpublished = 99;

    private static readonly RateView Half = new(0.5, 1, 2, 0.1, 0.9);

    public Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken)
    {
        if (request.Segment == Unpublished) throw new InvalidRequestException("segment", "cannot be asked for: no segmentation is published yet") { Unknown = InvalidRequestException.Segmentation };
        engine.Audiences.Add(request);
        return Task.FromResult(new AudienceView(2, 3, request.AsOf ?? FakeEngine.AsOf, request.Segment is null ? 0 : 4,
            [new BreakdownView("gender", "as the profile says", 2, 0, [new ShareView("female", Half), new ShareView("male", Half)], 0)],
            [new NumberSummaryView("age", "2012 less the year of birth", 2, 22.5, 21, 22, 24)]) { Nobody = engine.Nobody });
    }

    public Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken)
    {
        engine.Funnels.Add(request);
        return Task.FromResult(new FunnelView(FakeEngine.AsOf, 0, request.By, [.. request.Steps.Select(step => new FunnelStepView(step, "took it"))],
            [new FunnelGroupView("", 2, [.. request.Steps.Select(_ => new FunnelReachedView(1, Half, Half))], 12_3400) { SpentToEnd = 5_6700 }]) { Overlaps = request.By == "platform", Nobody = engine.Nobody });
    }

    public Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        var best = new SendingTimeView(4, 18, 21, "interest", Half, new LiftView(0.1, 0.05, 0.15));
        return Task.FromResult(new WhenView(FakeEngine.AsOf, 3, 4, new ZonesView(1, 1, 1),
            [new GroupRhythmView("", "", 2, 48, [.. Enumerable.Repeat(2L, 24)], [.. Enumerable.Repeat(7L, 6), 6], [new SendWindowView(18, 21, Half, best.Lift, 0.01)], best) { BusiestHours = [9, 20], BusiestWeekdays = engine.BusiestWeekdays }],
            new DaysView("2012-10-01", [2, 40, 6], [new PeriodView("2012-W40", 48)], [new DayPeakView("2012-10-02", "2012-10-02", "2012-10-02", 40, 4, new EstimateView(10, 6, 15), 0.001, [new PeriodView("en_US", 30)])], [])) { Nobody = engine.Nobody, NoSegmentation = engine.NoSegmentation });
    }

    public Task<InfluencersView> GetInfluencers(AudienceRequest request, int count, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        return Task.FromResult(new InfluencersView(FakeEngine.AsOf, 3, 2, 4, 1, 0.1,
            [new InfluencersChoiceView("imm", new EstimateView(2, 1.9, 2.1), 0.53, [.. Enumerable.Range(0, count).Select(i => new InfluencerView($"u{i}", 2, 2, 2))]),
                .. engine.ReachOtherwise.Select(reach => new InfluencersChoiceView("degree", reach, 0, []))]) { Nobody = engine.Nobody });
    }

    public Task<PersonasView?> GetPersonas(CancellationToken cancellationToken) => Task.FromResult(engine.Segmentation is null ? null : new PersonasView(
        4, FakeEngine.AsOf, FakeEngine.AsOf, 3, 3, [new PersonaView(0, "Enthusiasts", 3, 2, Half, [new FeatureContrast("age", 30, 25, 1.2), new FeatureContrast("invited", 3, 2, 0.5)])], [new PersonaFlowView(null, "Enthusiasts", 3)],
        new DriftView([new FeatureDriftView("age", 0.31)], 0.02, 0.2, 0.2, true), new StabilityView(3, [1, 0.9], [0.8, 1])));

    public Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken)
    {
        if (request.WindowSeconds > TimeSpan.MaxValue.TotalSeconds) throw new InvalidRequestException("hours", "has to be more than nothing, and no more than a calendar holds");
        string[] steps = request.Steps.Length > 0 ? request.Steps : ["shown", "interested"];
        // Everything is known since that very instant: longer than a year nobody has had.
        var over = request.WindowSeconds > TimeSpan.FromDays(365).TotalSeconds ? new RateView(double.NaN, 0, 0, 0, 1) : Half;
        return Task.FromResult(new OrderedFunnelView(
            FakeEngine.AsOf, FakeEngine.AsOf, 5, 0, steps, request.WindowSeconds, 
            [new OrderedFunnelGroupView("", 2, [.. steps.Select(_ => new OrderedFunnelReachedView(1, over, over, 64, null))]) { Spent = 12_3400, SpentToEnd = 5_6700 }]) { Overlaps = request.By == "platform" });
    }

    public Task<QualityView> GetQuality(CancellationToken cancellationToken) => Task.FromResult(new QualityView(FakeEngine.AsOf, 4,
        [new FieldQualityView("birthyear", "a year of birth", 3, new RateView(0.25, 1, 4, 0.1, 0.6), [new Finding("a spike", 2, ["1905"])])], new() { ["shown"] = 7 }, []));

    public Task<StrategiesView> GetStrategies(CancellationToken cancellationToken) => Task.FromResult(new StrategiesView(3, 4, FakeEngine.AsOf,
        [new StrategyView("Early access", "First in.", "Enthusiasts", "Early answers.", "New things.", "The app.", "At once.", 3, 7, 10, 0.1, "yes")],
        [
            new StrategyMatchView("Early access", 0, "Silent Observers", 20, false, [new StrategyConditionView("resembles Enthusiasts by 0.70 at least", "-0.61", false)]),
            new StrategyMatchView("Early access", 1, "Enthusiasts", 10, true, [new StrategyConditionView("resembles Enthusiasts by 0.70 at least", "0.98", true)]),
        ]));

    public Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        return Task.FromResult(new InterestView(2, 2, request.AsOf ?? FakeEngine.AsOf, 4, Half, Half,
            [new GroupRatesView("locale", "of the profile", [new GroupRateView("id_ID", Half, 1, 0.4, 0.2, 0.6), new GroupRateView("\u001b[31m\nred", Half, 1, 0.3, 0.1, 0.5) { MayBeAsHigh = true }], "id_ID") { FirstIsAhead = false, LeftOut = 7 }]) { Nobody = engine.Nobody, NoSegmentation = engine.NoSegmentation });
    }

    public Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken)
    {
        engine.Audiences.Add(request);
        var none = new CorrelationView(double.NaN, 2, double.NaN, double.NaN);
        return Task.FromResult(new EffectsView
        {
            AsOf = request.AsOf ?? FakeEngine.AsOf, ModelVersion = 4, ShownTo = 3, Kept = 2, Users = 2, Showings = 4, Pages = 2, Since = FakeEngine.AsOf, Interested = Half, NotInterested = Half,
            Drivers = [new DriverView("were_invited", "whether they were", "yes against no", 1, new EffectView(0.2, 4, 0.1, 0.3, 0.01), new EffectView(double.NaN, 4, double.NaN, double.NaN, double.NaN), none, none, none,
                [new DriverBinView(double.NegativeInfinity, 1, Half, new EffectView(0, 4, -1, 1, double.NaN))], "It does.") { Label = "others who were invited" },
                new DriverView("hours_to_start", "hours from then to its start", "one standard deviation", 100, new EffectView(0.01, 4, -0.1, 0.1, 0.7), new EffectView(0.01, 4, -0.1, 0.1, 0.7), none, none, none,
                    [Band(double.NegativeInfinity, 0, 0.12, 0.01), Band(0, 24, -0.09, 0.02), Band(24, 72, 0.01, 0.5), Band(72, 168, double.NaN, double.NaN), Band(168, double.PositiveInfinity, 0.02, 0.5)], "It does, but not along a line.") { Label = "hours to the start" }],
            Matrix = [new CorrelationPairView("interested", "were_invited", none, double.NaN, none, double.NaN) { FirstLabel = "interested", SecondLabel = "others who were invited" }],
            Nobody = engine.Nobody,
        });
    }

    private static DriverBinView Band(double from, double to, double effect, double q) => new(from, to, Half, new EffectView(effect, 2, effect - 0.04, effect + 0.04, q)) { Adjusted = new EffectView(effect, 2, effect - 0.04, effect + 0.04, q) };
}
