using System.Text;
using System.Text.Json;
using Auie.Cli;
using Auie.Client.Csv;

namespace Auie.Engine.Tests.Cli.Import;

/// <summary>What `auie import event-challenge` finds in tables before it sends anything.</summary>
public sealed class ImportCheckTests : IDisposable
{
    private readonly SomeTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public async Task Good_tables_are_counted_and_nothing_is_rejected()
    {
        var report = await Check();
        (report.GetProperty("ids").GetInt64(), report.GetProperty("knownUsers").GetInt64()).ShouldBe((7, 2));
        (report.GetProperty("friendLinks").GetInt64(), report.GetProperty("knownFriendLinks").GetInt64()).ShouldBe((4, 2));
        (report.GetProperty("answers").GetInt64(), report.GetProperty("knownAnswers").GetInt64()).ShouldBe((6, 3));
        report.GetProperty("facts").GetInt64().ShouldBe(2 + 3 + 2 + 2 + 2 + 4 + 6);
        Column(report, "users", "birthyear").GetProperty("missing").GetInt64().ShouldBe(1);
        Column(report, "users", "birthyear").GetProperty("treatment").GetString().ShouldBe("the median stands in where it is clustered");
        Column(report, "users", "birthyear").GetProperty("imputed").GetInt64().ShouldBe(1);
        Column(report, "users", "birthyear").GetProperty("imputedAs").GetString().ShouldBe("the median in age, birthyear");
        Column(report, "users", "joinedAt").GetProperty("imputedAs").GetString().ShouldBe("the median in tenure");
        Column(report, "user_friends", "friends").GetProperty("imputed").GetInt64().ShouldBe(1);
        Column(report, "user_friends", "friends").GetProperty("imputedAs").GetString().ShouldBe("0 in friends_count");
        Column(report, "users", "location").GetProperty("missing").GetInt64().ShouldBe(1);
        Column(report, "users", "location").GetProperty("imputed").GetInt64().ShouldBe(0);
        Column(report, "users", "joinedAt").GetProperty("missing").GetInt64().ShouldBe(1);
        Column(report, "events", "c_1..c_other").GetProperty("missing").GetInt64().ShouldBe(2 * 101);
        Column(report, "user_friends", "friends").GetProperty("missing").GetInt64().ShouldBe(1);
        File.Exists(_tables.Rejects).ShouldBeFalse();
    }

    [Fact]
    public async Task Gzipped_tables_give_what_plain_ones_do()
    {
        var plain = Counts(await Check());
        _tables.Zip();
        Counts(await Check()).ShouldBe(plain);
    }

    [Theory]
    [InlineData("users.csv", "1,en_US,1990,male,,,", "user_id", "1", "came in an earlier row already")]
    [InlineData("users.csv", "x5,en_US,1990,male,,,", "user_id", "x5", "is not a whole number in plain digits")]
    [InlineData("users.csv", "05,en_US,1990,male,,,", "user_id", "05", "is not a whole number in plain digits")]
    [InlineData("users.csv", ",en_US,1990,male,,,", "user_id", "", "is missing, and the row says nothing without it")]
    [InlineData("users.csv", "5,en_US,1990,male,,", "", "6 columns", "has another number of columns than the header, which has 7")]
    [InlineData("users.csv", "5,\"a\"b,1990,male,,,", "", "", "text follows a closing quote")]
    [InlineData("train.csv", "1,10,1,2012-10-02T15:53:05.754Z,0,0", "", "\"1,10\"", "is a repeated row: this event was shown to this user at this instant in an earlier one")]
    [InlineData("train.csv", "1,10,0,yesterday,0,0", "timestamp", "yesterday", "is not a time from 1900 to 2200 as in 2012-10-02T15:53:05Z")]
    [InlineData("train.csv", "1,10,0,2012-13-02 15:53:05+00:00,0,0", "timestamp", "2012-13-02 15:53:05+00:00", "is not a time from 1900 to 2200 as in 2012-10-02T15:53:05Z")]
    [InlineData("train.csv", "1,10,0,2012-12-02 15:53:05+00:00,2,0", "interested", "2", "is neither 0 nor 1")]
    [InlineData("train.csv", "1,10,yes,2012-12-02 15:53:05+00:00,0,0", "invited", "yes", "is neither 0 nor 1")]
    [InlineData("train.csv", "1,10,0,2012-12-02 15:53:05+00:00,1,1", "", "\"1,1\"", "is both interested and not interested")]
    [InlineData("event_attendees.csv", "10,5,,,", "event", "10", "came in an earlier row already")]
    [InlineData("user_friends.csv", "1,5", "user", "1", "came in an earlier row already")]
    public async Task A_row_that_cannot_be_used_is_rejected_and_told_with_its_place(string file, string row, string column, string value, string reason)
    {
        var before = Counts(await Check());
        _tables.Append(file, row);
        var line = File.ReadAllLines(_tables.At(file)).Length;
        Counts(await Check()).ShouldBe(before);
        _tables.RejectedRows().ShouldBe([$"{file},{line},{column},{value},{(reason.Contains(',', StringComparison.Ordinal) ? $"\"{reason}\"" : reason)}"]);
    }

    [Theory]
    [InlineData("users.csv", "5,en_US,1899,male,,,", "birthyear", "1899")]
    [InlineData("users.csv", "5,en_US,2001,male,,,", "birthyear", "2001")]
    [InlineData("users.csv", "5,en_US,23-May,male,,,", "birthyear", "23-May")]
    [InlineData("users.csv", "5,en_US,1990,male,2012-30-30T00:00:00Z,,", "joinedAt", "2012-30-30T00:00:00Z")]
    [InlineData("users.csv", "5,en_US,1990,male,,,841", "timezone", "841")]
    [InlineData("users.csv", "5,en_US,1990,male,,,1.5", "timezone", "1.5")]
    [InlineData("users.csv", "5,en_US,1990,male,,be\u0007ll,", "location", "be\\u0007ll")]
    [InlineData("event_attendees.csv", "13,5 x6,,,", "yes", "x6")]
    [InlineData("event_attendees.csv", "13,5 6 5,,,", "yes", "5")]
    [InlineData("event_attendees.csv", "13,5 6,6,,", "maybe", "6")]
    [InlineData("user_friends.csv", "5,6 -7", "friends", "-7")]
    [InlineData("user_friends.csv", "5,6 5", "friends", "5")]
    public async Task A_cell_that_cannot_be_used_is_rejected_and_its_row_goes_on_without_it(string file, string row, string column, string value)
    {
        _tables.Append(file, row);
        var report = await Check();
        var reject = _tables.RejectedRows().ShouldHaveSingleItem();
        reject.ShouldStartWith($"{file},{File.ReadAllLines(_tables.At(file)).Length},{column},{value},");
        var table = Path.GetFileNameWithoutExtension(file);
        Table(report, table).GetProperty("rejectedRows").GetInt64().ShouldBe(0);
        var finding = Column(report, table, column).GetProperty("rejected").EnumerateArray().ShouldHaveSingleItem();
        finding.GetProperty("count").GetInt64().ShouldBe(1);
        finding.GetProperty("examples")[0].GetString().ShouldBe(value);
    }

    [Fact]
    public async Task Wrong_cells_of_events_are_rejected_one_by_one()
    {
        _tables.Write("events.csv", SomeTables.Events("10,x,then,,,,,91,-181").Replace(",-181,", ",-181,x", StringComparison.Ordinal));
        await Check();
        _tables.RejectedRows().Select(row => row.Split(',')[2]).ShouldBe(["user_id", "start_time", "lat", "lng", "c_1"]);
    }

    [Fact]
    public async Task Text_that_is_not_UTF8_is_rejected_and_its_row_kept()
    {
        _tables.Write("users.csv", [.. Encoding.UTF8.GetBytes($"{SomeTables.UsersHeader}\n5,en_US,1990,male,,Z"), 0xFC, .. "rich,\n"u8]);
        var report = await Check();
        report.GetProperty("knownUsers").GetInt64().ShouldBe(1);
        _tables.RejectedRows().ShouldBe(["users.csv,2,location,Z\uFFFDrich,is not valid UTF-8"]);
    }

    [Fact]
    public async Task A_value_is_cut_and_quoted_in_the_rejects_file()
    {
        _tables.Append("users.csv", $"5,en_US,\"19,\"\"{new string('9', 3_000)}\",male,,,");
        await Check();
        var row = _tables.RejectedRows().ShouldHaveSingleItem();
        row.ShouldStartWith("users.csv,4,birthyear,\"19,");
        row.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public async Task A_year_that_far_more_were_born_in_than_near_it_is_suspicious_and_kept()
    {
        var births = Enumerable.Repeat(1910, 40).Concat(Enumerable.Repeat(1911, 9)).Concat(Enumerable.Repeat(1990, 90)).Concat(Enumerable.Repeat(1991, 80));
        _tables.Write("users.csv", SomeTables.UsersHeader + "\n" + string.Concat(births.Select((year, user) => $"{user + 1},en_US,{year},male,,,\n")));
        var spike = Column(await Check(), "users", "birthyear").GetProperty("suspicious").EnumerateArray().ShouldHaveSingleItem();
        spike.GetProperty("count").GetInt64().ShouldBe(40);
        spike.GetProperty("examples").EnumerateArray().Select(year => year.GetString()).ShouldBe(["1910"]);
    }

    [Fact]
    public async Task Words_that_nobody_expects_are_kept_and_called_suspicious()
    {
        _tables.Append("users.csv", "5,Klingon,1990,other,,,");
        var report = await Check();
        Column(report, "users", "locale").GetProperty("suspicious")[0].GetProperty("examples")[0].GetString().ShouldBe("Klingon");
        Column(report, "users", "gender").GetProperty("suspicious")[0].GetProperty("examples")[0].GetString().ShouldBe("other");
        _tables.RejectedRows().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_missing_table_and_one_that_is_there_twice_are_told_together()
    {
        File.Delete(_tables.At("train.csv"));
        _tables.Write("events.csv.gz", []);
        var run = (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("neither train.csv nor train.csv.gz");
        run.Error.ShouldContain("both events.csv and events.csv.gz");
    }

    [Fact]
    public async Task Tables_beside_the_five_are_not_read_and_it_is_said()
    {
        _tables.Write("test.csv", "\"");
        (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Ok).Error.ShouldContain("not read: test.csv");
    }

    [Fact]
    public async Task Another_header_is_told_with_what_is_expected_and_found()
    {
        _tables.Write("user_friends.csv", "user,foes\n1,2\n");
        await ShouldBeFatal("user_friends.csv, line 1: the columns must be user,friends; found were user,foes");
        _tables.Write("user_friends.csv", []);
        await ShouldBeFatal("user_friends.csv, line 1: is empty; a header is needed with the columns user,friends");
    }

    [Fact]
    public async Task A_truncated_or_damaged_gzip_is_told_with_the_line()
    {
        _tables.Append("user_friends.csv", string.Concat(Enumerable.Range(100, 20_000).Select(user => $"{user},{user * 7919L}\n")));
        _tables.Zip();
        var whole = File.ReadAllBytes(_tables.At("user_friends.csv.gz"));
        _tables.Write("user_friends.csv.gz", whole[..(whole.Length / 2)]);
        await ShouldBeFatal("user_friends.csv.gz, line ", "truncated or damaged");
        _tables.Write("user_friends.csv.gz", whole[..^4]);
        await ShouldBeFatal("user_friends.csv.gz, line ", "truncated or damaged");
        var damaged = whole.ToArray();
        damaged[whole.Length / 2] ^= 0xFF;
        _tables.Write("user_friends.csv.gz", damaged);
        await ShouldBeFatal("user_friends.csv.gz, line ", "truncated or damaged");
    }

    // A gigabyte of spaces is a megabyte of gzip; it must be refused after as much as the limit says, so that memory does not grow with it.
    [Fact]
    public async Task A_line_without_an_end_is_refused_before_it_fills_memory()
    {
        _tables.Zip();
        await using (var file = File.Create(_tables.At("user_friends.csv.gz")))
        await using (var zip = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest))
        {
            zip.Write(Encoding.UTF8.GetBytes($"{SomeTables.FriendsHeader}\n1,"));
            var blank = Enumerable.Repeat((byte)' ', 1 << 20).ToArray();
            for (var megabyte = 0; megabyte < 1_024; megabyte++) zip.Write(blank);
        }

        var before = GC.GetTotalAllocatedBytes();
        await ShouldBeFatal("user_friends.csv.gz, line 2: a row is longer than 16777216 bytes");
        (GC.GetTotalAllocatedBytes() - before).ShouldBeLessThan(256L << 20);
    }

    [Fact]
    public async Task The_longest_row_is_an_option()
    {
        _tables.Append("user_friends.csv", $"5,{new string('6', 200_000)}");
        var run = (await _tables.Import(null, "--dry-run", "--row-limit", "1024")).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("user_friends.csv, line 4: a row is longer than 1024 bytes");
    }

    [Fact]
    public async Task A_row_that_is_too_long_is_refused_though_it_arrives_at_once()
    {
        _tables.Append("user_friends.csv", $"5,{new string(' ', 1_022)}");
        (await _tables.Import(null, "--dry-run", "--row-limit", "1024")).ShouldEndWith(ExitCodes.Ok);
        _tables.Append("user_friends.csv", $"6,{new string(' ', 1_023)}");
        var run = (await _tables.Import(null, "--dry-run", "--row-limit", "1024")).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("user_friends.csv, line 5: a row is longer than 1024 bytes");
    }

    [Fact]
    public async Task A_quote_that_never_closes_is_told_with_the_line_where_its_row_begins()
    {
        _tables.Append("users.csv", "5,\"en_US,1990,male,,,\n6,en_US,1990,male,,,");
        await ShouldBeFatal("users.csv, line 4: a quote is opened in the row that begins here, and never closed");
    }

    [Fact]
    public async Task A_table_that_is_no_file_is_told()
    {
        File.Delete(_tables.At("train.csv"));
        Directory.CreateDirectory(_tables.At("train.csv"));
        await ShouldBeFatal("train.csv is no file.");
    }

    // /dev/full is a disk that is full, for whoever writes.
    [Fact]
    public async Task A_full_disk_for_the_rejects_is_told_and_leaves_nothing_half_written()
    {
        if (!File.Exists("/dev/full")) return;
        _tables.Append("users.csv", "x,en_US,1990,male,,,");
        Directory.CreateDirectory(_tables.At("out"));
        var rejects = _tables.Rejects;
        _tables.Rejects = "/dev/full";
        await ShouldBeFatal("the rejects cannot be written to ", "No space left on device", "Nothing was sent");
        _tables.Rejects = rejects;
        Directory.GetFileSystemEntries(_tables.At("out")).ShouldBeEmpty();
        (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Ok);
        _tables.RejectedRows().Length.ShouldBe(1);
    }

    [Fact]
    public async Task Rejects_go_over_earlier_ones_and_never_over_another_file()
    {
        _tables.Append("users.csv", "x,en_US,1990,male,,,");
        await Check();
        await Check();
        _tables.RejectedRows().Length.ShouldBe(1);
        File.WriteAllText(_tables.Rejects, "a letter");
        (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("no import wrote it");
        File.ReadAllText(_tables.Rejects).ShouldBe("a letter");
    }

    [Fact]
    public async Task The_rejects_of_an_earlier_import_are_removed_when_nothing_is_rejected_any_more()
    {
        var users = File.ReadAllText(_tables.At("users.csv"));
        _tables.Append("users.csv", "x,en_US,1990,male,,,");
        _tables.Write("rejects.csv.part", "a letter");
        _tables.Rejects = _tables.At("rejects.csv");
        (await Check()).GetProperty("rejectsFile").GetString().ShouldBe(_tables.Rejects);
        _tables.Write("users.csv", users);
        (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Ok).Error.ShouldContain("of an earlier import is removed");
        File.Exists(_tables.Rejects).ShouldBeFalse();
        File.ReadAllText(_tables.Rejects + ".part").ShouldBe("a letter");
        (await Check()).GetProperty("rejectsFile").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_first_row_that_cannot_be_split_is_rejected_as_any_other()
    {
        _tables.Write("users.csv", $"{SomeTables.UsersHeader}\n5,\"a\"b,1990,male,,,\n6,en_US,1990,male,,,\n");
        (await Check()).GetProperty("knownUsers").GetInt64().ShouldBe(1);
        _tables.RejectedRows().ShouldBe(["users.csv,2,,,text follows a closing quote"]);
    }

    [Fact]
    public async Task A_failed_check_leaves_no_rejects_file()
    {
        _tables.Append("users.csv", "x,en_US,1990,male,,,");
        _tables.Write("event_attendees.csv", "no,such,header\n");
        await ShouldBeFatal("event_attendees.csv, line 1");
        Directory.GetFileSystemEntries(_tables.At("out")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_person_reads_rows_quality_and_references()
    {
        _tables.Append("users.csv", "5,en_US,23-May,male,,,");
        var run = (await _tables.Import(null, "--dry-run")).ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("users.birthyear");
        run.Out.ShouldContain("rejected: users.birthyear is not a year from 1900 to 2000: 1 ('23-May')");
        run.Out.ShouldContain("8 ids of people occur; 3 of them have a profile.");
        run.Error.ShouldContain("1 rows and cells were rejected; each is in ");
    }

    [Theory]
    [InlineData("--in-flight", "0")]
    [InlineData("--batch", "1")]
    [InlineData("--row-limit", "x")]
    [InlineData("--patience", "-1")]
    public async Task A_wrong_option_is_refused(string option, string value) =>
        (await _tables.Import(null, option, value)).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain(option);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10_000)]
    public async Task Reading_goes_on_behind_a_row_that_cannot_be_split_however_the_bytes_arrive(int atOnce)
    {
        using var stream = new Drip("a,b\n1,\"x\"y,\"z\n2,3\n4,\"5\"6\n7,8"u8.ToArray(), atOnce);
        var reader = new CsvRecordReader(stream, NumericCsvLimits.Default);
        var seen = new List<string>();
        while (true)
        {
            try
            {
                if (!await reader.Read(default)) break;
                seen.Add($"{reader.Line}:{Encoding.UTF8.GetString(reader[0])}");
            }
            catch (CsvFormatException exception) when (exception.CanSkip)
            {
                await reader.Skip(default);
                seen.Add($"{reader.Line}:-");
            }
        }

        seen.ShouldBe(["1:a", "2:-", "3:2", "4:-", "5:7"]);
    }

    private async Task<JsonElement> Check()
    {
        var run = (await _tables.Import(null, "--dry-run", "--json")).ShouldEndWith(ExitCodes.Ok);
        run.Error.ShouldBeEmpty();
        return JsonDocument.Parse(run.Out).RootElement;
    }

    // Nothing is sent, and the next run with good tables works.
    private async Task ShouldBeFatal(params string[] said)
    {
        await using var server = await ImportServer.Start();
        var run = (await _tables.Import(server.Address)).ShouldEndWith(ExitCodes.Failed);
        server.Requests.ShouldBe(0);
        using (var good = new SomeTables()) (await good.Import(server.Address)).ShouldEndWith(ExitCodes.Ok);
        server.Report.ShouldNotBeNull();
        foreach (var part in said) run.Error.ShouldContain(part);
        run.Error.ShouldNotContain("   at ");
        run.Out.ShouldBeEmpty();
    }

    private static (long, long, long, long) Counts(JsonElement report) => (report.GetProperty("ids").GetInt64(), report.GetProperty("facts").GetInt64(),
        report.GetProperty("knownAnswers").GetInt64(), report.GetProperty("knownFriendLinks").GetInt64());

    private static JsonElement Table(JsonElement report, string table) =>
        report.GetProperty("tables").EnumerateArray().Single(one => one.GetProperty("table").GetString() == table);

    private static JsonElement Column(JsonElement report, string table, string column) =>
        Table(report, table).GetProperty("columns").EnumerateArray().Single(one => one.GetProperty("column").GetString() == column);

    private sealed class Drip(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(atOnce, buffer.Length)], cancellationToken);
    }
}
