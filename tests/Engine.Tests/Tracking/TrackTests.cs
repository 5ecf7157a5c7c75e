using Auie.Api.Tracking;
using static Auie.Engine.Tests.Tracking.Mapped;

namespace Auie.Engine.Tests.Tracking;

public sealed class TrackTests
{
    [Theory]
    [InlineData("Product Viewed", """{"product_id":"p"}""", "viewed")]
    [InlineData("product viewed", """{"sku":"p"}""", "viewed")]
    [InlineData("Product Clicked", """{"productId":"p"}""", "viewed")]
    [InlineData("Product Added", """{"product_id":"p","price":3}""", "interested")]
    [InlineData("Product Removed from Wishlist", """{"product_id":"p"}""", "not_interested")]
    [InlineData("Item Shown", """{"itemId":"p"}""", "shown")]
    [InlineData("Event Viewed", """{"eventId":"p"}""", "viewed")]
    [InlineData("Event Interested", """{"event_id":"p"}""", "interested")]
    [InlineData("Event Not Interested", """{"id":"p"}""", "not_interested")]
    [InlineData("Event Invited", """{"eventId":"p"}""", "invited")]
    [InlineData("Event Joined", """{"eventId":"p"}""", "yes")]
    [InlineData("Answered Yes", """{"eventId":"p"}""", "yes")]
    [InlineData("Answered Maybe", """{"eventId":"p"}""", "maybe")]
    [InlineData("Answered No", """{"eventId":"p"}""", "no")]
    [InlineData("Event Attended", """{"eventId":"p"}""", "came")]
    [InlineData("checked in", """{"event_id":"p"}""", "came")]
    [InlineData("Item Purchased", """{"itemId":"p"}""", "purchased")]
    public void Names_that_are_known_become_kinds_of_their_own(string name, string properties, string kind)
    {
        var made = Track(name, properties).Users.Single();
        (made.Kind, made.Item, made.MessageId, made.Traits).ShouldBe((kind, "p", "m", null));
    }

    [Fact]
    public void An_id_may_be_a_number_and_null_is_none()
    {
        Track("Event Joined", """{"itemId":null,"eventId":17}""").Users.Single().Item.ShouldBe("17");
        RefusedTrack("Event Joined", """{"eventId":null}""").ShouldBe("properties.itemId");
    }

    [Theory]
    [InlineData("Event Joined", "{}", "properties.itemId")]
    [InlineData("Event Joined", """{"eventId":[]}""", "properties.eventId")]
    [InlineData("Event Joined", """{"eventId":""}""", "properties.eventId")]
    [InlineData("Item Purchased", """{"itemId":"p","price":"12"}""", "properties.price")]
    [InlineData("Item Purchased", """{"itemId":"p","price":-1}""", "properties.price")]
    [InlineData("Item Purchased", """{"itemId":"p","price":1e999}""", "properties.price")]
    [InlineData("Item Purchased", """{"itemId":"p","price":1,"quantity":[]}""", "properties.quantity")]
    [InlineData("Item Purchased", """{"itemId":"p","price":100000000.0001}""", "properties.price")]
    [InlineData("Item Purchased", """{"itemId":"p","price":79228162514264337593543950335,"quantity":2}""", "properties.price")]
    [InlineData("Order Completed", "{}", "properties.products")]
    [InlineData("Order Completed", """{"products":{}}""", "properties.products")]
    [InlineData("Order Completed", """{"products":[]}""", "properties.products")]
    [InlineData("Order Completed", """{"products":[{"product_id":"a"},7]}""", "properties.products[1]")]
    [InlineData("Order Completed", """{"products":[{"product_id":"a"},{"name":"b"}]}""", "properties.products[1].itemId")]
    [InlineData("Order Completed", """{"products":[{"product_id":"a","price":true}]}""", "properties.products[0].price")]
    [InlineData("Friend Added", "{}", "properties.friendId")]
    [InlineData("Friend Added", """{"friendId":"u"}""", "properties.friendId")]
    [InlineData("Friend Added", """{"friendIds":["a",null]}""", "properties.friendIds[1]")]
    [InlineData("Friend Added", """{"friendIds":["a",{}]}""", "properties.friendIds[1]")]
    [InlineData("Friend Removed", """{"friendIds":[]}""", "properties.friendIds")]
    [InlineData("Consent Updated", "{}", "properties")]
    [InlineData("Consent Updated", """{"tracking":"no"}""", "properties.tracking")]
    [InlineData("Item Updated", "{}", "properties.itemId")]
    [InlineData("Event Rescheduled", """{"eventId":"e"}""", "properties.start")]
    [InlineData("Event Rescheduled", """{"eventId":"e","start":null}""", "properties.start")]
    [InlineData("Event Rescheduled", """{"eventId":"e","startsAt":"next week"}""", "properties.startsAt")]
    [InlineData("Event Updated", """{"eventId":"e","start":"1066-01-01"}""", "properties.start")]
    [InlineData("Item Price Changed", """{"itemId":"e","price":"12"}""", "properties.price")]
    [InlineData("Item Stock Changed", """{"itemId":"e","stock":1.5}""", "properties.stock")]
    [InlineData("Item Stock Changed", """{"itemId":"e","stock":-1}""", "properties.stock")]
    [InlineData("Item Updated", """{"itemId":"e","cancelled":"yes"}""", "properties.cancelled")]
    public void What_is_wrong_in_properties_is_told_by_its_path(string name, string properties, string field) => RefusedTrack(name, properties).ShouldBe(field);

    [Theory]
    [InlineData("12.5", "1", 125_000)]
    [InlineData("0.1", "3", 3_000)]
    [InlineData("19.99", "7", 1_399_300)]
    [InlineData("0.00005", "1", 0)]
    [InlineData("0.00015", "1", 2)]
    [InlineData("100000000", "1", 1_000_000_000_000)]
    [InlineData("2", "null", 20_000)]
    [InlineData("2", "0.5", 10_000)]
    [InlineData("0", "4", 0)]
    public void An_amount_is_price_times_quantity_in_ten_thousandths(string price, string quantity, long amount) =>
        Track("Item Purchased", $$"""{"itemId":"p","price":{{price}},"quantity":{{quantity}}}""").Users.Single().Amount.ShouldBe(amount);

    [Fact]
    public void An_order_is_a_purchase_of_each_product()
    {
        var made = Track("Order Completed", """{"order_id":"o","total":30,"products":[{"product_id":"a","price":10,"quantity":2},{"sku":"b","price":9.99},{"product_id":7}]}""").Users;
        made.Select(one => (one.Kind, one.MessageId, one.Item, one.Amount)).ShouldBe(
            [("purchased", "m#0", "a", 200_000L), ("purchased", "m#1", "b", 99_900L), ("purchased", "m#2", "7", null)]);
    }

    [Fact]
    public void A_list_of_products_shows_each_of_them_up_to_a_limit()
    {
        Track("Product List Viewed", """{"products":[{"product_id":"a"},{"product_id":"b"}]}""").Users.Select(one => (one.Kind, one.MessageId, one.Item))
            .ShouldBe([("shown", "m#0", "a"), ("shown", "m#1", "b")]);
        var many = string.Join(',', Enumerable.Range(0, 501).Select(i => $$"""{"id":{{i}}}"""));
        RefusedTrack("Product List Viewed", $$"""{"products":[{{many}}]}""").ShouldBe("properties.products");
    }

    [Fact]
    public void Friends_are_told_both_sides()
    {
        var made = Track("Friend Added", """{"friendIds":["a",7]}""").Users.Single();
        (made.Kind, made.OneSided, made.FriendsRemoved).ShouldBe(("friends", false, null));
        made.FriendsAdded.ShouldBe(["a", "7"]);
        Track("Friend Removed", """{"friendId":"a"}""").Users.Single().FriendsRemoved.ShouldBe(["a"]);
    }

    [Fact]
    public void Consent_is_an_event_of_its_own()
    {
        var made = Track("Consent Updated", """{"tracking":false}""").Users.Single();
        (made.Kind, made.MessageId, made.Tracking, made.Personalisation).ShouldBe(("consent", "m", false, null));
    }

    [Fact]
    public void A_name_without_a_rule_is_kept_with_its_properties()
    {
        var made = Track("Signed Up", """{"plan":"gold","seats":3,"trial":false,"none":null,"ref":{"source":"ad"}}""").Users.Single();
        (made.Kind, made.Name, made.Item).ShouldBe(("other", "Signed Up", null));
        made.Traits.ShouldBe(new Dictionary<string, string> { ["plan"] = "gold", ["seats"] = "3", ["trial"] = "false", ["ref.source"] = "ad" }, ignoreOrder: true);
        Track("Signed Up", "{}").Users.Single().Traits.ShouldBeNull();
    }

    [Fact]
    public void Of_properties_that_do_not_fit_the_rest_is_kept_and_they_are_counted()
    {
        var mapped = Track("Read", $$"""
            {"ok":1,"long":"{{new string('x', 2049)}}","half":"\ud800","\udc00":1,"deep":{{string.Concat(Enumerable.Repeat("{\"a\":", 8))}}1{{new string('}', 8)}},
            {{string.Join(',', Enumerable.Range(0, 102).Select(i => $"\"t{i}\":{i}"))}}}
            """);
        mapped.Users.Single().Traits!.Count.ShouldBe(100);
        mapped.Users.Single().Traits!["ok"].ShouldBe("1");
        mapped.LeftOut.ShouldBe(4 + 3);
    }

    /// <summary>What is known last of an item holds: of the next century nothing later would.</summary>
    [Fact]
    public void What_is_learnt_of_an_item_long_after_it_was_received_is_refused()
    {
        string Updated(string timestamp) => Message("track", """
            "event":"Item Updated","properties":{"itemId":"e","price":5}
            """).Replace("2026-05-01T11:00:00.000Z", timestamp);
        Refused(Updated("2150-01-01T00:00:00Z")).Reason.ShouldBe("lies more than 24 hours after it was received (Api:EventsAhead)");
        Whole(Updated("2026-05-02T11:00:00Z")).Items.Single().At.ShouldBe(ReceivedAt.AddHours(23));
    }

    [Fact]
    public void What_is_learnt_of_an_item_is_nothing_that_its_sender_did()
    {
        var mapped = Track("Event Rescheduled", """{"eventId":"e","startsAt":"2026-06-01T20:00:00.000+02:00","city":"Oslo","venue":{"name":"Hall"},"kind":"gig"}""");
        mapped.Users.ShouldBeEmpty();
        var made = mapped.Items.Single();
        (made.ItemId, made.MessageId, made.At).ShouldBe(("e", "m", ReceivedAt.AddHours(-1)));
        made.Traits.ShouldBe(new Dictionary<string, string>
        {
            ["kind"] = "event", ["start"] = "2026-06-01T20:00:00+02:00", ["city"] = "Oslo", ["venue.name"] = "Hall",
        }, ignoreOrder: true);
    }

    [Theory]
    [InlineData("Item Created", """{"itemId":"e","title":"T"}""", "title", "T")]
    [InlineData("Event Cancelled", """{"itemId":"e"}""", "cancelled", "true")]
    [InlineData("Product Updated", """{"product_id":"e","canceled":false}""", "cancelled", "false")]
    [InlineData("Product Price Changed", """{"product_id":"e","price":12.50}""", "price", "12.50")]
    [InlineData("Product Stock Changed", """{"product_id":"e","inventory":0}""", "stock", "0")]
    [InlineData("Event Updated", """{"eventId":"e","start":null}""", "start", "")]
    [InlineData("Event Updated", """{"eventId":"e","start":"2026-06-01"}""", "start", "2026-06-01T00:00:00+00:00")]
    [InlineData("Event Updated", """{"eventId":"e","latitude":59.9}""", "lat", "59.9")]
    [InlineData("Event Updated", """{"eventId":"e","city":null}""", "city", "")]
    public void Traits_of_items_are_read_by_their_types(string name, string properties, string trait, string value)
    {
        var made = Track(name, properties).Items.Single();
        (made.ItemId, made.Traits![trait]).ShouldBe(("e", value));
    }

    [Fact]
    public void Another_mapping_has_other_names_and_paths()
    {
        var mapping = TrackingMapping.Parse("my.json", """
            {
              // What our shop sends.
              "itemId": ["thing.id"],
              "events": [
                { "names": ["looked"], "kind": "viewed" },
                { "names": ["paid"], "kind": "purchased", "each": "basket.lines", "price": ["sum"], "item": ["nr"] },
              ]
            }
            """);
        Track("looked", """{"thing":{"id":"x"}}""", mapping).Users.Single().Item.ShouldBe("x");
        var paid = Track("paid", """{"basket":{"lines":[{"nr":3,"sum":2}]}}""", mapping).Users.Single();
        (paid.Item, paid.Amount).ShouldBe(("3", 20_000L));
        Track("Event Joined", """{"eventId":"e"}""", mapping).Users.Single().Kind.ShouldBe("other");
    }

    [Theory]
    [InlineData("{", "my.json: ", "line 1")]
    [InlineData("null", "my.json: must be an object", "")]
    [InlineData("""{"itemId":["i"]}""", "my.json: ", "events")]
    [InlineData("""{"itemId":[],"events":[]}""", "my.json: itemId: must not be empty", "")]
    [InlineData("""{"itemId":["a..b"],"events":[]}""", "my.json: itemId: 'a..b'", "")]
    [InlineData("""{"itemId":["i"],"events":[],"more":1}""", "my.json: more: is not a known member", "line 1")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"bought"}]}""", "my.json: events[0].kind: 'bought' is none; there are shown", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":[],"kind":"other"}]}""", "my.json: events[0].names: must not be empty", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"other"},{"names":["X"],"kind":"other"}]}""", "my.json: events[1].names: 'X' has a rule already", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"viewed","price":["p"]}]}""", "my.json: events[0].price: says nothing in a rule of kind viewed", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"friends"}]}""", "my.json: events[0]: a rule of kind friends has", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"consent"}]}""", "my.json: events[0]: a rule of kind consent has", "")]
    [InlineData("""{"itemId":["i"],"events":[{"names":["x"],"kind":"item","needs":["start"]}]}""", "my.json: events[0].needs: 'start' is not in itemTraits", "")]
    [InlineData("""{"itemId":["i"],"events":[],"itemTraits":{"start":{"from":["s"],"type":"date"}}}""", "my.json: itemTraits.start.type: 'date' is none", "")]
    public void A_mapping_that_cannot_be_used_says_where_and_why(string json, string start, string holds)
    {
        var message = Should.Throw<FormatException>(() => TrackingMapping.Parse("my.json", json)).Message;
        message.ShouldStartWith(start);
        message.ShouldContain(holds);
    }

    private static string RefusedTrack(string name, string properties) => Refused(Message("track", $$"""
        "event":"{{name}}","properties":{{properties}}
        """)).Field;
}
