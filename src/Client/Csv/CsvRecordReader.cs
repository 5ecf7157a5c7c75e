namespace Auie.Client.Csv;

/// <summary>
/// Splits UTF-8 CSV (RFC 4180, comma, LF or CRLF, an optional byte order mark) into records as it arrives, in memory bounded by one
/// record. Quotes count only where a field begins with one. Blank lines are skipped.
/// </summary>
public sealed class CsvRecordReader(Stream stream, NumericCsvLimits limits)
{
    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private readonly List<(int Start, int End, bool Quoted)> _fields = [];
    private byte[] _buffer = new byte[64 * 1024];
    private int _start, _scanned, _length;
    private bool _ended, _begun;

    private enum Place { FieldStart, Plain, Quoted, AfterQuote }

    /// <summary>The line that the record ends on, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>How many fields the record has.</summary>
    public int Count => _fields.Count;

    /// <summary>Reads the next record; false at the end of the file.</summary>
    /// <exception cref="CsvFormatException">
    /// A quote is not closed, text follows a closing quote, or a limit is passed. Where <see cref="CsvFormatException.CanSkip"/> says so,
    /// reading goes on after <see cref="Skip"/>.
    /// </exception>
    public async ValueTask<bool> Read(CancellationToken cancellationToken)
    {
        while (true)
        {
            var state = Place.FieldStart;
            var first = Line + 1;
            var fieldStart = _scanned = _start;
            _fields.Clear();
            while (!Scan(ref state, ref fieldStart))
            {
                if (!_ended)
                {
                    fieldStart -= _start;
                    await Fill(cancellationToken);
                    fieldStart += _start;
                    continue;
                }

                if (state == Place.Quoted) throw Malformed(first, "a quote is opened in the row that begins here, and never closed");
                if (_scanned == _start) return false;
                CheckLength();
                EndField(fieldStart, _scanned, state);
                Line++;
                _start = _scanned;
                break;
            }

            if (_fields is not [{ Quoted: false } only] || only.Start != only.End) return true;
        }
    }

    /// <summary>Goes to the line after the one that the last <see cref="Read"/> could not split.</summary>
    public async ValueTask Skip(CancellationToken cancellationToken)
    {
        while (true)
        {
            var end = _buffer.AsSpan(_scanned, _length - _scanned).IndexOf((byte)'\n');
            _start = _scanned = end < 0 ? _length : _scanned + end + 1;
            if (end >= 0 || _ended) break;
            await Fill(cancellationToken);
        }

        Line++;
    }

    /// <summary>The bytes of a field, without its quotes; a doubled quote inside is still doubled.</summary>
    public ReadOnlySpan<byte> this[int field] => _buffer.AsSpan(_fields[field].Start, _fields[field].End - _fields[field].Start);

    /// <summary>Whether a field stands in quotes.</summary>
    public bool IsQuoted(int field) => _fields[field].Quoted;

    // Goes on from _scanned; true when a record is complete, with _start moved behind it.
    private bool Scan(ref Place state, ref int fieldStart)
    {
        var bytes = _buffer;
        for (var at = _scanned; at < _length; at++)
        {
            var value = bytes[at];
            switch (state)
            {
                case Place.FieldStart when value == '"':
                    state = Place.Quoted;
                    continue;
                case Place.Quoted:
                    if (value == '"') state = Place.AfterQuote;
                    else if (value == '\n') Line++;
                    continue;
                case Place.AfterQuote when value == '"':
                    state = Place.Quoted;
                    continue;
                case Place.AfterQuote when value is not ((byte)',' or (byte)'\n' or (byte)'\r'):
                    _scanned = at;
                    throw Malformed(Line + 1, "text follows a closing quote", canSkip: true);
                case Place.Plain when value is not ((byte)',' or (byte)'\n'):
                    var run = bytes.AsSpan(at, _length - at).IndexOfAny((byte)',', (byte)'\n');
                    at = run < 0 ? _length : at + run;
                    if (run < 0) continue;
                    value = bytes[at];
                    break;
            }

            if (value == ',')
            {
                _scanned = at;
                EndField(fieldStart, at, state);
                fieldStart = at + 1;
                state = Place.FieldStart;
            }
            else if (value == '\n')
            {
                _scanned = at;
                CheckLength();
                EndField(fieldStart, at, state);
                Line++;
                _start = _scanned = at + 1;
                return true;
            }
            else if (state == Place.FieldStart) state = Place.Plain;
        }

        _scanned = _length;
        return false;
    }

    private void EndField(int start, int end, Place state)
    {
        if (_fields.Count == limits.Columns) throw Malformed(Line + 1, $"has more than {limits.Columns} columns", canSkip: true);
        if (end > start && _buffer[end - 1] == '\r') end--;
        var quoted = state == Place.AfterQuote;
        _fields.Add(quoted ? (start + 1, end - 1, true) : (start, end, false));
    }

    private async ValueTask Fill(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            for (var i = 0; i < _fields.Count; i++)
                _fields[i] = (_fields[i].Start - _start, _fields[i].End - _start, _fields[i].Quoted);
            _buffer.AsSpan(_start, _length - _start).CopyTo(_buffer);
            (_scanned, _length, _start) = (_scanned - _start, _length - _start, 0);
        }

        CheckLength();
        if (_length == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
        do
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            _ended = read == 0;
            _length += read;
        }
        while (!_begun && _length < ByteOrderMark.Length && !_ended);

        if (!_begun && _buffer.AsSpan(0, _length).StartsWith(ByteOrderMark)) _start = _scanned = ByteOrderMark.Length;
        _begun = true;
    }

    // So early that a row without an end does not fill memory, and again when it is complete.
    private void CheckLength()
    {
        if (_scanned - _start > limits.RowBytes) throw Malformed(Line + 1, $"a row is longer than {limits.RowBytes} bytes");
    }

    private static CsvFormatException Malformed(long line, string reason, bool canSkip = false) =>
        new(new CellError(line, null, null, reason)) { CanSkip = canSkip };
}
