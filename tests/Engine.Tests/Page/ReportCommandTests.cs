using System.Text;
using Auie.Cli;
using Auie.Engine.Tests.Api;

namespace Auie.Engine.Tests.Page;

/// <summary>auie report: the page in a file, or none at all.</summary>
public sealed class ReportCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-report-");
    private ApiServer _server = null!;

    private string File => Path.Combine(_folder.FullName, "report.html");

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task It_replaces_the_file_and_leaves_nothing_beside_it()
    {
        await System.IO.File.WriteAllTextAsync(File, "of yesterday");
        var run = await Run("report", "-o", File, "--json");
        run.Code.ShouldBe(ExitCodes.Ok, run.Error);
        (await System.IO.File.ReadAllTextAsync(File)).ShouldContain("id=\"data\"");
        run.Out.ShouldContain($"\"bytes\":{new FileInfo(File).Length}");
        _folder.GetFileSystemInfos().Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_dash_is_standard_output()
    {
        var run = await Run("report", "-o", "-");
        run.Code.ShouldBe(ExitCodes.Ok, run.Error);
        run.Out.ShouldStartWith("<!DOCTYPE html>");
        run.Out.ShouldEndWith("</html>\n");
    }

    [Fact]
    public async Task A_failure_leaves_the_file_as_it_was()
    {
        await System.IO.File.WriteAllTextAsync(File, "of yesterday");
        _server.Engine.Failure = new InvalidOperationException();
        (await Run("report", "-o", File)).Code.ShouldBe(ExitCodes.Failed);
        await _server.DisposeAsync();
        (await Run("report", "-o", File)).Code.ShouldBe(ExitCodes.Unreachable);
        (await System.IO.File.ReadAllTextAsync(File)).ShouldBe("of yesterday");
        _folder.GetFileSystemInfos().Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_told_in_a_sentence()
    {
        var missing = await Run("report", "-o", Path.Combine(_folder.FullName, "no-such-folder", "report.html"));
        missing.Code.ShouldBe(ExitCodes.Failed);
        missing.Error.ShouldContain($"there is no folder '{_folder.FullName}/no-such-folder'");
        var folder = await Run("report", "-o", _folder.FullName);
        (folder.Code, folder.Error).ShouldBe((ExitCodes.Failed, $"auie: '{_folder.FullName}' is a folder; a file is needed.\n"));
        (await Run("report", "-o", "")).Code.ShouldBe(ExitCodes.Usage);
        (await Run("report", "-o", "-", "--json")).Code.ShouldBe(ExitCodes.Usage);
        (await Run("report")).Code.ShouldBe(ExitCodes.Usage);
    }

    private async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var environment = new Dictionary<string, string> { ["AUIE_ENDPOINT"] = _server.Address.ToString() };
        using var printed = new MemoryStream();
        var host = new CliHost(output, error, environment.GetValueOrDefault, Interactive: false, Width: 200) { OpenOutput = () => printed };
        var code = await AuieCli.Run(arguments, host);
        return (code, output + Encoding.UTF8.GetString(printed.ToArray()), error.ToString());
    }
}
