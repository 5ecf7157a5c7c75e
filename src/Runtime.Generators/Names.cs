using System.Text;
using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>How types are named in generated code and on the wire.</summary>
internal static class Names
{
    public const string Runtime = "global::Auie.Runtime.";
    public const string Invocation = "global::Auie.Runtime.Invocation.";
    public const string Serialization = "global::Auie.Runtime.Serialization.";
    public const string Hosting = "global::Auie.Runtime.Hosting.";

    private static readonly SymbolDisplayFormat WithoutGlobal =
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    /// <summary>The type in C#, from the global namespace, without nullability.</summary>
    public static string Of(ITypeSymbol type) =>
        type.WithNullableAnnotation(NullableAnnotation.None).ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);

    public static string Full(ISymbol symbol) => symbol.ToDisplayString(WithoutGlobal);

    /// <summary>The namespace of what is generated for an assembly.</summary>
    public static string Namespace(IAssemblySymbol assembly) => "Auie.Generated." + Identifier(assembly.Name);

    /// <summary>The generated codec of a type that is marked for one.</summary>
    public static string Codec(INamedTypeSymbol type) => Identifier(Full(type)) + "_Codec";

    public static string Reference(INamedTypeSymbol type) => Identifier(Full(type)) + "_Reference";

    public static string Identifier(string name)
    {
        var identifier = new StringBuilder(name.Length);
        foreach (var c in name)
            identifier.Append(char.IsLetterOrDigit(c) ? c : '_');
        return identifier.ToString();
    }

    /// <summary>The name on the wire: the alias, or the full name.</summary>
    public static string Alias(ISymbol symbol, string? otherwise = null) =>
        Attribute(symbol, "AliasAttribute")?.ConstructorArguments.FirstOrDefault().Value as string ?? otherwise ?? Full(symbol);

    /// <summary>The number that stands for a name on the wire: FNV-1a of its UTF-8 bytes.</summary>
    public static uint Hash(string name) =>
        Encoding.UTF8.GetBytes(name).Aggregate(2166136261u, static (hash, b) => unchecked((hash ^ b) * 16777619u));

    public static AttributeData? Attribute(ISymbol symbol, string name) => symbol.GetAttributes().FirstOrDefault(a => IsRuntime(a.AttributeClass, name));

    public static bool Has(ISymbol symbol, string name) => Attribute(symbol, name) is not null;

    public static bool IsRuntime(INamedTypeSymbol? type, string name) =>
        type is not null && type.Name == name && type.ContainingNamespace is { Name: "Runtime", ContainingNamespace: { Name: "Auie", ContainingNamespace.IsGlobalNamespace: true } };

    /// <summary>public where everybody who sees the type can see what is generated for it.</summary>
    public static string Accessibility(ITypeSymbol type)
    {
        for (ISymbol? symbol = type; symbol is ITypeSymbol; symbol = symbol.ContainingType)
        {
            if (symbol.DeclaredAccessibility != Microsoft.CodeAnalysis.Accessibility.Public)
                return "internal";
        }

        return "public";
    }

    /// <summary>Whether generated code of the same assembly can name the type.</summary>
    public static bool IsAccessible(ITypeSymbol type)
    {
        for (ISymbol? symbol = type; symbol is ITypeSymbol; symbol = symbol.ContainingType)
        {
            if (symbol.DeclaredAccessibility is Microsoft.CodeAnalysis.Accessibility.Private or Microsoft.CodeAnalysis.Accessibility.Protected)
                return false;
        }

        return true;
    }

    public static Location? Location(ISymbol symbol) => symbol.Locations.FirstOrDefault();

    /// <summary>A C# literal.</summary>
    public static string Text(string value) => Microsoft.CodeAnalysis.CSharp.SymbolDisplay.FormatLiteral(value, quote: true);
}
