namespace Auie.Core.Statistics;

/// <summary>
/// Rates of groups, drawn towards the rate of all by as much as few rows can be trusted: each group's rate is of a beta distribution around the rate of all, and how far groups differ is not
/// taken as known but weighed over all that it may be (a hierarchical model, uniform in the variance between groups, for which intervals cover: Morris and Tang, Statistical Science 2011). A group of three does not lead
/// because all three were interested, and intervals cover the truth though groups are few.
/// </summary>
public sealed class ShrunkRates
{
    /// <summary>What the deviation between groups may be, of the largest that it can be.</summary>
    private const int Spreads = 48;
    private const double LeastSpread = 1e-3;

    private readonly Prior[] _priors;

    private ShrunkRates(Prior[] priors) => _priors = priors;

    /// <summary>The rate of all.</summary>
    public double Mean => _priors.Sum(prior => prior.Weight * prior.Mean);

    /// <param name="hits">Of each group; whole where rows are independent, else of the rows that the group's are worth.</param>
    /// <param name="n">The rows of each group, or what they are worth.</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static ShrunkRates Fit(ReadOnlySpan<double> hits, ReadOnlySpan<double> n)
    {
        if (hits.Length != n.Length) throw new ArgumentException($"There are hits of {hits.Length} groups and rows of {n.Length}.", nameof(n));
        // Of many groups most are of few rows, and many of these alike.
        var alike = new SortedDictionary<(double N, double Hits), int>();
        for (var group = 0; group < n.Length; group++) alike[(n[group], hits[group])] = alike.GetValueOrDefault((n[group], hits[group])) + 1;
        var groups = alike.Select(one => (one.Key.Hits, one.Key.N, Count: one.Value)).ToArray();
        var priors = new Prior[Spreads];
        var logs = new double[Spreads];
        for (var i = 0; i < Spreads; i++)
        {
            var spread = Math.Pow(LeastSpread, 1 - ((i + 0.5) / Spreads));
            var strength = (1 / (spread * spread)) - 1;
            var (of, all) = (0.0, 0.0);
            foreach (var group in groups)
            {
                var weight = group.N == 0 ? 0 : group.Count * (1 + strength) / (strength + group.N);
                (of, all) = (of + (weight * group.Hits), all + (weight * group.N));
            }

            // Half a row of doubt, so that a rate of 0 or 1 is not certain.
            var mean = (of + 0.5) / (all + 1);
            var (a, b) = (strength * mean, strength * (1 - mean));
            // Spreads lie close where they are small: each stands for as much variance as it is wide.
            logs[i] = (2 * Math.Log(spread)) - (n.Length * LogBeta(a, b));
            foreach (var group in groups) logs[i] += group.Count * LogBeta(a + group.Hits, b + group.N - group.Hits);
            priors[i] = new Prior(0, mean, mean * (1 - mean) / (all + 1), strength);
        }

        var highest = logs.Max();
        var sum = logs.Sum(log => Math.Exp(log - highest));
        return new ShrunkRates([.. priors.Select((prior, i) => prior with { Weight = Math.Exp(logs[i] - highest) / sum })]);
    }

    /// <summary>The rate that a group is expected to have, and how far it may be off (a standard deviation).</summary>
    public (double Mean, double Deviation) Of(double hits, double n)
    {
        var (mean, squares) = (0.0, 0.0);
        foreach (var prior in _priors)
        {
            var share = prior.Strength / (n + prior.Strength);
            var expected = (hits + (prior.Strength * prior.Mean)) / (n + prior.Strength);
            var variance = (expected * (1 - expected) / (n + prior.Strength + 1)) + (share * share * prior.Variance);
            (mean, squares) = (mean + (prior.Weight * expected), squares + (prior.Weight * (variance + (expected * expected))));
        }

        return (mean, Math.Sqrt(Math.Max(0, squares - (mean * mean))));
    }

    /// <summary>In which the group's rate lies with 95 %, of what is known now: who leads by its lower end does not lead for having few.</summary>
    public Interval IntervalOf(double hits, double n)
    {
        var (mean, deviation) = Of(hits, n);
        var rows = Math.Max(1e-6, (mean * (1 - mean) / (deviation * deviation)) - 1);
        return new Interval(Quantile(rows * mean, rows * (1 - mean), 0.025), Quantile(rows * mean, rows * (1 - mean), 0.975));
    }

    private static double LogBeta(double a, double b) => IncompleteBeta.LogGamma(a) + IncompleteBeta.LogGamma(b) - IncompleteBeta.LogGamma(a + b);

    private static double Quantile(double a, double b, double share)
    {
        var (low, high) = (0.0, 1.0);
        for (var i = 0; i < 50; i++)
        {
            var middle = (low + high) / 2;
            if (IncompleteBeta.Regularised(a, b, middle) < share) low = middle;
            else high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>How much one spread between groups is believed, and what groups are drawn to if it is so.</summary>
    /// <param name="Variance">Of the mean.</param>
    /// <param name="Strength">How many rows the mean counts for.</param>
    private readonly record struct Prior(double Weight, double Mean, double Variance, double Strength);
}
