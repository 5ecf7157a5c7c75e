using System.Text;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Client.Csv;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Engine;

/// <summary>Exports of a whole engine by the command line.</summary>
public sealed class ExportTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-export-");
    private TestEngine _engine = null!;

    public async Task InitializeAsync()
    {
        _engine = await TestEngine.StartAsync(partitions: 3);
        await _engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 300 }));
    }

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("impressions")]
    [InlineData("engagement")]
    public async Task Clustering_what_is_exported_gives_what_a_job_over_users_publishes_bit_for_bit(string features)
    {
        var published = await _engine.SucceedAsync(new JobRequest { Features = features, KMin = 3, KMax = 5, Seed = 7 });

        var file = await Export(features == "impressions" ? ["impressions"] : ["features", "--features", features]);
        var clustered = JsonDocument.Parse(await Run("cluster", file, "--k", "3..5", "--seed", "7", "--json")).RootElement;

        clustered.GetProperty("columns").EnumerateArray().Select(column => column.GetString()).ShouldBe(published.Columns);
        (clustered.GetProperty("rows").GetInt64(), clustered.GetProperty("k").GetInt32()).ShouldBe((published.Rows, published.K));
        Bits(clustered.GetProperty("inertia").GetDouble()).ShouldBe(Bits(published.Inertia));
        foreach (var score in published.Scores)
            Bits(clustered.GetProperty("silhouette").GetProperty($"{score.K}").GetDouble()).ShouldBe(Bits(score.Silhouette));
        clustered.GetProperty("clusters").EnumerateArray().Select(cluster => cluster.GetProperty("size").GetInt64())
            .ShouldBe(published.Segments.Select(segment => segment.Size));
    }

    [Fact]
    public async Task Every_user_is_exported_with_what_is_held_and_the_segment_they_are_in()
    {
        await _engine.SucceedAsync(new JobRequest { Features = "impressions", KMin = 3, KMax = 3 });
        string[] odd = ["a,\"b\"", "=cmd", "ä🎉"];
        // Sent last, so that the export has to have them written first.
        await _engine.Client.Append([.. odd.Select(id => new UserEvent
        {
            UserId = id, MessageId = "m", Kind = "identify", At = new(2012, 11, 1, 0, 0, 0, TimeSpan.Zero),
            Traits = new() { ["location"] = $"{id}, \"North\"", ["birthyear"] = "1990" },
        })], false, CancellationToken.None);

        var rows = await Read(await Export("users"));

        rows.Count.ShouldBe(303);
        foreach (var (id, row) in rows)
        {
            var user = (await _engine.Client.GetUser(id, null, CancellationToken.None)).ShouldNotBeNull();
            (row["location"], row["gender"], row["friends"]).ShouldBe((user.Location ?? "", user.Gender ?? "", $"{user.Friends}"));
            row["shown_events"].ShouldBe($"{user.Events.GetValueOrDefault("shown")}");
            var segment = await _engine.Client.GetUserSegment(id, null, null, CancellationToken.None);
            row["segment"].ShouldBe($"{segment?.Segment}");
            row["persona"].ShouldBe(segment?.Persona ?? "");
            if (segment is not null) Bits(double.Parse(row["margin"])).ShouldBe(Bits(segment.Margin));
        }

        odd.ShouldAllBe(id => rows[id]["segment"] == "");
    }

    [Fact]
    public async Task Segments_are_exported_with_how_many_users_are_in_them_now()
    {
        var published = await _engine.SucceedAsync(new JobRequest { Features = "impressions", KMin = 3, KMax = 3 });
        var rows = await Read(await Export("segments"));
        rows.Values.Sum(row => long.Parse(row["size"])).ShouldBe(300);
        rows.Values.Sum(row => long.Parse(row["rows"])).ShouldBe(published.Rows);
        foreach (var segment in published.Segments)
        {
            var row = rows[$"{segment.Segment}"];
            row["persona"].ShouldBe(segment.Persona);
            Bits(double.Parse(row["mean_birthyear"])).ShouldBe(Bits(segment.Centroid[0]));
        }
    }

    private async Task<string> Export(params string[] table)
    {
        var file = Path.Combine(_folder.FullName, $"{table[0]}.csv");
        await Run(["export", .. table, "-o", file]);
        return file;
    }

    private async Task<string> Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        (await AuieCli.Run([.. arguments, "--endpoint", _engine.Url], host)).ShouldBe(ExitCodes.Ok, error.ToString());
        return output.ToString();
    }

    /// <summary>A table's rows by the text in its first column, the cells by their columns' names.</summary>
    private static async Task<Dictionary<string, Dictionary<string, string>>> Read(string file)
    {
        await using var stream = File.OpenRead(file);
        var records = new CsvRecordReader(stream, NumericCsvLimits.Default);
        (await records.Read(CancellationToken.None)).ShouldBeTrue();
        var header = Cells(records);
        var rows = new Dictionary<string, Dictionary<string, string>>();
        while (await records.Read(CancellationToken.None))
        {
            var cells = Cells(records);
            rows.Add(cells[0], header.Zip(cells).ToDictionary(cell => cell.First, cell => cell.Second));
        }

        return rows;
    }

    private static string[] Cells(CsvRecordReader records) =>
        [.. Enumerable.Range(0, records.Count).Select(cell => Encoding.UTF8.GetString(records[cell]).Replace("\"\"", "\"", StringComparison.Ordinal))];

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
