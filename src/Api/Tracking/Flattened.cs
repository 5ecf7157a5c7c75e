using System.Text;
using System.Text.Json;

namespace Auie.Api.Tracking;

/// <summary>
/// The members of an object as traits: texts, numbers as they are written, true and false; arrays as their JSON; objects within objects under
/// names with dots.
/// </summary>
internal sealed class Flattened
{
    private readonly bool _whole;
    private readonly Dictionary<string, string> _traits = [];

    private Flattened(bool whole) => _whole = whole;

    /// <summary>How many members were left out because they did not fit.</summary>
    public int LeftOut { get; private set; }

    /// <summary>The traits; null for none.</summary>
    public Dictionary<string, string>? Traits => _traits.Count > 0 ? _traits : null;

    /// <summary>For what was learnt: what does not fit is a fault, and null takes a trait back.</summary>
    public static Flattened Whole() => new(whole: true);

    /// <summary>For what is kept on the side: what does not fit is left out and counted, and null says nothing.</summary>
    public static Flattened AsFits() => new(whole: false);

    /// <summary>Adds an object's members, in place of those of the same name.</summary>
    /// <param name="field">The path of the object, for faults.</param>
    /// <param name="prefix">What precedes each name.</param>
    public Fault? Add(JsonElement from, string field, string prefix = "", Func<string, bool>? except = null) =>
        from.IsAbsent() ? null : Add(from, field, prefix, except, 1);

    /// <summary>Adds one trait.</summary>
    public Fault? Set(string name, string value, string field)
    {
        if (Values.IdProblem(name, TrackingLimits.Id) is { } problem) return Misfit(field, $"has a name that {problem}");
        if (value.Contains('\0')) return Misfit(field, "must not hold a null character");
        if (value.Length * 3 > TrackingLimits.Trait && Encoding.UTF8.GetByteCount(value) > TrackingLimits.Trait)
            return Misfit(field, $"must not be longer than {TrackingLimits.Trait} bytes");
        if (_traits.Count >= TrackingLimits.Traits && !_traits.ContainsKey(name))
            return Misfit(field, $"is one too many: at most {TrackingLimits.Traits} are taken");
        _traits[name] = value;
        return null;
    }

    public string? this[string name] => _traits.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    public bool Has(string name) => _traits.ContainsKey(name);

    public void Remove(string name) => _traits.Remove(name);

    private Fault? Add(JsonElement from, string field, string prefix, Func<string, bool>? except, int depth)
    {
        foreach (var member in from.EnumerateObject())
        {
            string name;
            try
            {
                name = member.Name;
            }
            catch (InvalidOperationException)
            {
                if (Misfit(field, "holds a name that is not valid text") is { } badName) return badName;
                continue;
            }

            if (except?.Invoke(name) is true) continue;
            if (Add(member.Value, $"{field}.{name}", prefix + name, depth) is { } fault) return fault;
        }

        return null;
    }

    private Fault? Add(JsonElement value, string field, string name, int depth)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return _whole ? Set(name, "", field) : null;
            case JsonValueKind.Object:
                return depth < TrackingLimits.Flattened
                    ? Add(value, field, name + ".", null, depth + 1)
                    : Misfit(field, $"is an object in objects, more than {TrackingLimits.Flattened} deep");
            case JsonValueKind.String:
                return Values.TryText(value, out var text) ? Set(name, text!, field) : Misfit(field, "is not valid text");
            case JsonValueKind.Array:
                return Values.TryRaw(value, out var raw) ? Set(name, raw!, field) : Misfit(field, "is not valid text");
            default:
                return Set(name, value.GetRawText(), field);
        }
    }

    private Fault? Misfit(string field, string reason)
    {
        if (_whole) return new(field, reason);
        LeftOut++;
        return null;
    }
}
