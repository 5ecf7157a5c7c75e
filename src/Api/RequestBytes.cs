using System.Buffers;
using System.IO.Compression;
using Auie.Abstractions;
using Microsoft.AspNetCore.Http;

namespace Auie.Api;

/// <summary>
/// The whole body of a request, gzip undone, in memory that is given back when this is disposed of. How many bytes arrive the server bounds
/// (<see cref="BodyLimit"/>); how many they unfold to is bounded here.
/// </summary>
internal sealed class RequestBytes : IDisposable
{
    private const int First = 16 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private byte[] _buffer;
    private int _length;

    private RequestBytes(int size) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>The bytes, without a byte order mark; they are gone when this is disposed of.</summary>
    public ReadOnlyMemory<byte> Memory
    {
        get
        {
            var bytes = _buffer.AsMemory(0, _length);
            return bytes.Span.StartsWith(ByteOrderMark) ? bytes[ByteOrderMark.Length..] : bytes;
        }
    }

    /// <exception cref="BadHttpRequestException">The body is too large, before or after unfolding, or is encoded in another way than gzip.</exception>
    /// <exception cref="InvalidRequestException">The body is no gzip though it says so.</exception>
    public static async Task<RequestBytes> Read(HttpRequest request, long limit, CancellationToken cancellationToken)
    {
        var gzip = IsGzip(request);
        var bytes = new RequestBytes(gzip || request.ContentLength is not { } length ? First : (int)Math.Min(length + 1, limit + 1));
        try
        {
            if (gzip) await bytes.Unfold(request.Body, limit, cancellationToken);
            else await bytes.Fill(request.Body, limit, cancellationToken);
            return bytes;
        }
        catch
        {
            bytes.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _length) = ([], 0);
    }

    private async Task Unfold(Stream body, long limit, CancellationToken cancellationToken)
    {
        try
        {
            await using var gzip = new GZipStream(body, CompressionMode.Decompress, leaveOpen: true);
            await Fill(gzip, limit, cancellationToken);
        }
        catch (InvalidDataException)
        {
            throw new InvalidRequestException("body", "is not gzip, though its Content-Encoding says so, or it is damaged or cut short");
        }
    }

    private async Task Fill(Stream from, long limit, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_length == _buffer.Length) Grow();
            var read = await from.ReadAsync(_buffer.AsMemory(_length), cancellationToken);
            if (read == 0) return;
            _length += read;
            if (_length > limit) throw new BadHttpRequestException("The body is too large.", StatusCodes.Status413PayloadTooLarge);
        }
    }

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }

    private static bool IsGzip(HttpRequest request)
    {
        string? encoding = request.Headers.ContentEncoding;
        if (string.IsNullOrEmpty(encoding) || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)) return false;
        return encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase)
            ? true
            : throw new BadHttpRequestException("Only gzip is undone.", StatusCodes.Status415UnsupportedMediaType);
    }
}
