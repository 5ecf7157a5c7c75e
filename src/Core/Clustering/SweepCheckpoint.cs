namespace Auie.Core.Clustering;

/// <summary>What a sweep is doing.</summary>
public enum SweepPhase
{
    /// <summary>Choosing a start's first centroids.</summary>
    Seeding,

    /// <summary>Assigning rows and moving centroids.</summary>
    Fitting,

    /// <summary>Computing the silhouettes of the fits.</summary>
    Scoring,

    /// <summary>Nothing more.</summary>
    Done,
}

/// <summary>
/// Where a sweep stands: with the same rows it goes on from here and ends in the same bits. <see cref="SweepCheckpointCodec"/> stores it.
/// </summary>
/// <param name="Fits">The fits that are found, from the smallest number of clusters on.</param>
/// <param name="Current">The fit at work.</param>
/// <param name="Silhouettes">The silhouettes of the first fits; they are computed when all fits are found.</param>
public sealed record SweepCheckpoint(SweepOptions Options, Scale Scale, KMeansFit[] Fits, KMeansCheckpoint Current, SilhouetteScore[] Silhouettes)
{
    /// <summary>Before the first fit.</summary>
    public static SweepCheckpoint Beginning(SweepOptions options, Scale scale) => new(options, scale, [], KMeansCheckpoint.Beginning, []);

    /// <summary>
    /// Where a sweep stands that goes on from known centroids under the scale that they were found under: one number of clusters, one start,
    /// no seeding. It ends in the bits that any other run of Lloyd's iteration from there over the same rows ends in.
    /// </summary>
    /// <param name="options">What else is to hold.</param>
    /// <param name="kept">The scale.</param>
    /// <param name="now">What the rows of now would be scaled by: it has their number and how many values are missing.</param>
    /// <param name="centroids">The centroids, row by row, in standardised units.</param>
    public static SweepCheckpoint Continuing(SweepOptions options, Scale kept, Scale now, double[] centroids)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(kept);
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(centroids);
        var k = centroids.Length / kept.Columns;
        return Beginning(options with { KMin = k, KMax = k, Starts = 1, Raw = kept.Raw }, kept with { Rows = now.Rows, Missing = now.Missing }) with
        {
            Current = KMeansCheckpoint.Beginning with { Centroids = centroids },
        };
    }

    /// <summary>Whether a fit is found for every number of clusters.</summary>
    public bool Fitted => Fits.Length == Tried;

    /// <summary>Whether all of them are scored, too.</summary>
    public bool Done => Silhouettes.Length == Tried;

    /// <summary>The number of clusters at work; the last one when all are fitted.</summary>
    public int K => Math.Min(Options.KMin + Fits.Length, Options.KMax);

    /// <summary>
    /// Whether the number of clusters at work has a start more, from the centroids of the one before; not where that found fewer different
    /// rows than clusters.
    /// </summary>
    public bool IsWarmed => !Fitted && Fits.Length > 0 && Fits[^1].K == K - 1;

    /// <summary>The start at work, from 0.</summary>
    public int Start => Current.Start;

    /// <summary>The assignments that the start has taken.</summary>
    public int Iteration => Current.Iteration;

    /// <summary>Whether silhouettes are exact, and not estimated.</summary>
    public bool IsExact => Scale.Rows <= Options.ExactSilhouetteRows;

    /// <summary>Over how many rows silhouettes are means: all, or a sample.</summary>
    public long SilhouetteRows => IsExact ? Scale.Rows : Math.Min(Options.SampleRows, Scale.Rows);

    /// <summary>
    /// How many silhouettes' worth of a pass that computes several is done. It is told and not stored: a pass that ends early begins again.
    /// </summary>
    public double Passed { get; init; }

    /// <summary>What comes next.</summary>
    public SweepPhase Phase =>
        Done ? SweepPhase.Done
        : Fitted ? SweepPhase.Scoring
        : Current.Centroids.Length == 0 && Current.Start < Options.Starts ? SweepPhase.Seeding
        : SweepPhase.Fitting;

    /// <summary>
    /// How much is done, 0 to 1: each number of clusters counts alike, its starts for three quarters and its silhouette for one.
    /// </summary>
    public double Fraction
    {
        get
        {
            // How many iterations a start will take is not known; halfway to the end with every 20 is near enough for a bar.
            var starts = Options.Starts + (IsWarmed ? 1 : 0);
            var start = Current.Start < starts ? 1 - Math.Pow(0.5, Current.Iteration / 20.0) : 0;
            var fitted = Fits.Length + (Fitted ? 0 : (Current.Start + start) / starts);
            return ((0.75 * fitted) + (0.25 * (Silhouettes.Length + Passed))) / Tried;
        }
    }

    private int Tried => Options.KMax - Options.KMin + 1;
}
