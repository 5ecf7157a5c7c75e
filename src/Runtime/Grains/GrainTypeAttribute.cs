namespace Auie.Runtime;

/// <summary>The name of a grain class in grain identities. Without it, the name is the class's own in lower case, without "Grain" at its end.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string GrainType { get; } = grainType;
}
