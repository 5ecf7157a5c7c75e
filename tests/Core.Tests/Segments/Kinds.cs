namespace Auie.Core.Tests.Segments;

/// <summary>Rows of five overlapping kinds of people: birth year, friends, and the shares of items answered with interest and without.</summary>
internal static class Kinds
{
    public const int Columns = 4;

    private static readonly (string Persona, double Share, double Year, double YearDeviation, double Friends, double Interested, double NotInterested)[] All =
    [
        ("Silent Observers", 0.50, 1990, 5, 700, 0.06, 0.02),
        ("Enthusiasts", 0.22, 1991, 5, 900, 0.62, 0.02),
        ("Social Butterflies", 0.12, 1992, 4, 3200, 0.22, 0.02),
        ("Traditionalists", 0.08, 1957, 6, 700, 0.20, 0.02),
        ("Detached Critics", 0.08, 1983, 7, 1000, 0.05, 0.45),
    ];

    /// <summary>The persona that stands behind a planted kind.</summary>
    public static string Persona(int kind) => All[kind].Persona;

    /// <summary>Some rows, one after the other, with a few gaps, and the kind of each.</summary>
    /// <param name="withOld">Whether there are any old people.</param>
    public static (double[] Values, int[] Kinds) Draw(int seed, int rows, bool withOld = true)
    {
        var random = new Random(seed);
        var values = new double[rows * Columns];
        var kinds = new int[rows];
        for (var row = 0; row < rows; row++)
        {
            do
            {
                var at = random.NextDouble();
                for (kinds[row] = 0; at >= All[kinds[row]].Share && kinds[row] < All.Length - 1; kinds[row]++)
                    at -= All[kinds[row]].Share;
            }
            while (!withOld && All[kinds[row]].Persona == "Traditionalists");

            var kind = All[kinds[row]];
            values[row * Columns] = random.Next(20) == 0 ? double.NaN : Math.Round(kind.Year + kind.YearDeviation * Normal(random));
            values[row * Columns + 1] = Math.Round(kind.Friends * Math.Exp(0.3 * Normal(random)));
            values[row * Columns + 2] = Math.Clamp(kind.Interested + 0.1 * Normal(random), 0, 1);
            values[row * Columns + 3] = Math.Clamp(kind.NotInterested + 0.06 * Normal(random), 0, 1);
        }

        return (values, kinds);
    }

    /// <summary>The same values with every column in an order of its own.</summary>
    public static double[] Shuffle(double[] values, int columns, int seed)
    {
        var random = new Random(seed);
        var rows = values.Length / columns;
        var shuffled = new double[values.Length];
        for (var c = 0; c < columns; c++)
        {
            var order = Enumerable.Range(0, rows).ToArray();
            random.Shuffle(order);
            for (var row = 0; row < rows; row++)
                shuffled[row * columns + c] = values[order[row] * columns + c];
        }

        return shuffled;
    }

    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
