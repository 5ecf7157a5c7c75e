using System.Globalization;
using System.Text;

namespace Auie.Cli.Import;

/// <summary>
/// Every row and cell that was rejected, as CSV: file, line, column (empty: the row as a whole), value, reason. It is written beside its place and
/// moved there at the end, so that a half written one is never taken for whole; nothing rejected, nothing made.
/// </summary>
internal sealed class RejectsFile : IDisposable
{
    private const string Header = "file,line,column,value,reason";

    private readonly string _path;
    private FileStream? _file;
    private StreamWriter? _text;

    /// <exception cref="CliException">There is something at the path that no import wrote.</exception>
    public RejectsFile(string path)
    {
        _path = Path.GetFullPath(path);
        if (Path.Exists(_path) && !IsOfAnImport()) throw new CliException(ExitCodes.Usage, $"{_path} is there already, and no import wrote it: give another --rejects.");
    }

    public long Count { get; private set; }

    private string Unfinished => _path + ".part";

    public void Add(string file, long line, string column, string value, string reason)
    {
        Try(() =>
        {
            _text ??= Begin();
            _text.WriteLine($"{Quoted(file)},{line.ToString(CultureInfo.InvariantCulture)},{Quoted(column)},{Quoted(value)},{Quoted(reason)}");
        });
        Count++;
    }

    /// <summary>Puts the file in its place; gives its path, or null where nothing was rejected.</summary>
    public string? Finish()
    {
        if (_text is null) return null;
        Try(() =>
        {
            _text.Flush();
            _file!.Dispose();
            File.Move(Unfinished, _path, overwrite: true);
        });
        _text = null;
        return _path;
    }

    public void Dispose()
    {
        if (_text is null) return;
        // What is not yet written is given up, not written now: the disk may be full.
        _file!.Dispose();
        File.Delete(Unfinished);
        _text = null;
    }

    private StreamWriter Begin()
    {
        _file = new FileStream(Unfinished, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 });
        var text = new StreamWriter(_file, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        text.WriteLine(Header);
        return text;
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

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"")}\"" : text;
}
