using Auie.Core.Features;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Features;

/// <summary>A user's answers as rows: how many, what is in them, and that their mean is the user's own row.</summary>
public sealed class AnswerRowsTests
{
    private static readonly DateTimeOffset AsOf = new(2012, 12, 1, 0, 0, 0, TimeSpan.Zero);

    private static FeatureSet Impressions => FeatureSets.BuiltIn.TryGet("impressions", out var set) ? set : throw new InvalidOperationException();

    [Fact]
    public void The_first_rows_are_of_interest_the_next_of_the_opposite_and_the_rest_went_unanswered()
    {
        var facts = Facts(birthYear: 1990, friends: 807, shown: 6, interested: 2, notInterested: 1);

        RowsOf(Impressions, facts).ShouldBe(
        [
            [1990, 807, 1, 0], [1990, 807, 1, 0], [1990, 807, 0, 1], [1990, 807, 0, 0], [1990, 807, 0, 0], [1990, 807, 0, 0],
        ]);
        Enumerable.Range(0, 2).Select(row => Impressions.RowId("u/7", row)).ShouldBe(["u/7/1", "u/7/2"]);
    }

    [Fact]
    public void Without_a_birth_year_it_is_missing_and_without_friends_there_are_none() =>
        RowsOf(Impressions, Facts(double.NaN, double.NaN, 1, 0, 0)).ShouldBe([[double.NaN, 0, 0, 0]]);

    [Fact]
    public void Who_was_shown_nothing_has_no_rows()
    {
        var facts = Facts(1990, 807, 0, 0, 0);

        Impressions.RowsOf(facts).ShouldBe(0);
        RowsOf(Impressions, facts).ShouldBeEmpty();
    }

    [Fact]
    public void Where_rows_are_users_each_has_one_and_it_is_their_own()
    {
        var facts = Facts(1990, 807, 4, 1, 0);

        RowsOf(FeatureSets.BuiltIn.Default, facts).Count.ShouldBe(1);
        FeatureSets.BuiltIn.Default.RowId("u", 0).ShouldBe("u");
    }

    [Fact]
    public void There_is_a_row_for_each_impression_and_their_mean_is_the_users_own_row() =>
        Prop.ForAll<byte, byte, byte>((unanswered, interested, notInterested) =>
        {
            var facts = Facts(1900 + (unanswered % 100), 17 * interested, unanswered + interested + notInterested, interested, notInterested);
            var rows = RowsOf(Impressions, facts);
            if (rows.Count != unanswered + interested + notInterested)
                return false;
            if (rows.Count == 0)
                return true;
            var own = new double[Impressions.Count];
            Impressions.Sources(facts, own);
            Impressions.Evaluate(own, AsOf, own);
            return Enumerable.Range(0, own.Length).All(column => Math.Abs(rows.Sum(row => row[column]) / rows.Count - own[column]) < 1e-9)
                && rows.All(row => row[2] is 0 or 1 && row[3] is 0 or 1 && row[2] + row[3] <= 1);
        }).Check(Config.QuickThrowOnFailure.WithReplay(1, 3));

    [Fact]
    public void Transforms_are_at_the_as_of_in_every_row()
    {
        FeatureSets.BuiltIn.With("f", """
            { "sets": [ { "name": "s", "description": "d", "rows": "answers", "features": [
                { "name": "not", "source": "impressions_not_interested / impressions" },
                { "name": "age", "source": "birthyear", "transform": "years_since" } ] } ] }
            """).TryGet("s", out var set).ShouldBeTrue();

        RowsOf(set!, Facts(1990, 0, 3, 1, 1)).ShouldBe([[0, 22], [1, 22], [0, 22]]);
    }

    [Fact]
    public void A_place_of_another_size_is_refused() =>
        Should.Throw<ArgumentException>(() => Impressions.Rows(Facts(1990, 1, 2, 0, 0), AsOf, new double[7])).Message.ShouldContain("2 rows of 4 features");

    private static List<double[]> RowsOf(FeatureSet set, IFacts facts)
    {
        var values = new double[set.RowsOf(facts) * set.Count];
        set.Rows(facts, AsOf, values);
        return [.. values.Chunk(set.Count)];
    }

    private static SomeFacts Facts(double birthYear, double friends, int shown, int interested, int notInterested) => new()
    {
        [Fact.BirthYear] = birthYear,
        [Fact.Friends] = friends,
        [Fact.Impressions] = shown,
        [Fact.ImpressionsInterested] = interested,
        [Fact.ImpressionsNotInterested] = notInterested,
        [Fact.Interested] = interested,
        [Fact.Answered] = shown,
    };
}
