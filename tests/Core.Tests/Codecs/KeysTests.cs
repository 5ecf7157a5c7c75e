using Auie.Core.Codecs;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Core.Tests.Codecs;

public sealed class KeysTests
{
    // Short ones, ones alike in their first eight bytes, ones with zero bytes and ones that are the beginning of others.
    private static readonly Gen<string> Key = Gen.Elements("", "user-000").SelectMany(
        _ => Gen.Elements('a', 'b', '\0', '\u00ff', '\uffff').ListOf(), (start, rest) => start + string.Concat(rest));

    [Fact]
    public void Keys_come_in_the_order_of_their_bytes_each_as_often_as_it_was_added() => Prop.ForAll(Key.ListOf().ToArbitrary(), texts =>
    {
        var keys = new Keys();
        foreach (var text in texts) keys.Add(text);

        var ordered = keys.Order().Select(place => texts[place]);

        ordered.ShouldBe(texts.Order(Utf8Order.Instance));
    }).QuickCheckThrowOnFailure();
}
