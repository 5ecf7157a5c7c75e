using Auie.Core.Statistics;

namespace Auie.Core.Clustering;

/// <summary>How a silhouette was found. The numbers are stored.</summary>
public enum SilhouetteMethod
{
    /// <summary>The mean over all rows, each compared with every other.</summary>
    Exact = 0,

    /// <summary>The mean over rows drawn at random, each compared with all rows: an estimate of <see cref="Exact"/> with a stated error.</summary>
    SampledRows = 1,

    /// <summary>
    /// That of rows drawn at random compared with each other only, as models of earlier versions have it. Its error is not known.
    /// </summary>
    Subsample = 2,
}

/// <summary>A mean silhouette, how it was found, and how far it may be from the exact one.</summary>
/// <param name="Value">The mean, -1 to 1.</param>
/// <param name="Rows">Over how many rows the mean was taken.</param>
/// <param name="Error">
/// The exact silhouette is no farther from <paramref name="Value"/> than this, with a probability of <paramref name="Confidence"/> at least
/// over all samples that might have been drawn, whatever the rows are; 0 for an exact one, null where it is not known.
/// </param>
/// <param name="PracticalError">
/// The same by the normal approximation of a mean, which is narrower and usually right: it is not proved for any finite sample.
/// </param>
/// <param name="Confidence">The probability that both errors hold with; 1 for an exact silhouette, null where they are not known.</param>
public sealed record SilhouetteScore(double Value, SilhouetteMethod Method, long Rows, double? Error, double? PracticalError, double? Confidence)
{
    // Of Bardenet and Maillard's theorem 4.3: 7/3 + 3/sqrt(2).
    private static readonly double Kappa = (7.0 / 3) + (3 / Math.Sqrt(2));

    /// <summary>One that has no error.</summary>
    public static SilhouetteScore Exact(double value, long rows) => new(value, SilhouetteMethod.Exact, rows, 0, 0, 1);

    /// <summary>The mean over all rows as that over some of them tells it, drawn without replacement.</summary>
    /// <param name="mean">The sample's mean.</param>
    /// <param name="variance">The mean of the squared differences from it.</param>
    /// <param name="sample">How many rows were drawn, at least 1.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="confidence">More than 0 and at most 0.999999.</param>
    public static SilhouetteScore OfSample(double mean, double variance, long sample, long rows, double confidence)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sample, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, sample);
        if (sample == rows)
            return new(mean, SilhouetteMethod.SampledRows, sample, 0, 0, 1);

        // The empirical Bernstein-Serfling bound (Bardenet and Maillard, Bernoulli 21, 2015, theorem 4.3) of values within -1 to 1. One side
        // fails with probability 5 e^-log, so both do with 10 e^-log.
        var log = Math.Log(10 / (1 - confidence));
        var left = sample <= rows / 2 ? 1 - ((sample - 1.0) / rows) : (1 - ((double)sample / rows)) * (1 + (1.0 / sample));
        var proved = Math.Sqrt(2 * variance * left * log / sample) + (Kappa * 2 * log / sample);
        var practical = sample == 1 ? 2 : NormalQuantile.TwoSided(confidence) * Math.Sqrt(variance / (sample - 1) * (1 - ((double)sample / rows)));
        return new(mean, SilhouetteMethod.SampledRows, sample, Math.Min(proved, 2), Math.Min(practical, 2), confidence);
    }
}
