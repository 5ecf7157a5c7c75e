using System.Text.Json;

namespace Auie.Api.Tracking;

/// <summary>One call of the protocol, read as far as all types of calls have it in common.</summary>
internal struct TrackedMessage
{
    public string Type { get; private set; }

    /// <summary>The user that it is about: who is named, or else the visitor.</summary>
    public string User { get; private set; }

    /// <summary>The visitor's id where both are given.</summary>
    public string? AnonymousId { get; private set; }

    /// <summary>The id that it has; null where its sender gave none.</summary>
    public string? MessageId { get; private set; }

    /// <summary>The time as the sender's clock had it; null where it gave none.</summary>
    public DateTimeOffset? Stamped { get; private set; }

    /// <summary>The time that the sender, or somebody on the way, corrected already; null where nobody did.</summary>
    public DateTimeOffset? Corrected { get; private set; }

    /// <summary>The name of a track.</summary>
    public string? Event { get; private set; }

    public JsonElement Properties { get; private set; }
    public JsonElement Traits { get; private set; }
    public JsonElement GroupId { get; private set; }
    public JsonElement PreviousId { get; private set; }
    public MessageContext Context { get; private set; }

    /// <param name="type">The type that the path names; null where the message says it.</param>
    /// <param name="batchContext">The context of the whole batch, for messages without one.</param>
    public static Fault? Read(JsonElement message, string? type, JsonElement batchContext, out TrackedMessage read)
    {
        read = default;
        return message.ValueKind == JsonValueKind.Object ? read.Read(message, type, batchContext) : new("", "must be an object");
    }

    private Fault? Read(JsonElement message, string? type, JsonElement batchContext)
    {
        JsonElement typed = default, user = default, anonymous = default, id = default, at = default, original = default, named = default, context = default, channel = default;
        foreach (var member in message.EnumerateObject())
        {
            if (member.NameEquals("type"u8)) typed = member.Value;
            else if (member.NameEquals("userId"u8)) user = member.Value;
            else if (member.NameEquals("anonymousId"u8)) anonymous = member.Value;
            else if (member.NameEquals("messageId"u8)) id = member.Value;
            else if (member.NameEquals("timestamp"u8)) at = member.Value;
            else if (member.NameEquals("originalTimestamp"u8)) original = member.Value;
            else if (member.NameEquals("event"u8)) named = member.Value;
            else if (member.NameEquals("properties"u8)) Properties = member.Value;
            else if (member.NameEquals("traits"u8)) Traits = member.Value;
            else if (member.NameEquals("context"u8)) context = member.Value;
            else if (member.NameEquals("channel"u8)) channel = member.Value;
            else if (member.NameEquals("groupId"u8)) GroupId = member.Value;
            else if (member.NameEquals("previousId"u8)) PreviousId = member.Value;
        }

        // The id first: whatever else is wrong is told with it.
        if (Values.Id(id, "messageId", TrackingLimits.MessageId, out var messageId) is { } badId) return badId;
        MessageId = messageId;
        if (ReadType(typed, type) is { } badType) return badType;
        if (ReadUser(user, anonymous) is { } badUser) return badUser;
        if (ReadTimes(at, original) is { } badTime) return badTime;
        if (Values.Name(named, "event", out var name) is { } badName) return badName;
        Event = name;
        if ((Values.Object(Properties, "properties") ?? Values.Object(Traits, "traits")) is { } badObject) return badObject;
        var fault = MessageContext.Read(context.IsAbsent() ? batchContext : context, channel, out var read);
        Context = read;
        return fault;
    }

    private Fault? ReadType(JsonElement typed, string? type)
    {
        if (Values.Text(typed, "type", out var given) is { } fault) return fault;
        if (type is not null && given is not null && given != type) return new("type", $"is '{given}', and the path is that of {type}");
        Type = type ?? given ?? "";
        return Type.Length > 0 ? null : new("type", $"is missing; there are {EventMapper.Types}");
    }

    private Fault? ReadUser(JsonElement user, JsonElement anonymous)
    {
        if (Values.Id(user, "userId", TrackingLimits.Id, out var userId) is { } badUser) return badUser;
        if (Values.Id(anonymous, "anonymousId", TrackingLimits.AnonymousId, out var anonymousId) is { } badAnonymous) return badAnonymous;
        var visitor = anonymousId is null ? null : string.Concat(TrackingLimits.Anonymous, anonymousId);
        if ((userId ?? visitor) is not { } id) return new("userId", "is missing, and so is anonymousId; one of them is needed");
        // A path loses them, so that nothing could be asked of such a user.
        if (id is "." or "..") return new("userId", "must not be . or ..");
        User = id;
        AnonymousId = userId is not null && userId != visitor ? anonymousId : null;
        return null;
    }

    private Fault? ReadTimes(JsonElement at, JsonElement original)
    {
        if (Values.Instant(at, "timestamp", out var timestamp) is { } badTime) return badTime;
        if (Values.Instant(original, "originalTimestamp", out var originalTimestamp) is { } badOriginal) return badOriginal;
        Stamped = originalTimestamp ?? timestamp;
        Corrected = originalTimestamp is null ? null : timestamp;
        return null;
    }
}
