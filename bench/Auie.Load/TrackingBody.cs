using System.Buffers;
using System.Text.Json;
using Auie.Abstractions;

namespace Auie.Load;

/// <summary>Events as a batch of the tracking protocol, as its SDKs send them.</summary>
internal static class TrackingBody
{
    private const string Visitor = "anonymous:";

    private static readonly Dictionary<string, string> Names = new()
    {
        ["shown"] = "Item Shown",
        ["viewed"] = "Item Viewed",
        ["interested"] = "Item Interested",
        ["not_interested"] = "Item Not Interested",
        ["invited"] = "Item Invited",
        ["yes"] = "Answered Yes",
        ["maybe"] = "Answered Maybe",
        ["no"] = "Answered No",
        ["purchased"] = "Item Purchased",
    };

    public static byte[] Of(IReadOnlyCollection<UserEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>(events.Count * 400);
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
        json.WriteStartObject();
        json.WriteString("messageId", @event.MessageId);
        json.WriteString("timestamp", @event.At);
        if (@event.UserId.StartsWith(Visitor, StringComparison.Ordinal))
            json.WriteString("anonymousId", @event.UserId[Visitor.Length..]);
        else
            json.WriteString("userId", @event.UserId);
        if (@event.AnonymousId is { } anonymous)
            json.WriteString("anonymousId", anonymous);
        if (@event.Channel is { } channel)
        {
            json.WriteStartObject("context");
            json.WriteString("channel", channel);
            json.WriteEndObject();
        }

        if (@event.Kind == "identify")
            WriteIdentify(json, @event);
        else if (@event is { Kind: "viewed", Item: null })
            json.WriteString("type", "page");
        else
            WriteTrack(json, @event);
        json.WriteEndObject();
    }

    private static void WriteIdentify(Utf8JsonWriter json, UserEvent @event)
    {
        json.WriteString("type", "identify");
        json.WriteStartObject("traits");
        foreach (var (name, value) in @event.Traits ?? [])
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    private static void WriteTrack(Utf8JsonWriter json, UserEvent @event)
    {
        json.WriteString("type", "track");
        json.WriteString("event", @event.Kind switch
        {
            "friends" => @event.FriendsAdded is null ? "Friends Removed" : "Friends Added",
            "other" => @event.Name,
            _ => Names[@event.Kind],
        });
        json.WriteStartObject("properties");
        if (@event.Item is { } item)
            json.WriteString("itemId", item);
        if (@event.Amount is { } amount)
            json.WriteNumber("price", amount / 10_000m);
        if ((@event.FriendsAdded ?? @event.FriendsRemoved) is { } friends)
        {
            json.WriteStartArray("friendIds");
            foreach (var friend in friends)
                json.WriteStringValue(friend);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }
}
