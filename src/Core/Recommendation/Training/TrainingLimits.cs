namespace Auie.Core.Recommendation.Training;

/// <summary>How much is learnt from at the most, and at the least.</summary>
public sealed record TrainingLimits
{
    /// <summary>How many things that happened are replayed, the latest; each takes 24 bytes.</summary>
    public int Happenings { get; init; } = 4_000_000;

    /// <summary>How many of one user's entries are replayed as what they are, the latest; older ones count at the dates that the user's state has.</summary>
    public int EntriesOfUser { get; init; } = 2_000;

    /// <summary>How many users, drawn by the hash of their ids, are learnt from. All others count in what is known of items.</summary>
    public int Learners { get; init; } = 8_000;

    /// <summary>At how many occasions is learnt and judged, drawn by hash; each takes up to some 60 KB.</summary>
    public int Occasions { get; init; } = 4_000;

    /// <summary>Of one user at how many.</summary>
    public int OccasionsOfUser { get; init; } = 8;

    /// <summary>How many occasions there have to be.</summary>
    public int LeastOccasions { get; init; } = 200;

    /// <summary>How many items are replayed: those that something happened to, and of the others as many as fit, drawn by hash.</summary>
    public int Items { get; init; } = 200_000;
}
