namespace Auie.Abstractions;

/// <summary>A difference of two rankers, paired by user: its mean, and the interval in which 95 of 100 such means lie.</summary>
[GenerateSerializer, Immutable, Alias("auie.difference")]
public sealed record DifferenceView([property: Id(0)] double Mean, [property: Id(1)] double Low, [property: Id(2)] double High);

/// <summary>What a ranker was learnt from, and how it did on what was held out. All means are of NDCG@10 over users.</summary>
[GenerateSerializer, Immutable, Alias("auie.ranker-figures")]
public sealed record RankerFigures
{
    /// <summary>logistic or lambdamart.</summary>
    [Id(0)] public required string Objective { get; init; }

    [Id(1)] public required int Trees { get; init; }

    /// <summary>At how many occasions it was learnt and judged, and how many rows these had.</summary>
    [Id(2)] public required int Occasions { get; init; }
    [Id(3)] public required int Rows { get; init; }

    /// <summary>How many users judged it.</summary>
    [Id(4)] public required int Users { get; init; }

    [Id(5)] public required double Ndcg { get; init; }

    /// <summary>That of the baseline on the same, and by how much the ranker is better.</summary>
    [Id(6)] public required double Baseline { get; init; }
    [Id(7)] public required DifferenceView OverBaseline { get; init; }

    /// <summary>That of the ranker that was published then, and by how much this one is better; null where there was none.</summary>
    [Id(8)] public double? Published { get; init; }
    [Id(9)] public DifferenceView? OverPublished { get; init; }

    /// <summary>Up to when it knows of anything.</summary>
    [Id(10)] public required DateTimeOffset AsOf { get; init; }
}

/// <summary>What came of a training: the version that was published, null where what ranked before was kept; and figures, null where there was too little to learn from.</summary>
[GenerateSerializer, Immutable, Alias("auie.training-view")]
public sealed record TrainingView([property: Id(0)] long? Version, [property: Id(1)] RankerFigures? Figures);

/// <summary>A ranker that was trained, under its version.</summary>
[GenerateSerializer, Immutable, Alias("auie.ranker-view")]
public sealed record RankerView(
    [property: Id(0)] long Version, [property: Id(1)] DateTimeOffset TrainedAt, [property: Id(2)] bool IsPublished, [property: Id(3)] RankerFigures Figures)
{
    /// <summary>Whether it learnt from somebody who was erased since, and when it is dropped if it did.</summary>
    [Id(4)] public bool ContainsErased { get; init; }
    [Id(5)] public DateTimeOffset? RebuildBy { get; init; }
}

/// <summary>The rankers that are kept, the newest first, and which one ranks; 0 is the baseline.</summary>
[GenerateSerializer, Immutable, Alias("auie.ranker-list")]
public sealed record RankerList([property: Id(0)] long Published, [property: Id(1)] RankerView[] Rankers);
