using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Api;

/// <summary>A body of events about users.</summary>
internal static class EventBatchBody
{
    /// <summary>Reads a body, as <see cref="BatchBody{TEvent}"/> does.</summary>
    /// <param name="clock">What an event's own time is held against.</param>
    public static BatchBody<UserEvent> Read(RequestBytes body, EventClock clock) => BatchBody<UserEvent>.Read(body, "events", AuieJson.Strict.UserEvent, read => Check(read) ?? clock.Problem(read.At));

    // What the engine alone knows (kinds, limits of traits) its partitions check; here only what routing and JSON need.
    private static (string Field, string Reason)? Check(UserEvent read)
    {
        if (Input.IdProblem(read.UserId) is { } user) return ("userId", user);
        if (Input.IdProblem(read.MessageId) is { } message) return ("messageId", message);
        if (read.FriendsAdded is { } added && added.Any(friend => friend is null)) return ("friendsAdded", "must not hold null");
        if (read.FriendsRemoved is { } removed && removed.Any(friend => friend is null)) return ("friendsRemoved", "must not hold null");
        if (read.Traits is { } traits && traits.FirstOrDefault(trait => trait.Value is null).Key is { } name) return ($"traits.{name}", "must not be null");
        return null;
    }
}
