using System.Text;
using Auie.Abstractions;
using Auie.Core.Privacy;

namespace Auie.Grains;

/// <summary>
/// Where tombstones are written to besides the store, so that a store that is restored from a backup can be told who was erased since: lines of
/// <see cref="ErasureLogLine"/> in a file that only its owner may read. Without a file it holds nothing.
/// </summary>
public sealed class ErasureLog(string? file) : IDisposable
{
    private readonly SemaphoreSlim _writing = new(1);

    /// <summary>Adds lines, on disk when it returns. A line may be there already.</summary>
    public async Task AddAsync(IReadOnlyList<ErasureLogLine> lines, CancellationToken cancellationToken)
    {
        if (file is null || lines.Count == 0)
            return;
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await WriteAsync(file, lines, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnavailableException($"The log of erasures, '{file}', cannot be written: {e.Message}", e);
        }
        finally
        {
            _writing.Release();
        }
    }

    private static async Task WriteAsync(string file, IReadOnlyList<ErasureLogLine> lines, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(file, options);
        var text = new StringBuilder();
        // What a crash cut off stays a line of its own.
        if (stream.Length > 0)
        {
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() != '\n')
                text.Append('\n');
        }

        foreach (var line in lines)
            text.Append(line).Append('\n');
        stream.Seek(0, SeekOrigin.End);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.ToString()), cancellationToken);
        stream.Flush(flushToDisk: true);
    }

    public void Dispose() => _writing.Dispose();

    /// <summary>Every line; what a crash cut off is left out, for it was written again.</summary>
    public async IAsyncEnumerable<string> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (file is null || !File.Exists(file))
            yield break;
        await foreach (var line in File.ReadLinesAsync(file, cancellationToken))
        {
            if (ErasureLogLine.TryParse(line, out _))
                yield return line;
        }
    }
}
