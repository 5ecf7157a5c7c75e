using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

public sealed class CutOffTests
{
    /// <param name="apart">Who says of whom that it is out of reach, by generations.</param>
    private static long[] CutOffOf(int silos, params (int From, int Whom)[] apart) =>
        [.. CutOff.Of(new(1, [.. Enumerable.Range(1, silos).Select(number => Silo(number, apart))], [])).Select(id => id.Generation).Order()];

    private static SiloInfo Silo(int number, (int From, int Whom)[] apart, bool expired = false) =>
        new(new($"s{number}", number), "", "", SiloStatus.Active, expired, default) { Unreachable = [.. apart.Where(pair => pair.From == number).Select(pair => (long)pair.Whom)] };

    [Fact]
    public void Where_all_reach_each_other_nobody_is_cut_off() => CutOffOf(5).ShouldBeEmpty();

    [Fact]
    public void Of_two_who_do_not_reach_each_other_the_later_is_cut_off() => CutOffOf(2, (1, 2), (2, 1)).ShouldBe([2]);

    [Fact]
    public void Whom_most_do_not_reach_is_cut_off_even_if_it_is_the_first() => CutOffOf(4, (2, 1), (3, 1), (4, 1)).ShouldBe([1]);

    [Fact]
    public void Who_says_that_it_reaches_nobody_is_cut_off_itself() => CutOffOf(4, (1, 2), (1, 3), (1, 4)).ShouldBe([1]);

    [Fact]
    public void One_half_stays_where_a_network_breaks_in_two() => CutOffOf(4, (1, 3), (1, 4), (2, 3), (2, 4), (3, 1), (3, 2), (4, 1), (4, 2)).ShouldBe([3, 4]);

    [Fact]
    public void One_of_all_stays_where_nobody_reaches_anybody() => CutOffOf(3, (1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)).ShouldBe([2, 3]);

    [Fact]
    public void Nobody_is_cut_off_as_long_as_a_silo_of_an_earlier_program_is_there_which_says_nothing()
    {
        (int, int)[] apart = [(1, 2), (2, 1)];
        CutOff.Of(new(1, [Silo(1, apart), Silo(2, apart), Silo(3, apart) with { Unreachable = null }], [])).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_said_of_the_dead_or_by_them_counts_for_nothing()
    {
        (int, int)[] apart = [(1, 3), (3, 1), (3, 2), (1, 99), (2, 99)];
        CutOff.Of(new(1, [Silo(1, apart), Silo(2, apart), Silo(3, apart, expired: true)], [])).ShouldBeEmpty();
    }
}
