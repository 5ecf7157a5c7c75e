namespace Auie.Abstractions;

/// <summary>How good what the engine holds is: what profiles lack and what in them looks wrong, events by kind, and what imports reported. From counters and columns alone, as of the last flush.</summary>
/// <param name="AsOf">The last event's time.</param>
/// <param name="Users">How many there are.</param>
/// <param name="Fields">What profiles say.</param>
/// <param name="Kept">Events and latest answers that states hold, by kind.</param>
/// <param name="Imports">Of each source the latest import: by table and column what was missing, refused and suspicious, with examples.</param>
[GenerateSerializer, Immutable, Alias("auie.quality-view")]
public sealed record QualityView(
    [property: Id(0)] DateTimeOffset AsOf, [property: Id(1)] long Users, [property: Id(2)] FieldQualityView[] Fields, [property: Id(3)] Dictionary<string, long> Kept, [property: Id(4)] ImportReport[] Imports)
{
    /// <summary>What the process that answers was sent since it started; the engine itself leaves it out.</summary>
    [Id(5)] public ReceivedView? Received { get; init; }
}

/// <summary>One thing that profiles say.</summary>
/// <param name="Missing">Of how many users it is not known, of all.</param>
/// <param name="Suspicious">What was kept as it is and looks wrong, with values.</param>
[GenerateSerializer, Immutable, Alias("auie.field-quality-view")]
public sealed record FieldQualityView([property: Id(0)] string Field, [property: Id(1)] string Definition, [property: Id(2)] long Known, [property: Id(3)] RateView Missing, [property: Id(4)] Finding[] Suspicious);

/// <summary>What one process was sent since it started.</summary>
/// <param name="Since">When it began to count.</param>
/// <param name="Accepted">Those known from before among them.</param>
/// <param name="Known">What had been sent before, and took no effect again.</param>
/// <param name="Refused">By field and reason; what senders wrote is left out of reasons, and there are no examples.</param>
/// <param name="Kinds">Events about users that were accepted, by kind; those known from before among them. "other" is what no rule says the meaning of, kept by its name.</param>
/// <param name="Late">Events about users that came later after their own time than <paramref name="LateAfterSeconds"/>; of bulk imports none is counted.</param>
/// <param name="LeftOut">Properties that did not fit and were left out.</param>
[GenerateSerializer, Immutable, Alias("auie.received-view")]
public sealed record ReceivedView(
    [property: Id(0)] DateTimeOffset Since, [property: Id(1)] long Accepted, [property: Id(2)] long Known, [property: Id(3)] RefusedView[] Refused, [property: Id(4)] Dictionary<string, long> Kinds,
    [property: Id(5)] long Late, [property: Id(6)] double LateAfterSeconds, [property: Id(7)] long LeftOut);

/// <summary>How many were refused for a field, and why.</summary>
[GenerateSerializer, Immutable, Alias("auie.refused-view")]
public sealed record RefusedView([property: Id(0)] string Field, [property: Id(1)] string Reason, [property: Id(2)] long Count);
