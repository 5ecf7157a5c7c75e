namespace Auie.Api.Tracking;

/// <summary>When an event happened, by the engine's clock, where its sender's may be wrong.</summary>
internal static class MessageTimes
{
    /// <summary>
    /// The stamped time, corrected by how far the sender's clock was from the engine's when it sent. A sender that says it sent later than
    /// the engine received has a clock that is ahead: it is put right however far. One that says it sent earlier has a clock that is behind,
    /// or was on the way that long (kept on a phone without a network, say), which cannot be told apart: it is put right up to
    /// <paramref name="longestLag"/>. Nothing happens after it is received.
    /// </summary>
    /// <param name="sentAt">When the sender says that it sent; null for a sender that does not say, or has corrected the time itself.</param>
    public static DateTimeOffset At(DateTimeOffset? stamped, DateTimeOffset? sentAt, DateTimeOffset receivedAt, TimeSpan longestLag)
    {
        if (stamped is not { } at) return receivedAt;
        // The journal's word for "nobody knows when".
        if (at == TrackingLimits.Earliest) return at;
        if (sentAt is { } sent && receivedAt - sent is var lag && lag <= longestLag && at + lag >= TrackingLimits.Earliest) at += lag;
        return at <= receivedAt ? at : receivedAt.ToOffset(at.Offset);
    }
}
