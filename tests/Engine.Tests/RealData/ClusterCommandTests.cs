using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Cli;
using Auie.Engine.Tests.Engine;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.RealData;

/// <summary>`auie cluster` on the answers shown to users of the Event Recommendation Engine Challenge, whose best clustering is on record.</summary>
public sealed class ClusterCommandTests : IAsyncLifetime
{
    private const double BestInertia = 11886.775;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-real-");
    private TestEngine _engine = null!;

    public async Task InitializeAsync() => _engine = await TestEngine.StartAsync(partitions: 1);

    public async Task DisposeAsync()
    {
        await _engine.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // Two clusterings lie within .01 % of each other in inertia, so inertia to that share, sizes within 1 % (and 3 rows), means within .2 years,
    // 20 friends and .005 of a rate.
    [RealDataFact]
    public async Task Five_clusters_are_the_five_personas_with_the_sizes_and_centroids_on_record()
    {
        var report = await Cluster(WriteTable(), "--k", "5");

        report.GetProperty("rows").GetInt64().ShouldBe(11_513);
        report.GetProperty("k").GetInt32().ShouldBe(5);
        report.GetProperty("columns").EnumerateArray().Select(column => column.GetString()).ShouldBe(EventChallenge.Columns);
        report.GetProperty("inertia").GetDouble().ShouldBeLessThanOrEqualTo(1.0001 * BestInertia);
        report.GetProperty("silhouette").GetProperty("5").GetDouble().ShouldBe(.5437, .002);

        (string Persona, long Size, double[] Means)[] onRecord =
        [
            ("Silent Observers", 6_468, [1990.20, 754.6, 0, 0]), ("Enthusiasts", 2_761, [1990.59, 936.1, 1, 0]),
            ("Social Butterflies", 1_336, [1992.29, 3195.7, .161, 0]), ("Traditionalists", 564, [1959.37, 767.0, .191, .004]),
            ("Detached Critics", 384, [1981.99, 1128.8, 0, 1]),
        ];
        double[] tolerance = [.2, 20, .005, .005];
        var clusters = report.GetProperty("clusters").EnumerateArray().ToDictionary(cluster => cluster.GetProperty("persona").GetString()!);
        clusters.Keys.Order().ShouldBe(onRecord.Select(persona => persona.Persona).Order());
        foreach (var (persona, size, means) in onRecord)
        {
            clusters[persona].GetProperty("size").GetDouble().ShouldBe(size, (.01 * size) + 3, persona);
            for (var i = 0; i < means.Length; i++)
            {
                var column = EventChallenge.Columns[i];
                clusters[persona].GetProperty("centroid").GetProperty(column).GetDouble().ShouldBe(means[i], tolerance[i], $"{persona}, {column}");
            }
        }
    }

    [RealDataFact]
    public async Task Of_three_to_eight_clusters_five_are_chosen()
    {
        var report = await Cluster(WriteTable(), "--k", "3..8");

        report.GetProperty("k").GetInt32().ShouldBe(5);
        report.GetProperty("silhouette").EnumerateObject().Select(score => score.Name).ShouldBe(["3", "4", "5", "6", "7", "8"]);
        report.GetProperty("inertia").GetDouble().ShouldBeLessThanOrEqualTo(1.0001 * BestInertia);
    }

    [RealDataFact]
    public async Task One_two_seven_and_thirty_two_shards_print_the_same_bytes()
    {
        var table = WriteTable();
        var printed = new List<string>();
        foreach (var shards in new[] { "1", "2", "7", "32" })
            printed.Add(await Print(table, "--k", "3..8", "--shards", shards));

        printed.ShouldAllBe(text => text == printed[0]);
    }

    private string WriteTable()
    {
        var rows = EventChallenge.Rows();
        var columns = EventChallenge.Columns.Length;
        var text = new StringBuilder().AppendJoin(',', EventChallenge.Columns).Append('\n');
        for (var i = 0; i < rows.Length; i++)
        {
            if (!double.IsNaN(rows[i])) text.Append(rows[i].ToString(CultureInfo.InvariantCulture));
            text.Append(i % columns == columns - 1 ? '\n' : ',');
        }

        var path = Path.Combine(_folder.FullName, "rows.csv");
        File.WriteAllText(path, text.ToString());
        return path;
    }

    private async Task<JsonElement> Cluster(string table, params string[] options)
    {
        using var document = JsonDocument.Parse(await Print(table, options));
        return document.RootElement.Clone();
    }

    private async Task<string> Print(string table, params string[] options)
    {
        using StringWriter output = new(), error = new();
        string[] arguments =
        [
            "cluster", table, "--columns", string.Join(',', EventChallenge.Columns), "--json", "--endpoint", _engine.Url, .. options,
        ];
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        (await AuieCli.Run(arguments, host)).ShouldBe(ExitCodes.Ok, error.ToString());
        return output.ToString();
    }
}
