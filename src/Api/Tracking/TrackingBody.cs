using System.Runtime.InteropServices;
using System.Text.Json;
using Auie.Abstractions;

namespace Auie.Api.Tracking;

/// <summary>Reads bodies of the tracking protocol. Members that it does not know are passed over: the protocol has many.</summary>
internal static class TrackingBody
{
    /// <summary>A batch is an object with an array of events.</summary>
    private const int AroundEvents = 2;

    /// <summary>The key that a body holds, or null. Nothing else of the body is looked at.</summary>
    public static string? WriteKeyIn(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1_000 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals("writeKey"u8);
                reader.Read();
                if (found) return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON, or no text: no key.
        }

        return null;
    }

    /// <summary>One event.</summary>
    /// <exception cref="JsonException">The body is not JSON, or nests too deep.</exception>
    public static MappedEvents ReadOne(ReadOnlyMemory<byte> body, string type, TrackingMapping mapping, AuieApiOptions options, DateTimeOffset receivedAt)
    {
        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = options.TrackingDepth });
        var message = document.RootElement;
        var sentAt = Envelope(message).SentAt;
        var mapper = Mapper(mapping, options, receivedAt, sentAt);
        mapper.Add(message, type);
        return mapper.Mapped;
    }

    /// <summary>A batch of events.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    /// <exception cref="InvalidRequestException">The body is no batch.</exception>
    public static MappedEvents ReadBatch(ReadOnlyMemory<byte> body, TrackingMapping mapping, AuieApiOptions options, DateTimeOffset receivedAt)
    {
        using var document = Parse(body, options.TrackingDepth + AroundEvents, out var deep);
        var (batch, sentAt, context) = Envelope(document.RootElement);
        if (batch.ValueKind == JsonValueKind.Undefined) throw new InvalidRequestException("batch", "the body must be an object with an array of events: {\"batch\":[…]}");
        if (batch.ValueKind != JsonValueKind.Array) throw new InvalidRequestException("batch", "must be an array");
        var mapper = Mapper(mapping, options, receivedAt, sentAt);
        foreach (var message in batch.EnumerateArray())
        {
            if (Misfit(message, mapper.Mapped.Count, deep, options) is { } fault) mapper.Refuse(fault, MessageIdOf(message));
            else mapper.Add(message, type: null, context);
        }

        return mapper.Mapped;
    }

    private static EventMapper Mapper(TrackingMapping mapping, AuieApiOptions options, DateTimeOffset receivedAt, JsonElement sentAt) =>
        Values.Instant(sentAt, "sentAt", out var sent) is { } fault
            ? throw new InvalidRequestException(fault.Field, fault.Reason)
            : new EventMapper(mapping, options.TrackingLag, options.EventsAhead, receivedAt, sent, () => Guid.NewGuid().ToString());

    /// <summary>One event that nests too deep must not cost the others: where something does, the body is read again, as deep as it goes.</summary>
    private static JsonDocument Parse(ReadOnlyMemory<byte> body, int depth, out bool deep)
    {
        try
        {
            deep = false;
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = depth });
        }
        catch (JsonException)
        {
            deep = true;
            return JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = int.MaxValue });
        }
    }

    /// <summary>What lies around the events, or beside the members of one.</summary>
    private static (JsonElement Batch, JsonElement SentAt, JsonElement Context) Envelope(JsonElement root)
    {
        JsonElement batch = default, sentAt = default, context = default;
        if (root.ValueKind != JsonValueKind.Object) return default;
        try
        {
            foreach (var member in root.EnumerateObject())
            {
                if (member.NameEquals("batch"u8)) batch = member.Value;
                else if (member.NameEquals("sentAt"u8)) sentAt = member.Value;
                else if (member.NameEquals("context"u8)) context = member.Value;
            }
        }
        catch (InvalidOperationException)
        {
            // What JsonElement says of a name that is half a surrogate pair, or no UTF-8.
            throw new InvalidRequestException("body", "holds a name that is not valid text");
        }

        return (batch, sentAt, context);
    }

    private static Fault? Misfit(JsonElement message, int place, bool deep, AuieApiOptions options)
    {
        var written = JsonMarshal.GetRawUtf8Value(message);
        if (written.Length > options.TrackingEventBytes) return new("", $"has {written.Length} bytes; at most {options.TrackingEventBytes} are taken");
        if (place >= options.TrackingBatchEvents) return new("", $"is one too many: a batch has at most {options.TrackingBatchEvents}");
        return deep && Deeper(written, options.TrackingDepth) ? new("", $"nests more than {options.TrackingDepth} deep") : null;
    }

    private static bool Deeper(ReadOnlySpan<byte> written, int depth)
    {
        var reader = new Utf8JsonReader(written, new JsonReaderOptions { MaxDepth = depth });
        try
        {
            while (reader.Read())
            {
            }

            return false;
        }
        catch (JsonException)
        {
            return true;
        }
    }

    private static string? MessageIdOf(JsonElement message)
    {
        try
        {
            return message.ValueKind == JsonValueKind.Object && message.TryGetProperty("messageId"u8, out var id)
                && Values.Id(id, "messageId", TrackingLimits.MessageId, out var read) is null ? read : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
