using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Auie.Runtime.Generators;

/// <summary>
/// Generates, for an assembly that refers to Auie.Runtime: for each grain interface a reference and its calls, for each type with [GenerateSerializer] a
/// codec, and a manifest that makes them and the grain classes known.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class GrainGenerator : IIncrementalGenerator
{
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        // Codecs reach across types, so the whole assembly is looked at together; what comes of it is compared before it is added.
        var output = context.CompilationProvider.Select(static (compilation, cancelled) => Generate(compilation, cancelled));
        context.RegisterSourceOutput(output, static (production, result) =>
        {
            foreach (var diagnostic in result.Diagnostics)
                production.ReportDiagnostic(diagnostic);
            if (result.Source is not null)
                production.AddSource("Auie.Runtime.g.cs", SourceText.From(result.Source, Encoding.UTF8));
        });
    }

    private static Output Generate(Compilation compilation, CancellationToken cancelled)
    {
        if (compilation.GetTypeByMetadataName("Auie.Runtime.IGrain") is not { } grain || compilation.GetTypeByMetadataName("Auie.Runtime.IGrainBase") is not { } grainBase)
            return new(null, []);

        var diagnostics = ImmutableArray.CreateBuilder<Diagnostic>();
        var codecs = new CodecTable(compilation);
        var serializers = new SerializerWriter(codecs, diagnostics.Add);
        var references = new ReferenceWriter(codecs, diagnostics.Add);
        var source = new StringBuilder();
        var manifest = new StringBuilder();
        var aliases = new Dictionary<string, INamedTypeSymbol>();
        var numbers = new Dictionary<uint, INamedTypeSymbol>();

        foreach (var type in Types(compilation.Assembly.GlobalNamespace))
        {
            cancelled.ThrowIfCancellationRequested();
            var interfaces = type.AllInterfaces.Where(i => i.AllInterfaces.Contains(grain, SymbolEqualityComparer.Default) && !Names.IsRuntime(i, i.Name)).ToList();
            if (Names.Has(type, "GenerateSerializerAttribute"))
            {
                var alias = Names.Alias(type);
                if (aliases.TryGetValue(alias, out var other))
                    diagnostics.Add(Diagnostic.Create(Diagnostics.DuplicateAlias, Names.Location(type), Names.Full(other), Names.Full(type), alias));
                else
                    aliases.Add(alias, type);
                if (serializers.Write(type) is { } serializer)
                {
                    source.AppendLine(serializer);
                    manifest.AppendLine($"        {Names.Serialization}CodecRegistry.Add({Names.Codec(type)}.Instance);");
                }
            }
            else if (type.TypeKind == TypeKind.Interface && type.AllInterfaces.Contains(grain, SymbolEqualityComparer.Default))
            {
                var number = Names.Hash(Names.Alias(type));
                if (numbers.TryGetValue(number, out var other))
                    diagnostics.Add(Diagnostic.Create(Diagnostics.DuplicateAlias, Names.Location(type), Names.Full(other), Names.Full(type), Names.Alias(type)));
                else
                    numbers.Add(number, type);
                if (references.Write(type) is { } reference)
                {
                    source.AppendLine(reference);
                    manifest.AppendLine($"        manifest.AddInterface(typeof({Names.Of(type)}), static target => new {Names.Reference(type)}(target), {Names.Reference(type)}.Methods);");
                }
            }
            else if (type is { TypeKind: TypeKind.Class, IsAbstract: false, IsGenericType: false } && interfaces.Count > 0
                && type.AllInterfaces.Contains(grainBase, SymbolEqualityComparer.Default))
            {
                manifest.AppendLine($"        manifest.AddClass({GrainClassWriter.Write(type, interfaces, diagnostics.Add)});");
            }
        }

        return new(Assemble(compilation, source, manifest, codecs), diagnostics.ToImmutable());
    }

    private static string Assemble(Compilation compilation, StringBuilder source, StringBuilder manifest, CodecTable codecs)
    {
        var space = Names.Namespace(compilation.Assembly);
        var referred = compilation.SourceModule.ReferencedAssemblySymbols
            .Select(static a => a.GetAttributes().FirstOrDefault(static x => x.AttributeClass is { Name: "GeneratedManifestAttribute" })?.ConstructorArguments[0].Value as INamedTypeSymbol)
            .Where(static m => m is { DeclaredAccessibility: Accessibility.Public })
            .Select(static m => $"        manifest.AddManifest(typeof({Names.Of(m!)}));");
        return $$"""
            // <auto-generated/>
            #nullable disable
            #pragma warning disable
            [assembly: {{Names.Hosting}}GeneratedManifest(typeof(global::{{space}}.AssemblyManifest))]
            namespace {{space}};

            /// <summary>Makes the grains, references and serializers of {{compilation.Assembly.Name}} known to a host.</summary>
            public sealed class AssemblyManifest : {{Names.Hosting}}IGeneratedManifest
            {
                public void Describe({{Names.Hosting}}Manifest manifest)
                {
            {{string.Join("\n", referred)}}
            {{manifest}}
                }
            }

            {{source}}
            internal static class Codecs
            {
            {{codecs.Declarations}}
            }

            """;
    }

    private static IEnumerable<INamedTypeSymbol> Types(INamespaceOrTypeSymbol within)
    {
        foreach (var member in within.GetMembers())
        {
            if (member is INamedTypeSymbol type && Names.IsAccessible(type))
                yield return type;
            if (member is INamespaceOrTypeSymbol inner)
            {
                foreach (var nested in Types(inner))
                    yield return nested;
            }
        }
    }

    private sealed class Output(string? source, ImmutableArray<Diagnostic> diagnostics) : System.IEquatable<Output>
    {
        public string? Source { get; } = source;

        public ImmutableArray<Diagnostic> Diagnostics { get; } = diagnostics;

        public bool Equals(Output? other) => other is not null && Source == other.Source && Diagnostics.SequenceEqual(other.Diagnostics);

        public override bool Equals(object? obj) => Equals(obj as Output);

        public override int GetHashCode() => Source is null ? 0 : System.StringComparer.Ordinal.GetHashCode(Source);
    }
}
