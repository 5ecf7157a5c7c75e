namespace Auie.Core.Ranking;

/// <summary>A mean, and the interval in which 95 of 100 means lie that are taken of as many users drawn with replacement.</summary>
public readonly record struct BootstrapInterval(double Mean, double Low, double High);

/// <summary>The bootstrap over users (Efron, Annals of Statistics 1979), percentile intervals. The same draws for all that is compared.</summary>
public static class PairedBootstrap
{
    public const int Draws = 2_000;

    /// <summary>The mean of a metric over users; NaN stands for a user that has none.</summary>
    public static BootstrapInterval Mean(ReadOnlySpan<double> values, ulong seed = 1)
    {
        var known = values.ToArray().Where(value => !double.IsNaN(value)).ToArray();
        if (known.Length == 0) return new BootstrapInterval(double.NaN, double.NaN, double.NaN);
        var means = new double[Draws];
        for (var draw = 0; draw < Draws; draw++)
        {
            var (sum, stream) = (0.0, StableHash.Derive(seed, (ulong)draw));
            for (var i = 0; i < known.Length; i++) sum += known[(int)Math.BigMul(StableHash.Mix(stream + (ulong)i), (ulong)known.Length, out _)];
            means[draw] = sum / known.Length;
        }

        Array.Sort(means);
        return new BootstrapInterval(known.Sum() / known.Length, Quantile(means, 0.025), Quantile(means, 0.975));
    }

    /// <summary>The mean difference of two rankers' metrics, user by user.</summary>
    /// <exception cref="ArgumentException">They are not of the same users.</exception>
    public static BootstrapInterval Difference(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ulong seed = 1)
    {
        if (first.Length != second.Length) throw new ArgumentException($"There are {first.Length} users and {second.Length}.", nameof(second));
        var differences = new double[first.Length];
        for (var i = 0; i < differences.Length; i++) differences[i] = first[i] - second[i];
        return Mean(differences, seed);
    }

    /// <summary>The sum of one figure over that of another, user by user: how many times as much it is.</summary>
    /// <exception cref="ArgumentException">They are not of the same users.</exception>
    public static BootstrapInterval Ratio(ReadOnlySpan<double> first, ReadOnlySpan<double> second, ulong seed = 1)
    {
        if (first.Length != second.Length) throw new ArgumentException($"There are {first.Length} users and {second.Length}.", nameof(second));
        var (ratios, over, under) = (new double[Draws], 0.0, 0.0);
        for (var draw = 0; draw < Draws; draw++)
        {
            var (above, below, stream) = (0.0, 0.0, StableHash.Derive(seed, (ulong)draw));
            for (var i = 0; i < first.Length; i++)
            {
                var user = (int)Math.BigMul(StableHash.Mix(stream + (ulong)i), (ulong)first.Length, out _);
                (above, below) = (above + first[user], below + second[user]);
            }

            ratios[draw] = above / below;
        }

        Array.Sort(ratios);
        for (var user = 0; user < first.Length; user++) (over, under) = (over + first[user], under + second[user]);
        return new BootstrapInterval(over / under, Quantile(ratios, 0.025), Quantile(ratios, 0.975));
    }

    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 < sorted.Length ? sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below])) : sorted[^1];
    }
}
