using Auie.Core.Clustering;
using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class StructureTestTests
{
    private static async Task<StructureVerdict> Run(double[] values, int columns, ulong seed, int shards = 1, Func<Action, CancellationToken, Task>? compute = null)
    {
        var input = await StandardisedShards.PrepareAsync(LocalShards.Split(values, columns, shards), new ScaleOptions(), CancellationToken.None);
        var sample = await input.Shards.SampleAsync(seed, StructureTest.SampleRows, CancellationToken.None);
        return await StructureTest.RunAsync(sample, input.Scale, seed, compute);
    }

    [Fact]
    public async Task Kinds_of_people_pass()
    {
        var verdict = await Run(Kinds.Draw(1, 8_000).Values, Kinds.Columns, 1);

        verdict.Withheld.ShouldBeNull();
        verdict.Deviations.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Columns_that_were_shuffled_do_not(int seed)
    {
        var verdict = await Run(Kinds.Shuffle(Kinds.Draw(seed, 8_000).Values, Kinds.Columns, seed), Kinds.Columns, (ulong)seed);

        verdict.Withheld.ShouldNotBeNull().ShouldStartWith("The columns vary independently of each other");
    }

    [Fact]
    public async Task Of_few_rows_it_says_that_more_may_tell_more() =>
        (await Run(Kinds.Shuffle(Kinds.Draw(1, 300).Values, Kinds.Columns, 1), Kinds.Columns, 1)).Withheld.ShouldNotBeNull().ShouldEndWith("names are withheld. Only 300 rows were looked at: of more, weaker ties show too.");

    [Fact]
    public async Task A_heavy_tail_alone_is_no_structure()
    {
        var random = new Random(5);
        var values = Enumerable.Range(0, 12_000).Select(_ => Math.Exp(1.5 * Kinds.Normal(random))).ToArray();

        (await Run(values, 3, 1)).Withheld.ShouldNotBeNull();
    }

    [Fact]
    public async Task Columns_that_follow_each_other_pass_without_any_clusters()
    {
        var random = new Random(5);
        var values = new double[6_000];
        for (var i = 0; i < values.Length; i += 2)
        {
            values[i] = Kinds.Normal(random);
            values[i + 1] = 0.5 * values[i] + Kinds.Normal(random);
        }

        (await Run(values, 2, 1)).Withheld.ShouldBeNull();
    }

    [Fact]
    public async Task One_column_that_varies_has_nothing_to_hang_together_with()
    {
        var values = Enumerable.Range(0, 2_000).Select(i => i % 2 == 0 ? i % 3 : 7.0).ToArray();

        (await Run(values, 2, 1)).Withheld.ShouldNotBeNull().ShouldStartWith("1 of the columns");
    }

    [Fact]
    public async Task A_few_rows_or_many_copies_of_two_are_judged_without_fail()
    {
        (await Run([1, 2, 3, 4], 2, 1)).Withheld.ShouldNotBeNull();
        (await Run([.. Enumerable.Repeat(new double[] { 0, 0, 1, 1 }, 500).SelectMany(rows => rows)], 2, 1)).Withheld.ShouldBeNull();
    }

    [Theory]
    [InlineData(1.0, true, StructureTest.FirstCopies)]
    [InlineData(0.0, false, StructureTest.FirstCopies)]
    [InlineData(0.2, true, StructureTest.Copies)]
    public async Task More_copies_are_asked_only_where_the_first_leave_a_doubt(double dependence, bool passes, int copies)
    {
        var random = new Random(1);
        var values = new double[4_000];
        for (var i = 0; i < values.Length; i += 2)
        {
            values[i] = Kinds.Normal(random);
            values[i + 1] = (dependence * values[i]) + (Math.Sqrt(1 - (dependence * dependence)) * Kinds.Normal(random));
        }

        var looks = 0;
        var verdict = await Run(values, 2, 1, compute: (compute, cancellationToken) =>
        {
            Interlocked.Increment(ref looks);
            return Task.Run(compute, cancellationToken);
        });

        (verdict.Withheld is null).ShouldBe(passes);
        // The rows are looked at as well as their copies.
        looks.ShouldBe(copies + 1);
    }

    [Fact]
    public async Task Columns_that_have_nothing_to_do_with_each_other_are_about_no_deviations_away()
    {
        var deviations = new List<double>();
        for (var seed = 1; seed <= 40; seed++)
        {
            var random = new Random(seed);
            var values = Enumerable.Range(0, 600).Select(i => i % 3 == 0 ? Kinds.Normal(random) : i % 3 == 1 ? Math.Exp(Kinds.Normal(random)) : random.Next(4)).ToArray();
            var verdict = await Run(values, 3, (ulong)seed);
            verdict.Withheld.ShouldNotBeNull();
            deviations.Add(verdict.Deviations);
        }

        // A mean of 40 of Student's t of 4 degrees is within 0.9 but once in ten thousand times.
        Math.Abs(deviations.Average()).ShouldBeLessThan(0.9);
    }

    [Fact]
    public async Task The_verdict_has_the_same_bits_for_any_number_of_shards_and_threads()
    {
        var values = Kinds.Draw(3, 3_000).Values;

        var verdict = await Run(values, Kinds.Columns, 9, shards: 1, compute: InTurn);

        (await Run(values, Kinds.Columns, 9, shards: 7)).ShouldBe(verdict);

        static Task InTurn(Action compute, CancellationToken cancellationToken)
        {
            compute();
            return Task.CompletedTask;
        }
    }
}
