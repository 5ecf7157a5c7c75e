using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;
using Auie.Api.Answers;
using Auie.Client.Http;

namespace Auie.Api;

/// <summary>A body with an array of events, read: those that can be routed, and why the others cannot.</summary>
internal sealed class BatchBody<TEvent> where TEvent : class
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = AuieJson.MaxDepth, AllowDuplicateProperties = false };

    private readonly List<TEvent> _events = [];
    private readonly List<int> _places = [];
    private readonly List<Refusal> _refused = [];

    /// <summary>The events to send on.</summary>
    public IReadOnlyList<TEvent> Events => _events;

    /// <summary>How many events the body holds, those that are refused among them.</summary>
    public int Count => _events.Count + _refused.Count;

    /// <param name="body">The bytes.</param>
    /// <param name="member">The name of the array.</param>
    /// <param name="type">How one event is read.</param>
    /// <param name="check">What is wrong with an event that could be read; null for a good one.</param>
    /// <exception cref="InvalidRequestException">The body is no batch of events.</exception>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static BatchBody<TEvent> Read(RequestBytes body, string member, JsonTypeInfo<TEvent> type, Func<TEvent, (string Field, string Reason)?> check)
    {
        var batch = new BatchBody<TEvent>();
        try
        {
            using var document = JsonDocument.Parse(body.Memory, Strict);
            foreach (var element in EventsIn(document.RootElement, member).EnumerateArray()) batch.Add(element, type, check);
        }
        catch (InvalidOperationException)
        {
            // What JsonDocument says of a name that is half a surrogate pair.
            throw new InvalidRequestException("body", "holds a name that is not valid text");
        }

        return batch;
    }

    /// <summary>The refusals of the body and of those who got <see cref="Events"/>, each by its event's place in the body.</summary>
    public Refusal[] AllRefused(IEnumerable<Refusal> ofEvents) =>
        [.. _refused.Concat(ofEvents.Select(refusal => refusal with { Index = _places[refusal.Index] })).OrderBy(refusal => refusal.Index)];

    private void Add(JsonElement element, JsonTypeInfo<TEvent> type, Func<TEvent, (string Field, string Reason)?> check)
    {
        var place = Count;
        if (Read(element, type, check, out var read) is var (field, reason))
        {
            _refused.Add(new Refusal(place, field, reason));
            return;
        }

        _events.Add(read!);
        _places.Add(place);
    }

    private static JsonElement EventsIn(JsonElement batch, string member)
    {
        if (batch.ValueKind != JsonValueKind.Object || !batch.TryGetProperty(member, out var events))
            throw new InvalidRequestException(member, $"the body must be an object with an array of {member}: {{\"{member}\":[…]}}");
        if (batch.EnumerateObject().FirstOrDefault(other => other.Name != member) is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw new InvalidRequestException(other.Name, "is not a known member");
        return events.ValueKind == JsonValueKind.Array ? events : throw new InvalidRequestException(member, "must be an array");
    }

    private static (string Field, string Reason)? Read(
        JsonElement element, JsonTypeInfo<TEvent> type, Func<TEvent, (string Field, string Reason)?> check, out TEvent? read)
    {
        read = null;
        try
        {
            read = element.Deserialize(type);
        }
        catch (JsonException exception)
        {
            return JsonFailures.Describe(exception);
        }

        return read is null ? ("", "must be an object") : check(read);
    }
}
