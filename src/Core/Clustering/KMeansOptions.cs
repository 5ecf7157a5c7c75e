namespace Auie.Core.Clustering;

/// <summary>How to fit.</summary>
public sealed record KMeansOptions
{
    /// <summary>How many clusters to look for.</summary>
    public required int K { get; init; }

    /// <summary>What all random choices hang on.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many seedings are tried; the lowest inertia stays, of equal ones the earliest.</summary>
    public int Starts { get; init; } = 16;

    /// <summary>The most assignments of one start.</summary>
    public int MaxIterations { get; init; } = 300;

    /// <summary>
    /// A start ends when inertia falls by no more than this share of itself; at 0 it ends when the centroids no longer move.
    /// </summary>
    public double Tolerance { get; init; }

    /// <summary>The most clusters.</summary>
    public const int MaxK = 255;

    internal void Check()
    {
        if (K is < 1 or > MaxK)
            throw new ArgumentOutOfRangeException(nameof(K), K, $"The number of clusters must be from 1 to {MaxK}.");
        if (Starts < 1)
            throw new ArgumentOutOfRangeException(nameof(Starts), Starts, "There must be one start at least.");
        if (MaxIterations < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxIterations), MaxIterations, "There must be one iteration at least.");
        if (!(Tolerance is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Tolerance), Tolerance, "The tolerance must be from 0 up to, not including, 1.");
    }
}

/// <summary>Clusters as fitted: rows belong to the nearest centroid, and inertia and sizes are those of just these centroids.</summary>
public sealed record KMeansFit
{
    /// <summary>How many clusters were asked for; there are fewer (see <see cref="K"/>) where there are fewer different rows.</summary>
    public required int RequestedK { get; init; }

    /// <summary>The centroids, row by row, in standardised units.</summary>
    public required double[] Centroids { get; init; }

    /// <summary>How many rows each cluster has; none is empty.</summary>
    public required long[] Sizes { get; init; }

    /// <summary>The sum of squared distances of the standardised rows to their centroids.</summary>
    public required double Inertia { get; init; }

    /// <summary>The assignments that the start took.</summary>
    public required int Iterations { get; init; }

    /// <summary>Which start it was, from 0.</summary>
    public required int Start { get; init; }

    /// <summary>Whether it ended before the most iterations.</summary>
    public required bool Converged { get; init; }

    /// <summary>How many clusters there are.</summary>
    public int K => Sizes.Length;

    /// <summary>The same fit, its clusters in the order of their sizes: their own order means nothing, and people expect the largest first.</summary>
    public KMeansFit LargestFirst()
    {
        var columns = Centroids.Length / K;
        var order = Enumerable.Range(0, K).OrderByDescending(cluster => Sizes[cluster]).ToArray();
        return this with
        {
            Centroids = [.. order.SelectMany(cluster => Centroids[(cluster * columns)..((cluster + 1) * columns)])],
            Sizes = [.. order.Select(cluster => Sizes[cluster])],
        };
    }

    /// <summary>The cluster of a standardised row (<see cref="Scale.Transform(ReadOnlySpan{double})"/>), bit for bit as a shard labels it.</summary>
    public int Label(ReadOnlySpan<float> row, out float squaredDistance) =>
        Kernels.ScalarAssignmentKernel.Nearest(row, RoundedCentroids(), out squaredDistance);

    /// <summary>The centroids as the kernels see them.</summary>
    public float[] RoundedCentroids() => Array.ConvertAll(Centroids, c => (float)c);
}

/// <summary>Where a fit stands, so that it can go on elsewhere and end in the same bits.</summary>
public sealed record KMeansCheckpoint
{
    /// <summary>The start at work; equal to the number of starts when all are done.</summary>
    public required int Start { get; init; }

    /// <summary>The assignments it has taken.</summary>
    public required int Iteration { get; init; }

    /// <summary>The centroids for its next assignment; empty where it is not seeded yet.</summary>
    public required double[] Centroids { get; init; }

    /// <summary>The inertia of its last assignment; infinite where there is none to compare with.</summary>
    public required double Inertia { get; init; }

    /// <summary>The best of the starts that are done.</summary>
    public required KMeansFit? Best { get; init; }

    /// <summary>Before the first start.</summary>
    public static KMeansCheckpoint Beginning { get; } = NextStart(0, null);

    internal static KMeansCheckpoint NextStart(int start, KMeansFit? best) =>
        new() { Start = start, Iteration = 0, Centroids = [], Inertia = double.PositiveInfinity, Best = best };
}
