using System.Text.Json;
using Auie.Client.Http;

namespace Auie.Client.Keys;

/// <summary>
/// The file of access keys, JSON: {"keys":[{"name","sha256","scopes","created"}]}. It holds hashes only, and is readable by its owner only.
/// </summary>
public sealed record KeyFile(AccessKey[] Keys)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Reads the file.</summary>
    /// <exception cref="InvalidDataException">The file is not of this form, or a key in it has no name, hash or known scope.</exception>
    public static KeyFile Load(string path)
    {
        KeyFile? file;
        try
        {
            file = JsonSerializer.Deserialize(File.ReadAllBytes(path), AuieJson.Strict.KeyFile);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"{path} is not a file of keys: {exception.Message}", exception);
        }

        if (file is null) throw new InvalidDataException($"{path} is not a file of keys: it holds null.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var key in file.Keys)
        {
            if (key.Name.Length == 0 || !names.Add(key.Name))
                throw new InvalidDataException($"{path}: '{key.Name}' is empty or not the only key of that name.");
            if (key.Sha256.Length != 64 || !key.Sha256.All(char.IsAsciiHexDigit))
                throw new InvalidDataException($"{path}: the key '{key.Name}' has no SHA-256 in hexadecimal.");
            if (AccessKey.ScopesOf(key.Scopes) == Scopes.None)
                throw new InvalidDataException($"{path}: the key '{key.Name}' has a scope that is not read, write or admin, or has none.");
        }

        return file;
    }

    /// <summary>Adds a key to the file, making the file where there is none. A reader sees the old file or the new one, nothing between.</summary>
    /// <exception cref="InvalidDataException">The file is not one of keys, or has a key of that name.</exception>
    public static void Add(string path, AccessKey key)
    {
        var keys = File.Exists(path) ? Load(path).Keys : [];
        if (keys.Any(other => other.Name == key.Name)) throw new InvalidDataException($"{path} already has a key named '{key.Name}'.");

        var full = Path.GetFullPath(path);
        var draft = $"{full}.{Guid.NewGuid():N}.tmp";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
            using (var stream = new FileStream(draft, options))
            {
                JsonSerializer.Serialize(stream, new KeyFile([.. keys, key]), AuieJson.Indented.KeyFile);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, full, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
