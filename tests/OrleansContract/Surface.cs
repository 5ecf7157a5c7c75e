using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Auie.OrleansContract.Tests;

/// <summary>The public surface of an assembly, read off its metadata: each type's members as text, types by their simple names.</summary>
internal static class Surface
{
    /// <summary>Reads the public types; of several with one name, the last.</summary>
    public static Dictionary<string, (string Namespace, HashSet<string> Members)> Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new SimpleNames();
        var surface = new Dictionary<string, (string, HashSet<string>)>(StringComparer.Ordinal);
        foreach (var handle in metadata.TypeDefinitions)
        {
            var type = metadata.GetTypeDefinition(handle);
            if ((type.Attributes & TypeAttributes.VisibilityMask) != TypeAttributes.Public)
                continue;
            surface[metadata.GetString(type.Name)] = (metadata.GetString(type.Namespace), [.. Methods(metadata, type, names), .. Constants(metadata, type)]);
        }

        return surface;
    }

    private static IEnumerable<string> Methods(MetadataReader metadata, TypeDefinition type, SimpleNames names)
    {
        foreach (var handle in type.GetMethods())
        {
            var method = metadata.GetMethodDefinition(handle);
            if ((method.Attributes & MethodAttributes.MemberAccessMask) is not (MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem))
                continue;
            var signature = method.DecodeSignature(names, null);
            var isStatic = method.Attributes.HasFlag(MethodAttributes.Static) ? "static " : "";
            yield return $"{isStatic}{signature.ReturnType} {metadata.GetString(method.Name)}({string.Join(", ", signature.ParameterTypes)})";
        }
    }

    private static IEnumerable<string> Constants(MetadataReader metadata, TypeDefinition type)
    {
        foreach (var handle in type.GetFields())
        {
            var field = metadata.GetFieldDefinition(handle);
            if (!field.Attributes.HasFlag(FieldAttributes.Public) || field.GetDefaultValue().IsNil)
                continue;
            var value = metadata.GetBlobReader(metadata.GetConstant(field.GetDefaultValue()).Value);
            yield return $"{metadata.GetString(field.Name)} = {value.ReadByte()}";
        }
    }

    private sealed class SimpleNames : ISignatureTypeProvider<string, object?>
    {
        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{shape.Rank}]";
        public string GetByReferenceType(string elementType) => $"ref {elementType}";
        public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";
        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";
        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";
        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";
        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;
        public string GetPinnedType(string elementType) => elementType;
        public string GetPointerType(string elementType) => $"{elementType}*";
        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();
        public string GetSZArrayType(string elementType) => $"{elementType}[]";
        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeDefinition(handle).Name);
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeReference(handle).Name);
        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
