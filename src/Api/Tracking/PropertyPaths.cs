using System.Text;
using System.Text.Json;

namespace Auie.Api.Tracking;

/// <summary>Where a value may be among the properties of an event: some paths, of which the first that leads to one is taken.</summary>
internal sealed class PropertyPaths
{
    private readonly (byte[][] Steps, string Text)[] _paths;

    public PropertyPaths(IEnumerable<string> paths) =>
        _paths = [.. paths.Select(path => (path.Split('.').Select(step => Encoding.UTF8.GetBytes(step)).ToArray(), path))];

    /// <summary>The first path: where a value that is missing is asked for.</summary>
    public string First => _paths[0].Text;

    /// <summary>All of them, for complaints.</summary>
    public override string ToString() => string.Join(", ", _paths.Select(path => path.Text));

    /// <summary>The names at the top that the paths begin with.</summary>
    public IEnumerable<string> Names => _paths.Select(path => Encoding.UTF8.GetString(path.Steps[0]));

    /// <summary>The value and its path; nothing and the first path where there is none.</summary>
    /// <param name="nulls">Whether null is a value.</param>
    public JsonElement Find(JsonElement properties, out string path, bool nulls = false)
    {
        foreach (var (steps, text) in _paths)
        {
            var value = properties;
            var found = true;
            foreach (var step in steps)
            {
                found = value.ValueKind == JsonValueKind.Object && value.TryGetProperty(step, out value);
                if (!found) break;
            }

            if (!found || (!nulls && value.IsAbsent())) continue;
            path = text;
            return value;
        }

        path = First;
        return default;
    }
}
