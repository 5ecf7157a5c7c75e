using Auie.Core.Statistics;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

public sealed class DemoKindsTests
{
    private static readonly Lazy<DemoTable> Default = new(() => new DemoWorld(new()).FeatureTable());

    public static TheoryData<int, long> Worlds
    {
        get
        {
            var worlds = new TheoryData<int, long> { { 38_000, 1 } };
            for (var seed = 1; seed <= 10; seed++) worlds.Add(4_000, seed);
            return worlds;
        }
    }

    [Theory, MemberData(nameof(Worlds))]
    public void The_kinds_overlap_so_that_even_the_best_assignment_errs_but_not_much(int users, long seed)
    {
        var world = new DemoWorld(new() { Users = users, Seed = seed });

        AdjustedRandIndex.Of(world.BayesAssignment(), [.. world.Truth.KindOfUser]).ShouldBeInRange(.90, .97);
    }

    [Fact]
    public void The_best_assignment_knows_no_labels()
    {
        var world = new DemoWorld(new() { Users = 2_000 });
        var assigned = world.BayesAssignment();

        var groups = Enumerable.Range(0, world.Users).GroupBy(world.Observe);
        groups.ShouldAllBe(alike => alike.Select(user => assigned[user]).Distinct().Count() == 1);
        Enumerable.Range(0, world.Users).Count(user => assigned[user] != world.Truth.KindOfUser[user]).ShouldBeGreaterThan(10);
    }

    // The shares of the personas among the rows of the Event Recommendation Engine Challenge, and their means.
    [Theory]
    [InlineData("Silent Observers", .562, 1990.20, 754.6)]
    [InlineData("Enthusiasts", .240, 1990.59, 936.1)]
    [InlineData("Social Butterflies", .116, 1992.29, 3195.7)]
    [InlineData("Traditionalists", .049, 1959.37, 767.0)]
    [InlineData("Detached Critics", .033, 1981.99, 1128.8)]
    public void A_kind_is_as_large_as_old_and_as_well_connected_as_in_the_real_data(string name, double share, double birthYear, double friends)
    {
        var world = new DemoWorld(new());
        var members = Enumerable.Range(0, world.Users).Where(user => world.KindOf(user).Name == name).Select(world.Observe).ToArray();

        (members.Length / (double)world.Users).ShouldBe(share, .1 * share);
        var age = 2012 - birthYear;
        (2012 - members.Where(member => member.BirthYear is not null).Average(member => member.BirthYear!.Value)).ShouldBe(age, .1 * age);
        members.Average(member => member.Friends).ShouldBe(friends, .1 * friends);
    }

    // Quantiles of the real users' birth years, as ages in 2012: of a year itself ten per cent would say nothing.
    [Theory]
    [InlineData(.05, 1975)]
    [InlineData(.25, 1987)]
    [InlineData(.50, 1991)]
    [InlineData(.75, 1994)]
    [InlineData(.95, 1997)]
    public void Ages_have_the_quantiles_of_the_real_data_within_ten_per_cent(double quantile, int year)
    {
        var known = Column(0).Where(value => !double.IsNaN(value));

        (2012 - Quantile(known, quantile)).ShouldBe(2012 - year, .1 * (2012 - year));
    }

    [Fact]
    public void Numbers_of_friends_have_the_mean_and_the_quantiles_of_the_real_data_within_ten_per_cent()
    {
        var friends = Column(1).ToArray();

        friends.Average().ShouldBe(1_100, 110);
        Quantile(friends, .5).ShouldBe(807, 80);
        Quantile(friends, .95).ShouldBe(3_258, 325);
        friends.Max().ShouldBeGreaterThan(5 * Quantile(friends, .5));
    }

    [Fact]
    public void Users_answer_as_often_as_in_the_real_data_within_ten_per_cent()
    {
        var world = new DemoWorld(new());
        var observed = Enumerable.Range(0, world.Users).Select(world.Observe).ToArray();
        double shown = observed.Sum(user => user.Shown);

        (observed.Sum(user => user.Interested) / shown).ShouldBe(.268, .0268);
        (observed.Sum(user => user.NotInterested) / shown).ShouldBe(.033, .0033);
    }

    [Fact]
    public void Birth_years_are_missing_or_a_joke_as_often_as_stated()
    {
        var years = Column(0).ToArray();

        (years.Count(double.IsNaN) / 38_000.0).ShouldBe(.039, .004);
        years.Count(year => year == 1905).ShouldBeInRange(10, 40);
        years.Count(year => year == 1910).ShouldBeInRange(8, 35);
        years.Count(year => year == 1945).ShouldBeGreaterThan(2 * years.Count(year => year == 1944));
    }

    [Fact]
    public void Without_a_kind_nobody_is_of_it_and_without_Traditionalists_nobody_is_old()
    {
        var world = new DemoWorld(new() { Users = 4_000, Without = "Traditionalists" });

        Enumerable.Range(0, world.Users).ShouldAllBe(user => world.KindOf(user).Name != "Traditionalists");
        world.BayesAssignment().Distinct().Count().ShouldBe(4);
        var years = Enumerable.Range(0, world.Users).Select(user => world.Observe(user).BirthYear).OfType<int>().ToArray();
        years.Min().ShouldBeGreaterThan(1945);
        years.Count(year => year < 1970).ShouldBeLessThan(world.Users / 100);
    }

    [Fact]
    public void A_kind_that_does_not_exist_cannot_be_left_out() =>
        Should.Throw<ArgumentException>(() => new DemoWorld(new() { Without = "Nobody" })).Message.ShouldContain("Nobody");

    private static IEnumerable<double> Column(int column) => Enumerable.Range(0, Default.Value.Rows).Select(row => Default.Value.Values[(row * 4) + column]);

    private static double Quantile(IEnumerable<double> values, double quantile)
    {
        var sorted = values.Order().ToArray();
        return sorted[(int)(quantile * (sorted.Length - 1))];
    }
}
