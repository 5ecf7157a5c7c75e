using Auie.Core.Features;

namespace Auie.Core.Tests.Features;

public sealed class FeatureSetTests
{
    private static readonly DateTimeOffset AsOf = new(2013, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static double Evaluate(Transform transform, FeatureSource source, double value, DateTimeOffset asOf) =>
        new Feature { Name = "f", Source = source, Transform = transform, High = "h", Low = "l" }.Evaluate(value, asOf);

    [Fact]
    public void An_age_is_the_calendar_years_from_the_birth_year_to_the_as_of()
    {
        var year = FeatureSource.Of(Fact.BirthYear);

        Evaluate(Transform.YearsSince, year, 1954, AsOf).ShouldBe(59);
        Evaluate(Transform.YearsSince, year, 1954, AsOf.AddYears(10)).ShouldBe(69);
        Evaluate(Transform.YearsSince, year, double.NaN, AsOf).ShouldBe(double.NaN);
    }

    [Fact]
    public void The_year_of_an_as_of_is_that_in_UTC() =>
        Evaluate(Transform.YearsSince, FeatureSource.Of(Fact.BirthYear), 2000, new DateTimeOffset(2014, 1, 1, 1, 0, 0, TimeSpan.FromHours(2))).ShouldBe(13);

    [Fact]
    public void Recency_and_tenure_grow_with_the_as_of_and_are_never_negative()
    {
        var seen = FeatureSource.Of(Fact.LastSeen);
        double instant = AsOf.AddDays(-2.5).ToUnixTimeSeconds();

        Evaluate(Transform.DaysSince, seen, instant, AsOf).ShouldBe(2.5);
        Evaluate(Transform.DaysSince, seen, instant, AsOf.AddDays(7)).ShouldBe(9.5);
        Evaluate(Transform.DaysSince, seen, instant, AsOf.AddDays(-7)).ShouldBe(0);
        Evaluate(Transform.YearsSince, seen, AsOf.AddDays(-365.2425).ToUnixTimeMilliseconds() / 1000.0, AsOf).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void A_logarithm_is_undone_for_reading()
    {
        var feature = new Feature { Name = "f", Source = FeatureSource.Of(Fact.Friends), Transform = Transform.Log1p, High = "h", Low = "l" };

        feature.Evaluate(0, AsOf).ShouldBe(0);
        feature.Evaluate(double.E - 1, AsOf).ShouldBe(1, 1e-12);
        feature.InUnit(feature.Evaluate(807, AsOf)).ShouldBe(807, 1e-9);
        feature.Evaluate(-1, AsOf).ShouldBe(double.NaN);
    }

    [Fact]
    public void A_ratio_over_nothing_is_missing()
    {
        var share = FeatureSource.Ratio(Fact.Interested, Fact.Answered);

        share.Read(new SomeFacts { [Fact.Interested] = 3, [Fact.Answered] = 12 }).ShouldBe(0.25);
        share.Read(new SomeFacts { [Fact.Interested] = 0, [Fact.Answered] = 0 }).ShouldBe(double.NaN);
        share.Read(new SomeFacts { [Fact.Interested] = 3, [Fact.Answered] = 0 }).ShouldBe(double.NaN);
        share.Read(new SomeFacts { [Fact.Answered] = 12 }).ShouldBe(double.NaN);
    }

    [Fact]
    public void The_default_set_compares_birth_year_friends_and_shares_of_answers()
    {
        var set = FeatureSets.BuiltIn.Default;
        var facts = new SomeFacts
        {
            [Fact.BirthYear] = 1990, [Fact.Friends] = 800, [Fact.Interested] = 2, [Fact.NotInterested] = 1, [Fact.Answered] = 8,
        };
        var row = new double[set.Count];

        set.Sources(facts, row);
        set.Evaluate(row, AsOf, row);

        set.Name.ShouldBe("interest");
        set.Features.Select(feature => feature.Name).ShouldBe(["birthyear", "friends_count", "interested", "not_interested"]);
        row.ShouldBe([1990, 800, 0.25, 0.125]);
    }

    [Fact]
    public void A_missing_value_is_the_constant_of_its_rule_and_stays_missing_for_the_median()
    {
        var features = FeatureSets.BuiltIn.With("f", """
            { "sets": [ { "name": "s", "description": "d", "features": [
                { "name": "a", "source": "friends" },
                { "name": "b", "source": "friends", "missing": "zero" },
                { "name": "c", "source": "friends", "missing": "value:99", "transform": "log1p" } ] } ] }
            """);
        features.TryGet("s", out var set).ShouldBeTrue();
        var row = new double[3];

        set!.Evaluate([double.NaN, double.NaN, double.NaN], AsOf, row);

        row[0].ShouldBe(double.NaN);
        row[1].ShouldBe(0);
        set.Features[2].InUnit(row[2]).ShouldBe(99, 1e-12);
    }

    [Fact]
    public void Only_sets_with_a_time_transform_depend_on_time()
    {
        FeatureSets.BuiltIn.TryGet("engagement", out var engagement).ShouldBeTrue();

        engagement!.DependsOnTime.ShouldBeTrue();
        FeatureSets.BuiltIn.Default.DependsOnTime.ShouldBeFalse();
    }

    [Fact]
    public void A_row_of_another_length_is_refused()
    {
        var set = FeatureSets.BuiltIn.Default;

        Should.Throw<ArgumentException>(() => set.Evaluate(new double[3], AsOf, new double[4])).Message.ShouldContain("4 features; 3 values");
        Should.Throw<ArgumentException>(() => set.Sources(new SomeFacts(), new double[5]));
    }

    [Fact]
    public void A_tables_columns_are_taken_as_they_are_and_have_no_facts()
    {
        var table = FeatureSet.OfTable("t", ["a", "b/c"]);
        var row = new double[2];

        table.Evaluate([1.5, double.NaN], AsOf, row);

        row.ShouldBe([1.5, double.NaN]);
        table.Features.ShouldAllBe(feature => feature.Missing == MissingRule.Median);
        Should.Throw<InvalidOperationException>(() => table.Sources(new SomeFacts(), row));
    }

    [Fact]
    public void The_catalogue_describes_every_fact_once_and_in_order() =>
        FactCatalogue.All.Select(fact => fact.Fact).ShouldBe(Enum.GetValues<Fact>());
}
