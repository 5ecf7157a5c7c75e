namespace Auie.Runtime;

/// <summary>Named values that travel with calls, from the caller to the grain and on to what it calls. What a grain sets does not come back.
/// Values are text, numbers, truth values, GUIDs and instants.</summary>
public static class RequestContext
{
    // What is done for a grain whose slot is being handed over, by however many grains on the way.
    private const string HandingOver = "auie.handing-over";

    private static readonly AsyncLocal<Dictionary<string, object>?> Local = new();

    // Never changed once it is here: setting makes a new one.
    internal static Dictionary<string, object>? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    internal static bool IsOfHandingOver(Dictionary<string, object>? context) => context is not null && context.ContainsKey(HandingOver);

    internal static void SetHandingOver() => Set(HandingOver, true);

    public static IEnumerable<string> Keys => Current?.Keys ?? Enumerable.Empty<string>();

    public static IEnumerable<KeyValuePair<string, object>> Entries => Current ?? Enumerable.Empty<KeyValuePair<string, object>>();

    public static object? Get(string key) => Current?.GetValueOrDefault(key);

    public static void Set(string key, object value) => Current = new(Current ?? [], StringComparer.Ordinal) { [key] = value };

    public static bool Remove(string key)
    {
        if (Current is not { } current || !current.ContainsKey(key))
            return false;
        var rest = new Dictionary<string, object>(current, StringComparer.Ordinal);
        rest.Remove(key);
        Current = rest.Count == 0 ? null : rest;
        return true;
    }

    public static void Clear() => Current = null;
}
