using Auie.Client.Http;

namespace Auie.Api.Tracking;

/// <summary>What is wrong with an event: the member, by its path in the event (empty: the event as a whole), and the reason.</summary>
internal readonly record struct Fault(string Field, string Reason)
{
    /// <summary>The refusal of an event at a place in its batch.</summary>
    public TrackingRefusal At(int index, string? messageId) => new(index, messageId, Field, Reason);
}
