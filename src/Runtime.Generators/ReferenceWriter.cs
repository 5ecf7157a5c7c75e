using System.Text;
using Microsoft.CodeAnalysis;

namespace Auie.Runtime.Generators;

/// <summary>Writes the reference (proxy) of a grain interface, and a call class for each of its methods.</summary>
internal sealed class ReferenceWriter(CodecTable codecs, System.Action<Diagnostic> report)
{
    private enum Shape
    {
        Void,
        Result,
        Stream,
    }

    /// <summary>The source of the reference; null where the interface cannot have one.</summary>
    public string? Write(INamedTypeSymbol type)
    {
        if (type.IsGenericType)
        {
            report(Diagnostic.Create(Diagnostics.Generic, Names.Location(type), Names.Full(type)));
            return null;
        }

        var sound = true;
        void Refuse(DiagnosticDescriptor what, ISymbol where, params object[] arguments)
        {
            report(Diagnostic.Create(what, Names.Location(where) ?? Names.Location(type), arguments));
            sound = false;
        }

        var methods = new List<IMethodSymbol>();
        foreach (var member in type.AllInterfaces.Concat([type]).Where(static i => !IsMarker(i)).SelectMany(static i => i.GetMembers()))
        {
            switch (member)
            {
                case IPropertySymbol { IsStatic: false }: Refuse(Diagnostics.Property, member, Names.Full(type), member.Name); break;
                case IEventSymbol { IsStatic: false }: Refuse(Diagnostics.Event, member, Names.Full(type), member.Name); break;
                case IMethodSymbol { IsStatic: false, IsAbstract: true, MethodKind: MethodKind.Ordinary } method: methods.Add(method); break;
            }
        }

        var numbers = new Dictionary<uint, IMethodSymbol>();
        foreach (var method in methods)
        {
            Check(method, Refuse);
            var alias = Alias(method, methods);
            if (numbers.TryGetValue(Names.Hash(alias), out var other))
                Refuse(Diagnostics.DuplicateAlias, method, Names.Full(other), Names.Full(method), alias);
            else
                numbers.Add(Names.Hash(alias), method);
        }

        if (!sound)
            return null;

        var reference = Names.Reference(type);
        var source = new StringBuilder();
        source.AppendLine($"/// <summary>The reference of {Names.Full(type)}.</summary>");
        source.AppendLine($"{Names.Accessibility(type)} sealed class {reference}({Names.Invocation}GrainReferenceTarget target) : {Names.Invocation}GrainReference(target), {Names.Of(type)}");
        source.AppendLine("{");
        source.AppendLine($"    internal static {Names.Invocation}GrainMethod[] Methods => [{string.Join(", ", methods.Select(static (_, i) => $"Call{i}.Described"))}];");
        for (var i = 0; i < methods.Count; i++)
        {
            WriteMethod(source, methods[i], i);
            WriteCall(source, type, methods[i], i, Alias(methods[i], methods));
        }

        source.AppendLine("}");
        return source.ToString();
    }

    private static bool IsMarker(INamedTypeSymbol type) => type.ContainingNamespace is { Name: "Runtime", ContainingNamespace.Name: "Auie" };

    // Overloads are told apart by their parameters unless they have aliases.
    private static string Alias(IMethodSymbol method, List<IMethodSymbol> methods) =>
        Names.Alias(method, methods.Count(m => m.Name == method.Name) == 1
            ? method.Name
            : $"{method.Name}({string.Join(",", method.Parameters.Where(static p => !IsToken(p.Type)).Select(static p => Names.Full(p.Type)))})");

    private void Check(IMethodSymbol method, System.Action<DiagnosticDescriptor, ISymbol, object[]> refuse)
    {
        if (method.IsGenericMethod)
            refuse(Diagnostics.Generic, method, [Names.Full(method)]);
        foreach (var parameter in method.Parameters)
        {
            if (parameter.RefKind != RefKind.None)
                refuse(Diagnostics.ByReference, parameter, [Names.Full(method), parameter.Name]);
            else if (!IsToken(parameter.Type) && parameter.Type.TypeKind != TypeKind.TypeParameter && codecs.Find(parameter.Type) is null)
                refuse(Diagnostics.NoSerializer, parameter, [$"{Names.Full(method)}, parameter {parameter.Name},", Names.Full(parameter.Type)]);
        }

        if (method.Parameters.Count(static p => IsToken(p.Type)) > 1)
            refuse(Diagnostics.Tokens, method, [Names.Full(method)]);
        if (Result(method) is not { } result)
            refuse(Diagnostics.ReturnType, method, [Names.Full(method), Names.Full(method.ReturnType)]);
        else if (result.Type is { TypeKind: not TypeKind.TypeParameter } type && codecs.Find(type) is null)
            refuse(Diagnostics.NoSerializer, method, [Names.Full(method), Names.Full(type)]);
        else if (result.Shape != Shape.Void && Names.Has(method, "OneWayAttribute"))
            refuse(Diagnostics.OneWayResult, method, [Names.Full(method)]);
    }

    private static (Shape Shape, ITypeSymbol? Type)? Result(IMethodSymbol method) =>
        method.ReturnType is not INamedTypeSymbol type ? null : Names.Full(type.OriginalDefinition) switch
        {
            "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask" => (Shape.Void, null),
            "System.Threading.Tasks.Task<TResult>" or "System.Threading.Tasks.ValueTask<TResult>" => (Shape.Result, type.TypeArguments[0]),
            "System.Collections.Generic.IAsyncEnumerable<T>" or "System.Collections.Generic.IAsyncEnumerable<out T>" => (Shape.Stream, type.TypeArguments[0]),
            _ => null,
        };

    private static bool IsToken(ITypeSymbol type) => Names.Full(type) == "System.Threading.CancellationToken";

    private static bool IsShared(IParameterSymbol parameter) => CodecTable.IsImmutable(parameter.Type) || Names.Has(parameter, "ImmutableAttribute");

    private static IEnumerable<IParameterSymbol> Arguments(IMethodSymbol method) => method.Parameters.Where(static p => !IsToken(p.Type));

    private void WriteMethod(StringBuilder source, IMethodSymbol method, int number)
    {
        var parameters = string.Join(", ", method.Parameters.Select(static p => $"{Names.Of(p.Type)} @{p.Name}"));
        var (shape, _) = Result(method)!.Value;
        source.AppendLine($"    {Names.Of(method.ReturnType)} {Names.Of(method.ContainingType)}.{method.Name}({parameters})\n    {{");
        source.AppendLine($"        var call = Call{number}.{(shape == Shape.Stream ? "Make" : "Rent")}();");
        foreach (var parameter in Arguments(method))
        {
            // A stream's arguments are copied for each enumeration.
            var value = IsShared(parameter) || shape == Shape.Stream ? $"@{parameter.Name}" : $"Copies ? {codecs.Find(parameter.Type)}.CopyElement(@{parameter.Name}) : @{parameter.Name}";
            source.AppendLine($"        call.Argument{parameter.Ordinal} = {value};");
        }

        var token = method.Parameters.FirstOrDefault(static p => IsToken(p.Type)) is { } named ? $", @{named.Name}" : "";
        var isValueTask = method.ReturnType.Name == "ValueTask";
        if (Names.Has(method, "OneWayAttribute"))
            source.AppendLine($"        CallOneWay(call{token});\n        return {(isValueTask ? "default" : "global::System.Threading.Tasks.Task.CompletedTask")};");
        else
            source.AppendLine($"        return {(shape, isValueTask) switch
            {
                (Shape.Stream, _) => "CallStream",
                (Shape.Void, true) => "CallValueVoid",
                (Shape.Void, false) => "CallVoid",
                (_, true) => "CallValue",
                _ => "Call",
            }}(call{token});");
        source.AppendLine("    }");
    }

    private void WriteCall(StringBuilder source, INamedTypeSymbol type, IMethodSymbol method, int number, string alias)
    {
        var (shape, result) = Result(method)!.Value;
        var name = $"Call{number}";
        var resultName = result is null ? "" : Names.Of(result);
        var codec = result is null ? "" : codecs.Find(result)!;
        var arguments = Arguments(method).ToList();
        var grain = $"(({Names.Of(method.ContainingType)})grain).{method.Name}";
        string Passed(string token) => string.Join(", ", method.Parameters.Select(p => IsToken(p.Type) ? token : $"Argument{p.Ordinal}"));

        source.AppendLine($"    private sealed class {name} : {Names.Invocation}{shape switch { Shape.Void => "VoidCall", Shape.Stream => $"StreamCall<{resultName}>", _ => $"GrainCall<{resultName}>" }}");
        source.AppendLine("    {");
        source.AppendLine($"        internal static readonly {Names.Invocation}GrainMethod Described = new()\n        {{");
        source.AppendLine($"            Interface = {Names.Text(Names.Alias(type))}, Name = {Names.Text(method.Name)},");
        source.AppendLine($"            InterfaceId = 0x{Names.Hash(Names.Alias(type)):X8}, MethodId = 0x{Names.Hash(alias):X8},");
        var interleaving = Names.Has(method, "AlwaysInterleaveAttribute") ? "Always" : Names.Has(method, "ReadOnlyAttribute") ? "ReadOnly" : "None";
        source.AppendLine($"            Interleaving = {Names.Invocation}Interleaving.{interleaving}, OneWay = {(Names.Has(method, "OneWayAttribute") ? "true" : "false")},");
        if ((Names.Attribute(method, "ResponseTimeoutAttribute") ?? Names.Attribute(method.ContainingType, "ResponseTimeoutAttribute"))?.ConstructorArguments[0].Value is string timeout)
            source.AppendLine($"            ResponseTimeout = {Names.Text(timeout)},");
        source.AppendLine($"            NewCall = static () => Rent(),\n        }};");
        source.AppendLine($"        private static readonly {Names.Invocation}CallPool s_pool = new();");
        source.AppendLine($"        [global::System.ThreadStatic] private static {Names.Invocation}CallPool.Local t_pool;");
        source.AppendLine($"        internal static {name} Rent() => ({name})(t_pool ??= new(s_pool)).Take() ?? new {name}();");
        source.AppendLine($"        internal static {name} Make() => new {name}();");
        foreach (var argument in arguments)
            source.AppendLine($"        internal {Names.Of(argument.Type)} Argument{argument.Ordinal};");
        source.AppendLine($"        public override {Names.Invocation}GrainMethod Method => Described;");
        source.AppendLine($"        protected override {Names.Invocation}CallPool.Local Pool => t_pool ??= new(s_pool);");

        if (shape == Shape.Stream)
        {
            source.AppendLine($"        private static readonly {Names.Serialization}Codec<{Names.Invocation}StreamBatch<{resultName}>> s_result = new {Names.Invocation}StreamBatchCodec<{resultName}>({codec});");
            source.AppendLine($"        protected override {Names.Serialization}Codec<{Names.Invocation}StreamBatch<{resultName}>> ResultCodec => s_result;");
            source.AppendLine($"        protected override {resultName} CopyItem({resultName} item) => {(ResultIsShared(method, result!) ? "item" : $"{codec}.CopyElement(item)")};");
            source.AppendLine($"        protected override global::System.Collections.Generic.IAsyncEnumerable<{resultName}> Open(object grain, global::System.Threading.CancellationToken token) => {grain}({Passed("token")});");
            source.AppendLine($"        protected override {Names.Invocation}StreamCall<{resultName}> Again()\n        {{\n            var call = Rent();");
            foreach (var argument in arguments)
                source.AppendLine($"            call.Argument{argument.Ordinal} = {(IsShared(argument) ? $"Argument{argument.Ordinal}" : $"{codecs.Find(argument.Type)}.CopyElement(Argument{argument.Ordinal})")};");
            source.AppendLine("            return call;\n        }");
        }
        else
        {
            if (shape == Shape.Result)
            {
                source.AppendLine($"        protected override {Names.Serialization}Codec<{resultName}> ResultCodec => {codec};");
                source.AppendLine($"        protected override bool ResultIsImmutable => {(ResultIsShared(method, result!) ? "true" : "false")};");
            }

            source.AppendLine($"        protected override void Invoke(object grain) => {(shape == Shape.Void ? "CompleteVoid" : "Complete")}({grain}({Passed("Token")}));");
        }

        var prefix = shape == Shape.Stream ? "Method" : "";
        source.AppendLine($"        protected override void Write{prefix}Arguments({Names.Serialization}WireWriter writer)\n        {{");
        foreach (var argument in arguments)
            source.AppendLine($"            writer.WriteField({argument.Ordinal}, {codecs.Find(argument.Type)}, Argument{argument.Ordinal});");
        source.AppendLine("        }");
        source.AppendLine($"        protected override void Read{prefix}Arguments(ref {Names.Serialization}WireReader reader)\n        {{");
        source.AppendLine("            while (reader.TryReadTag(out var number, out var type))\n            {\n                switch (number)\n                {");
        foreach (var argument in arguments)
            source.AppendLine($"                    case {argument.Ordinal}: Argument{argument.Ordinal} = reader.ReadField(type, {codecs.Find(argument.Type)}); break;");
        source.AppendLine("                    default: reader.Skip(type); break;\n                }\n            }\n        }");
        source.AppendLine("        protected override void ClearArguments()\n        {");
        foreach (var argument in arguments.Where(static a => !a.Type.IsUnmanagedType))
            source.AppendLine($"            Argument{argument.Ordinal} = default;");
        source.AppendLine("        }");
        source.AppendLine($"        public override int GetArgumentCount() => {arguments.Count};");
        var cases = string.Concat(arguments.Select(static (a, i) => $"{i} => Argument{a.Ordinal}, "));
        source.AppendLine($"        public override object GetArgument(int index) => index switch {{ {cases}_ => throw new global::System.ArgumentOutOfRangeException(nameof(index)) }};");
        source.AppendLine("    }");
    }

    private static bool ResultIsShared(IMethodSymbol method, ITypeSymbol result) =>
        CodecTable.IsImmutable(result) || method.GetReturnTypeAttributes().Any(static a => Names.IsRuntime(a.AttributeClass, "ImmutableAttribute"));
}
