using Auie.Core.Clustering;
using Auie.Core.Statistics;

namespace Auie.Core.Segments;

/// <summary>
/// How far a segmentation comes out again: as many clusters are looked for among a sample of today's rows with other seeds, and among rows drawn from these with replacement, and
/// the sample's labels are compared with the model's by the adjusted Rand index.
/// </summary>
/// <param name="Rows">How many rows.</param>
/// <param name="Seeds">The index for each seed: 1 where it is the same but for names, about 0 by chance.</param>
/// <param name="Bootstraps">The index for each drawing.</param>
public sealed record PersonaStability(int Rows, double[] Seeds, double[] Bootstraps)
{
    private const int Times = 5, Starts = 4;

    /// <param name="rows">Standardised, in an order that does not depend on where they came from.</param>
    /// <returns>Nothing compared where there are fewer rows than clusters.</returns>
    public static async Task<PersonaStability> OfAsync(IReadOnlyList<float[]> rows, int[] labels, int k, ulong seed, CancellationToken cancellationToken)
    {
        if (rows.Count <= k || k < 2) return new PersonaStability(rows.Count, [], []);
        var (seeds, bootstraps) = (new double[Times], new double[Times]);
        for (var time = 0; time < Times; time++)
        {
            var derived = StableHash.Derive(seed, (ulong)time + 1);
            var again = await LabelsAsync(rows, rows, k, derived, cancellationToken);
            seeds[time] = AdjustedRandIndex.Of(labels, again);
            var drawn = Enumerable.Range(0, rows.Count).Select(i => rows[(int)(StableHash.ToUnit(StableHash.Derive(derived, (ulong)i)) * rows.Count)]).ToArray();
            again = await LabelsAsync(drawn, rows, k, derived, cancellationToken);
            bootstraps[time] = AdjustedRandIndex.Of(labels, again);
        }

        return new PersonaStability(rows.Count, seeds, bootstraps);
    }

    /// <summary>The labels of rows by clusters that were found among others.</summary>
    private static async Task<int[]> LabelsAsync(IReadOnlyList<float[]> among, IReadOnlyList<float[]> rows, int k, ulong seed, CancellationToken cancellationToken)
    {
        using var shards = LocalShards.Split([.. among.SelectMany(row => row).Select(value => (double)value)], rows[0].Length, shards: 1, threads: 1);
        // Standardised already: distances stay as they are.
        var input = await StandardisedShards.PrepareAsync(shards, new ScaleOptions { Raw = true }, cancellationToken);
        var fit = await KMeans.FitAsync(input, new KMeansOptions { K = k, Seed = seed, Starts = Starts }, cancellationToken: cancellationToken);
        var labels = new int[rows.Count];
        for (var i = 0; i < labels.Length; i++) labels[i] = fit.Label(input.Scale.Transform(Array.ConvertAll(rows[i], value => (double)value)), out _);
        return labels;
    }
}
