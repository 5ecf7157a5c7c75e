namespace Auie.Cli.Import;

/// <summary>The five tables of an event challenge in a folder: which file holds each, and what lies beside them.</summary>
internal sealed class TableFolder
{
    private readonly Dictionary<string, FileInfo> _files;

    private TableFolder(Dictionary<string, FileInfo> files, string[] unread)
    {
        _files = files;
        Unread = unread;
    }

    /// <summary>CSV files beside the tables, which are not read.</summary>
    public string[] Unread { get; }

    public FileInfo this[string table] => _files[table];

    /// <exception cref="CliException">The folder cannot be read, a table is missing, or is there twice.</exception>
    public static TableFolder Find(string path)
    {
        string[] names;
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(path).Select(entry => Path.GetFileName(entry)!).Order(StringComparer.Ordinal)];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCodes.Failed, $"the folder {path} cannot be read: {exception.Message}");
        }

        var files = new Dictionary<string, FileInfo>();
        var wrong = new List<string>();
        foreach (var table in Layout.Tables)
        {
            string[] found = [.. new[] { $"{table}.csv", $"{table}.csv.gz" }.Where(names.Contains)];
            if (found is [var one] && new FileInfo(Path.Combine(path, one)) is { Exists: true } file) files[table] = file;
            else if (found is [var other]) wrong.Add($"{Path.Combine(path, other)} is no file.");
            else wrong.Add(found.Length == 0
                ? $"{path} holds neither {table}.csv nor {table}.csv.gz."
                : $"{path} holds both {table}.csv and {table}.csv.gz: which of them is meant? Move one away.");
        }

        if (wrong.Count > 0) throw new CliException(ExitCodes.Failed, [.. wrong]);
        var used = files.Values.Select(file => file.Name).ToHashSet();
        return new TableFolder(files,
            [.. names.Where(name => (name.EndsWith(".csv", StringComparison.Ordinal) || name.EndsWith(".csv.gz", StringComparison.Ordinal)) && !used.Contains(name))]);
    }

    /// <summary>Fails where a file is no longer what was checked.</summary>
    /// <param name="isSent">Whether anything was sent already.</param>
    public void CheckUnchanged(bool isSent)
    {
        foreach (var file in _files.Values)
        {
            var now = new FileInfo(file.FullName);
            if (!now.Exists || now.Length != file.Length || now.LastWriteTimeUtc != file.LastWriteTimeUtc)
                throw Changed(file, isSent);
        }
    }

    public static CliException Changed(FileInfo file, bool isSent) => new(ExitCodes.Failed, $"{file.FullName} changed after it was checked; "
        + (isSent ? "what was sent may be of before and of after, and is unreported." : "nothing was sent.") + " Run the import again.");
}
