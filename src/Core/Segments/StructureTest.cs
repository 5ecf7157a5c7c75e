using Auie.Core.Clustering;

namespace Auie.Core.Segments;

/// <summary>What a <see cref="StructureTest"/> found.</summary>
/// <param name="Deviations">
/// By how many standard deviations of shuffled copies the rows cluster more tightly than these do; about 0 where the columns are independent.
/// </param>
/// <param name="Withheld">Why archetypes' names are to be withheld; null where the columns hang together.</param>
public sealed record StructureVerdict(double Deviations, string? Withheld);

/// <summary>
/// Whether the columns of a data set hang together more than chance would have it. K-means finds clusters in anything, even in columns that
/// have nothing to do with each other; a persona is a claim that they do. The gap statistic (Tibshirani, Walther and Hastie, JRSS B 63, 2001)
/// with a reference that keeps each column's distribution: the rows with every column permuted by itself. K-means is run on a sample of the
/// rows, and on permuted copies of it, for several numbers of clusters; for each number the gap is that between the logarithms of the
/// inertias, in standard deviations over the copies. Names are withheld unless the sum of the gaps is more than <see cref="Threshold"/>
/// standard deviations (times √(1 + 1/copies), as in that paper) of what the copies' own sums are. Most rows are far from that on either side:
/// a few copies come first, and where they leave no doubt there are no more.
/// </summary>
public static class StructureTest
{
    /// <summary>The rows that are looked at, at most: those of <see cref="IFeatureShards.SampleAsync"/>.</summary>
    public const int SampleRows = 8_000;

    /// <summary>Of fewer rows than this the verdict says that more may change it.</summary>
    private const int FewRows = 2_000;

    /// <summary>How many permuted copies the rows are compared with at first.</summary>
    public const int FirstCopies = 5;

    /// <summary>And in the end, where the first ones do not decide.</summary>
    public const int Copies = 19;

    /// <summary>
    /// How many standard deviations the rows have to be away from all their permuted copies. By chance that happens once in some ten thousand
    /// times, as Student's t of 18 degrees of freedom has it once in 21,000.
    /// </summary>
    public const double Threshold = 5;

    /// <summary>So many away from the first copies are enough: Student's t of 4 degrees of freedom is beyond that once in 110,000 times.</summary>
    public const double Certain = 24;

    /// <summary>
    /// With so few away from the first copies the others are not asked: rows that all of them would tell from copies are so near to the first
    /// ones by a bad chance only, less than once in a thousand times.
    /// </summary>
    public const double Hopeless = 2;

    /// <summary>
    /// Clusters are looked for from 2 up to so many, whatever the model's number. Dependence shows in a few clusters already; with more of them
    /// the gap hardly grows, but what it is compared with does.
    /// </summary>
    public const int MostClusters = 4;

    // With fewer starts, what differs between copies is which local optimum was met, and the gap drowns in it.
    private const int Starts = 8;
    private const int Iterations = 60;

    // What a fit still gains after that is far below the deviation that copies are taken to have, and rows and copies are treated alike.
    private const double Tolerance = 1e-4;

    /// <summary>
    /// The least standard deviation of log inertia that copies are taken to have. Where they differ less, one unlucky local optimum, which may
    /// cost a percent, would outweigh all the rest.
    /// </summary>
    private const double LeastDeviation = 0.005;

    /// <summary>Runs the test; the same wherever it is computed.</summary>
    /// <param name="sample">Standardised rows, at most about <see cref="SampleRows"/> of them.</param>
    /// <param name="scale">Their scale.</param>
    /// <param name="seed">What the permutations and the seedings depend on.</param>
    /// <param name="compute">Looks at a copy wherever computing is done; on the thread pool where none is given.</param>
    public static async Task<StructureVerdict> RunAsync(
        RowSet sample, Scale scale, ulong seed, Func<Action, CancellationToken, Task>? compute = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sample);
        ArgumentNullException.ThrowIfNull(scale);
        var varying = scale.Constant.Count(constant => !constant);
        if (varying < 2)
            return new StructureVerdict(0, $"{varying} of the columns vary, and it takes two to hang together; names are withheld.");

        compute ??= Task.Run;
        // Copy 0 is the rows as they are.
        var logInertias = await CopiesAsync(0, FirstCopies + 1);
        var deviations = Deviations(logInertias);
        if (deviations is >= Hopeless and <= Certain)
            deviations = Deviations([.. logInertias, .. await CopiesAsync(FirstCopies + 1, Copies - FirstCopies)]);
        return new StructureVerdict(deviations, deviations > Threshold
            ? null
            : $"The columns vary independently of each other: the rows' clusters are tighter than those of rows whose every column was shuffled by itself by " +
              $"{deviations:0.0} standard deviations, where more than {Threshold} are needed; names are withheld.{OfFew(sample.Count)}");

        // Who has so few is not to take it for a failure.
        static string OfFew(int rows) => rows < FewRows ? $" Only {rows:N0} rows were looked at: of more, weaker ties show too." : "";

        Task<double[][]> CopiesAsync(int first, int count) => Task.WhenAll(Enumerable.Range(first, count).Select(CopyAsync));

        async Task<double[]> CopyAsync(int copy)
        {
            // What is fitted on one thread has ended where it was begun.
            Task<double[]>? fitted = null;
            await compute(() => fitted = LogInertiasAsync(Values(copy), sample.RowIds, scale, seed, cancellationToken), cancellationToken);
            return await fitted!;
        }

        double[] Values(int copy)
        {
            var values = Array.ConvertAll(sample.Values, value => (double)value);
            if (copy > 0)
                Permute(values, sample.Count, StableHash.Derive(seed, (ulong)copy));
            return values;
        }
    }

    /// <summary>By how many standard deviations of the copies the rows, which come first, cluster more tightly.</summary>
    private static double Deviations(double[][] logInertias)
    {
        var gaps = new double[logInertias.Length];
        for (var i = 0; i < logInertias[0].Length; i++)
        {
            var (mean, deviation) = Moments([.. logInertias.Skip(1).Select(copy => copy[i])]);
            for (var copy = 0; copy < gaps.Length; copy++)
                gaps[copy] += (mean - logInertias[copy][i]) / Math.Max(deviation, LeastDeviation);
        }

        // The copies' own sums are 0 in the mean.
        return gaps[0] / (Math.Max(Moments(gaps[1..]).Deviation, 1) * Math.Sqrt(1 + (1.0 / (gaps.Length - 1))));
    }

    private static (double Mean, double Deviation) Moments(double[] values)
    {
        var mean = values.Sum() / values.Length;
        return (mean, Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1)));
    }

    /// <summary>The logarithm of the inertia for 2, 3, … clusters.</summary>
    private static async Task<double[]> LogInertiasAsync(double[] values, ulong[] rowIds, Scale scale, ulong seed, CancellationToken cancellationToken)
    {
        using var shards = new LocalShards([new ShardRows(values, scale.Columns, rowIds)], threads: 1);
        var input = await StandardisedShards.WithScaleAsync(shards, AsItIs(scale), cancellationToken);
        var logInertias = new double[MostClusters - 1];
        for (var k = 2; k <= MostClusters; k++)
        {
            var fit = await KMeans.FitAsync(
                input, new KMeansOptions { K = k, Seed = seed, Starts = Starts, MaxIterations = Iterations, Tolerance = Tolerance }, cancellationToken: cancellationToken);
            // Nothing is left where there are no more different rows than clusters; the logarithm has to stay finite.
            logInertias[k - 2] = Math.Log(Math.Max(fit.Inertia, 1e-6));
        }

        return logInertias;
    }

    /// <summary>Puts every column into an order of its own (Fisher and Yates), by the hashes of (seed, place, column); a sample's rows are in an order of their own already.</summary>
    private static void Permute(double[] values, int rows, ulong seed)
    {
        var columns = values.Length / rows;
        for (var c = 0; c < columns; c++)
        {
            var hashes = new RowHashes(seed, c);
            for (var row = rows - 1; row > 0; row--)
            {
                var other = (int)Math.BigMul(hashes.Of((ulong)row), (ulong)row + 1, out _);
                (values[(row * columns) + c], values[(other * columns) + c]) = (values[(other * columns) + c], values[(row * columns) + c]);
            }
        }
    }

    /// <summary>The scale that leaves standardised values, which are on the grid already, as they are.</summary>
    private static Scale AsItIs(Scale scale) => scale with
    {
        Fill = new double[scale.Columns],
        Mean = new double[scale.Columns],
        Deviation = [.. Enumerable.Repeat(1.0, scale.Columns)],
    };
}
