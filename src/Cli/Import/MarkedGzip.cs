using System.IO.Compression;
using System.Text;

namespace Auie.Cli.Import;

/// <summary>
/// Gzipped text with a line of its own behind it. <see cref="GZipStream"/> takes truncated data for whole, and says nothing; but a further member of gzip
/// that is put behind the data comes out at the other end only if everything before it was whole.
/// </summary>
internal sealed class MarkedGzip : Stream
{
    private readonly Stream _file;
    private readonly MemoryStream _mark;

    private MarkedGzip(Stream file, byte[] mark)
    {
        _file = file;
        _mark = new MemoryStream(mark);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <param name="lastLine">The line that ends the text of data that is whole.</param>
    public static Stream Open(Stream file, out byte[] lastLine)
    {
        lastLine = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"));
        var mark = new MemoryStream();
        using (var zip = new GZipStream(mark, CompressionLevel.Fastest))
        {
            zip.WriteByte((byte)'\n');
            zip.Write(lastLine);
        }

        return new GZipStream(new MarkedGzip(file, mark.ToArray()), CompressionMode.Decompress);
    }

    public override int Read(Span<byte> buffer) => _file.Read(buffer) is > 0 and var read ? read : _mark.Read(buffer);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        await _file.ReadAsync(buffer, cancellationToken) is > 0 and var read ? read : await _mark.ReadAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
            _mark.Dispose();
        }

        base.Dispose(disposing);
    }
}
