using System.Globalization;

namespace Auie.Api;

/// <summary>Holds the times that senders give against the clock here: one event of the next century would be what everything else is as of.</summary>
internal sealed class EventClock(AuieApiOptions options, TimeProvider time)
{
    /// <summary>What is wrong with an event's own time, or null.</summary>
    public (string Field, string Reason)? Problem(DateTimeOffset at) => Problem(at, time.GetUtcNow(), options.EventsAhead) is { } reason ? ("at", reason) : null;

    /// <param name="most">How far past its receipt it may lie.</param>
    public static string? Problem(DateTimeOffset at, DateTimeOffset receivedAt, TimeSpan most) =>
        at - receivedAt > most ? string.Create(CultureInfo.InvariantCulture, $"lies more than {most.TotalHours:0.##} hours after it was received (Api:{nameof(AuieApiOptions.EventsAhead)})") : null;
}
