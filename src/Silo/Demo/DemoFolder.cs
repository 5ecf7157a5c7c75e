using Auie.Storage;
using Auie.Storage.Sqlite;

namespace Auie.Silo.Demo;

/// <summary>The demo's own folder: it is emptied at each start, so it must be one that a demo made.</summary>
internal static class DemoFolder
{
    private const string Marker = ".auie-demo";

    /// <summary>Makes the folder, or empties it where an earlier demo made it.</summary>
    /// <exception cref="InvalidOperationException">The folder holds something and no demo made it; nothing is touched.</exception>
    /// <exception cref="StoreException">Another process uses the folder; nothing is touched.</exception>
    public static void Prepare(string folder)
    {
        var marker = Path.Combine(folder, Marker);
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            if (!File.Exists(marker))
                throw new InvalidOperationException(
                    $"{Path.GetFullPath(folder)} holds files that no demo made. The demo empties its folder; give it one of its own: --data FOLDER.");
            SqliteStore.Delete(folder);
        }

        Directory.CreateDirectory(folder);
        File.WriteAllText(marker, "This folder belongs to the AUIE demo, which empties it whenever it starts.\n");
    }
}
