namespace Auie.Core.Clustering;

/// <summary>
/// K-means over shards (Lloyd 1982), seeded by k-means|| (<see cref="ParallelSeeding"/>). The same rows, ids and options give the same bits
/// for any number of shards and threads, and after any resumption. Centroids are doubles made from exact sums.
/// </summary>
public static class KMeans
{
    /// <summary>Fits several starts and keeps the one with the lowest inertia.</summary>
    /// <param name="input">The standardised rows.</param>
    /// <param name="checkpoint">Where to go on; null to begin.</param>
    /// <param name="onProgress">Called after each seeding, assignment and start, with where the fit stands.</param>
    /// <exception cref="ArgumentException">An option is out of range, or the checkpoint does not fit the rows.</exception>
    public static async Task<KMeansFit> FitAsync(
        StandardisedShards input,
        KMeansOptions options,
        KMeansCheckpoint? checkpoint = null,
        Func<KMeansCheckpoint, CancellationToken, ValueTask>? onProgress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var at = checkpoint ?? KMeansCheckpoint.Beginning;
        if (at.Centroids.Length % input.Scale.Columns != 0)
            throw new ArgumentException(
                $"The checkpoint's {at.Centroids.Length} values are not centroids of {input.Scale.Columns} columns.", nameof(checkpoint));
        while (at.Start < options.Starts)
        {
            if (at.Centroids.Length == 0)
            {
                // Thorough seedings mostly agree, with few clusters nearly always; plain ones in between find what these have no eye for.
                var thorough = at.Start % (options.K > 3 ? 2 : 4) == 0;
                var seed = StableHash.Derive(options.Seed, (ulong)at.Start);
                at = at with { Centroids = await ParallelSeeding.SeedAsync(input, options.K, seed, thorough, cancellationToken) };
                await Report(at);
            }

            var fit = await LloydAsync(input, options, at, Report, cancellationToken);
            at = KMeansCheckpoint.NextStart(at.Start + 1, at.Best is null || fit.Inertia < at.Best.Inertia ? fit : at.Best);
            await Report(at);
        }

        return at.Best ?? throw new ArgumentException("The checkpoint says that all starts are done but holds no fit.", nameof(checkpoint));

        ValueTask Report(KMeansCheckpoint now) => onProgress?.Invoke(now, cancellationToken) ?? ValueTask.CompletedTask;
    }

    /// <summary>Lloyd's iteration from given centroids (row by row, in standardised units), one start.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the centroids are not K of the rows' columns.</exception>
    public static Task<KMeansFit> RefineAsync(
        StandardisedShards input, double[] centroids, KMeansOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(centroids);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (centroids.Length != options.K * input.Scale.Columns)
            throw new ArgumentException(
                $"{centroids.Length} values are not {options.K} centroids of {input.Scale.Columns} columns.", nameof(centroids));
        var begin = KMeansCheckpoint.Beginning with { Centroids = centroids };
        return LloydAsync(input, options, begin, _ => ValueTask.CompletedTask, cancellationToken);
    }

    private static async Task<KMeansFit> LloydAsync(
        StandardisedShards input,
        KMeansOptions options,
        KMeansCheckpoint begin,
        Func<KMeansCheckpoint, ValueTask> report,
        CancellationToken cancellationToken)
    {
        var centroids = begin.Centroids;
        var previous = begin.Inertia;
        for (var iteration = begin.Iteration + 1; ; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = await input.Shards.StepAsync(centroids, cancellationToken);
            var inertia = Inertia.Of(input.Scale, input.Squares, step, centroids);
            var next = step.Means(centroids);
            var last = iteration >= options.MaxIterations;
            var converged = false;
            if (step.Counts.Contains(0))
            {
                if (last)
                    return Fit(Filled(centroids, step), [.. step.Counts.Where(n => n > 0)]);
                next = await EmptyClusters.RefillAsync(input.Shards, step, centroids, next, cancellationToken);
                previous = double.PositiveInfinity;
            }
            else
            {
                // Centroids that do not move label as before: the same test as "no label changed", and no shard need remember its labels.
                converged = next.AsSpan().SequenceEqual(centroids) || Settled(previous, inertia, options.Tolerance);
                if (converged || last)
                    return Fit(centroids, step.Counts);
                previous = inertia;
            }

            centroids = next;
            await report(begin with { Iteration = iteration, Centroids = centroids, Inertia = previous });

            KMeansFit Fit(double[] final, long[] sizes) => new()
            {
                RequestedK = options.K,
                Centroids = final,
                Sizes = sizes,
                Inertia = inertia,
                Iterations = iteration,
                Start = begin.Start,
                Converged = converged,
            };
        }
    }

    private static bool Settled(double previous, double inertia, double tolerance) =>
        tolerance > 0 && double.IsFinite(previous) && previous - inertia <= tolerance * previous;

    private static double[] Filled(double[] centroids, StepSums step) => EmptyClusters.Keep(centroids, step, k => step.Counts[k] > 0);
}

/// <summary>
/// What becomes of clusters without rows: each moves to one of the rows farthest from their centroids (of equal ones the lowest row id, no
/// two alike) and another assignment follows. Where no row is away from its centroid, there are no more different rows than clusters with
/// rows, and the empty ones are given up.
/// </summary>
internal static class EmptyClusters
{
    public static async Task<double[]> RefillAsync(
        IFeatureShards shards, StepSums step, double[] centroids, double[] means, CancellationToken cancellationToken)
    {
        var empty = Enumerable.Range(0, step.Counts.Length).Where(k => step.Counts[k] == 0).ToArray();
        var farthest = await shards.FarthestAsync(centroids, empty.Length, cancellationToken);
        var columns = means.Length / step.Counts.Length;
        var refilled = 0;
        for (; refilled < Math.Min(empty.Length, farthest.Count) && farthest.Scores[refilled] > 0; refilled++)
        {
            for (var c = 0; c < columns; c++)
                means[(empty[refilled] * columns) + c] = farthest.Row(refilled)[c];
        }

        return Keep(means, step, k => step.Counts[k] > 0 || Array.IndexOf(empty, k) < refilled);
    }

    public static double[] Keep(double[] centroids, StepSums step, Func<int, bool> keep)
    {
        var columns = centroids.Length / step.Counts.Length;
        return [.. centroids.Where((_, i) => keep(i / columns))];
    }
}
