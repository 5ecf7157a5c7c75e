using System.Text;
using Auie.Client.Csv;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Engine.Tests.Client;

public sealed class NumericCsvTests
{
    [Fact]
    public async Task Empty_NA_NaN_and_null_in_any_case_are_missing()
    {
        var (values, errors) = await Read("a,b\n,NA\nnan,NULL\n\"\",  \n");
        errors.ShouldBeEmpty();
        values.Length.ShouldBe(6);
        values.ShouldAllBe(value => double.IsNaN(value));
    }

    [Fact]
    public async Task What_is_not_a_finite_number_is_told_with_line_column_and_text()
    {
        var (values, errors) = await Read("a,b\n1,None\n\n23-May,2\n1e999,∞\n3,4\n1,2,3\n");
        values.ShouldBe([3.0, 4.0]);
        errors.Select(error => error.ToString()).ShouldBe(
        [
            "line 2, column b: 'None' is not a finite number",
            "line 4, column a: '23-May' is not a finite number",
            "line 5, column a: '1e999' is not a finite number",
            "line 5, column b: '∞' is not a finite number",
            "line 7: has 3 cells where the header has 2",
        ]);
    }

    [Fact]
    public async Task Only_the_columns_that_are_asked_for_must_be_numbers()
    {
        var (values, errors) = await Read("name,\"b,c\",a\n\"x \"\"y\"\",\nz\",2,1\nw,4,3\n", "a", "b,c");
        errors.ShouldBeEmpty();
        values.ShouldBe([1.0, 2, 3, 4]);
    }

    [Fact]
    public async Task A_line_is_counted_also_inside_quotes()
    {
        var (_, errors) = await Read("name,a\n\"x\ny\",1\nz,bad\n", "a");
        errors.Single().Line.ShouldBe(4);
    }

    [Theory]
    [InlineData("a\n\"1\n")]
    [InlineData("a\n\"1\"2\n")]
    public async Task Quotes_that_do_not_close_are_refused_with_their_line(string csv) =>
        (await Should.ThrowAsync<CsvFormatException>(() => Read(csv))).Error.Line.ShouldBeGreaterThanOrEqualTo(2);

    [Fact]
    public async Task Reading_stops_at_as_many_errors_as_are_wanted()
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes("a\n" + string.Concat(Enumerable.Repeat("x\n", 1_000))));
        var csv = await NumericCsvReader.Open(stream, null, null, new NumericCsvLimits(Errors: 7), default);
        (await csv.Read(new double[100], default)).ShouldBe(0);
        csv.Errors.Count.ShouldBe(7);
    }

    [Fact]
    public async Task A_row_without_an_end_is_refused_before_it_fills_memory()
    {
        await using var endless = new Endless();
        var thrown = await Should.ThrowAsync<CsvFormatException>(async () => await NumericCsvReader.Open(endless, null, null, NumericCsvLimits.Default, default));
        thrown.Message.ShouldContain("longer");
        endless.Given.ShouldBeLessThan(4 << 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1_000)]
    public async Task A_byte_order_mark_and_line_ends_are_taken_however_the_bytes_arrive(int atOnce)
    {
        using var stream = new Drip("\uFEFF\"a\",b\r\n1,\"2\"\r\n\r\n3,4"u8.ToArray(), atOnce);
        var csv = await NumericCsvReader.Open(stream, null, null, NumericCsvLimits.Default, default);
        csv.Columns.ShouldBe(["a", "b"]);
        var values = new double[10];
        (await csv.Read(values, default)).ShouldBe(2);
        values[..4].ShouldBe([1.0, 2, 3, 4]);
    }

    [Fact]
    public void Records_are_read_as_they_were_written_however_the_bytes_arrive()
    {
        var text = Gen.Elements("", "1", "-2.5e3", "x", "a,b", "say \"hi\"", "two\nlines", " ", "ä🎉", "\r\n");
        var table = from width in Gen.Choose(2, 5)
                    from rows in Gen.ArrayOf(Gen.ArrayOf(text, width))
                    from chunk in Gen.Choose(1, 40)
                    select (rows, chunk);
        Prop.ForAll(table.ToArbitrary(), async sample =>
        {
            var csv = Encoding.UTF8.GetBytes(string.Concat(sample.rows.Select(row => string.Join(',', row.Select(Quote)) + "\r\n")));
            var ours = new List<string[]>();
            using var stream = new Drip(csv, sample.chunk);
            var reader = new CsvRecordReader(stream, NumericCsvLimits.Default);
            while (await reader.Read(default))
                ours.Add([.. Enumerable.Range(0, reader.Count).Select(field => Encoding.UTF8.GetString(reader[field]).Replace("\"\"", "\""))]);

            ours.ShouldBe(sample.rows);
        }).Check(Config.QuickThrowOnFailure.WithReplay(7, 11));
    }

    [Fact]
    public async Task A_column_called_id_identifies_rows_and_is_not_among_the_numbers()
    {
        var csv = await Open("id,a\n\"x, \"\"y\"\"\",1\n7,2\n");
        csv.IdColumn.ShouldBe("id");
        csv.Columns.ShouldBe(["a"]);
        var (values, ids) = (new double[5], new string[5]);
        (await csv.Read(values, ids, default)).ShouldBe(2);
        values[..2].ShouldBe([1.0, 2.0]);
        ids[..2].ShouldBe(["x, \"y\"", "7"]);
    }

    [Fact]
    public async Task Doubled_quotes_stand_for_one_only_inside_quotes()
    {
        var csv = await Open("id,a\n5\"\"x,1\n\"5\"\"x\",2\n");
        var ids = new string[2];
        (await csv.Read(new double[2], ids, default)).ShouldBe(2);
        ids.ShouldBe(["5\"\"x", "5\"x"]);
    }

    [Theory]
    [InlineData("b", null, "b", "id,a")]
    [InlineData("", null, null, "id,a,b")]
    [InlineData(null, "id", null, "id")]
    [InlineData(null, "a", "id", "a")]
    [InlineData("a", "b", "a", "b")]
    public async Task Which_column_identifies_rows_can_be_told(string? id, string? column, string? found, string columns)
    {
        var csv = await Open("id,a,b\n1,2,3\n", id, column is null ? null : [column]);
        csv.IdColumn.ShouldBe(found);
        csv.Columns.ShouldBe(columns.Split(','));
    }

    [Theory]
    [InlineData("a,b\n1,2\n", "c", null, "column c: is to identify the rows and is not in the header")]
    [InlineData("a,b\n1,2\n", "a", "a", "column a: identifies the rows and cannot be a column of numbers too")]
    [InlineData("id,a,id\n1,2,3\n", null, null, "column id: is in the header more than once")]
    [InlineData("id\n1\n", null, null, "column id: is the only column")]
    public async Task An_id_that_cannot_be_is_refused(string text, string? id, string? column, string reason) =>
        (await Should.ThrowAsync<CsvFormatException>(() => Open(text, id, column is null ? null : [column]))).Message.ShouldContain(reason);

    [Fact]
    public async Task A_row_without_an_id_is_told_with_its_line()
    {
        using var stream = new MemoryStream([.. "id,a\nx,1\n,2\n\"\",3\n"u8, 0xFF, .. ",4\n"u8]);
        var csv = await NumericCsvReader.Open(stream, null, null, NumericCsvLimits.Default, default);
        (await csv.Read(new double[9], default)).ShouldBe(1);
        csv.Errors.Select(error => error.ToString()).ShouldBe(
        [
            "line 3, column id: is empty, and it has to identify the row",
            "line 4, column id: is empty, and it has to identify the row",
            "line 5, column id: is not valid UTF-8, and it has to identify the row",
        ]);
    }

    private static Task<NumericCsvReader> Open(string text, string? id = null, string[]? columns = null) =>
        NumericCsvReader.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), columns, id, NumericCsvLimits.Default, default);

    private static string Quote(string cell) => cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"")}\"" : cell;

    private static async Task<(double[] Values, IReadOnlyList<CellError> Errors)> Read(string text, params string[] columns)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        var csv = await NumericCsvReader.Open(stream, columns, null, NumericCsvLimits.Default, default);
        var all = new List<double>();
        var some = new double[csv.Columns.Length * 2];
        while (await csv.Read(some, default) is > 0 and var rows) all.AddRange(some[..(rows * csv.Columns.Length)]);
        return ([.. all], csv.Errors);
    }

    private sealed class Drip(byte[] bytes, int atOnce) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(atOnce, buffer.Length)], cancellationToken);
    }

    private sealed class Endless : MemoryStream
    {
        public int Given { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'1');
            Given += buffer.Length;
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
