using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Auie.Cli;
using Auie.Cli.Evaluation;
using Auie.Core.Ranking;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.RealData;

/// <summary>Ranking what was shown to users of the Event Recommendation Engine Challenge, for which there are figures on record.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-real-");

    public void Dispose() => _folder.Delete(recursive: true);

    [RealDataFact]
    public async Task Chance_and_popularity_have_the_figures_on_record_and_the_engine_is_above_what_libraries_reach()
    {
        using StringWriter output = new(), error = new();
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        (await AuieCli.Run(["evaluate", EventChallenge.Folder, "--split", "user", "--json"], host)).ShouldBe(ExitCodes.Ok, error.ToString());
        var rankers = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("splits")[0].GetProperty("rankers").EnumerateArray()
            .ToDictionary(one => one.GetProperty("ranker").GetString()!);

        Map("random").ShouldBe(.455, .003);
        Map("popularity").ShouldBe(.547, .003);
        Map("logistic").ShouldBeGreaterThan(.6);
        Map("trees").ShouldBeGreaterThan(.708);
        rankers["trees"].GetProperty("pageMap").GetDouble().ShouldBeGreaterThan(.69);

        double Map(string ranker) => rankers[ranker].GetProperty("metrics").GetProperty("map@200").GetProperty("mean").GetDouble();
    }

    [RealDataFact]
    public async Task Shuffling_the_log_and_regrouping_its_timestamps_changes_no_feature()
    {
        foreach (var file in new DirectoryInfo(EventChallenge.Folder).GetFiles("*.csv.gz")) File.CreateSymbolicLink(Path.Combine(_folder.FullName, file.Name), file.FullName);
        var train = Path.Combine(_folder.FullName, "train.csv.gz");
        var lines = Lines(train).ToArray();
        File.Delete(train);
        var rows = lines[1..];
        new Random(1).Shuffle(rows);
        // Every row to an instant of its own, in the hour that it was in.
        for (var i = 0; i < rows.Length; i++)
        {
            var fields = rows[i].Split(',');
            var at = DateTimeOffset.Parse(fields[3], CultureInfo.InvariantCulture);
            at = new DateTimeOffset(at.Year, at.Month, at.Day, at.Hour, 0, 0, TimeSpan.Zero).AddMilliseconds(i * 300);
            fields[3] = at.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture) + "+00:00";
            rows[i] = string.Join(',', fields);
        }

        await using (var zip = new StreamWriter(new GZipStream(File.Create(train), CompressionLevel.Fastest)))
        {
            foreach (var line in rows.Prepend(lines[0])) await zip.WriteLineAsync(line);
        }

        var (plain, _) = await ShownTables.Read(EventChallenge.Folder, default);
        var (regrouped, _) = await ShownTables.Read(_folder.FullName, default);

        regrouped.Pages.Starts.Length.ShouldBe(rows.Length + 1);
        regrouped.Rows.Values.AsSpan().SequenceEqual(plain.Rows.Values).ShouldBeTrue();
        regrouped.Rows.Labels.ShouldBe(plain.Rows.Labels);
        regrouped.Rows.GroupStarts.ShouldBe(plain.Rows.GroupStarts);
        var fold = EvaluationFolds.ByUser(plain.Rows, plain.Users, 5)[0];
        EvaluationFolds.ByUser(regrouped.Rows, regrouped.Users, 5)[0].Train.ShouldBe(fold.Train);
        EventHistory.Add(regrouped, fold.Train).Values.AsSpan().SequenceEqual(EventHistory.Add(plain, fold.Train).Values).ShouldBeTrue();
    }

    private static IEnumerable<string> Lines(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line) yield return line;
    }
}
