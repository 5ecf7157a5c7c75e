using Auie.Core.Campaigns;
using Auie.Core.Features;
using Auie.Core.Segments;
using Auie.Core.Strategies;
using Auie.Core.Tests.Segments;

namespace Auie.Core.Tests.Strategies;

public sealed class StrategyLibraryTests
{
    private const string Good = """
        { "version": 3, "strategies": [ { "name": "A", "summary": "s", "archetype": "Enthusiasts", "fewest": 10, "goal": "g", "offer": "o", "channel": "c", "timing": "t",
          "frequency": { "most": 1, "days": 7 }, "influencers": 0, "holdout": 0.1, "measure": "yes", "bounds": { "interested": { "minimum": 0.5 } } } ] }
        """;

    [Fact]
    public void The_built_in_library_has_a_strategy_for_each_archetype() =>
        StrategyLibrary.BuiltIn.All.Select(strategy => strategy.Archetype).ShouldBe(Archetypes.BuiltIn.All.Select(archetype => archetype.Name), ignoreOrder: true);

    [Fact]
    public void Each_persona_is_given_its_own_strategy_and_no_other()
    {
        (string Persona, string Strategy, double[] Deviations)[] kinds =
        [
            ("Silent Observers", "Reactivation", [0.1, -0.4, -0.6, -0.2]), ("Traditionalists", "Nostalgia", [-3, -0.3, -0.2, -0.1]), ("Social Butterflies", "Group invitations", [0.2, 2, -0.2, -0.2]),
            ("Detached Critics", "Few and better", [-0.6, 0, -0.6, 5]), ("Enthusiasts", "Early access", [0, -0.2, 1.6, -0.2]),
        ];
        var features = FeatureSet.OfTable("t", ["birthyear", "friends_count", "interested", "not_interested"]);
        var named = new SegmentNaming(Archetypes.BuiltIn).Name(features,
            [.. kinds.Select(kind => new ClusterProfile(1_000, [kind.Persona == "Traditionalists" ? 1959 : 1990, 900, .3, .1], [.. kind.Deviations]))], withheld: false, earlier: null);
        var model = Model(features, named);

        var fits = StrategyLibrary.BuiltIn.Match(model, Archetypes.BuiltIn).Where(match => match.Fits).ToArray();
        fits.Select(match => (model.Segments[match.Segment].Persona, match.Strategy.Name)).ShouldBe(kinds.Select(kind => (kind.Persona, kind.Strategy)));
    }

    [Fact]
    public void The_words_of_a_strategy_stand_beside_rules_that_plans_follow()
    {
        var rules = StrategyLibrary.BuiltIn.All.ToDictionary(strategy => strategy.Name, strategy => (strategy.Channels.InWords, strategy.Times.InWords));
        rules["Nostalgia"].ShouldBe(("email", "the segment's best hours, from 9:00 to 18:00 only, on their best weekday"));
        rules["Early access"].ShouldBe(("the first of mobile, web, email that each uses", "the best hours of each member's locale, on the first day that there is"));
        rules["Few and better"].ShouldBe(("whichever of web, email each uses most, else email", "the hours in which each member is there most, on their best weekday"));
        StrategyLibrary.Parse("own.json", Good).All[0].ShouldSatisfyAllConditions(one => one.Channels.ShouldBe(ChannelRule.Usual), one => one.Times.ShouldBe(new TimingRule()));
    }

    [Fact]
    public void What_is_sent_decides_by_which_outcome_it_is_judged()
    {
        var early = StrategyLibrary.BuiltIn.All.Single(strategy => strategy.Name == "Early access");
        (early.Items.Kind, CampaignMeasures.Of(early.Measure)).ShouldBe((null, CampaignMeasure.TakenUp));
        (CampaignMeasure.TakenUp.For("event"), CampaignMeasure.TakenUp.For("product"), CampaignMeasure.TakenUp.For(null)).ShouldBe((CampaignMeasure.Yes, CampaignMeasure.Purchased, CampaignMeasure.TakenUp));
        (CampaignMeasure.Yes.For("product"), CampaignMeasure.Purchased.For("event"), CampaignMeasure.Interested.For("product")).ShouldBe((CampaignMeasure.Purchased, CampaignMeasure.Yes, CampaignMeasure.Interested));
        foreach (var strategy in StrategyLibrary.BuiltIn.All) CampaignMeasures.Of(strategy.Measure).For(strategy.Items.Kind).Name().ShouldBe(strategy.Measure);
    }

    [Fact]
    public void A_segment_that_is_too_small_or_out_of_range_is_not_matched_and_is_told_why()
    {
        var features = FeatureSet.OfTable("t", ["friends_count", "interested"]);
        var named = new SegmentNaming(Archetypes.BuiltIn).Name(features, [new ClusterProfile(9, [900, .4], [0, 2])], withheld: false, earlier: null);
        var match = StrategyLibrary.Parse("own.json", Good).Match(Model(features, named), Archetypes.BuiltIn).ShouldHaveSingleItem();

        match.Fits.ShouldBeFalse();
        match.Conditions.Select(condition => (condition.Says, condition.Found, condition.Holds)).ShouldBe(
        [
            ("resembles Enthusiasts by 0.70 at least", "0.99", true), ("has 10 members at least", "9", false), ("has a mean interested from 0.5", "0.4", false),
        ]);
    }

    [Theory]
    [InlineData("\"fewest\": 10", "\"fewest\": 1.5", "strategy 'A', fewest", "has to be a whole number, not 1.5")]
    [InlineData("\"holdout\": 0.1", "\"holdout\": 0.9", "strategy 'A', holdout", "from 0 to 0.5")]
    [InlineData("\"measure\": \"yes\"", "\"measure\": \"likes\"", "strategy 'A', measure", "not likes")]
    [InlineData("\"days\": 7", "\"weeks\": 1", "strategy 'A', frequency, weeks", "fields are most, days")]
    [InlineData("\"offer\": \"o\"", "\"offer\": \"o\", \"items\": { \"first\": \"any\" }", "strategy 'A', items, first", "best, wanted or new, not any")]
    [InlineData("\"offer\": \"o\"", "\"offer\": \"o\", \"items\": { \"tag\": \"x\" }", "strategy 'A', items, tag", "fields are kind, category")]
    [InlineData("\"offer\": \"o\"", "\"offer\": \"o\", \"items\": { \"familiar\": 1 }", "strategy 'A', items, familiar", "true or false, not 1")]
    [InlineData("\"offer\": \"o\"", "\"offer\": \"o\", \"items\": { \"startsFromDays\": 3 }", "strategy 'A', items, startsFromDays", "has to be there, too")]
    [InlineData("\"channel\": \"c\"", "\"channel\": \"c\", \"channels\": { \"allowed\": \"web post\" }", "strategy 'A', channels, allowed", "web, mobile, email")]
    [InlineData("\"channel\": \"c\"", "\"channel\": \"c\", \"channels\": { \"first\": \"last\" }", "strategy 'A', channels, first", "used or listed, not last")]
    [InlineData("\"channel\": \"c\"", "\"channel\": \"c\", \"channels\": { \"otherwise\": \"post\" }", "strategy 'A', channels, otherwise", "not post")]
    [InlineData("\"timing\": \"t\"", "\"timing\": \"t\", \"times\": { \"by\": \"friend\" }", "strategy 'A', times, by", "segment, locale or member, not friend")]
    [InlineData("\"timing\": \"t\"", "\"timing\": \"t\", \"times\": { \"fromHour\": 10 }", "strategy 'A', times, toHour", "multiples of 3")]
    [InlineData("\"goal\": \"g\", ", "", "strategy 'A', goal", "is missing")]
    [InlineData("{ \"minimum\": 0.5 }", "{ }", "strategy 'A', bounds, interested", "a minimum, a maximum")]
    [InlineData("\"version\": 3", "\"version\": 0", "version", "from 1")]
    public void A_complaint_says_file_strategy_and_field(string part, string other, string where, string reason)
    {
        Good.ShouldContain(part);
        var exception = Should.Throw<DefinitionException>(() => StrategyLibrary.Parse("own.json", Good.Replace(part, other, StringComparison.Ordinal)));
        (exception.File, exception.Where).ShouldBe(("own.json", where));
        exception.Reason.ShouldContain(reason);
    }

    [Fact]
    public void Where_names_are_withheld_no_strategy_fits()
    {
        var features = FeatureSet.OfTable("t", ["friends_count", "interested"]);
        var named = new SegmentNaming(Archetypes.BuiltIn).Name(features, [new ClusterProfile(1_000, [900, .9], [0, 2])], withheld: false, earlier: null);
        var model = Model(features, named);
        StrategyLibrary.BuiltIn.Match(model, Archetypes.BuiltIn).Count(match => match.Fits).ShouldBe(1);
        var matches = StrategyLibrary.BuiltIn.Match(model with { NamesWithheld = "the columns do not hang together" }, Archetypes.BuiltIn);
        matches.ShouldAllBe(match => !match.Fits && match.Conditions.Any(condition => condition.Found == "the columns do not hang together"));
    }

    private static SegmentModel Model(FeatureSet features, NamedSegments named) =>
        Models.Random(1, named.Segments.Length, features.Count) with { Features = features, Segments = named.Segments, NamesWithheld = null };
}
