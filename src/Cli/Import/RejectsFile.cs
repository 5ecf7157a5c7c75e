using System.Buffers;
using System.Text;
using Auie.Client.Csv;

namespace Auie.Cli.Import;

/// <summary>
/// Every row and cell that was rejected, as CSV: file, line, column (empty: the row as a whole), value, reason. It is written beside its place and
/// moved there at the end, so that a half written one is never taken for whole; nothing rejected, nothing made, and that of an earlier import removed.
/// </summary>
internal sealed class RejectsFile : IDisposable
{
    private const string Header = "file,line,column,value,reason";

    private const int BufferBytes = 1 << 16;

    private readonly string _path, _draft;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * BufferBytes);
    private readonly CsvWriter _csv;
    private FileStream? _file;

    /// <exception cref="CliException">There is something at the path that no import wrote.</exception>
    public RejectsFile(string path)
    {
        _path = Path.GetFullPath(path);
        // A device is written to; it must not be replaced by a file.
        _draft = IsDevice ? _path : $"{_path}.{Guid.NewGuid():N}.tmp";
        _csv = new CsvWriter(_buffer, lineEnd: "\n");
        if (!IsDevice && Path.Exists(_path) && !IsOfAnImport()) throw new CliException(ExitCodes.Usage, $"{_path} is there already, and no import wrote it: give another --rejects.");
    }

    public long Count { get; private set; }

    /// <summary>The file of an earlier import that <see cref="Finish"/> removed, or null.</summary>
    public string? Removed { get; private set; }

    private bool IsDevice => _path.StartsWith("/dev/", StringComparison.Ordinal);

    public void Add(string file, long line, string column, string value, string reason)
    {
        Try(() =>
        {
            _file ??= Begin();
            _csv.Text(file);
            _csv.Number(line);
            _csv.Text(column);
            _csv.Text(value);
            _csv.Text(reason);
            _csv.EndRow();
            if (_buffer.WrittenCount >= BufferBytes) Write(_file);
        });
        Count++;
    }

    /// <summary>Puts the file in its place; gives its path, or null where nothing was rejected.</summary>
    public string? Finish()
    {
        if (_file is null)
        {
            if (!IsDevice && File.Exists(_path)) Try(() => File.Delete(Removed = _path));
            return null;
        }

        Try(() =>
        {
            Write(_file);
            _file.Dispose();
            if (!IsDevice) File.Move(_draft, _path, overwrite: true);
        });
        _file = null;
        return _path;
    }

    public void Dispose()
    {
        if (_file is null) return;
        // What is not yet written is given up, not written now: the disk may be full.
        _file.Dispose();
        if (!IsDevice) File.Delete(_draft);
        _file = null;
    }

    private FileStream Begin()
    {
        _csv.Header(Header.Split(','));
        return new FileStream(_draft, new FileStreamOptions { Mode = IsDevice ? FileMode.Open : FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
    }

    private void Write(FileStream file)
    {
        file.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }

    private bool IsOfAnImport()
    {
        try
        {
            using var there = new FileStream(_path, FileMode.Open, FileAccess.Read);
            var begin = new byte[Header.Length];
            return there.ReadAtLeast(begin, begin.Length, throwOnEndOfStream: false) == begin.Length && Encoding.UTF8.GetString(begin) == Header;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception);
        }
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Failure(exception);
        }
    }

    private CliException Failure(Exception exception) =>
        new(ExitCodes.Failed, $"the rejects cannot be written to {_path}: {exception.Message} Nothing was sent to the engine.");
}
