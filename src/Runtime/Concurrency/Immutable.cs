namespace Auie.Runtime;

/// <summary>A value that nobody changes after it is sent, so that a local call need not copy it.</summary>
public readonly struct Immutable<T>(T value) : IEquatable<Immutable<T>>
{
    public readonly T Value = value;

    public bool Equals(Immutable<T> other) => EqualityComparer<T>.Default.Equals(Value, other.Value);

    public override bool Equals(object? obj) => obj is Immutable<T> other && Equals(other);

    public override int GetHashCode() => Value is null ? 0 : EqualityComparer<T>.Default.GetHashCode(Value);

    public static bool operator ==(Immutable<T> left, Immutable<T> right) => left.Equals(right);

    public static bool operator !=(Immutable<T> left, Immutable<T> right) => !left.Equals(right);
}
