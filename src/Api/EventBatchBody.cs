using System.Text.Json;
using Auie.Abstractions;
using Auie.Api.Answers;
using Auie.Client.Http;

namespace Auie.Api;

/// <summary>A body of events about users, read: those that can be routed, and why the others cannot.</summary>
internal sealed class EventBatchBody
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = AuieJson.MaxDepth, AllowDuplicateProperties = false };

    private readonly List<UserEvent> _events = [];
    private readonly List<int> _places = [];
    private readonly List<Refusal> _refused = [];

    /// <summary>The events to send on.</summary>
    public IReadOnlyList<UserEvent> Events => _events;

    /// <summary>How many events the body holds, those that are refused among them.</summary>
    public int Count => _events.Count + _refused.Count;

    /// <exception cref="InvalidRequestException">The body is no batch of events.</exception>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static async Task<EventBatchBody> Read(Stream body, CancellationToken cancellationToken)
    {
        var batch = new EventBatchBody();
        try
        {
            using var document = await JsonDocument.ParseAsync(body, Strict, cancellationToken);
            foreach (var element in EventsIn(document.RootElement).EnumerateArray()) batch.Add(element);
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

    private void Add(JsonElement element)
    {
        var place = Count;
        if (Read(element, out var read) is var (field, reason))
        {
            _refused.Add(new Refusal(place, field, reason));
            return;
        }

        _events.Add(read!);
        _places.Add(place);
    }

    private static JsonElement EventsIn(JsonElement batch)
    {
        if (batch.ValueKind != JsonValueKind.Object || !batch.TryGetProperty("events", out var events))
            throw new InvalidRequestException("events", "the body must be an object with an array of events: {\"events\":[…]}");
        if (batch.EnumerateObject().FirstOrDefault(member => member.Name != "events") is { Value.ValueKind: not JsonValueKind.Undefined } other)
            throw new InvalidRequestException(other.Name, "is not a known member");
        return events.ValueKind == JsonValueKind.Array ? events : throw new InvalidRequestException("events", "must be an array");
    }

    // What the engine alone knows (kinds, limits of traits) its partitions check; here only what routing and JSON need.
    private static (string Field, string Reason)? Read(JsonElement element, out UserEvent? read)
    {
        read = null;
        try
        {
            read = element.Deserialize(AuieJson.Strict.UserEvent);
        }
        catch (JsonException exception)
        {
            return JsonFailures.Describe(exception);
        }

        if (read is null) return ("", "must be an object");
        if (Input.IdProblem(read.UserId) is { } user) return ("userId", user);
        if (Input.IdProblem(read.MessageId) is { } message) return ("messageId", message);
        if (read.FriendsAdded is { } added && added.Any(friend => friend is null)) return ("friendsAdded", "must not hold null");
        if (read.FriendsRemoved is { } removed && removed.Any(friend => friend is null)) return ("friendsRemoved", "must not hold null");
        if (read.Traits is { } traits && traits.FirstOrDefault(trait => trait.Value is null).Key is { } name) return ($"traits.{name}", "must not be null");
        return null;
    }
}
