using System.Diagnostics;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Client;
using Spectre.Console;

namespace Auie.Silo.Demo;

/// <summary>One demo: its world, the engine that it is loaded into, and what is shown of the outcome.</summary>
internal sealed class DemoRun(WebApplication app, DemoOptions options, IAnsiConsole console, bool quiet)
{
    private const int WidthOfFiles = 160;

    private readonly EngineClient _engine = app.Services.GetRequiredService<EngineClient>();
    private readonly DemoWorld _world = new(options);
    private readonly Stopwatch _since = Stopwatch.StartNew();

    /// <summary>A console over a writer; where that goes to a file or a pipe, wide enough that no table is cut.</summary>
    public static IAnsiConsole ConsoleOver(TextWriter writer, bool redirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer) });
        if (redirected)
            console.Profile.Width = WidthOfFiles;
        return console;
    }

    /// <summary>Loads the world and runs the job over it.</summary>
    public async Task<SegmentationView> FindAsync(int kMin, int kMax, CancellationToken cancellationToken)
    {
        Say($"Making {options.Users:N0} users and loading them");
        var info = await _engine.GetInfo(cancellationToken);
        var shown = 0;
        var events = await new DemoLoader(app.Services.GetRequiredService<IGrainFactory>(), _engine.Tenant, info.Partitions).LoadAsync(_world, users =>
        {
            var tenth = users * 10 / options.Users;
            if (Interlocked.Exchange(ref shown, tenth) < tenth)
                Say($"  {users:N0} users");
        }, cancellationToken);
        Say($"{events:N0} events are on disk; finding the segments");

        var job = await _engine.StartJob(new JobRequest { KMin = kMin, KMax = kMax, Seed = 1 }, cancellationToken);
        await foreach (var now in _engine.WatchJob(job.Id, cancellationToken))
            job = now;
        return job.Result ?? throw new InvalidOperationException($"The job {job.Id} {job.State}: {job.Error}");
    }

    /// <summary>The personas, and where to look next.</summary>
    public void Show(SegmentationView found)
    {
        var table = new Table().Border(TableBorder.Rounded)
            .AddColumns(new TableColumn("Segment").NoWrap(), new TableColumn("Persona").NoWrap())
            .AddColumns([.. ((string[])["Users", "Share", .. found.Columns]).Select(column => new TableColumn(Markup.Escape(column)).RightAligned())]);
        foreach (var segment in found.Segments)
        {
            table.AddRow([
                segment.Segment.ToString(), Markup.Escape(segment.Persona), segment.Size.ToString("N0"), segment.Share.ToString("P1"),
                .. segment.Centroid.Select(value => value.ToString(Math.Abs(value) >= 100 ? "F0" : "F2")),
            ]);
        }

        console.Write(table);
        var scores = string.Join("  ", found.Scores.Select(score => $"{score.K}: {score.Silhouette:F3}"));
        console.WriteLine($"Silhouette by number of segments: {scores}. Chosen: {found.K}.");
        if (found.NamesWithheld is not null)
            console.WriteLine(found.NamesWithheld);
        console.WriteLine($"{_since.Elapsed.TotalSeconds:F0} s in all, {Process.GetCurrentProcess().PeakWorkingSet64 / 1e6:F0} MB at the most.");

        var url = app.Urls.First();
        var user = DemoWorld.UserId(0);
        var endpoint = url == SiloSettings.DefaultUrl ? "" : $" --endpoint {url}";
        console.WriteLine($"""

            Where to look next:
              ./auie segments{endpoint}                      the personas, with what sets each apart
              ./auie users show {user}{endpoint}            one user: segment, margin, reasons
              ./auie recommend {user}{endpoint}             what to recommend to them, and why
              ./auie recompute --k 3..8 --wait{endpoint}     find the segments again
              {url}/     the same as a page, with charts
              {url}/api/users/{user}/segment
              {url}/openapi/v1.json
            """);
    }

    /// <summary>The segmentation, and every user's segment beside the kind that was planted and the one that the planted densities make likeliest.</summary>
    public async Task WriteJsonAsync(SegmentationView found, Stream output, CancellationToken cancellationToken)
    {
        var segmentOf = new Dictionary<string, int>(options.Users);
        foreach (var segment in found.Segments)
        {
            string? cursor = null;
            do
            {
                var page = await _engine.GetMembers(found.Version, segment.Segment, cursor, 1_000, cancellationToken);
                foreach (var member in page!.Members)
                    segmentOf[member] = segment.Segment;
                cursor = page.Next;
            }
            while (cursor is not null);
        }

        var likeliest = _world.BayesAssignment();
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteNumber("users", options.Users);
        json.WriteNumber("seed", options.Seed);
        json.WriteNumber("k", found.K);
        json.WriteNumber("inertia", found.Inertia);
        json.WriteStartObject("silhouette");
        foreach (var score in found.Scores)
            json.WriteNumber(score.K.ToString(), score.Silhouette);
        json.WriteEndObject();
        json.WriteString("namesWithheld", found.NamesWithheld);
        json.WriteStartArray("segments");
        foreach (var segment in found.Segments)
        {
            json.WriteStartObject();
            json.WriteNumber("segment", segment.Segment);
            json.WriteString("persona", segment.Persona);
            json.WriteNumber("size", segment.Size);
            json.WriteStartObject("centroid");
            for (var i = 0; i < found.Columns.Length; i++)
                json.WriteNumber(found.Columns[i], segment.Centroid[i]);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("labels");
        for (var user = 0; user < options.Users; user++)
        {
            var id = DemoWorld.UserId(user);
            json.WriteStartObject();
            json.WriteString("user", id);
            json.WriteNumber("segment", segmentOf[id]);
            json.WriteString("persona", found.Segments[segmentOf[id]].Persona);
            json.WriteString("kind", _world.KindOf(user).Name);
            json.WriteString("likeliest", _world.Truth.Kinds[likeliest[user]].Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Say(string line)
    {
        if (!quiet)
            console.WriteLine(line);
    }
}
