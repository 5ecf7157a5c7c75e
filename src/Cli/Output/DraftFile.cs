namespace Auie.Cli.Output;

/// <summary>
/// A file that has its name only once it is whole: it is written beside, and takes the place of an older one when it is kept. What is not
/// kept is removed.
/// </summary>
internal sealed class DraftFile : IAsyncDisposable
{
    private readonly string _path, _draft;

    private DraftFile(string path)
    {
        _path = Path.GetFullPath(path);
        // A device is written to; it must not be replaced by a file.
        _draft = _path.StartsWith("/dev/", StringComparison.Ordinal) ? _path : $"{_path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_draft, _draft == _path ? FileMode.Open : FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 64 * 1024);
    }

    public FileStream Stream { get; }

    /// <exception cref="CliException">There can be no such file.</exception>
    public static DraftFile Open(string path)
    {
        if (Directory.Exists(path)) throw new CliException(ExitCodes.Failed, $"'{path}' is a folder; a file is needed.");
        try
        {
            return new DraftFile(path);
        }
        catch (DirectoryNotFoundException)
        {
            throw new CliException(ExitCodes.Failed, $"'{path}' cannot be written: there is no folder '{Path.GetDirectoryName(Path.GetFullPath(path))}'.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"'{path}' cannot be written: nothing may be made in its folder.");
        }
        catch (IOException exception)
        {
            throw Unwritten(path, exception);
        }
    }

    /// <summary>Writes, telling a failure (a full disk) as one of this file.</summary>
    public async ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await Stream.WriteAsync(bytes, cancellationToken);
        }
        catch (IOException exception)
        {
            throw Unwritten(_path, exception);
        }
    }

    /// <summary>The file is whole: it is on disk under its name when this returns.</summary>
    public async Task Keep()
    {
        try
        {
            await Stream.FlushAsync();
            if (_draft != _path) Stream.Flush(flushToDisk: true);
            await Stream.DisposeAsync();
            if (_draft != _path) File.Move(_draft, _path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unwritten(_path, exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync();
        }
        catch (IOException)
        {
            // What could not be written has been told already.
        }

        if (_draft != _path) File.Delete(_draft);
    }

    private static CliException Unwritten(string path, Exception exception) =>
        new(ExitCodes.Failed, $"'{path}' cannot be written: {exception.Message}");
}
