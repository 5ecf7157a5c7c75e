using Auie.Abstractions;
using Auie.Api.Tracking;
using Auie.Core.Users;
using static Auie.Engine.Tests.Tracking.Mapped;

namespace Auie.Engine.Tests.Tracking;

public sealed class MessageTests
{
    [Fact]
    public void The_limits_are_those_of_the_journal()
    {
        (TrackingLimits.Id, TrackingLimits.Trait, TrackingLimits.Traits, TrackingLimits.Amount).ShouldBe(
            (EntryValidation.LongestId, EntryValidation.LongestTrait, EntryValidation.MostTraits, EntryValidation.LargestAmount));
        (TrackingLimits.Earliest, TrackingLimits.Latest).ShouldBe((EntryValidation.Earliest, EntryValidation.Latest));
        TrackingLimits.Earliest.ShouldBe(EntryValidation.Undated);
    }

    [Theory]
    [InlineData("""{"type":"page","userId":"u","anonymousId":"a"}""", "u")]
    [InlineData("""{"type":"page","userId":4711}""", "4711")]
    [InlineData("""{"type":"page","userId":null,"anonymousId":"a"}""", "anonymous:a")]
    [InlineData("""{"type":"page","anonymousId":17}""", "anonymous:17")]
    [InlineData("""{"type":"page","userId":"anonymous:a"}""", "anonymous:a")]
    public void An_event_is_of_the_user_who_is_named_or_else_of_the_visitor(string message, string user) => Whole(message).Users.Single().UserId.ShouldBe(user);

    [Fact]
    public void An_identify_with_both_ids_says_so_and_other_calls_do_not()
    {
        User("identify", "\"anonymousId\":\"a\"").AnonymousId.ShouldBe("a");
        User("page", "\"anonymousId\":\"a\"").AnonymousId.ShouldBeNull();
        Whole("""{"type":"identify","anonymousId":"a"}""").Users.Single().AnonymousId.ShouldBeNull();
        Whole("""{"type":"identify","userId":"anonymous:a","anonymousId":"a"}""").Users.Single().AnonymousId.ShouldBeNull();
    }

    [Fact]
    public void A_message_without_an_id_gets_one() => Whole("""{"type":"page","userId":"u"}""").Users.Single().MessageId.ShouldBe("made");

    [Theory]
    [InlineData("[]", "")]
    [InlineData("null", "")]
    [InlineData("7", "")]
    [InlineData("""{"type":"page"}""", "userId")]
    [InlineData("""{"type":"page","userId":""}""", "userId")]
    [InlineData("""{"type":"page","userId":"."}""", "userId")]
    [InlineData("""{"type":"page","userId":true}""", "userId")]
    [InlineData("""{"type":"page","userId":{}}""", "userId")]
    [InlineData("""{"type":"page","userId":"a\u0000"}""", "userId")]
    [InlineData("""{"type":"page","userId":"\ud800"}""", "userId")]
    [InlineData("""{"type":"page","anonymousId":[]}""", "anonymousId")]
    [InlineData("""{"userId":"u"}""", "type")]
    [InlineData("""{"type":"pages","userId":"u"}""", "type")]
    [InlineData("""{"type":7,"userId":"u"}""", "type")]
    [InlineData("""{"type":"page","userId":"u","messageId":[]}""", "messageId")]
    [InlineData("""{"type":"page","userId":"u","messageId":""}""", "messageId")]
    [InlineData("""{"type":"page","userId":"u","timestamp":"yesterday"}""", "timestamp")]
    [InlineData("""{"type":"page","userId":"u","timestamp":1714561200}""", "timestamp")]
    [InlineData("""{"type":"page","userId":"u","timestamp":"1066-10-14T09:00:00Z"}""", "timestamp")]
    [InlineData("""{"type":"page","userId":"u","timestamp":"2200-01-01T00:00:00Z"}""", "timestamp")]
    [InlineData("""{"type":"page","userId":"u","originalTimestamp":{}}""", "originalTimestamp")]
    [InlineData("""{"type":"page","userId":"u","properties":[]}""", "properties")]
    [InlineData("""{"type":"identify","userId":"u","traits":"x"}""", "traits")]
    [InlineData("""{"type":"page","userId":"u","context":[]}""", "context")]
    [InlineData("""{"type":"page","userId":"u","channel":7}""", "channel")]
    [InlineData("""{"type":"page","userId":"u","context":{"channel":7}}""", "context.channel")]
    [InlineData("""{"type":"page","userId":"u","context":{"locale":{}}}""", "context.locale")]
    [InlineData("""{"type":"page","userId":"u","context":{"timezone":2}}""", "context.timezone")]
    [InlineData("""{"type":"page","userId":"u","context":{"device":"phone"}}""", "context.device")]
    [InlineData("""{"type":"page","userId":"u","context":{"device":{"type":1}}}""", "context.device.type")]
    [InlineData("""{"type":"page","userId":"u","context":{"os":{"name":[]}}}""", "context.os.name")]
    [InlineData("""{"type":"page","userId":"u","context":{"library":7}}""", "context.library")]
    [InlineData("""{"type":"page","userId":"u","context":{"userAgent":7}}""", "context.userAgent")]
    [InlineData("""{"type":"page","userId":"u","context":{"traits":7}}""", "context.traits")]
    [InlineData("""{"type":"page","userId":"u","context":{"consent":true}}""", "context.consent")]
    [InlineData("""{"type":"page","userId":"u","context":{"consent":{"categoryPreferences":[]}}}""", "context.consent.categoryPreferences")]
    [InlineData("""{"type":"page","userId":"u","context":{"consent":{"categoryPreferences":{"tracking":"yes"}}}}""", "context.consent.categoryPreferences.tracking")]
    [InlineData("""{"type":"page","userId":"u","context":{"consent":{"categoryPreferences":{"personalization":1}}}}""", "context.consent.categoryPreferences.personalization")]
    [InlineData("""{"type":"track","userId":"u"}""", "event")]
    [InlineData("""{"type":"track","userId":"u","event":7}""", "event")]
    [InlineData("""{"type":"group","userId":"u"}""", "groupId")]
    [InlineData("""{"type":"alias","userId":"u"}""", "previousId")]
    [InlineData("""{"type":"alias","userId":"u","previousId":"u"}""", "previousId")]
    [InlineData("""{"type":"alias","userId":"u","previousId":{}}""", "previousId")]
    [InlineData("""{"type":"page","userId":"u","\ud800":1}""", "")]
    public void What_is_wrong_is_told_by_its_path(string message, string field) => Refused(message).Field.ShouldBe(field);

    [Fact]
    public void What_is_longer_than_the_journal_takes_is_refused()
    {
        var fits = new string('ä', 128);
        Whole($$"""{"type":"page","userId":"{{fits}}"}""").Users.Single().UserId.ShouldBe(fits);
        Refused($$"""{"type":"page","userId":"{{fits}}x"}""").Field.ShouldBe("userId");
        Refused($$"""{"type":"page","anonymousId":"{{new string('a', 247)}}"}""").Field.ShouldBe("anonymousId");
        Refused($$"""{"type":"page","userId":"u","messageId":"{{new string('a', 241)}}"}""").Field.ShouldBe("messageId");
    }

    [Fact]
    public void A_refusal_has_the_messages_id_and_unknown_members_and_doubled_ones_are_no_reason()
    {
        Refused("""{"type":"track","userId":"u","messageId":"m"}""").MessageId.ShouldBe("m");
        Whole("""{"type":"page","type":"screen","userId":"u","integrations":{"All":false},"_metadata":{"x":[1]},"version":2}""").Users.Single().Kind.ShouldBe("viewed");
    }

    [Theory]
    [InlineData("2026-05-01T11:00:00Z", null, "2026-05-01T11:00:00+00:00")]
    [InlineData("2026-05-01T13:00:00+02:00", null, "2026-05-01T13:00:00+02:00")]
    [InlineData("2026-05-01T11:00:00", null, "2026-05-01T11:00:00+00:00")]
    [InlineData("2026-05-01", null, "2026-05-01T00:00:00+00:00")]
    // Five minutes behind.
    [InlineData("2026-05-01T11:00:00Z", "2026-05-01T11:55:00Z", "2026-05-01T11:05:00+00:00")]
    // A year ahead: that can only be the clock.
    [InlineData("2027-05-01T11:00:00+02:00", "2027-05-01T12:00:00Z", "2026-05-01T11:00:00+02:00")]
    // Exactly as long as may be, and longer: on the way, as far as anybody knows.
    [InlineData("2026-04-30T11:00:00Z", "2026-04-30T12:00:00Z", "2026-05-01T11:00:00+00:00")]
    [InlineData("2026-04-30T10:59:59Z", "2026-04-30T11:59:59Z", "2026-04-30T10:59:59+00:00")]
    // Nothing happens after it is received.
    [InlineData("2026-05-01T12:30:00Z", null, "2026-05-01T12:00:00+00:00")]
    [InlineData("2199-01-01T02:00:00+02:00", null, "2026-05-01T14:00:00+02:00")]
    // Nobody knows when: that is not to be corrected.
    [InlineData("1900-01-01T00:00:00Z", "2026-05-01T11:55:00Z", "1900-01-01T00:00:00+00:00")]
    public void A_time_is_put_right_by_the_senders_clock(string timestamp, string? sentAt, string at)
    {
        var mapped = Of($$"""{"type":"page","userId":"u","timestamp":"{{timestamp}}"}""", sentAt is null ? null : DateTimeOffset.Parse(sentAt));
        var made = mapped.Users.Single();
        (made.At, made.At.Offset).ShouldBe((DateTimeOffset.Parse(at), DateTimeOffset.Parse(at).Offset));
        made.Stamped.ShouldBe(DateTimeOffset.Parse(timestamp, null, System.Globalization.DateTimeStyles.AssumeUniversal));
    }

    [Fact]
    public void Without_a_time_it_is_the_time_of_receipt()
    {
        var made = Whole("""{"type":"page","userId":"u"}""").Users.Single();
        (made.At, made.Stamped).ShouldBe((ReceivedAt, (DateTimeOffset?)DateTimeOffset.MinValue));
    }

    [Fact]
    public void An_original_time_is_the_senders_and_the_other_is_corrected_already()
    {
        var sentAt = ReceivedAt.AddMinutes(-5);
        var both = Of("""{"type":"page","userId":"u","originalTimestamp":"2026-05-01T10:00:00Z","timestamp":"2026-05-01T11:00:00Z"}""", sentAt).Users.Single();
        (both.At.Hour, both.At.Minute, both.Stamped!.Value.Hour).ShouldBe((11, 0, 10));
        var original = Of("""{"type":"page","userId":"u","originalTimestamp":"2026-05-01T10:00:00Z"}""", sentAt).Users.Single();
        (original.At.Hour, original.At.Minute, original.Stamped!.Value.Hour).ShouldBe((10, 5, 10));
    }

    [Theory]
    [InlineData("""{"device":{"type":"ios"}}""", null, "ios")]
    [InlineData("""{"device":{"type":"Android"},"library":{"name":"analytics-react-native"}}""", "mobile", "android")]
    [InlineData("""{"os":{"name":"iPadOS"}}""", null, "ios")]
    [InlineData("""{"os":{"name":"Android"},"userAgent":"Mozilla/5.0"}""", null, "android")]
    [InlineData("""{"library":{"name":"analytics.js"}}""", null, "web")]
    [InlineData("""{"userAgent":"Mozilla/5.0 (X11)","library":{"name":"analytics-python"}}""", "server", "web")]
    [InlineData("""{"page":{"path":"/"}}""", null, "web")]
    [InlineData("""{"library":{"name":"analytics-swift"}}""", null, "ios")]
    [InlineData("""{"library":{"name":"analytics-kotlin"}}""", null, "android")]
    [InlineData("""{"library":{"name":"@segment/analytics-node"}}""", null, "server")]
    [InlineData("{}", "server", "server")]
    [InlineData("{}", "Browser", "web")]
    [InlineData("""{"device":{"type":"ios"}}""", "email", "email")]
    [InlineData("""{"os":{"name":"Haiku"}}""", null, "other")]
    [InlineData("{}", "kiosk", "other")]
    [InlineData("{}", null, null)]
    public void The_platform_follows_from_the_context(string context, string? channel, string? platform)
    {
        var made = User("page", $"\"context\":{context}{(channel is null ? "" : $",\"channel\":\"{channel}\"")}");
        (made.Platform, made.Channel).ShouldBe((platform, channel));
    }

    [Fact]
    public void The_channel_of_the_context_goes_before_that_of_the_message() =>
        User("page", """ "channel":"browser","context":{"channel":"email"} """).Channel.ShouldBe("email");

    [Fact]
    public void Consent_in_the_context_comes_before_the_event_itself()
    {
        var made = Whole(Message("page", """ "context":{"consent":{"categoryPreferences":{"tracking":true,"personalization":false,"advertising":true}}} """)).Users;
        made.Select(one => (one.Kind, one.MessageId, one.Tracking, one.Personalisation)).ShouldBe([("consent", "m:consent", true, false), ("viewed", "m", null, null)]);
        Whole(Message("page", """ "context":{"consent":{"categoryPreferences":{"advertising":true}}} """)).Users.Single().Kind.ShouldBe("viewed");
        Refused(Message("track", """ "context":{"consent":{"categoryPreferences":{"tracking":true}}} """)).Field.ShouldBe("event");
    }

    [Fact]
    public void An_identify_brings_traits_as_text()
    {
        var made = User("identify", """
            "traits":{"gender":"female","age":41,"ratio":1.50,"vip":true,"plan":null,"tags":["a", 1],"address":{"city":"Oslo","geo":{"lat":59.9}}},
            "context":{"locale":"nb-NO","timezone":"UTC","traits":{"gender":"male","company":"Acme"}}
            """);
        made.Kind.ShouldBe("identify");
        made.Traits.ShouldBe(new Dictionary<string, string>
        {
            ["gender"] = "female", ["company"] = "Acme", ["age"] = "41", ["ratio"] = "1.50", ["vip"] = "true", ["plan"] = "", ["tags"] = "[\"a\", 1]",
            ["address.city"] = "Oslo", ["address.geo.lat"] = "59.9", ["locale"] = "nb_NO", ["timezone"] = "0",
        }, ignoreOrder: true);
    }

    [Fact]
    public void An_identify_without_traits_is_one_all_the_same() => User("identify", "").Traits.ShouldBeNull();

    [Theory]
    [InlineData("""{"birthday":"1984-02-29"}""", "birthyear", "1984")]
    [InlineData("""{"birthday":"1984-02-29T00:00:00.000Z"}""", "birthyear", "1984")]
    [InlineData("""{"birthday":"1984-02-29","birthyear":1985}""", "birthyear", "1985")]
    [InlineData("""{"birthday":"soon"}""", "birthyear", null)]
    [InlineData("""{"createdAt":"2020-05-01T10:00:00.000Z"}""", "joinedAt", "2020-05-01T10:00:00+00:00")]
    [InlineData("""{"createdAt":"2020-05-01T10:00:00.000Z","joinedAt":"2019-01-01"}""", "joinedAt", "2019-01-01")]
    [InlineData("""{"createdAt":"2020-05-01"}""", "createdAt", null)]
    [InlineData("""{"createdAt":1588327200}""", "createdAt", "1588327200")]
    [InlineData("""{"timezone":"Nowhere/Else"}""", "timezone", "Nowhere/Else")]
    [InlineData("""{"timezone":-480}""", "timezone", "-480")]
    [InlineData("""{"timezone":"../UTC"}""", "timezone", "../UTC")]
    [InlineData("""{"locale":"english"}""", "locale", "english")]
    public void What_the_engine_reads_in_traits_is_put_in_its_words(string traits, string name, string? value) =>
        User("identify", $"\"traits\":{traits}").Traits!.GetValueOrDefault(name).ShouldBe(value);

    [Fact]
    public void Traits_that_do_not_fit_refuse_the_identify()
    {
        Refused(Message("identify", $$""" "traits":{"bio":"{{new string('x', 2049)}}"} """)).Field.ShouldBe("traits.bio");
        Refused(Message("identify", """ "traits":{"bio":"\udc00"} """)).Field.ShouldBe("traits.bio");
        Refused(Message("identify", """ "traits":{"bio":"\u0000"} """)).Field.ShouldBe("traits.bio");
        Refused(Message("identify", """ "traits":{"":"x"} """)).Field.ShouldBe("traits.");
        Refused(Message("identify", $$""" "traits":{ {{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"t{i}\":{i}"))}} } """)).Field.ShouldBe("traits.t100");
        Refused(Message("identify", $$""" "traits":{{string.Concat(Enumerable.Repeat("{\"a\":", 9))}}1{{new string('}', 9)}} """)).Reason.ShouldContain("8 deep");
    }

    [Fact]
    public void A_page_and_a_screen_are_views_of_an_item_or_of_none()
    {
        var page = User("page", """ "name":"Home","properties":{"url":"https://example.org/","title":"Home"} """);
        (page.Kind, page.Item, page.Traits).ShouldBe(("viewed", null, null));
        User("screen", """ "properties":{"eventId":"e7"} """).Item.ShouldBe("e7");
        Refused(Message("page", """ "properties":{"itemId":{}} """)).Field.ShouldBe("properties.itemId");
    }

    [Fact]
    public void A_group_is_something_learnt_of_the_user()
    {
        var made = User("group", """ "groupId":"acme","traits":{"plan":"gold","size":{"people":12}} """);
        made.Kind.ShouldBe("identify");
        made.Traits.ShouldBe(new Dictionary<string, string> { ["group"] = "acme", ["group.plan"] = "gold", ["group.size.people"] = "12" }, ignoreOrder: true);
    }

    [Fact]
    public void An_alias_names_the_id_before_whether_a_users_or_the_visitors()
    {
        var made = User("alias", "\"previousId\":\"old\"");
        (made.Kind, made.UserId, made.PreviousId).ShouldBe(("alias", "u", "old"));
        User("alias", "\"previousId\":7").PreviousId.ShouldBe("7");
        User("alias", "\"previousId\":\"a\",\"anonymousId\":\"a\"").PreviousId.ShouldBe("anonymous:a");
    }

    [Fact]
    public void A_message_that_is_sent_again_becomes_the_same_but_for_its_time_of_receipt()
    {
        const string message = """{"type":"track","userId":"u","messageId":"m","timestamp":"2026-05-01T11:00:00Z","event":"Order Completed","properties":{"products":[{"product_id":"a","price":1}]}}""";
        UserEvent[] first = [.. Of(message, ReceivedAt.AddMinutes(-1)).Users], again = [.. Of(message, ReceivedAt.AddMinutes(-9)).Users];
        first.Select(one => one.At).ShouldNotBe(again.Select(one => one.At));
        first.Select(one => one with { At = default }).ShouldBe(again.Select(one => one with { At = default }));
    }
}
