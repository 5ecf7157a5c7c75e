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
    /// <param name="run">Runs one drawing; they may run at once.</param>
    /// <returns>Nothing compared where there are fewer rows than clusters.</returns>
    public static async Task<PersonaStability> OfAsync(
        IReadOnlyList<float[]> rows, int[] labels, int k, ulong seed, Func<Func<(double Seed, double Bootstrap)>, Task<(double Seed, double Bootstrap)>> run, CancellationToken cancellationToken)
    {
        if (rows.Count <= k || k < 2) return new PersonaStability(rows.Count, [], []);
        // Each waits for nothing but its own steps.
        var drawings = await Task.WhenAll(Enumerable.Range(1, Times).Select(time => run(() => OnceAsync(rows, labels, k, StableHash.Derive(seed, (ulong)time), cancellationToken).GetAwaiter().GetResult())));
        return new PersonaStability(rows.Count, [.. drawings.Select(one => one.Seed)], [.. drawings.Select(one => one.Bootstrap)]);
    }

    private static async Task<(double Seed, double Bootstrap)> OnceAsync(IReadOnlyList<float[]> rows, int[] labels, int k, ulong seed, CancellationToken cancellationToken)
    {
        var again = await LabelsAsync(rows, rows, k, seed, cancellationToken);
        var drawn = Enumerable.Range(0, rows.Count).Select(i => rows[(int)(StableHash.ToUnit(StableHash.Derive(seed, (ulong)i)) * rows.Count)]).ToArray();
        var ofDrawn = await LabelsAsync(drawn, rows, k, seed, cancellationToken);
        return (AdjustedRandIndex.Of(labels, again), AdjustedRandIndex.Of(labels, ofDrawn));
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
