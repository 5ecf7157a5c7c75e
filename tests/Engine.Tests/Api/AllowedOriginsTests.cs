using Auie.Api.Access;

namespace Auie.Engine.Tests.Api;

public sealed class AllowedOriginsTests
{
    [Fact]
    public void What_a_browser_calls_an_origin_is_taken() => AllowedOrigins.Problem(
        ["*", "https://shop.example", "HTTPS://Shop.example", "http://localhost:8080", "http://[::1]:5080", "https://xn--bcher-kva.example", "capacitor://localhost"]).ShouldBeNull();

    [Theory]
    [InlineData("shop.example", "https://shop.example.")]
    [InlineData("shop.example:8443", "https://shop.example:8443.")]
    [InlineData("https://shop.example/", "https://shop.example.")]
    [InlineData("https://shop.example/path", "https://shop.example.")]
    [InlineData("https://shop.example:443", "https://shop.example.")]
    [InlineData("https://ann@shop.example", "https://shop.example.")]
    [InlineData("https://b\u00fccher.example", "https://xn--bcher-kva.example.")]
    [InlineData(" https://shop.example", "https://shop.example.")]
    [InlineData("null", "https://null.")]
    [InlineData("https://*.shop.example", "https://shop.example.")]
    [InlineData("", "https://shop.example.")]
    public void What_is_none_is_told_by_its_place_with_what_was_meant(string entry, string meant)
    {
        var problem = AllowedOrigins.Problem(["https://other.example", entry]).ShouldNotBeNull();
        problem.ShouldStartWith($"Api:AllowedOrigins:1 is '{entry}', which is no page's origin");
        problem.ShouldEndWith($"as in {meant}");
    }
}
