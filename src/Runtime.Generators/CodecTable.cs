using System.Text;
using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>The codecs that an assembly's messages and methods need: which type is served by which, each made once.</summary>
internal sealed class CodecTable(Compilation compilation)
{
    private static readonly Dictionary<string, string> Scalars = new()
    {
        ["bool"] = "Boolean", ["byte"] = "Byte", ["sbyte"] = "SByte", ["short"] = "Int16", ["ushort"] = "UInt16", ["int"] = "Int32", ["uint"] = "UInt32",
        ["long"] = "Int64", ["ulong"] = "UInt64", ["char"] = "Char", ["float"] = "Single", ["double"] = "Double", ["decimal"] = "Decimal", ["string"] = "String",
        ["System.Guid"] = "Guid", ["System.DateTime"] = "DateTime", ["System.DateTimeOffset"] = "DateTimeOffset", ["System.TimeSpan"] = "TimeSpan",
        ["System.DateOnly"] = "DateOnly", ["System.TimeOnly"] = "TimeOnly", ["System.Uri"] = "Uri", ["System.Exception"] = "Exception",
    };

    private static readonly HashSet<string> Blittable = ["byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "float", "double"];

    // The collections that are served, by their definitions, and the codec of each.
    private static readonly Dictionary<string, string> Generics = new()
    {
        ["System.Collections.Generic.List<T>"] = "ListCodec",
        ["System.Collections.Generic.HashSet<T>"] = "HashSetCodec",
        ["System.Collections.Generic.IReadOnlyList<out T>"] = "ReadOnlyListCodec",
        ["System.Collections.Generic.IReadOnlyList<T>"] = "ReadOnlyListCodec",
        ["System.Collections.Generic.Dictionary<TKey, TValue>"] = "DictionaryCodec",
        ["System.Collections.Generic.KeyValuePair<TKey, TValue>"] = "KeyValuePairCodec",
    };

    private readonly Dictionary<string, string> _names = [];
    private readonly StringBuilder _declarations = new();

    public string Declarations => _declarations.ToString();

    /// <summary>The expression of a type's codec; null where there is none.</summary>
    public string? Find(ITypeSymbol type)
    {
        var name = Names.Of(type);
        if (_names.TryGetValue(name, out var known))
            return known;
        if (Make(type) is not { } made)
            return null;
        if (!made.StartsWith("new ", System.StringComparison.Ordinal))
            return _names[name] = made;
        var field = $"Codecs.Codec{_names.Count}";
        _declarations.AppendLine($"    internal static readonly {Names.Serialization}Codec<{name}> {field.Substring("Codecs.".Length)} = {made};");
        return _names[name] = field;
    }

    /// <summary>Whether values of a type are handed on as they are.</summary>
    public static bool IsImmutable(ITypeSymbol type) => type switch
    {
        { TypeKind: TypeKind.Enum } => true,
        INamedTypeSymbol { IsTupleType: true } tuple => tuple.TupleElements.All(static e => IsImmutable(e.Type)),
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => IsImmutable(nullable.TypeArguments[0]),
        INamedTypeSymbol named => Scalars.ContainsKey(Names.Full(named.WithNullableAnnotation(NullableAnnotation.None))) || Names.Has(named, "ImmutableAttribute")
            || Names.IsRuntime(named, "Immutable") || IsException(named)
            || (named.Name == "KeyValuePair" && named.TypeArguments.All(IsImmutable)),
        _ => false,
    };

    public static bool IsException(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (Names.Full(type) == "System.Exception")
                return true;
        }

        return false;
    }

    private string? Make(ITypeSymbol type)
    {
        var name = Names.Full(type.WithNullableAnnotation(NullableAnnotation.None));
        if (Scalars.TryGetValue(name, out var scalar))
            return $"{Names.Serialization}ScalarCodecs.{scalar}";
        if (!Names.IsAccessible(type))
            return null;
        switch (type)
        {
            case IArrayTypeSymbol { Rank: 1 } array:
                if (Blittable.Contains(Names.Full(array.ElementType)))
                    return $"new {Names.Serialization}BlittableArrayCodec<{Names.Of(array.ElementType)}>()";
                return Of("ArrayCodec", array.ElementType);
            case { TypeKind: TypeKind.Enum }:
                return $"new {Names.Serialization}EnumCodec<{Names.Of(type)}>()";
            case INamedTypeSymbol { IsTupleType: true } tuple:
                return tuple.TupleElements.Length is >= 2 and <= 7 ? Of("TupleCodec", [.. tuple.TupleElements.Select(static e => e.Type)]) : null;
            case INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable:
                return Of("NullableCodec", nullable.TypeArguments[0]);
            case INamedTypeSymbol { IsGenericType: true } generic:
                if (Names.IsRuntime(generic, "Immutable"))
                    return Of("ImmutableCodec", generic.TypeArguments[0]);
                if (Names.Full(generic.OriginalDefinition) == "System.ReadOnlyMemory<T>" && Blittable.Contains(Names.Full(generic.TypeArguments[0])))
                    return $"new {Names.Serialization}ReadOnlyMemoryCodec<{Names.Of(generic.TypeArguments[0])}>()";
                return Generics.TryGetValue(Names.Full(generic.OriginalDefinition), out var codec) ? Of(codec, [.. generic.TypeArguments]) : null;
            case INamedTypeSymbol named when IsException(named):
                return $"new {Names.Serialization}ExceptionCodecOf<{Names.Of(named)}>()";
            case INamedTypeSymbol named when Names.Has(named, "GenerateSerializerAttribute"):
                var generated = $"{Names.Namespace(named.ContainingAssembly)}.{Names.Codec(named)}";
                var isHere = SymbolEqualityComparer.Default.Equals(named.ContainingAssembly, compilation.Assembly);
                return isHere || compilation.GetTypeByMetadataName(generated) is not null ? $"global::{generated}.Instance" : null;
            default:
                return null;
        }
    }

    private string? Of(string codec, params ITypeSymbol[] arguments)
    {
        var inner = new List<string>();
        foreach (var argument in arguments)
        {
            if (Find(argument) is not { } found)
                return null;
            inner.Add(found);
        }

        return $"new {Names.Serialization}{codec}<{string.Join(", ", arguments.Select(Names.Of))}>({string.Join(", ", inner)})";
    }
}
