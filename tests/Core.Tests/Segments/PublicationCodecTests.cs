using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class PublicationCodecTests
{
    [Fact]
    public void Format_1_is_these_bytes()
    {
        var at = new DateTimeOffset(2012, 12, 1, 7, 30, 0, TimeSpan.FromHours(7)).AddTicks(1);
        Convert.ToHexString(PublicationCodec.Encode(at)).ShouldBe("0101F4B621729DCF08");
        PublicationCodec.Decode(PublicationCodec.Encode(at)).ShouldBe(at);
    }

    [Theory]
    [InlineData("")]
    [InlineData("01")]
    [InlineData("020000000000000000")]
    [InlineData("01FFFFFFFFFFFFFFFF")]
    [InlineData("01FFFFFFFFFFFFFF7F")]
    [InlineData("01000000000000000000")]
    public void What_is_no_instant_is_refused(string bytes) =>
        Should.Throw<InvalidDataException>(() => PublicationCodec.Decode(Convert.FromHexString(bytes)));
}
