namespace Auie.Core.Tests;

public sealed class StableHashTests
{
    [Theory]
    [InlineData("", 14087677454934409008UL)]
    [InlineData("a", 6857225946766476583UL)]
    [InlineData("default/u1", 9023628796229793716UL)]
    [InlineData("\U0001F600", 17479016507830949794UL)]
    public void The_hash_of_a_key_never_changes(string key, ulong hash) => StableHash.OfKey(key).ShouldBe(hash);

    [Fact]
    public void Hashes_are_the_published_ones()
    {
        // SplitMix64's published first outputs for seed 0.
        StableHash.Mix(0).ShouldBe(0xE220A8397B1DCDAFUL);
        StableHash.Mix(0x9E3779B97F4A7C15UL).ShouldBe(0x6E789E6AA1B965F4UL);
        StableHash.OfKey("").ShouldBe(StableHash.Mix(0xCBF29CE484222325UL));
        // FNV-1a's published value for "a".
        StableHash.OfKey("a").ShouldBe(StableHash.Mix(0xAF63DC4C8601EC8CUL));
    }

    [Fact]
    public void Seed_row_and_round_all_count()
    {
        var hashes =
            from seed in Enumerable.Range(0, 20)
            from row in Enumerable.Range(0, 20)
            from round in Enumerable.Range(0, 20)
            select StableHash.OfRow((ulong)seed, (ulong)row, round);
        hashes.Distinct().Count().ShouldBe(8000);
    }

    [Fact]
    public void Units_are_spread_evenly_from_0_up_to_1()
    {
        var units = Enumerable.Range(0, 100_000).Select(i => StableHash.ToUnit(StableHash.OfRow(1, (ulong)i, 3))).ToArray();
        units.ShouldAllBe(u => u >= 0 && u < 1);
        units.GroupBy(u => (int)(u * 10)).ShouldAllBe(g => g.Count() > 9_500 && g.Count() < 10_500);
        StableHash.ToUnit(ulong.MaxValue).ShouldBeLessThan(1);
    }

    [Fact]
    public void Keys_of_any_length_hash_like_their_bytes()
    {
        foreach (var length in (int[])[1, 511, 512, 513, 5000])
        {
            var key = new string('é', length);
            StableHash.OfKey(key).ShouldBe(StableHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(key)));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(29)]
    public void HashesOfManyRowsAreThoseOfEach(int rows)
    {
        var of = new RowHashes(5, 2);
        var ids = Enumerable.Range(0, rows).Select(i => ulong.MaxValue / 3 * (ulong)i).ToArray();
        var hashes = new ulong[rows];

        of.Of(ids, hashes);

        hashes.ShouldBe(ids.Select(of.Of));
    }
}
