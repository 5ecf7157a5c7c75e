namespace Auie.Core.Clustering;

/// <summary>What a sweep is doing.</summary>
public enum SweepPhase
{
    /// <summary>Choosing a start's first centroids.</summary>
    Seeding,

    /// <summary>Assigning rows and moving centroids.</summary>
    Fitting,

    /// <summary>Computing the silhouette of a fit.</summary>
    Scoring,

    /// <summary>Nothing more.</summary>
    Done,
}

/// <summary>
/// Where a sweep stands: with the same rows it goes on from here and ends in the same bits. <see cref="SweepCheckpointCodec"/> stores it.
/// </summary>
public sealed record SweepCheckpoint(SweepOptions Options, Scale Scale, ScoredFit[] Finished, KMeansCheckpoint Current)
{
    /// <summary>Whether every number of clusters is fitted and scored.</summary>
    public bool Done => Finished.Length > Options.KMax - Options.KMin;

    /// <summary>The number of clusters at work; the last one when done.</summary>
    public int K => Math.Min(Options.KMin + Finished.Length, Options.KMax);

    /// <summary>The start at work, from 0.</summary>
    public int Start => Current.Start;

    /// <summary>The assignments that the start has taken.</summary>
    public int Iteration => Current.Iteration;

    /// <summary>What comes next.</summary>
    public SweepPhase Phase =>
        Done ? SweepPhase.Done
        : Current.Start >= Options.Starts ? SweepPhase.Scoring
        : Current.Centroids.Length == 0 ? SweepPhase.Seeding
        : SweepPhase.Fitting;

    /// <summary>
    /// How much is done, 0 to 1: each number of clusters counts alike, its starts for three quarters and its silhouette for one.
    /// </summary>
    public double Fraction
    {
        get
        {
            // How many iterations a start will take is not known; halfway to the end with every 20 is near enough for a bar.
            var start = Current.Start < Options.Starts ? 1 - Math.Pow(0.5, Current.Iteration / 20.0) : 0;
            var k = Done ? 0 : 0.75 * (Current.Start + start) / Options.Starts;
            return (Finished.Length + k) / (Options.KMax - Options.KMin + 1);
        }
    }
}
