namespace Auie.Runtime;

/// <summary>The identity of a grain: the name of its class and its key. Integer keys are written in hexadecimal, GUIDs as 32 digits.</summary>
public readonly struct GrainId : IEquatable<GrainId>
{
    private readonly string? _type;
    private readonly string? _key;
    private readonly int _hash;

    private GrainId(string type, string key)
    {
        _type = type;
        _key = key;
        _hash = HashCode.Combine(string.GetHashCode(type, StringComparison.Ordinal), string.GetHashCode(key, StringComparison.Ordinal));
    }

    public bool IsDefault => _type is null;

    internal string Type => _type ?? "";

    internal string Key => _key ?? "";

    public static GrainId Create(string type, string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(type);
        ArgumentNullException.ThrowIfNull(key);
        return new(type, key);
    }

    public bool Equals(GrainId other) => _hash == other._hash && _key == other._key && _type == other._type;

    public override bool Equals(object? obj) => obj is GrainId other && Equals(other);

    public override int GetHashCode() => _hash;

    public override string ToString() => $"{_type}/{_key}";

    public static bool operator ==(GrainId left, GrainId right) => left.Equals(right);

    public static bool operator !=(GrainId left, GrainId right) => !left.Equals(right);
}
