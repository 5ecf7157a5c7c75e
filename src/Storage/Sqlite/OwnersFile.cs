namespace Auie.Storage.Sqlite;

/// <summary>Files that only the user who runs the program may read: a store holds everything that is known of everybody.</summary>
internal static class OwnersFile
{
    /// <summary>Makes a file, empty, which SQLite then takes for a new one; its log gets the same mode. One that is there keeps the mode that it has.</summary>
    public static void Make(string file)
    {
        if (File.Exists(file))
            return;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var made = new FileStream(file, options);
    }
}
