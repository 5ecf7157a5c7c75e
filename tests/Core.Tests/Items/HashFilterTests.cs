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
        Enumerable.Range(0, 10_000).Count(i => filter.MayHave(StableHash.OfKey($"out{i}"))).ShouldBeLessThan(count == 0 ? 1 : 1_400);
    }
}
