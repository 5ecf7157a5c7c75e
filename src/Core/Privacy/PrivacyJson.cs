using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Auie.Core.Privacy;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ErasureReceipt))]
[JsonSerializable(typeof(ErasureWork))]
[JsonSerializable(typeof(ModelMark))]
[JsonSerializable(typeof(AuditRecord))]
internal sealed partial class PrivacyJson : JsonSerializerContext
{
    public static T Read<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string what, Func<T, int> version) where T : class
    {
        T? read;
        try
        {
            read = JsonSerializer.Deserialize(bytes, type);
        }
        catch (JsonException e)
        {
            throw new FormatException($"A stored {what} cannot be read: {e.Message}", e);
        }

        return read is not null && version(read) == Privacy.ErasureReceipt.CurrentVersion
            ? read
            : throw new FormatException($"A stored {what} has a layout that this version does not read.");
    }
}
