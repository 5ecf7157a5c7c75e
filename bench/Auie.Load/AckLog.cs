using System.Globalization;
using System.Text;

namespace Auie.Load;

/// <summary>
/// The numbers of the acknowledged messages in a file, one a line, and with the system before the next request of their connection is made. They are not
/// synced: what dies in a test is the server, not the machine, whose disk is the server's.
/// </summary>
public sealed class AckLog(string? path) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly FileStream? _file = path is null ? null : new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>The numbers that such a file holds.</summary>
    public static IEnumerable<long> Read(string path) => File.ReadLines(path).Select(line => long.Parse(line, CultureInfo.InvariantCulture));

    public void Add(List<long> numbers)
    {
        if (_file is null || numbers.Count == 0)
            return;
        var text = new StringBuilder(numbers.Count * 8);
        foreach (var number in numbers)
            text.Append(CultureInfo.InvariantCulture, $"{number}\n");
        var bytes = Encoding.ASCII.GetBytes(text.ToString());
        lock (_lock)
            _file.Write(bytes);
    }

    public void Dispose() => _file?.Dispose();
}
