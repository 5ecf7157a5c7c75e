using System.Diagnostics;

namespace Auie.Runtime.Invocation;

/// <summary>What is known of a method of a grain interface: its numbers on the wire, hashed from the aliases, and how calls of it behave.</summary>
public sealed class GrainMethod
{
    public required string Interface { get; init; }

    public required string Name { get; init; }

    /// <summary>The interface on the wire.</summary>
    public required uint InterfaceId { get; init; }

    /// <summary>The method on the wire, among those of its interface.</summary>
    public required uint MethodId { get; init; }

    public Interleaving Interleaving { get; init; }

    public bool OneWay { get; init; }

    /// <summary>The time to be answered in, as written in <see cref="ResponseTimeoutAttribute"/>; null for the host's own.</summary>
    public string? ResponseTimeout { get; init; }

    /// <summary>Gives an empty call of it, to read arguments into.</summary>
    public required Func<GrainCall> NewCall { get; init; }

    internal ulong WireId => ((ulong)InterfaceId << 32) | MethodId;

    internal TimeSpan? Limit => field ??= ResponseTimeout is null ? null : new ResponseTimeoutAttribute(ResponseTimeout).Timeout;

    internal TagList Tags => field.Count > 0 ? field : field = new TagList { { "rpc.service", Interface }, { "rpc.method", Name } };

    public override string ToString() => $"{Interface}.{Name}";
}
