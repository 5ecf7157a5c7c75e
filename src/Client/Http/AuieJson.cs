using System.Text.Json;
using System.Text.Json.Serialization;
using Auie.Abstractions;
using Auie.Client.Keys;

namespace Auie.Client.Http;

/// <summary>How everything that crosses HTTP is written as JSON: camelCase, instants in ISO 8601, doubles so that they round-trip.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(EngineInfo))]
[JsonSerializable(typeof(UserView))]
[JsonSerializable(typeof(UserSegment))]
[JsonSerializable(typeof(FriendPage))]
[JsonSerializable(typeof(SegmentationView))]
[JsonSerializable(typeof(SegmentView))]
[JsonSerializable(typeof(MemberPage))]
[JsonSerializable(typeof(JobOrder))]
[JsonSerializable(typeof(JobView))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(TableView))]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(EventReceipt))]
[JsonSerializable(typeof(ApiProblem))]
[JsonSerializable(typeof(KeyFile))]
public sealed partial class AuieJson : JsonSerializerContext
{
    /// <summary>For what the engine is sent: unknown and doubled members and nulls where none may be are errors.</summary>
    public static AuieJson Strict { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        MaxDepth = 32,
    });

    /// <summary>For what the engine answers: members that a newer engine adds are passed over.</summary>
    public static AuieJson Lenient { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    });

    /// <summary>For people.</summary>
    public static AuieJson Indented { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    });
}
