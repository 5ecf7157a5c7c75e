using System.Globalization;
using Auie.Abstractions;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Auie.Cli.Output;

/// <summary>How users, items, segmentations and jobs look to a person.</summary>
internal static class Views
{
    private const int FeaturesShown = 3;

    public static IEnumerable<IRenderable> Of(SegmentationView view)
    {
        // A table's model has no version, and its rows no time.
        var what = view.Version == 0 ? $"{view.Rows:N0} rows" : $"Version {view.Version}: {view.Rows:N0} {Plural(view).ToLowerInvariant()} by {view.Features} as of {Instant(view.AsOf)}";
        yield return Line(string.Create(CultureInfo.InvariantCulture, $"{what}, k = {view.K}, seed {view.Seed}, inertia {view.Inertia:G8}"));
        foreach (var score in view.Scores)
            yield return Line(string.Create(CultureInfo.InvariantCulture,
                $"  k = {score.K}: silhouette {score.Silhouette:F4}{Error(score)}, inertia {score.Inertia:G8}"));
        foreach (var imputed in view.Imputed)
            yield return Line(string.Create(CultureInfo.InvariantCulture, $"  {imputed.Feature}: {imputed.Rows:N0} of {view.Rows:N0} rows had no value; the median, {imputed.Value:G6}, stands in"));
        if (view.NamesWithheld is { } withheld) yield return Line($"No archetype's name is given: {withheld}");

        var table = Grid("Segment", "Persona", Plural(view), "Share", "What sets it apart");
        foreach (var segment in view.Segments)
            table.AddRow(Cells(Number(segment.Segment), segment.Persona, segment.Size.ToString("N0"), segment.Share.ToString("P1"), Apart(segment)));
        yield return table;
        foreach (var segment in view.Segments.Where(segment => segment.Resemblance is not null))
            yield return Line($"{segment.Persona}: {segment.Description}");

        var means = Grid(["Mean of", .. view.Segments.Select(segment => segment.Persona)]);
        for (var column = 0; column < view.Columns.Length; column++)
            means.AddRow(Cells([MeanOf(view.Columns[column], view), .. view.Segments.Select(segment => Number(segment.Centroid[column]))]));
        yield return means;
    }

    public static IEnumerable<IRenderable> Of(UserView user)
    {
        var table = Grid("User", user.Id);
        Add("version", user.Version);
        Add("birth year", user.BirthYear?.ToString());
        Add("gender", user.Gender);
        Add("locale", user.Locale);
        Add("location", user.Location);
        Add("minutes from UTC", user.TimezoneMinutes?.ToString());
        Add("joined", user.JoinedAt is { } joined ? Instant(joined) : null);
        foreach (var trait in user.Traits) Add(trait.Key, trait.Value);
        Add("friends", user.Friends.ToString("N0"));
        Add("events", Join(user.Events));
        Add("answers", Join(user.Answers));
        Add("platforms", Join(user.Platforms));
        Add("spent", (user.Spent / 10_000m).ToString("N2"));
        Add("first seen", user.FirstSeen is { } first ? Instant(first) : null);
        Add("last seen", user.LastSeen is { } last ? Instant(last) : null);
        Add("also seen as", string.Join(", ", user.AnonymousIds));
        Add("joined ids", string.Join(", ", user.MergedIds));
        yield return table;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value)) table.AddRow(Cells(name, value));
        }
    }

    public static IEnumerable<IRenderable> Of(ItemView item)
    {
        var table = Grid("Item", item.Id);
        foreach (var (name, value) in item.Traits.Concat([new("answers", Join(item.Answers))])) table.AddRow(Cells(name, value));
        yield return table;
    }

    public static IEnumerable<IRenderable> Of(UserSegment segment)
    {
        yield return Line(string.Create(CultureInfo.InvariantCulture,
            $"{segment.Persona} (segment {segment.Segment} of model version {segment.ModelVersion}, as of {Instant(segment.AsOf)}), margin {segment.Margin:P1}"));
        var distances = Grid("Segment", "Persona", "Distance");
        foreach (var one in segment.Distances) distances.AddRow(Cells(Number(one.Segment), one.Persona, one.Distance.ToString("F3")));
        yield return distances;
        var reasons = Grid("Decided by", "Value", "Here", "Runner-up", "Share");
        foreach (var one in segment.Reasons)
            reasons.AddRow(Cells(one.Feature, one.Value is { } value ? Number(value) : "missing", Number(one.Centroid), Number(one.RunnerUp), WholePercent(one.Share)));
        yield return reasons;
    }

    public static IEnumerable<IRenderable> Of(JobView[] jobs)
    {
        var table = Grid("Job", "State", "Phase", "Progress", "Of", "k", "Seed", "Created", "Ended");
        foreach (var job in jobs)
        {
            var request = job.Request;
            table.AddRow(Cells(job.Id, job.State, job.Phase, job.Progress.ToString("P0"), job.Request.Kind == JobRequest.Training ? "recommendations" : request.Table ?? request.Features ?? "users",
                job.Request.Kind == JobRequest.Training ? "" : request.KMin == request.KMax ? Number(request.KMin) : $"{request.KMin}..{request.KMax}", request.Seed.ToString(), Instant(job.CreatedAt),
                job.EndedAt is { } ended ? Instant(ended) : ""));
        }

        yield return table;
    }

    public static IEnumerable<IRenderable> Of(JobView job)
    {
        foreach (var part in Of([job])) yield return part;
        if (job.Error is { } error) yield return Line(error);
        if (job.FullBecause is { } reason) yield return Line($"In full: {reason}.");
        if (job.Trained is { } trained)
        {
            foreach (var part in RankerViews.Of(trained)) yield return part;
        }

        if (job.Result is not { } result) yield break;
        foreach (var part in Of(result)) yield return part;
    }

    /// <summary>How far a silhouette may be from the exact one, and how that is known; nothing of an exact one.</summary>
    private static string Error(KScore score) => score switch
    {
        { SilhouetteMethod: "exact" } or { SilhouetteError: 0 } => "",
        { SilhouetteError: { } error, SilhouettePracticalError: { } practical, SilhouetteConfidence: { } confidence } => string.Create(CultureInfo.InvariantCulture,
            $" ± {error:F4} at {confidence * 100:0.####} % (in practice ± {practical:F4}; {score.SilhouetteMethod}, {score.SilhouetteRows:N0})"),
        _ => string.Create(CultureInfo.InvariantCulture, $" ({score.SilhouetteMethod}, {score.SilhouetteRows:N0} rows, error not known)"),
    };

    public static Text Line(string text) => new(text);

    internal static Table Grid(params string[] headers)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var header in headers) table.AddColumn(new TableColumn(new Text(header)));
        return table;
    }

    private static string MeanOf(string column, SegmentationView view) => view.GeometricMeans.Contains(column) ? $"{column} (geometric)" : column;

    /// <summary>What is counted by the segments' sizes, to head a column.</summary>
    private static string Plural(SegmentationView view) => view.RowsAre switch
    {
        "user" => "Users",
        "answer" => "Answers",
        _ => "Rows",
    };

    internal static Text[] Cells(params string[] texts) => [.. texts.Select(text => new Text(Visible(text)))];

    /// <summary>A text of users with what steers a terminal written out, so that it can do nothing there.</summary>
    internal static string Visible(string text) => text.Any(char.IsControl)
        ? string.Concat(text.Select(sign => char.IsControl(sign) ? $"\\u{(int)sign:x4}" : sign.ToString()))
        : text;

    private static string Apart(SegmentView segment) => string.Join(", ", segment.SetsApart.Take(FeaturesShown)
        .Select(one => string.Create(CultureInfo.InvariantCulture, $"{one.Feature} {Number(one.Mean)} ({one.Deviations:+0.0;-0.0;0.0} sd)")));

    public static string Join(IEnumerable<KeyValuePair<string, long>> counts) =>
        string.Join(", ", counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} {one.Value:N0}"));

    /// <summary>A share without decimals; what rounds to nothing has no sign.</summary>
    private static string WholePercent(double share) => (Math.Round(share, 2) + 0.0).ToString("P0");

    private static string Number(double value) => Math.Abs(value) >= 100 ? value.ToString("F1") : value.ToString("G4");

    public static string Instant(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);
}
