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
    public void Keys_of_any_length_hash_like_their_bytes()
    {
        foreach (var length in (int[])[1, 511, 512, 513, 5000])
        {
            var key = new string('é', length);
            StableHash.OfKey(key).ShouldBe(StableHash.OfBytes(System.Text.Encoding.UTF8.GetBytes(key)));
        }
    }
}
