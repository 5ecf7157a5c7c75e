using Auie.Core.Clustering;

namespace Auie.Bench;

/// <summary>A mixture of normal groups, near enough to each other that labels go on changing.</summary>
internal sealed record PlantedRows(string Name, int Rows, int Columns, int K)
{
    private const double Apart = 1.0;

    /// <summary>The data as they are, on a grid below 32.</summary>
    public Scale Scale => new()
    {
        Rows = Rows,
        Raw = true,
        Missing = new long[Columns],
        Fill = new double[Columns],
        Mean = new double[Columns],
        Deviation = [.. Enumerable.Repeat(1.0, Columns)],
        Constant = new bool[Columns],
        Exponent = [.. Enumerable.Repeat(5, Columns)],
    };

    /// <summary>The same values by this scale.</summary>
    public float[] Standardised(double[] values)
    {
        var scale = Scale;
        var standardised = new float[values.Length];
        Parallel.For(0, Rows, row =>
        {
            for (var c = 0; c < Columns; c++)
                standardised[(row * Columns) + c] = scale.Transform(values[(row * Columns) + c], c);
        });
        return standardised;
    }

    public double[] Values()
    {
        var random = new Random(7);
        var values = new double[Rows * Columns];
        var means = new double[K * Columns];
        for (var i = 0; i < means.Length; i++)
            means[i] = Apart * Normal(random);
        for (var row = 0; row < Rows; row++)
        {
            var group = random.Next(K);
            for (var c = 0; c < Columns; c++)
                values[(row * Columns) + c] = means[(group * Columns) + c] + Normal(random);
        }

        return values;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
