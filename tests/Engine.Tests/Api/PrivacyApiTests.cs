using System.Net;
using Auie.Abstractions;

namespace Auie.Engine.Tests.Api;

public sealed class PrivacyApiTests
{
    [Fact]
    public async Task The_audit_names_the_key_and_only_an_admin_exports_erases_and_reads_it()
    {
        await using var server = await ApiServer.StartWithKeys();
        server.Engine.AddUser("ann");
        (string, string) Key(string scope) => ("Authorization", $"Bearer {ApiServer.KeyOf(scope)}");
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/api/users/ann/export"), (HttpMethod.Delete, "/api/users/ann"), (HttpMethod.Get, "/api/erasures"), (HttpMethod.Get, "/api/erasures/log"), (HttpMethod.Get, "/api/audit"),
        })
        {
            foreach (var scope in new[] { "read", "write" })
                (await server.Send(method, path, headers: Key(scope))).ShouldBeProblem(HttpStatusCode.Forbidden, "scope_missing");
        }

        server.Engine.Audited.ShouldBeEmpty();
        (await server.Send(HttpMethod.Get, "/api/users/ann/consent", headers: Key("read"))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Send(HttpMethod.Put, "/api/users/ann/consent", "{\"tracking\":false}", headers: Key("write"))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Send(HttpMethod.Get, "/api/users/ann/export", headers: Key("admin"))).Status.ShouldBe(HttpStatusCode.OK);
        (await server.Send(HttpMethod.Delete, "/api/users/ann", headers: Key("admin"))).Status.ShouldBe(HttpStatusCode.Accepted);
        var audit = await server.Send(HttpMethod.Get, "/api/audit?after=1", headers: Key("admin"));
        audit.Json.GetProperty("entries").EnumerateArray().Select(entry => (entry.GetProperty("key").GetString(), entry.GetProperty("what").GetString()))
            .ShouldBe([("admin", AuditedActions.Export), ("admin", AuditedActions.Erase)]);
        server.Engine.Audited[0].Key.ShouldBe("write");
        (await server.Send(HttpMethod.Get, "/api/audit?after=-1", headers: Key("admin"))).ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task Consent_that_says_nothing_or_something_else_is_refused()
    {
        await using var server = await ApiServer.Start();
        foreach (var body in new[] { "{}", "{\"tracking\":\"yes\"}", "{\"track\":true}", "" })
            ((int)(await server.Send(HttpMethod.Put, "/api/users/ann/consent", body)).Status).ShouldBe(400, body);
        server.Engine.Journal.ShouldBeEmpty();
    }
}
