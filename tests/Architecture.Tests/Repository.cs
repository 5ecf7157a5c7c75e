namespace Auie.Architecture.Tests;

internal static class Repository
{
    /// <summary>The folder of Auie.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) =>
        File.Exists(Path.Combine(folder, "Auie.sln")) ? folder : Find(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Auie.sln above the tests."));
}
