using System.Text;
using Auie.Core.Imports;

namespace Auie.Core.Tests.Imports;

public sealed class ImportRecordTests
{
    private static readonly ImportRecord Import = new(
        "event-challenge", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), 12.5, 1, 2, 3, 4, 5, 6, 7, 8, 9,
        [new ImportedTable("users", 10, 1, [new ImportedColumn("birthyear", 2, "left out", [new ImportFinding("no year", 1, ["None"])], [])])]);

    [Fact]
    public void An_import_of_version_1_is_this_text()
    {
        Encoding.UTF8.GetString(Import.Encode()).ShouldBe(
            """{"source":"event-challenge","endedAt":"2026-01-02T03:04:05+00:00","seconds":12.5,"ids":1,"knownUsers":2,"friendLinks":3,"knownFriendLinks":4,"answers":5,"knownAnswers":6,"facts":7,"added":8,"known":9,"tables":[{"table":"users","rows":10,"rejectedRows":1,"columns":[{"column":"birthyear","missing":2,"treatment":"left out","rejected":[{"reason":"no year","count":1,"examples":["None"]}],"suspicious":[]}]}],"v":1}""");
        ImportRecord.Decode(Import.Encode()).ShouldBeEquivalentTo(Import);
    }

    [Fact]
    public void What_is_imputed_is_told_where_it_was_counted()
    {
        var counted = Import with { Tables = [Import.Tables[0] with { Columns = [Import.Tables[0].Columns[0] with { Imputed = 3, ImputedAs = "the median in age" }] }] };
        Encoding.UTF8.GetString(counted.Encode()).ShouldContain("""
            "suspicious":[],"imputed":3,"imputedAs":"the median in age"}
            """.Trim());
        ImportRecord.Decode(counted.Encode()).ShouldBeEquivalentTo(counted);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("null")]
    public void What_is_no_import_is_refused(string text) => Should.Throw<FormatException>(() => ImportRecord.Decode(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void An_import_of_another_version_is_refused() =>
        Should.Throw<FormatException>(() => ImportRecord.Decode((Import with { Version = 2 }).Encode())).Message.ShouldContain("layout 2");
}
