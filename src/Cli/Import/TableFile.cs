using System.Text;
using Auie.Client.Csv;

namespace Auie.Cli.Import;

/// <summary>
/// A table's file, plain or gzipped, read row by row in memory bounded by the longest row. A row that does not fit the header is rejected;
/// where the file itself cannot be read on, a sentence says so with file and line.
/// </summary>
internal sealed class TableFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly Stream _file, _text;
    private readonly byte[]? _lastLine;
    private readonly CsvRecordReader _records;
    private readonly TableQuality _quality;
    private readonly int _width;
    private readonly Action<long> _advanced;
    private long _position;

    private TableFile(string path, Stream file, Stream text, byte[]? lastLine, int rowBytes, int width, TableQuality quality, Action<long> advanced)
    {
        _path = path;
        _file = file;
        _text = text;
        _lastLine = lastLine;
        _records = new CsvRecordReader(text, new NumericCsvLimits(RowBytes: rowBytes));
        _width = width;
        _quality = quality;
        _advanced = advanced;
    }

    /// <param name="advanced">Told how many more bytes of the file were read.</param>
    /// <exception cref="CliException">The file cannot be opened, or its header is another.</exception>
    public static async Task<TableFile> Open(FileInfo info, TableQuality quality, int rowBytes, Action<long> advanced, CancellationToken cancellationToken)
    {
        Stream file;
        try
        {
            file = new FileStream(info.FullName, new FileStreamOptions { BufferSize = 1 << 16, Options = FileOptions.SequentialScan });
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"{info.FullName} cannot be read: {exception.Message}");
        }

        byte[]? lastLine = null;
        var text = info.Extension == ".gz" ? MarkedGzip.Open(file, out lastLine) : file;
        var expected = Array.ConvertAll(Layout.ColumnsOf(quality.Table), column => column.Name);
        var table = new TableFile(info.FullName, file, text, lastLine, rowBytes, expected.Length, quality, advanced);
        try
        {
            await table.ReadHeader(expected, cancellationToken);
            return table;
        }
        catch
        {
            await table.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to the next row that has as many columns as the header.</summary>
    public async ValueTask<bool> Read(CancellationToken cancellationToken)
    {
        while (await ReadRecord(cancellationToken))
        {
            _quality.Rows++;
            _quality.Line = _records.Line;
            if (_records.Count == _width) return true;
            _quality.RejectRow(Encoding.UTF8.GetBytes($"{_records.Count} columns"), $"has another number of columns than the header, which has {_width}");
        }

        return false;
    }

    /// <summary>A cell's bytes, without its quotes and the spaces around it; a doubled quote inside is still doubled.</summary>
    public ReadOnlySpan<byte> this[int column] => _records[column].Trim(" \t"u8);

    public async ValueTask DisposeAsync()
    {
        await _text.DisposeAsync();
        await _file.DisposeAsync();
    }

    private async Task ReadHeader(string[] expected, CancellationToken cancellationToken)
    {
        if (!await ReadRecord(cancellationToken)) throw Failure(1, $"is empty; a header is needed with the columns {string.Join(',', expected)}");
        string[] found = [.. Enumerable.Range(0, _records.Count).Select(column => TableQuality.Shown(this[column]))];
        if (!found.AsSpan().SequenceEqual(expected))
            throw Failure(1, $"the columns must be {string.Join(',', expected)}; found were {TableQuality.Cut(string.Join(',', found))}");
        _quality.Line = _records.Line;
    }

    private async ValueTask<bool> ReadRecord(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                try
                {
                    var read = await _records.Read(cancellationToken);
                    Advance();
                    if (_lastLine is null) return read;
                    if (!read) throw new InvalidDataException();
                    return _records.Count != 1 || !_records[0].SequenceEqual(_lastLine);
                }
                catch (CsvFormatException exception) when (exception.CanSkip && _quality.Line > 0)
                {
                    await _records.Skip(cancellationToken);
                    _quality.Rows++;
                    _quality.Line = _records.Line;
                    _quality.RejectRow(default, exception.Error.Reason);
                }
            }
        }
        catch (CsvFormatException exception)
        {
            throw Failure(exception.Error.Line, exception.Error.Reason);
        }
        catch (InvalidDataException)
        {
            throw Failure(_records.Line + 1, "the gzip data is truncated or damaged.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(_records.Line + 1, $"the file cannot be read on: {exception.Message}");
        }
    }

    private void Advance()
    {
        if (_file.Position == _position) return;
        _advanced(_file.Position - _position);
        _position = _file.Position;
    }

    private CliException Failure(long line, string reason) => new(ExitCodes.Failed, $"{_path}, line {line}: {reason}");
}
