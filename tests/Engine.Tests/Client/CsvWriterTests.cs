using System.Buffers;
using System.Globalization;
using System.Text;
using Auie.Client.Csv;
using FsCheck;
using FsCheck.Fluent;

namespace Auie.Engine.Tests.Client;

public sealed class CsvWriterTests
{
    [Fact]
    public void Whatever_is_written_reads_back_to_the_same_text_and_the_same_bits()
    {
        var text = Gen.Elements("a", "", "x,y", "say \"hi\"", "two\nlines", "\r", " spaced ", "=1+1", "-5", "@me", "\t", "ä🎉", "'", "\"", "\"\"");
        var number = Gen.Frequency(
            (3, ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite)),
            (1, Gen.Elements(0.0, -0.0, double.Epsilon, double.MaxValue, double.MinValue, 1.0 / 3, 2000, .1)),
            (1, Gen.Constant(double.NaN)));
        var rows = Gen.NonEmptyListOf(text.SelectMany(_ => number, (id, value) => (Id: id, Value: value)));
        Prop.ForAll(rows.ToArbitrary(), async sample =>
        {
            using var stream = new MemoryStream(Bytes(csv =>
            {
                csv.Header("id", "value, \"quoted\"");
                foreach (var (id, value) in sample)
                {
                    csv.Text(id);
                    csv.Number(value);
                    csv.EndRow();
                }
            }));
            var records = new CsvRecordReader(stream, NumericCsvLimits.Default);
            (await records.Read(default)).ShouldBeTrue();
            foreach (var (id, value) in sample)
            {
                (await records.Read(default)).ShouldBeTrue();
                records.Count.ShouldBe(2);
                Encoding.UTF8.GetString(records[0]).Replace("\"\"", "\"", StringComparison.Ordinal).ShouldBe(id);
                if (double.IsNaN(value)) records[1].IsEmpty.ShouldBeTrue();
                else BitConverter.DoubleToInt64Bits(double.Parse(records[1], CultureInfo.InvariantCulture)).ShouldBe(BitConverter.DoubleToInt64Bits(value));
            }

            (await records.Read(default)).ShouldBeFalse();
        }).Check(Config.QuickThrowOnFailure.WithReplay(5, 7));
    }

    [Fact]
    public void A_missing_value_is_an_empty_cell() =>
        Written(csv =>
        {
            csv.Text(null);
            csv.Number(double.NaN);
            csv.Number((long?)null);
            csv.Instant(null);
            csv.EndRow();
        }).ShouldBe(",,,\r\n");

    [Fact]
    public void Amounts_and_instants_are_written_as_people_and_programs_read_them() =>
        Written(csv =>
        {
            csv.Amount(123_400 / 10_000m);
            csv.Instant(new DateTimeOffset(2012, 10, 1, 18, 30, 0, TimeSpan.FromHours(7)));
            csv.Number(long.MinValue);
            csv.EndRow();
        }).ShouldBe("12.34,2012-10-01T18:30:00+07:00,-9223372036854775808\r\n");

    [Theory]
    [InlineData("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("Jakarta", "Jakarta")]
    [InlineData("a=b", "a=b")]
    public void A_text_that_a_spreadsheet_would_run_is_made_harmless_where_that_is_asked_for(string text, string cell)
    {
        Written(csv => csv.Text(text), forSpreadsheets: true).ShouldBe(cell);
        Written(csv => csv.Number(-1.5), forSpreadsheets: true).ShouldBe("-1.5");
    }

    private static string Written(Action<CsvWriter> write, bool forSpreadsheets = false) => Encoding.UTF8.GetString(Bytes(write, forSpreadsheets));

    private static byte[] Bytes(Action<CsvWriter> write, bool forSpreadsheets = false)
    {
        var bytes = new ArrayBufferWriter<byte>();
        write(new CsvWriter(bytes, forSpreadsheets));
        return bytes.WrittenSpan.ToArray();
    }
}
