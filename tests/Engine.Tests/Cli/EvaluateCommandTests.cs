using System.Globalization;
using System.Text;
using System.Text.Json;
using Auie.Cli;
using Auie.Engine.Tests.Cli.Import;

namespace Auie.Engine.Tests.Cli;

/// <summary>`auie evaluate` on small tables in which people like what starts soon.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private readonly SomeTables _tables = new();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public async Task It_judges_by_user_and_by_time_beside_popularity_and_chance()
    {
        WriteWorld();
        var run = await Evaluate("--metric", "map@200,recall@2", "--folds", "3", "--json");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Error.ShouldBeEmpty();
        var report = JsonDocument.Parse(run.Out).RootElement;

        report.GetProperty("rows").GetInt32().ShouldBe(60 * 6);
        report.GetProperty("users").GetInt32().ShouldBe(60);
        report.GetProperty("splits").EnumerateArray().Select(split => split.GetProperty("split").GetString()).ShouldBe(["user", "time"]);
        var rankers = report.GetProperty("splits")[0].GetProperty("rankers").EnumerateArray().ToDictionary(one => one.GetProperty("ranker").GetString()!);
        rankers.Keys.ShouldBe(["random", "popularity", "logistic", "trees"]);
        // One of six at each place as often: the mean of 1/1 to 1/6.
        Mean("random").ShouldBe(Enumerable.Range(1, 6).Average(place => 1.0 / place), 1e-9);
        Mean("trees").ShouldBeGreaterThan(0.9);
        rankers["trees"].GetProperty("overPopularity").GetProperty("map@200").GetProperty("low").GetDouble().ShouldBeGreaterThan(0.2);
        rankers["trees"].GetProperty("pageMap").GetDouble().ShouldBe(Mean("trees"), 1e-9);
        rankers["trees"].GetProperty("metrics").EnumerateObject().Select(metric => metric.Name).ShouldBe(["map@200", "recall@2"]);
        var segments = rankers["trees"].GetProperty("segments").EnumerateObject().ToArray();
        segments.Length.ShouldBeInRange(3, 8);
        segments.ShouldAllBe(segment => segment.Value.GetProperty("mean").GetDouble() > 0.5);
        rankers["random"].GetProperty("segments").EnumerateObject().Select(segment => segment.Name).ShouldBe(segments.Select(segment => segment.Name), ignoreOrder: true);
        rankers["trees"].GetProperty("locales").GetProperty("en_US").GetProperty("mean").GetDouble().ShouldBeGreaterThan(0.8);

        double Mean(string ranker) => rankers[ranker].GetProperty("metrics").GetProperty("map@200").GetProperty("mean").GetDouble();
    }

    [Fact]
    public async Task The_order_of_rows_changes_no_figure_and_a_seed_gives_the_same_ones()
    {
        WriteWorld();
        var first = await Evaluate("--split", "user", "--folds", "2", "--json", "--seed", "7");
        foreach (var table in new[] { "train.csv", "users.csv", "events.csv", "event_attendees.csv" })
        {
            var lines = File.ReadAllLines(_tables.At(table));
            _tables.Write(table, string.Join('\n', lines.Take(1).Concat(lines.Skip(1).Reverse())) + "\n");
        }

        (await Evaluate("--split", "user", "--folds", "2", "--json", "--seed", "7")).Out.ShouldBe(first.Out);
    }

    [Fact]
    public async Task A_person_reads_tables_and_is_told_what_was_left_out()
    {
        WriteWorld();
        _tables.Append("train.csv", "1,10,2,2012-10-02 15:53:05.754000+00:00,1,0");
        var run = await Evaluate("--split", "user", "--folds", "2");
        run.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "trees", "popularity", "novelty@3", "360 pairs of 60 users" }) run.Out.ShouldContain(told);
        run.Error.ShouldContain("1 rows of the tables cannot be used");
    }

    [Fact]
    public async Task What_cannot_be_judged_is_refused_in_words()
    {
        (await Evaluate("--metric", "auc@3")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("'auc@3' is no metric");
        (await Evaluate("--folds", "1")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("from 2 to 20");
        // Two users are not enough for five folds.
        (await Evaluate()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("5 folds need as many users; there are 2");
        _tables.Write("train.csv", SomeTables.TrainHeader + "\n");
        (await Evaluate()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("shows nothing to anybody");
        _tables.Write("train.csv", "user,event\n");
        (await Evaluate()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("train.csv, line 1");
        File.Delete(_tables.At("users.csv"));
        (await Evaluate()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("holds neither users.csv nor users.csv.gz");
    }

    [Fact]
    public async Task It_judges_by_the_users_of_another_table_who_are_learnt_nothing_of()
    {
        WriteWorld();
        var lines = File.ReadAllLines(_tables.At("train.csv"));
        bool IsJudged(string line) => int.Parse(line.Split(',')[0], CultureInfo.InvariantCulture) > 45;
        _tables.Write("train.csv", string.Join('\n', lines.Where((line, i) => i == 0 || !IsJudged(line))) + "\n");
        // Some of those who are learnt from are in it too: they are judged, and not learnt from.
        _tables.Write("others.csv", string.Join('\n', lines.Where((line, i) => i == 0 || IsJudged(line) || line.StartsWith("7,", StringComparison.Ordinal))) + "\n");
        var run = await Evaluate("--judge", _tables.At("others.csv"), "--json");
        run.ShouldEndWith(ExitCodes.Ok);
        var split = JsonDocument.Parse(run.Out).RootElement.GetProperty("splits").EnumerateArray().ShouldHaveSingleItem();
        (split.GetProperty("split").GetString(), split.GetProperty("judged").GetInt32()).ShouldBe(("judge", 16 * 6));
        var trees = split.GetProperty("rankers").EnumerateArray().Single(one => one.GetProperty("ranker").GetString() == "trees").GetProperty("metrics").GetProperty("map@200");
        trees.GetProperty("mean").GetDouble().ShouldBeGreaterThan(.9);
        trees.GetProperty("low").GetDouble().ShouldBeLessThanOrEqualTo(trees.GetProperty("mean").GetDouble());

        (await Evaluate("--judge", _tables.At("others.csv"), "--folds", "3")).ShouldEndWith(ExitCodes.Usage).Error.ShouldContain("--folds is not of --judge");
        (await Evaluate("--judge", _tables.At("none.csv"))).ShouldEndWith(ExitCodes.Usage);
        _tables.Append("others.csv", "50,10,0,yesterday,1,0");
        (await Evaluate("--judge", _tables.At("others.csv"))).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain($"others.csv, line {(16 * 6) + 2}, column timestamp: 'yesterday'");
        _tables.Write("others.csv", "user,event\n");
        (await Evaluate("--judge", _tables.At("others.csv"))).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("others.csv, line 1");
        _tables.Write("others.csv", SomeTables.TrainHeader + "\n");
        (await Evaluate("--judge", _tables.At("others.csv"))).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("nobody to judge by");
    }

    /// <summary>Sixty users are shown six events each, on a page, and care for the one that starts first.</summary>
    private void WriteWorld()
    {
        var random = new Random(1);
        var (users, train, events, attendees) = (new StringBuilder(SomeTables.UsersHeader + "\n"), new StringBuilder(SomeTables.TrainHeader + "\n"), new List<string>(), new StringBuilder(SomeTables.AttendeesHeader + "\n"));
        var noon = new DateTime(2012, 10, 1, 12, 0, 0, DateTimeKind.Utc);
        for (var user = 1; user <= 60; user++)
        {
            users.Append(CultureInfo.InvariantCulture, $"{user},{(user % 3 == 0 ? "id_ID" : "en_US")},{1960 + (user % 40)},male,2012-05-02T06:40:55.524Z,Medan  Indonesia,420\n");
            var shownAt = noon.AddHours(user * 7);
            var order = Enumerable.Range(0, 6).ToArray();
            random.Shuffle(order);
            foreach (var place in order)
            {
                var shown = (user * 10) + place;
                train.Append(CultureInfo.InvariantCulture, $"{user},{shown},0,{shownAt:yyyy-MM-dd HH:mm:ss}+00:00,{(place == 0 ? 1 : 0)},0\n");
                events.Add($"{shown},77,{shownAt.AddHours(place == 0 ? 10 : 100 + (place * 50)):yyyy-MM-ddTHH:mm:ss}.001Z,Medan,,,Indonesia,,");
                attendees.Append(CultureInfo.InvariantCulture, $"{shown},{string.Join(' ', Enumerable.Range(1_000, 1 + random.Next(50)))},,,\n");
            }
        }

        _tables.Write("users.csv", users.ToString());
        _tables.Write("train.csv", train.ToString());
        _tables.Write("events.csv", SomeTables.Events([.. events]));
        _tables.Write("event_attendees.csv", attendees.ToString());
    }

    private async Task<CliRun> Evaluate(params string[] options)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var host = new CliHost(output, error, _ => null, Interactive: false, Width: 200);
        var code = await AuieCli.Run(["evaluate", _tables.Path, .. options], host);
        return new CliRun(code, output.ToString(), error.ToString());
    }
}
