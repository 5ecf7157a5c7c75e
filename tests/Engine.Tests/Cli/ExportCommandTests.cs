using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Engine.Tests.Api;

namespace Auie.Engine.Tests.Cli;

public sealed class ExportCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-export-");
    private byte[] _printed = [];
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_table_is_written_to_its_file_and_its_rows_and_instant_are_told()
    {
        _server.Engine.AddUser("two\nlines, \"quoted\"");
        _server.Engine.AddUser("b");
        var file = At("rows.csv");
        File.WriteAllText(file, "older");

        var (code, output, error) = await Run("export", "features", "--features", "default", "-o", file);

        code.ShouldBe(ExitCodes.Ok, error);
        File.ReadAllText(file).ShouldStartWith("id,age,friends\r\n");
        File.ReadAllText(file).ShouldContain("\"two\nlines, \"\"quoted\"\"\",22,3\r\n");
        output.ShouldBeEmpty();
        error.ShouldBe($"2 rows as of {FakeEngine.AsOf:O} in {file}\n");
        Directory.GetFiles(_folder.FullName).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_table_is_printed_as_it_came_and_what_is_told_goes_elsewhere()
    {
        _server.Engine.AddUser("ä🎉");
        var (code, output, error) = await Run("export", "features", "-o", "-", "--as-of", "2012-12-01");
        code.ShouldBe(ExitCodes.Ok, error);
        Encoding.UTF8.GetString(_printed).ShouldBe("id,age,friends\r\nä🎉,22,3\r\n");
        output.ShouldBeEmpty();
        error.ShouldBe("1 rows as of 2012-12-01T00:00:00.0000000+00:00\n");
    }

    [Fact]
    public async Task For_programs_the_report_is_json()
    {
        _server.Engine.AddUser("a");
        var file = At("users.csv");
        var (code, output, error) = await Run("export", "users", "-o", file, "--json");
        (code, error).ShouldBe((ExitCodes.Ok, ""));
        JsonElement report = JsonDocument.Parse(output).RootElement;
        (report.GetProperty("file").GetString(), report.GetProperty("rows").GetInt64(), report.GetProperty("asOf").ValueKind).ShouldBe((file, 1, JsonValueKind.Null));
        (await Run("export", "users", "-o", "-", "--json")).Code.ShouldBe(ExitCodes.Usage);
    }

    [Fact]
    public async Task A_table_that_breaks_off_leaves_the_older_file_as_it_was()
    {
        for (var i = 0; i < 8_000; i++) _server.Engine.AddUser($"u{i}");
        _server.Engine.BreaksOff = (1, new UnavailableException("the disk"));
        var file = At("users.csv");
        File.WriteAllText(file, "older");
        var (code, _, error) = await Run("export", "users", "-o", file);
        code.ShouldBe(ExitCodes.TryAgain);
        error.ShouldContain("broke off before its end");
        File.ReadAllText(file).ShouldBe("older");
        Directory.GetFiles(_folder.FullName).Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_is_told()
    {
        _server.Engine.AddUser("a");
        var missing = await Run("export", "users", "-o", At("none/users.csv"));
        missing.Code.ShouldBe(ExitCodes.Failed);
        missing.Error.ShouldContain("there is no folder");
        var folder = await Run("export", "users", "-o", _folder.FullName);
        folder.Code.ShouldBe(ExitCodes.Failed);
        folder.Error.ShouldContain("is a folder");
        var full = await Run("export", "users", "-o", "/dev/full");
        full.Code.ShouldBe(ExitCodes.Failed);
        full.Error.ShouldContain("'/dev/full' cannot be written");
        File.Exists("/dev/full").ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_not_there_has_its_own_exit_code_and_leaves_no_file()
    {
        var none = await Run("export", "segments", "-o", At("segments.csv"));
        none.Code.ShouldBe(ExitCodes.NotFound);
        none.Error.ShouldContain("No segmentation is published yet");
        (await Run("export", "features", "--features", "none", "-o", At("rows.csv"))).Code.ShouldBe(ExitCodes.Failed);
        Directory.GetFiles(_folder.FullName).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("export")]
    [InlineData("export", "users")]
    [InlineData("export", "users", "-o", "")]
    [InlineData("export", "friends", "-o", "-")]
    [InlineData("export", "users", "-o", "-", "--as-of", "2012-12-01")]
    [InlineData("export", "features", "-o", "-", "--as-of", "yesterday")]
    public async Task A_wrong_command_line_has_its_own_exit_code_and_a_reason(params string[] arguments)
    {
        var (code, _, error) = await Run(arguments);
        code.ShouldBe(ExitCodes.Usage, error);
        error.ShouldStartWith("auie: ");
    }

    [Theory]
    [InlineData("impressions")]
    [InlineData("features")]
    [InlineData("users")]
    [InlineData("segments")]
    public async Task Help_tells_examples_and_exit_codes(string table)
    {
        var (code, output, _) = await Run("export", table, "--help");
        code.ShouldBe(ExitCodes.Ok);
        output.ShouldContain("Exit codes:");
        output.ShouldContain($"  auie export {table} -o ");
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        using var printed = new MemoryStream();
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var host = new CliHost(output, error, name => name == "AUIE_ENDPOINT" ? _server.Address.ToString() : null, Interactive: false, Width: 200)
        {
            OpenOutput = () => printed,
        };
        var code = await AuieCli.Run(arguments, host);
        _printed = printed.ToArray();
        return (code, output.ToString(), error.ToString());
    }
}
