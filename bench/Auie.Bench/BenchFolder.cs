namespace Auie.Bench;

/// <summary>A folder that is gone when it is disposed of or the process ends, also where a signal ends it in the middle of a measurement.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("auie-bench-").FullName;

    public BenchFolder() => AppDomain.CurrentDomain.ProcessExit += AtExit;

    public string FullName => _root;

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= AtExit;
        Directory.Delete(_root, recursive: true);
    }

    private void AtExit(object? sender, EventArgs e)
    {
        try
        {
            Directory.Delete(_root, recursive: true);
        }
        catch (IOException) when (Directory.Exists(_root))
        {
            // A silo of this process wrote another file meanwhile.
            Directory.Delete(_root, recursive: true);
        }
    }
}
