using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Auie.Client.Csv;

namespace Auie.Cli.Commands;

/// <summary>The chosen columns of a CSV file, before them the one that identifies its rows if there is one, as the body of a request, written while the file is read: memory does not grow with it.</summary>
internal sealed class NumericCsvContent : HttpContent
{
    private const int RowsAtOnce = 1_024;

    private readonly NumericCsvReader _csv;

    public NumericCsvContent(NumericCsvReader csv)
    {
        _csv = csv;
        Headers.ContentType = new MediaTypeHeaderValue("text/csv", "utf-8");
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var text = new ArrayBufferWriter<byte>();
        IEnumerable<string> header = _csv.IdColumn is { } id ? [id, .. _csv.Columns] : _csv.Columns;
        Encoding.UTF8.GetBytes(string.Join(',', header.Select(Quote)) + "\n", text);
        var width = _csv.Columns.Length;
        var values = new double[RowsAtOnce * width];
        var ids = _csv.IdColumn is null ? null : new string[RowsAtOnce];
        while (await _csv.Read(values, ids, cancellationToken) is > 0 and var rows)
        {
            for (var i = 0; i < rows * width; i++)
            {
                if (ids is not null && i % width == 0) Encoding.UTF8.GetBytes(Quote(ids[i / width]) + ",", text);
                Write(text, values[i], i % width == width - 1);
            }

            await stream.WriteAsync(text.WrittenMemory, cancellationToken);
            text.ResetWrittenCount();
        }

        if (_csv.Errors.Count > 0) throw new CsvFormatException(_csv.Errors[0]);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    // Without a format, a double is written in the shortest text that reads as the same bits.
    private static void Write(ArrayBufferWriter<byte> text, double value, bool last)
    {
        var span = text.GetSpan(32);
        if (double.IsNaN(value)) "NaN"u8.CopyTo(span);
        var written = 3;
        if (!double.IsNaN(value) && !value.TryFormat(span, out written, default, CultureInfo.InvariantCulture))
            throw new InvalidOperationException("A double takes more than 31 characters.");
        span[written] = last ? (byte)'\n' : (byte)',';
        text.Advance(written + 1);
    }

    private static string Quote(string name) => $"\"{name.Replace("\"", "\"\"")}\"";
}
