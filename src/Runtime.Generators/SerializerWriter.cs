using System.Text;
using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>Writes the codec of a type that is marked with [GenerateSerializer].</summary>
internal sealed class SerializerWriter(CodecTable codecs, System.Action<Diagnostic> report)
{
    private sealed record Member(ISymbol Symbol, ITypeSymbol Type, uint Id, string? Field);

    /// <summary>The source of the codec; null where the type needs none (an enumeration) or cannot have one.</summary>
    public string? Write(INamedTypeSymbol type)
    {
        if (type.TypeKind == TypeKind.Enum)
            return null;
        if (type.IsGenericType)
        {
            report(Diagnostic.Create(Diagnostics.Generic, Names.Location(type), Names.Full(type)));
            return null;
        }

        var members = Members(type);
        var name = Names.Of(type);
        var codec = Names.Codec(type);
        var isStruct = type.TypeKind == TypeKind.Struct;
        var at = isStruct ? "ref " : "";
        var source = new StringBuilder();
        source.AppendLine($"/// <summary>The serializer of {Names.Full(type)}.</summary>");
        source.AppendLine($"{Names.Accessibility(type)} sealed class {codec} : {Names.Serialization}ObjectCodec<{name}>");
        source.AppendLine("{");
        source.AppendLine($"    public static readonly {codec} Instance = new();");
        source.AppendLine($"    private {codec}() : base({Names.Text(Names.Alias(type))}, {(Names.Has(type, "ImmutableAttribute") ? "true" : "false")}) {{ }}");
        source.AppendLine($"    public override {name} Create() => {Creation(type, name)};");

        var baseCodec = BaseCodec(type);
        source.AppendLine($"    public override void WriteMembers({Names.Serialization}WireWriter writer, {name} value)\n    {{");
        if (baseCodec is not null)
        {
            source.AppendLine($"        writer.WriteTag(BaseField, {Names.Serialization}WireType.Length);");
            source.AppendLine("        var block = writer.BeginBlock();");
            source.AppendLine($"        {baseCodec}.Instance.WriteMembers(writer, value);");
            source.AppendLine("        writer.EndBlock(block);");
        }

        foreach (var m in members)
            source.AppendLine($"        writer.WriteField(FirstMember + {m.Id}, {codecs.Find(m.Type)}, {Value(m, "value", at)});");
        source.AppendLine("    }");

        source.AppendLine($"    protected override bool ReadMember(ref {Names.Serialization}WireReader reader, uint number, {Names.Serialization}WireType type, ref {name} value)\n    {{");
        source.AppendLine("        switch (number)\n        {");
        if (baseCodec is not null)
        {
            source.AppendLine($"            case BaseField when type == {Names.Serialization}WireType.Length:");
            source.AppendLine("                var after = reader.EnterBlock();");
            source.AppendLine($"                {Names.Of(type.BaseType!)} inherited = value;");
            source.AppendLine($"                {baseCodec}.Instance.ReadMembers(ref reader, ref inherited);");
            source.AppendLine("                reader.LeaveBlock(after);");
            source.AppendLine("                return true;");
        }

        foreach (var m in members)
            source.AppendLine($"            case FirstMember + {m.Id}: {Value(m, "value", at)} = reader.ReadField(type, {codecs.Find(m.Type)}); return true;");
        source.AppendLine("            default: return false;\n        }\n    }");

        source.AppendLine($"    public override void CopyMembers({name} from, ref {name} to)\n    {{");
        if (baseCodec is not null)
            source.AppendLine($"        {Names.Of(type.BaseType!)} inherited = to;\n        {baseCodec}.Instance.CopyMembers(from, ref inherited);");
        foreach (var m in members)
        {
            var isShared = CodecTable.IsImmutable(m.Type) || Names.Has(m.Symbol, "ImmutableAttribute");
            source.AppendLine($"        {Value(m, "to", at)} = {(isShared ? Value(m, "from", at) : $"{codecs.Find(m.Type)}.CopyElement({Value(m, "from", at)})")};");
        }

        source.AppendLine("    }");
        foreach (var m in members.Where(static m => m.Field is not null))
        {
            source.AppendLine($"    [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Field, Name = {Names.Text(m.Field!)})]");
            source.AppendLine($"    private static extern ref {Names.Of(m.Type)} Field{m.Id}({at}{name} value);");
        }

        if (HasParameterless(type))
        {
            source.AppendLine("    [global::System.Runtime.CompilerServices.UnsafeAccessor(global::System.Runtime.CompilerServices.UnsafeAccessorKind.Constructor)]");
            source.AppendLine($"    private static extern {name} New();");
        }

        source.AppendLine("}");
        return source.ToString();
    }

    private static string Value(Member member, string of, string at) =>
        member.Field is null ? $"{of}.{member.Symbol.Name}" : $"Field{member.Id}({at}{of})";

    private static bool HasParameterless(INamedTypeSymbol type) =>
        !type.IsAbstract && type.InstanceConstructors.Any(c => c.Parameters.Length == 0 && (type.TypeKind != TypeKind.Struct || !c.IsImplicitlyDeclared));

    private static string Creation(INamedTypeSymbol type, string name) => type switch
    {
        { IsAbstract: true } => $"throw new {Names.Serialization}WireFormatException(\"{Names.Full(type)} is abstract.\")",
        _ when HasParameterless(type) => "New()",
        { TypeKind: TypeKind.Struct } => "default",
        _ => $"({name})global::System.Runtime.CompilerServices.RuntimeHelpers.GetUninitializedObject(typeof({name}))",
    };

    private string? BaseCodec(INamedTypeSymbol type)
    {
        if (type.BaseType is not { } parent || type.TypeKind == TypeKind.Struct || parent.SpecialType == SpecialType.System_Object)
            return null;
        if (Names.Has(parent, "GenerateSerializerAttribute"))
            return $"global::{Names.Namespace(parent.ContainingAssembly)}.{Names.Codec(parent)}";
        // What the framework's exceptions hold travels with every exception.
        if (!(CodecTable.IsException(parent) && Names.Full(parent).StartsWith("System.", System.StringComparison.Ordinal)))
            report(Diagnostic.Create(Diagnostics.BaseWithoutSerializer, Names.Location(type), Names.Full(type), Names.Full(parent)));
        return null;
    }

    private List<Member> Members(INamedTypeSymbol type)
    {
        var members = new List<Member>();
        var fields = type.GetMembers().OfType<IFieldSymbol>().Where(static f => !f.IsStatic && !f.IsConst).ToList();
        foreach (var symbol in type.GetMembers().Where(static m => !m.IsStatic))
        {
            var (memberType, field) = symbol switch
            {
                IPropertySymbol { IsIndexer: false } property => (property.Type, fields.FirstOrDefault(f => SymbolEqualityComparer.Default.Equals(f.AssociatedSymbol, property))),
                IFieldSymbol { AssociatedSymbol: null, IsConst: false, IsImplicitlyDeclared: false } plain => (plain.Type, plain),
                _ => (null, null),
            };
            if (memberType is null)
                continue;
            if (Names.Attribute(symbol, "IdAttribute")?.ConstructorArguments.FirstOrDefault().Value is not uint id)
            {
                if (field is not null && !field.GetAttributes().Any(static a => a.AttributeClass?.Name == "NonSerializedAttribute"))
                    report(Diagnostic.Create(Diagnostics.MissingId, Names.Location(symbol), Names.Full(symbol)));
                continue;
            }

            if (members.FirstOrDefault(m => m.Id == id) is { } other)
                report(Diagnostic.Create(Diagnostics.DuplicateId, Names.Location(symbol), Names.Full(other.Symbol), Names.Full(symbol), id));
            else if (codecs.Find(memberType) is null)
                report(Diagnostic.Create(Diagnostics.NoSerializer, Names.Location(symbol), Names.Full(symbol), Names.Full(memberType)));
            else if (field is null && symbol is not IPropertySymbol { SetMethod.IsInitOnly: false })
                report(Diagnostic.Create(Diagnostics.NoSetter, Names.Location(symbol), Names.Full(symbol)));
            else
                members.Add(new(symbol, memberType, id, field?.MetadataName));
        }

        return [.. members.OrderBy(static m => m.Id)];
    }
}
