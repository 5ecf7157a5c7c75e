namespace Auie.Abstractions;

/// <summary>Personas in depth: what sets each apart, where its members came from, who is at the border, how stable all is, and how far it has drifted.</summary>
/// <param name="MadeAsOf">The instant that the model was made as of.</param>
/// <param name="AsOf">The last event's time, as of every insight.</param>
/// <param name="Users">Who is in a segment.</param>
/// <param name="PreviousVersion">The version before, which flows come from; 0 where there is none.</param>
[GenerateSerializer, Immutable, Alias("auie.personas-view")]
public sealed record PersonasView(
    [property: Id(0)] long ModelVersion, [property: Id(1)] DateTimeOffset MadeAsOf, [property: Id(2)] DateTimeOffset AsOf, [property: Id(3)] long Users, [property: Id(4)] long PreviousVersion,
    [property: Id(5)] PersonaView[] Personas, [property: Id(6)] PersonaFlowView[] Flows, [property: Id(7)] DriftView Drift, [property: Id(8)] StabilityView Stability)
{
    /// <summary>The instant that ages, tenures and the like are taken at, and so who is in which segment: as long after the model's own as has passed since it was published.</summary>
    [Id(9)] public DateTimeOffset FeaturesAsOf { get; init; }
}

/// <summary>A persona as it stands now.</summary>
/// <param name="Users">Who is in it now.</param>
/// <param name="Rows">How many rows it had when the model was made.</param>
/// <param name="Border">Of its users, those nearly as close to another persona: within a tenth of that distance.</param>
/// <param name="SetsApart">By feature, its mean against everybody's, in standard deviations, the farthest first.</param>
[GenerateSerializer, Immutable, Alias("auie.persona-view")]
public sealed record PersonaView(
    [property: Id(0)] int Segment, [property: Id(1)] string Persona, [property: Id(2)] long Users, [property: Id(3)] long Rows, [property: Id(4)] RateView Border,
    [property: Id(5)] FeatureContrast[] SetsApart);

/// <summary>How many users of a persona of the version before (null: of none) are in one of this version now.</summary>
[GenerateSerializer, Immutable, Alias("auie.persona-flow-view")]
public sealed record PersonaFlowView([property: Id(0)] string? From, [property: Id(1)] string To, [property: Id(2)] long Users);

/// <summary>How far users have moved since the model was made.</summary>
/// <param name="Columns">By feature, today's mean less that of then, in standard deviations of then; the farthest first.</param>
/// <param name="StabilityIndex">Of the personas' shares (population stability index); NaN where the model is of answers.</param>
/// <param name="Recompute">Whether one of them has reached its trigger, so that the model should be made anew.</param>
[GenerateSerializer, Immutable, Alias("auie.drift-view")]
public sealed record DriftView(
    [property: Id(0)] FeatureDriftView[] Columns, [property: Id(1)] double StabilityIndex, [property: Id(2)] double ColumnTrigger, [property: Id(3)] double StabilityTrigger,
    [property: Id(4)] bool Recompute);

/// <summary>How far a feature's mean has moved, in standard deviations of when the model was made.</summary>
[GenerateSerializer, Immutable, Alias("auie.feature-drift-view")]
public sealed record FeatureDriftView([property: Id(0)] string Feature, [property: Id(1)] double Deviations);

/// <summary>How far the same personas come out again, by the adjusted Rand index: 1 the same, about 0 by chance.</summary>
/// <param name="Rows">Among how many of today's rows.</param>
/// <param name="Seeds">With other seeds.</param>
/// <param name="Bootstraps">Among rows drawn from these with replacement.</param>
[GenerateSerializer, Immutable, Alias("auie.stability-view")]
public sealed record StabilityView([property: Id(0)] int Rows, [property: Id(1)] double[] Seeds, [property: Id(2)] double[] Bootstraps);

/// <summary>Core.Segments.PersonaScan, as a message; the sampled rows one after the other.</summary>
[GenerateSerializer, Immutable, Alias("auie.personas-part")]
public sealed record PersonasPart
{
    [Id(0)] public required DateTimeOffset AsOf { get; init; }
    [Id(1)] public required long[] Sizes { get; init; }
    [Id(2)] public required long[] Border { get; init; }
    [Id(3)] public required long[] Flows { get; init; }
    [Id(4)] public required double Rows { get; init; }
    [Id(5)] public required double[] Sums { get; init; }
    [Id(6)] public required ulong[] Hashes { get; init; }
    [Id(7)] public required float[] Values { get; init; }
    [Id(8)] public required int[] Segments { get; init; }
}
