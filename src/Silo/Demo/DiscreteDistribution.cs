namespace Auie.Silo.Demo;

/// <summary>A distribution over 0..n-1 that is both drawn from and asked for its probabilities, so that the two cannot differ.</summary>
internal sealed class DiscreteDistribution
{
    private readonly double[] cumulative;
    private readonly double[] weights;
    private readonly double total;

    public DiscreteDistribution(IEnumerable<double> weights)
    {
        this.weights = [.. weights];
        cumulative = new double[this.weights.Length];
        for (var i = 0; i < cumulative.Length; i++) cumulative[i] = total += this.weights[i];
    }

    public double Probability(int value) => weights[value] / total;

    public int Draw(ref DemoRandom random) => Draw(ref random, 0, cumulative.Length - 1);

    /// <summary>A draw given that the value is from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public int Draw(ref DemoRandom random, int first, int last)
    {
        var below = first == 0 ? 0 : cumulative[first - 1];
        var target = below + (random.NextDouble() * (cumulative[last] - below));
        var found = Array.BinarySearch(cumulative, first, last - first + 1, target);
        return Math.Min(found < 0 ? ~found : found + 1, last);
    }
}
