using Auie.Core.Insights;

namespace Auie.Core.Tests.Insights;

public sealed class HashPlacesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1_000)]
    public void A_hash_is_found_where_it_stands_and_no_other_is(int count)
    {
        var random = new Random(count);
        // Those in the list are odd; a quarter of them share their first bits.
        ulong[] hashes = [.. Enumerable.Range(0, count).Select(i => (i % 4 == 0 ? (ulong)random.Next() : (ulong)random.NextInt64() << 1) | 1).Distinct().Order()];
        var places = new HashPlaces(hashes);

        hashes.Select(places.Of).ShouldBe(Enumerable.Range(0, hashes.Length));
        foreach (var other in hashes.Select(hash => hash + 1).Append(0UL).Append(ulong.MaxValue)) places.Of(other).ShouldBe(Array.IndexOf(hashes, other));
    }
}
