using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>What grain interfaces, grain classes and their messages may not contain.</summary>
internal static class Diagnostics
{
    public static readonly DiagnosticDescriptor Property = Error("AUIE0001", "A grain interface has a property",
        "The grain interface {0} has the property {1}: it may have methods only");

    public static readonly DiagnosticDescriptor Event = Error("AUIE0002", "A grain interface has an event",
        "The grain interface {0} has the event {1}: it may have methods only");

    public static readonly DiagnosticDescriptor ByReference = Error("AUIE0003", "A parameter is passed by reference",
        "The parameter {1} of {0} is ref, out or in: arguments travel by value");

    public static readonly DiagnosticDescriptor ReturnType = Error("AUIE0004", "A grain method is not asynchronous",
        "{0} returns {1}: a grain method returns Task, Task<T>, ValueTask, ValueTask<T> or IAsyncEnumerable<T>");

    public static readonly DiagnosticDescriptor Tokens = Error("AUIE0005", "A grain method has several cancellation tokens",
        "{0} has more than one CancellationToken");

    public static readonly DiagnosticDescriptor Generic = Error("AUIE0006", "A grain interface, its method or a serialized type is generic",
        "{0} is generic, which is not supported here");

    public static readonly DiagnosticDescriptor NoSerializer = Error("AUIE0007", "A type cannot be serialized",
        "{0} needs a serializer for {1}: mark the type with [GenerateSerializer], or use another");

    public static readonly DiagnosticDescriptor DuplicateId = Error("AUIE0008", "Two members have one [Id]",
        "{0} and {1} have the same [Id({2})]");

    public static readonly DiagnosticDescriptor MissingId = Error("AUIE0009", "A member has no [Id]",
        "{0} has no [Id] and would be lost: number it, or mark it with [field: NonSerialized]");

    public static readonly DiagnosticDescriptor DuplicateAlias = Error("AUIE0010", "Two have one alias",
        "{0} and {1} have the same alias '{2}', or aliases that come to the same number on the wire");

    public static readonly DiagnosticDescriptor OneWayResult = Error("AUIE0011", "A one-way method has a result",
        "{0} is one-way and has a result: it can only return Task or ValueTask");

    public static readonly DiagnosticDescriptor MayInterleave = Error("AUIE0012", "The method that decides on interleaving is missing",
        "{0} names {1}, but has no static method bool {1}(IInvokable) that is public or internal");

    public static readonly DiagnosticDescriptor BaseWithoutSerializer = Error("AUIE0013", "A base type has no serializer",
        "{0} derives from {1}, whose members would be lost: mark that with [GenerateSerializer] too");

    public static readonly DiagnosticDescriptor NoSetter = Error("AUIE0014", "A serialized property can only be read",
        "{0} has an [Id] but neither a field of its own nor a setter");

    private static DiagnosticDescriptor Error(string id, string title, string message) =>
        new(id, title, message, "Auie.Runtime", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
