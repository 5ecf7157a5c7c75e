namespace Auie.Core.Clustering;

/// <summary>Which numbers of clusters to try and how.</summary>
public sealed record SweepOptions
{
    /// <summary>The smallest number of clusters, at least 2.</summary>
    public int KMin { get; init; } = 3;

    /// <summary>The largest.</summary>
    public int KMax { get; init; } = 10;

    /// <summary>As <see cref="KMeansOptions.Seed"/>.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>As <see cref="KMeansOptions.Starts"/>.</summary>
    public int Starts { get; init; } = 16;

    /// <summary>As <see cref="KMeansOptions.MaxIterations"/>.</summary>
    public int MaxIterations { get; init; } = 300;

    /// <summary>As <see cref="KMeansOptions.Tolerance"/>.</summary>
    public double Tolerance { get; init; }

    /// <summary>As <see cref="ScaleOptions.Raw"/>.</summary>
    public bool Raw { get; init; }

    /// <summary>As <see cref="ScaleOptions.AllowEmptyColumns"/>.</summary>
    public bool AllowEmptyColumns { get; init; }

    /// <summary>Up to so many rows the silhouette is exact; above, it is estimated (<see cref="SampledSilhouette"/>).</summary>
    public int ExactSilhouetteRows { get; init; } = 50_000;

    /// <summary>From how many rows it is estimated, each compared with all.</summary>
    public int SampleRows { get; init; } = 10_000;

    /// <summary>With what probability, at least, an estimate's stated error holds.</summary>
    public double SilhouetteConfidence { get; init; } = 0.95;

    internal KMeansOptions Fit(int k) =>
        new() { K = k, Seed = Seed, Starts = Starts, MaxIterations = MaxIterations, Tolerance = Tolerance };

    internal void Check()
    {
        if (KMin < 2)
            throw new ArgumentOutOfRangeException(nameof(KMin), KMin, "The smallest number of clusters must be 2 at least.");
        if (KMax < KMin)
            throw new ArgumentOutOfRangeException(nameof(KMax), KMax, $"The largest number of clusters is below the smallest, {KMin}.");
        Fit(KMin).Check();
        Fit(KMax).Check();
        ArgumentOutOfRangeException.ThrowIfNegative(ExactSilhouetteRows);
        ArgumentOutOfRangeException.ThrowIfLessThan(SampleRows, 1);
        if (!(SilhouetteConfidence is >= 0.5 and <= 0.999999))
            throw new ArgumentOutOfRangeException(nameof(SilhouetteConfidence), SilhouetteConfidence, "The confidence must be from 0.5 to 0.999999.");
    }
}

/// <summary>One number of clusters: the fit and its silhouette.</summary>
public sealed record ScoredFit(KMeansFit Fit, SilhouetteScore Score)
{
    /// <summary>The mean silhouette.</summary>
    public double Silhouette => Score.Value;

    /// <summary>Over how many rows.</summary>
    public long SilhouetteRows => Score.Rows;
}

/// <summary>What a sweep found: the scale, a fit for each number of clusters, ascending, and the chosen one.</summary>
public sealed record SweepResult(Scale Scale, ScoredFit[] Fits)
{
    /// <summary>The fit with the highest silhouette; of equal ones that with the fewest clusters.</summary>
    public ScoredFit Chosen => Fits.MaxBy(f => (f.Silhouette, -f.Fit.RequestedK))!;
}

/// <summary>Tries several numbers of clusters over the same standardised rows and scores each by its silhouette.</summary>
public static class Sweep
{
    /// <summary>Scales the rows; the sweep itself is still to come.</summary>
    /// <exception cref="ArgumentException">An option is out of range, or the rows cannot be scaled.</exception>
    public static async Task<SweepCheckpoint> BeginAsync(IFeatureShards shards, SweepOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var scaling = new ScaleOptions { Raw = options.Raw, AllowEmptyColumns = options.AllowEmptyColumns };
        return SweepCheckpoint.Beginning(options, await Scaling.ComputeAsync(shards, scaling, cancellationToken));
    }

    /// <summary>Runs or goes on; the result has the same bits whatever was interrupted.</summary>
    /// <param name="checkpoint">Where to go on; null to begin.</param>
    /// <param name="onProgress">Called at each step with where the sweep stands; what it throws ends the sweep.</param>
    /// <param name="compute">Runs a part of the silhouettes' work; on the thread pool where none is given.</param>
    /// <exception cref="ArgumentException">
    /// An option is out of range, the checkpoint is of other options, or the rows cannot be scaled.
    /// </exception>
    public static async Task<SweepResult> RunAsync(
        IFeatureShards shards,
        SweepOptions options,
        SweepCheckpoint? checkpoint = null,
        Func<SweepCheckpoint, CancellationToken, ValueTask>? onProgress = null,
        Func<Action, CancellationToken, Task>? compute = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(shards);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        if (checkpoint is not null && checkpoint.Options != options)
            throw new ArgumentException("The checkpoint is of a sweep with other options.", nameof(checkpoint));
        var at = checkpoint ?? await BeginAsync(shards, options, cancellationToken);
        var input = await StandardisedShards.WithScaleAsync(shards, at.Scale, cancellationToken);
        if (checkpoint is null)
            await Report(at);

        while (!at.Fitted)
        {
            var fit = await KMeans.FitAsync(
                input, options.Fit(at.K), at.Current, (current, _) => Report(at = at with { Current = current }), cancellationToken);
            if (at.IsWarmed)
                fit = await WarmAsync(fit);
            at = at with { Fits = [.. at.Fits, fit], Current = KMeansCheckpoint.Beginning };
            await Report(at);
        }

        // Where every row is compared with every other, all come here, where their distances serve all fits at once; where only some are
        // compared with all, these go to the shards.
        var compared = at.Done
            ? null
            : await shards.SampleAsync(StableHash.Derive(options.Seed, SampleSalt), (int)at.SilhouetteRows, cancellationToken);
        while (!at.Done)
        {
            var scored = at;
            KMeansFit[] left = [.. at.Fits.Skip(at.Silhouettes.Length)];
            var scores = at.IsExact
                ? (await Silhouette.OfFirstAsync(compared!, [.. left.Select(fit => fit.Centroids)], input.Scale.DistanceExponent, compute, Passed, cancellationToken))
                    .Select(value => SilhouetteScore.Exact(value, at.Scale.Rows))
                : await SampledSilhouette.OfFirstAsync(shards, compared!, left, options.SilhouetteConfidence, Passed, cancellationToken);
            at = at with { Silhouettes = [.. at.Silhouettes, .. scores] };
            await Report(at);

            ValueTask Passed(double passed) => Report(scored with { Passed = passed });
        }

        return new SweepResult(at.Scale, [.. at.Fits.Zip(at.Silhouettes, (fit, score) => new ScoredFit(fit, score))]);

        // One start more, after the fresh ones and beside them: what it finds counts only if it is better.
        async Task<KMeansFit> WarmAsync(KMeansFit fresh)
        {
            if (at.Current.Start > options.Starts)
                return fresh;
            if (at.Current.Centroids.Length == 0)
            {
                var centroids = await WarmSeeding.SeedAsync(input, at.Fits[^1].Centroids, StableHash.Derive(options.Seed, WarmSalt + (ulong)at.K), cancellationToken);
                if (centroids is null)
                    return fresh;
                await Report(at = at with { Current = KMeansCheckpoint.NextStart(options.Starts, fresh) with { Centroids = centroids } });
            }

            return await KMeans.FitAsync(
                input, options.Fit(at.K) with { Starts = options.Starts + 1 }, at.Current, (current, _) => Report(at = at with { Current = current }), cancellationToken);
        }

        ValueTask Report(SweepCheckpoint now) => onProgress?.Invoke(now, cancellationToken) ?? ValueTask.CompletedTask;
    }

    // A seed of the sample's own, apart from those of the starts.
    private const ulong SampleSalt = 1UL << 63;

    // And of the warm starts'.
    private const ulong WarmSalt = 1UL << 62;
}
