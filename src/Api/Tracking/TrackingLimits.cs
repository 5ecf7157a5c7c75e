namespace Auie.Api.Tracking;

/// <summary>
/// What the journal takes, known here so that a refusal names the member that the sender wrote, and so that what is made of an event
/// (message ids with a suffix, the ids of visitors) fits as well.
/// </summary>
internal static class TrackingLimits
{
    /// <summary>What precedes a visitor's anonymousId in the id of the user that they are.</summary>
    public const string Anonymous = "anonymous:";

    /// <summary>Bytes of an id, a name, a channel.</summary>
    public const int Id = 256;

    /// <summary>Bytes of a messageId: what is made of one event has the id and up to 16 bytes more.</summary>
    public const int MessageId = Id - 16;

    /// <summary>Bytes of an anonymousId.</summary>
    public const int AnonymousId = Id - 10;

    /// <summary>Bytes of a trait's value.</summary>
    public const int Trait = 2048;

    /// <summary>Traits of one event.</summary>
    public const int Traits = 100;

    /// <summary>How many objects within objects are flattened to names with dots.</summary>
    public const int Flattened = 8;

    /// <summary>Products of one event.</summary>
    public const int Products = 500;

    /// <summary>An amount, in ten-thousandths.</summary>
    public const long Amount = 1_000_000_000_000;

    /// <summary>Instants lie from this one on…</summary>
    public static readonly DateTimeOffset Earliest = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>…and before this one.</summary>
    public static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);
}
