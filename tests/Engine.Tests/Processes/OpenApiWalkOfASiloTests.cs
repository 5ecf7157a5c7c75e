using Auie.Client.Keys;
using Auie.Engine.Tests.Api;

namespace Auie.Engine.Tests.Processes;

/// <summary>The walk over every route, against a whole silo in a process of its own.</summary>
public sealed class OpenApiWalkOfASiloTests
{
    [Fact]
    public async Task No_route_is_open_and_no_garbage_ends_the_process()
    {
        using var folder = new TemporaryFolder();
        var secrets = new Dictionary<string, string>();
        foreach (var (name, scopes) in new[] { ("read", Scopes.Read), ("write", Scopes.Write), ("admin", Scopes.Admin) })
        {
            (var key, secrets[name]) = AccessKey.Generate(name, scopes, DateTimeOffset.UnixEpoch);
            KeyFile.Add(folder.At("keys.json"), key);
        }

        await using var silo = SiloProcess.Launch(["run", "--data", folder.At("data"), "--urls", "http://127.0.0.1:0", "--keys", folder.At("keys.json")]);
        await silo.ServingAsync();
        var walk = new OpenApiWalk(silo.Http, scope => secrets[scope]);
        await walk.WithoutRights();
        await walk.WithGarbage();

        silo.HasExited.ShouldBeFalse();
        (await silo.StopAsync()).ShouldBe(0);
        foreach (var secret in secrets.Values)
            (silo.Output + silo.Errors).ShouldNotContain(secret);
    }
}
