using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>Writes what the manifest says of a grain class.</summary>
internal static class GrainClassWriter
{
    public static string Write(INamedTypeSymbol type, System.Collections.Generic.IEnumerable<INamedTypeSymbol> interfaces, System.Action<Diagnostic> report)
    {
        var name = Names.Attribute(type, "GrainTypeAttribute")?.ConstructorArguments[0].Value as string ?? DefaultName(type);
        var workers = Names.Attribute(type, "StatelessWorkerAttribute") is not { } stateless
            ? "0"
            : stateless.ConstructorArguments.FirstOrDefault().Value is int count ? count.ToString(System.Globalization.CultureInfo.InvariantCulture) : "global::System.Environment.ProcessorCount";
        return $"new {Names.Hosting}GrainClass {{ Type = typeof({Names.Of(type)}), Name = {Names.Text(name)}, "
            + $"Interfaces = [{string.Join(", ", interfaces.Select(static i => $"typeof({Names.Of(i)})"))}], "
            + $"Reentrant = {(Names.Has(type, "ReentrantAttribute") ? "true" : "false")}, MayInterleave = {MayInterleave(type, report)}, Workers = {workers} }}";
    }

    private static string DefaultName(INamedTypeSymbol type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.Length > 5 && name.EndsWith("grain", System.StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) : name;
    }

    private static string MayInterleave(INamedTypeSymbol type, System.Action<Diagnostic> report)
    {
        if (Names.Attribute(type, "MayInterleaveAttribute")?.ConstructorArguments[0].Value is not string method)
            return "null";
        var fits = type.GetMembers(method).OfType<IMethodSymbol>().Any(static m => m is
        {
            IsStatic: true, Parameters.Length: 1, ReturnType.SpecialType: SpecialType.System_Boolean,
            DeclaredAccessibility: Accessibility.Public or Accessibility.Internal,
        });
        if (fits)
            return $"{Names.Of(type)}.{method}";
        report(Diagnostic.Create(Diagnostics.MayInterleave, Names.Location(type), Names.Full(type), method));
        return "null";
    }
}
