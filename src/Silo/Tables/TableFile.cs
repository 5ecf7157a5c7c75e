using System.Buffers;
using System.Buffers.Text;
using System.IO.Compression;
using Auie.Client.Csv;

namespace Auie.Silo.Tables;

/// <summary>One table while it is written: it has its name once it is whole. Memory holds no more than a row and a little.</summary>
internal sealed class TableFile : IAsyncDisposable
{
    private const int BytesAtOnce = 256 * 1024;
    private const int LongestId = 10;

    private readonly ArrayBufferWriter<byte> _buffer = new(2 * BytesAtOnce);
    private readonly string _path, _draft;
    private readonly Stream _file, _stream;

    public TableFile(string folder, string name, bool plain, params ReadOnlySpan<string> columns)
    {
        _path = PathOf(folder, name, plain);
        _draft = _path + ".tmp";
        _file = new FileStream(_draft, FileMode.Create, FileAccess.Write, FileShare.None);
        _stream = plain ? _file : new GZipStream(_file, CompressionLevel.Fastest);
        Csv = new CsvWriter(_buffer, lineEnd: "\n");
        Csv.Header(columns);
    }

    public CsvWriter Csv { get; }

    public static string PathOf(string folder, string name, bool plain) => Path.Combine(folder, plain ? name : name + ".gz");

    /// <summary>A cell of ids with blanks between them.</summary>
    public void Ids(ReadOnlySpan<uint> ids)
    {
        Csv.Text(null);
        for (var i = 0; i < ids.Length; i++)
        {
            var span = _buffer.GetSpan(LongestId + 1);
            var at = 0;
            if (i > 0) span[at++] = (byte)' ';
            Utf8Formatter.TryFormat(ids[i], span[at..], out var written);
            _buffer.Advance(at + written);
        }
    }

    public async ValueTask EndRow(CancellationToken cancellationToken)
    {
        Csv.EndRow();
        if (_buffer.WrittenCount >= BytesAtOnce) await Send(cancellationToken);
    }

    /// <summary>The table is whole. Returns its path and how many rows it has beside the header.</summary>
    public async Task<(string Path, long Rows)> Keep(CancellationToken cancellationToken)
    {
        await Send(cancellationToken);
        await _stream.DisposeAsync();
        File.Move(_draft, _path);
        return (_path, Csv.Rows - 1);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _stream.DisposeAsync();
        }
        finally
        {
            File.Delete(_draft);
        }
    }

    private async Task Send(CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(_buffer.WrittenMemory, cancellationToken);
        _buffer.ResetWrittenCount();
    }
}
