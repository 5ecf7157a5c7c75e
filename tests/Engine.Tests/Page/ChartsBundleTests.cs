using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Page;

/// <summary>Making the charts at build: where it cannot be done the build is told why, soon, and nothing is left behind.</summary>
public sealed class ChartsBundleTests : IDisposable
{
    private static readonly string Charts = Path.Combine(AppContext.BaseDirectory, "Page", "charts");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsProgramsFact("node")]
    public async Task Without_npm_the_reason_is_told_and_nothing_is_left()
    {
        var run = await Bundle(("PATH", _folder.At("nowhere")));
        run.ShouldBe((1, "The page is built without charts: npm was not found. They need Node.js 20 or later with npm, and its registry; then build again.\n"));
        Directory.GetFileSystemEntries(_folder.At("out")).ShouldBeEmpty();
    }

    [NeedsProgramsFact("node", "npm")]
    public async Task Without_a_registry_the_reason_is_told_and_npm_is_not_asked_again_soon()
    {
        (string, string)[] offline = [("npm_config_registry", "http://127.0.0.1:9/"), ("npm_config_cache", _folder.At("cache"))];
        var (code, said) = await Bundle(offline);
        code.ShouldBe(1);
        said.ShouldStartWith("The page is built without charts: npm could not fetch the packages (ECONNREFUSED). They need");
        Directory.GetFileSystemEntries(_folder.At("out")).ShouldBe([_folder.At("out/charts.js.failed")]);

        // Had npm been looked for, it would not have been found.
        var nowhere = ("PATH", _folder.At("nowhere"));
        said = (await Bundle(nowhere)).Said;
        said.ShouldStartWith("The page is built without charts: npm could not fetch the packages (ECONNREFUSED), 0 min ago; ");
        said.ShouldContain("out/charts.js.failed is deleted");

        await File.WriteAllTextAsync(_folder.At("out/charts.js"), "of an earlier build");
        File.SetLastWriteTimeUtc(_folder.At("out/charts.js"), DateTime.UnixEpoch);
        (await Bundle(nowhere)).Said.ShouldStartWith("The page is built with the charts of an earlier build: npm could not fetch");
        File.SetLastWriteTimeUtc(_folder.At("out/charts.js.failed"), DateTime.UtcNow.AddHours(-2));
        (await Bundle(nowhere)).Said.ShouldStartWith("The page is built with the charts of an earlier build: npm was not found");
    }

    [NeedsProgramsFact("node", "npm")]
    public async Task Builds_at_one_time_make_one_bundle_and_a_lock_that_was_left_behind_holds_nobody_up()
    {
        Directory.CreateDirectory(_folder.At("out"));
        // No process has this number: it is more than any system gives.
        await File.WriteAllTextAsync(_folder.At("out/charts.js.lock"), "2147483646");
        foreach (var run in await Task.WhenAll(Bundle(), Bundle(), Bundle())) run.ShouldBe((0, ""));
        Directory.GetFileSystemEntries(_folder.At("out")).ShouldBe([_folder.At("out/charts.js")]);
        var bundle = await File.ReadAllTextAsync(_folder.At("out/charts.js"));
        bundle.ShouldStartWith("/*!");
        bundle.ShouldContain("The Apache Software Foundation");
        bundle.ShouldContain("Baidu Inc.");
        bundle.ShouldNotContain("</script");

        var made = File.GetLastWriteTimeUtc(_folder.At("out/charts.js"));
        (await Bundle()).ShouldBe((0, ""));
        File.GetLastWriteTimeUtc(_folder.At("out/charts.js")).ShouldBe(made);
    }

    private async Task<(int Code, string Said)> Bundle(params (string, string)[] variables)
    {
        var (code, output, error) = await Programs.Run(
            Programs.PathOf("node"), [Path.Combine(Charts, "bundle.mjs"), _folder.At("out/charts.js")], Path.GetTempPath(), input: null, variables);
        error.ShouldBeEmpty();
        return (code, output);
    }
}
