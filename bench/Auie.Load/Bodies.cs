using System.Text.Json;
using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Load;

/// <summary>The bodies of requests.</summary>
internal static class Bodies
{
    public static byte[] Of(Requests requests, IReadOnlyCollection<UserEvent> events) => requests == Requests.Tracking
        ? TrackingBody.Of(events)
        : JsonSerializer.SerializeToUtf8Bytes(new EventBatch([.. events]), Sparse.EventBatch);

    /// <summary>As <see cref="AuieJson.Lenient"/>, without what an event does not say.</summary>
    private static readonly AuieJson Sparse = Make();

    private static AuieJson Make()
    {
        var options = new JsonSerializerOptions { DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingDefault };
        AuieJson.UseForms(options);
        return new AuieJson(options);
    }

    /// <summary>What a server says it refused, by place in the request, with its reason; empty where the answer lists nothing.</summary>
    public static IReadOnlyDictionary<int, string> Refused(byte[] answer)
    {
        if (answer.Length == 0 || answer.AsSpan().IndexOf("\"refused\""u8) < 0)
            return Nothing;
        using var document = JsonDocument.Parse(answer);
        if (!document.RootElement.TryGetProperty("refused", out var refused) || refused.ValueKind != JsonValueKind.Array || refused.GetArrayLength() == 0)
            return Nothing;
        return refused.EnumerateArray().ToDictionary(
            one => one.GetProperty("index").GetInt32(), one => $"{one.GetProperty("field").GetString()}: {one.GetProperty("reason").GetString()}");
    }

    private static readonly Dictionary<int, string> Nothing = [];
}
