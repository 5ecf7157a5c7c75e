using Auie.Core.Items;

namespace Auie.Core.Tests.Items;

public sealed class HashFilterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(129)]
    [InlineData(40_000)]
    public void Whatever_was_added_may_be_there_and_most_others_are_told_apart(int count)
    {
        var filter = new HashFilter();
        for (var i = 0; i < count; i++)
            filter.Add(StableHash.OfKey($"in{i}"));
        for (var i = 0; i < count; i++)
            filter.MayHave(StableHash.OfKey($"in{i}")).ShouldBeTrue();
        ulong[] others = [.. Enumerable.Range(0, 10_000).Select(i => StableHash.OfKey($"out{i}"))];
        others.Count(filter.MayHave).ShouldBeLessThan(count == 0 ? 1 : 700);
        ulong[] all = [.. others, .. Enumerable.Range(0, count).Select(i => StableHash.OfKey($"in{i}"))], found = new ulong[all.Length];
        found[..filter.Among(all, found)].ShouldBe(all.Where(filter.MayHave));
    }
}
