using System.Buffers;
using System.Text.Json;
using Auie.Abstractions;

namespace Auie.Load;

/// <summary>Events as a batch of the tracking protocol, as its SDKs send them.</summary>
internal static class TrackingBody
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["shown"] = "Product List Viewed",
    };

    public static byte[] Of(IReadOnlyCollection<UserEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(events.Count * 300);
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteStartArray("batch");
        foreach (var @event in events)
            Write(json, @event);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, UserEvent @event)
    {
        _ = Names;
        json.WriteStartObject();
        json.WriteString("messageId", @event.MessageId);
        json.WriteString("timestamp", @event.At);
        json.WriteEndObject();
    }
}
