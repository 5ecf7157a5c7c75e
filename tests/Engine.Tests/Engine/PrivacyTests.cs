using System.Net;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Engine.Tests.Api;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

/// <summary>What users may ask for, over HTTP before a whole engine.</summary>
public sealed class PrivacyTests
{
    [Fact]
    public async Task An_export_has_everything_that_was_sent_of_every_id_and_the_items_that_name_them()
    {
        await using var engine = await TestEngine.StartAsync(null, 5);
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        await engine.SendAsync(Visited("v1", "1"), Event("old", "2", "shown", "e1"));
        await engine.SendAsync(Identify("ann", "3", "v1"), Event("ann", "4", "interested", "e1"), Event("ann", "5", "purchased", "e2") with { Amount = 7 });
        await engine.SendAsync(new UserEvent { UserId = "ann", MessageId = "6", Kind = "friends", At = Noon, FriendsAdded = [.. Enumerable.Range(0, 2_500).Select(i => $"f{i:D4}")], OneSided = true });
        await engine.SendAsync(new UserEvent { UserId = "ann", MessageId = "7", Kind = "friends", At = Noon.AddMinutes(1), FriendsRemoved = ["f0000"], OneSided = true });
        await engine.SendAsync(new UserEvent { UserId = "ann", MessageId = "8", Kind = "consent", At = Noon, Tracking = true });
        await engine.SendAsync(Alias("old", "ann", "9"));
        await engine.SendAsync(Visited("v1", "10"));
        await engine.Client.ImportItems([new ItemEvent { ItemId = "e9", MessageId = "e9", At = Noon, Yes = ["ann", "bob"], Invited = ["old"], Traits = new() { ["creator"] = "ann" } }], CancellationToken.None);

        var answer = await Answer.To(http, HttpMethod.Get, "/api/users/old/export");
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Body);
        answer.Type.ShouldBe("application/json");
        var export = answer.Json;
        export.GetProperty("userId").GetString().ShouldBe("ann");
        export.GetProperty("ids").EnumerateArray().Select(id => id.GetString()).ShouldBe(["ann", "old", "anonymous:v1"], ignoreOrder: true);
        export.GetProperty("segment").ValueKind.ShouldBe(JsonValueKind.Null);
        var held = export.GetProperty("held").EnumerateArray().ToDictionary(one => one.GetProperty("id").GetString()!);
        held.Keys.ShouldBe(["ann", "old", "anonymous:v1"], ignoreOrder: true);
        var ann = held["ann"];
        var trait = ann.GetProperty("traits").EnumerateArray().ShouldHaveSingleItem();
        (trait.GetProperty("name").GetString(), trait.GetProperty("value").GetString(), trait.GetProperty("messageId").GetString(), trait.GetProperty("at").GetDateTimeOffset())
            .ShouldBe(("locale", "en_GB", "3", Noon));
        ann.GetProperty("profile").GetProperty("tracking").GetBoolean().ShouldBeTrue();
        var friends = ann.GetProperty("friends").EnumerateArray().ToArray();
        friends.Length.ShouldBe(2_500);
        friends.Count(friend => friend.GetProperty("isFriend").GetBoolean()).ShouldBe(2_499);
        ann.GetProperty("answers").EnumerateArray().Select(one => (one.GetProperty("item").GetString(), one.GetProperty("shown").GetInt64(), one.GetProperty("purchased").GetInt64()))
            .ShouldBe([("e1", 1, 0), ("e2", 0, 1), ("e-1", 0, 0), ("e-10", 0, 0)], ignoreOrder: true);
        ann.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("messageId").GetString()).ShouldBe(["3", "4", "5", "6", "7", "8", "10", "adopt", "adopt"], ignoreOrder: true);
        held["anonymous:v1"].GetProperty("belongsTo").GetString().ShouldBe("ann");
        held["anonymous:v1"].GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("messageId").GetString()).ShouldBe(["1", "3", "10"]);
        export.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("person").GetString(), item.GetProperty("invited").GetBoolean(), item.GetProperty("made").GetBoolean()))
            .ShouldBe([("ann", false, true), ("old", true, false)], ignoreOrder: true);

        (await Answer.To(http, HttpMethod.Get, "/api/users/nobody/export")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");
        var audited = (await new AuieHttpClient(http).ListAudit()).Entries.ShouldHaveSingleItem();
        (audited.Key, audited.What, audited.Subject!.Length).ShouldBe(("loopback", AuditedActions.Export, 64));
    }

    [Fact]
    public async Task What_a_user_forbids_is_heeded_and_what_they_allow_again_holds_from_then_on()
    {
        await using var engine = await TestEngine.StartAsync(null, 5);
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        var client = new AuieHttpClient(http);
        await engine.SendAsync([.. Enumerable.Range(0, 30).Select(i => Identify($"u{i}", $"{i}") with { Traits = new() { ["birthyear"] = $"{1960 + i}" } })]);
        await engine.SendAsync([.. Enumerable.Range(0, 30).Select(i => Event($"u{i}", $"{i}-shown", "shown", $"e{i % 4}"))]);
        (await client.GetConsent("u1")).ShouldBe(new UserConsent(null, null));
        var found = await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2 });
        (await client.GetUserSegment("u1")).UserId.ShouldBe("u1");

        (await client.PutConsent("u1", new ConsentOrder { Personalisation = false })).ShouldBe(new UserConsent(null, false));
        (await Answer.To(http, HttpMethod.Get, "/api/users/u1/segment")).ShouldBeProblem(HttpStatusCode.NotFound, "no_consent");
        await engine.Client.Flush(CancellationToken.None);
        var members = await engine.MembersAsync(found);
        members.Count.ShouldBe(29);
        members.ShouldNotContainKey("u1");
        (await Answer.To(http, HttpMethod.Get, "/api/export/features")).Body.ShouldNotContain("u1,");
        (await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2 })).Rows.ShouldBe(29);

        var order = new ConsentOrder { Tracking = false, MessageId = "said-once" };
        (await client.PutConsent("u1", order)).ShouldBe(new UserConsent(false, false));
        (await client.PutConsent("u1", order)).ShouldBe(new UserConsent(false, false));
        (await engine.UserAsync("u1")).Events["consent"].ShouldBe(2);
        (await engine.SendAsync(Viewed("u1", "later"))).SelectMany(result => result.Refused).ShouldHaveSingleItem().Field.ShouldBe("userId");
        await client.PutConsent("u1", new ConsentOrder { Tracking = true, Personalisation = true });
        (await engine.SendAsync(Viewed("u1", "later"))).SelectMany(result => result.Refused).ShouldBeEmpty();
        (await client.GetUserSegment("u1")).UserId.ShouldBe("u1");
        (await Answer.To(http, HttpMethod.Put, "/api/users/u1/consent", "{}")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        (await client.ListAudit()).Entries.Select(entry => entry.What).ShouldBe(Enumerable.Repeat(AuditedActions.Consent, 4));
    }

    [Fact]
    public async Task A_user_is_erased_by_http_and_may_not_give_consent_any_more()
    {
        await using var engine = await TestEngine.StartAsync(null, 5);
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        await engine.SendAsync(Viewed("ann", "1"));
        var answer = await Answer.To(http, HttpMethod.Delete, "/api/users/ann");
        answer.Status.ShouldBe(HttpStatusCode.Accepted, answer.Body);
        answer.Response.Headers.Location!.ToString().ShouldBe("/api/erasures/x1");
        (await Answer.To(http, HttpMethod.Get, "/api/users/ann")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");
        (await Answer.To(http, HttpMethod.Put, "/api/users/ann/consent", "{\"tracking\":true}")).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
        (await Answer.To(http, HttpMethod.Get, "/api/erasures/x1")).Json.GetProperty("hashes").GetArrayLength().ShouldBe(1);
        (await Answer.To(http, HttpMethod.Get, "/api/erasures/x2")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_erasure");
        (await new AuieHttpClient(http).ListErasures()).Erasures.ShouldHaveSingleItem().Id.ShouldBe("x1");
    }
}
