using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Engine.Tests.Api;

namespace Auie.Engine.Tests.Cli;

public sealed class PrivacyCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-privacy-");
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_export_is_written_whole_and_says_who_asked()
    {
        _server.Engine.AddUser("ann");
        var file = At("ann.json");
        var (code, output, error) = await Run("users", "export", "ann", "-o", file);
        code.ShouldBe(ExitCodes.Ok, error);
        output.ShouldContain(file);
        var held = JsonDocument.Parse(File.ReadAllText(file)).RootElement.GetProperty("held")[0];
        held.GetProperty("profile").GetProperty("birthYear").GetInt32().ShouldBe(1990);
        held.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("messageId").GetString()).ShouldBe(["m3", "m4"]);
        var audited = _server.Engine.Audited.ShouldHaveSingleItem();
        (audited.Key, audited.What).ShouldBe(("loopback", AuditedActions.Export));

        (await Run("users", "export", "bob", "-o", At("bob.json"))).Code.ShouldBe(ExitCodes.NotFound);
        File.Exists(At("bob.json")).ShouldBeFalse();
    }

    [Fact]
    public async Task Who_asked_for_what_is_listed()
    {
        _server.Engine.AddUser("ann");
        await Run("users", "export", "ann", "-o", At("ann.json"));
        (await Run("audit")).Out.ShouldContain(AuditedActions.Export);
        var entries = JsonDocument.Parse((await Run("audit", "--json")).Out).RootElement.GetProperty("entries");
        entries.GetArrayLength().ShouldBe(1);
        JsonDocument.Parse((await Run("audit", "--after", "1", "--json")).Out).RootElement.GetProperty("entries").GetArrayLength().ShouldBe(0);
        (await Run("audit", "--count", "0")).Code.ShouldNotBe(ExitCodes.Ok);
    }

    [Fact]
    public async Task Consent_is_an_event_of_its_own()
    {
        _server.Engine.AddUser("ann");
        (await Run("users", "consent", "ann")).Out.ShouldContain("not said");
        (await Run("users", "consent", "ann", "--tracking", "no")).Code.ShouldBe(ExitCodes.Ok);
        var said = _server.Engine.Journal.Values.SelectMany(events => events).ShouldHaveSingleItem();
        (said.Kind, said.Tracking, said.Personalisation).ShouldBe(("consent", false, null));
        (await Run("users", "consent", "ann", "--tracking", "perhaps")).Code.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public async Task An_erasure_is_waited_for_where_that_is_asked_for_and_its_receipt_is_shown()
    {
        _server.Engine.AddUser("ann");
        var (code, output, error) = await Run("users", "erase", "ann", "--wait");
        code.ShouldBe(ExitCodes.Ok, error);
        output.ShouldContain("done");
        output.ShouldContain("tombstone 3");
        (await Run("erasures", "list")).Out.ShouldContain("x1");
        JsonDocument.Parse((await Run("erasures", "show", "x1", "--json")).Out).RootElement.GetProperty("state").GetString().ShouldBe("done");
        (await Run("erasures", "show", "x2")).Code.ShouldBe(ExitCodes.NotFound);
    }

    [Fact]
    public async Task The_log_of_erasures_goes_to_a_file_and_from_one()
    {
        var file = At("erasures.log");
        (await Run("erasures", "export", "-o", file)).Code.ShouldBe(ExitCodes.Ok);
        File.ReadAllText(file).ShouldBe("key a b\nerased a c\n");
        (await Run("erasures", "apply", file)).Out.ShouldContain("1 tombstones were new");
        File.WriteAllText(file, "what\n");
        var (code, _, error) = await Run("erasures", "apply", file);
        (code, error.Contains("is no line", StringComparison.Ordinal)).ShouldBe((ExitCodes.Failed, true));
        (await Run("erasures", "apply", At("none"))).Code.ShouldBe(ExitCodes.NotFound);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var host = new CliHost(output, error, name => name == "AUIE_ENDPOINT" ? _server.Address.ToString() : null, Interactive: false, Width: 200);
        return (await AuieCli.Run(arguments, host), output.ToString(), error.ToString());
    }
}
