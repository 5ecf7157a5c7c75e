namespace Auie.Core.Statistics;

/// <summary>Many tests at once: where those with q up to .05 are called found, at most 5 % of these are chance on average (Benjamini and Hochberg, JRSS B 1995).</summary>
public static class FalseDiscoveries
{
    /// <summary>The share at which something is called found.</summary>
    public const double Level = 0.05;

    /// <summary>For each p the smallest share of false discoveries at which it counts as found. NaN stands for no test.</summary>
    public static double[] Adjust(ReadOnlySpan<double> p)
    {
        var values = p.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).Where(i => !double.IsNaN(values[i])).OrderByDescending(i => values[i])];
        var adjusted = new double[values.Length];
        Array.Fill(adjusted, double.NaN);
        var least = 1.0;
        for (var i = 0; i < order.Length; i++)
        {
            least = Math.Min(least, values[order[i]] * order.Length / (order.Length - i));
            adjusted[order[i]] = least;
        }

        return adjusted;
    }
}
