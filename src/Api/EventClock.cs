using System.Globalization;

namespace Auie.Api;

/// <summary>Holds the times that senders give against the clock here: one event of the next century would be what everything else is as of.</summary>
internal sealed class EventClock(AuieApiOptions options, TimeProvider time)
{
    /// <summary>What is wrong with an event's own time, or null.</summary>
    public (string Field, string Reason)? Problem(DateTimeOffset at) =>
        at - time.GetUtcNow() > options.EventsAhead ? ("at", string.Create(CultureInfo.InvariantCulture, $"lies more than {options.EventsAhead.TotalHours:0.##} hours after it was received (Api:{nameof(AuieApiOptions.EventsAhead)})")) : null;
}
