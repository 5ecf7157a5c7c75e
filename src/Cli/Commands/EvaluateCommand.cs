using System.CommandLine;
using System.Globalization;
using Auie.Cli.Evaluation;
using Auie.Cli.Import;
using Auie.Cli.Output;
using Auie.Core.Ranking;

namespace Auie.Cli.Commands;

/// <summary>auie evaluate.</summary>
internal static class EvaluateCommand
{
    private const int MostFolds = 20, LocalesShown = 5;

    public static Command Make(CommonOptions common)
    {
        var folder = new Argument<DirectoryInfo>("DIR")
        {
            Description = $"The folder with {string.Join(", ", Layout.Tables)}, each as .csv or .csv.gz.",
        };
        folder.AcceptExistingOnly();
        var metrics = new Option<RankingMetric[]>("--metric")
        {
            Description = "What is measured: map, ndcg or recall of the first K that are ranked. The first named is also told by segment and by locale.",
            HelpName = "NAME@K,…",
            DefaultValueFactory = _ => [new(RankingMetricKind.Map, 200), new(RankingMetricKind.Ndcg, 10), new(RankingMetricKind.Recall, 20)],
            CustomParser = result =>
            {
                var named = new List<RankingMetric>();
                foreach (var text in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
                {
                    if (RankingMetric.TryParse(text) is not { } metric) result.AddError($"'{text}' is no metric: write map@200, ndcg@10 or recall@20, joined by commas.");
                    else if (!named.Contains(metric)) named.Add(metric);
                }

                return [.. named];
            },
        };
        var folds = new Option<int>("--folds")
        {
            Description = $"In how many parts learning and judging are parted, by user and by time. From 2 to {MostFolds}.",
            HelpName = "N",
            DefaultValueFactory = _ => 5,
            CustomParser = result =>
            {
                var text = result.Tokens.Single().Value;
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 2 and <= MostFolds) return value;
                result.AddError($"'{text}' is not a whole number from 2 to {MostFolds}, as --folds needs.");
                return 0;
            },
        };
        var split = new Option<string>("--split") { Description = "Only by user, or only by time. [default: both]", HelpName = "user|time" };
        split.AcceptOnlyFromAmong("user", "time");
        var judge = new Option<FileInfo>("--judge")
        {
            Description = "Another table like train.csv, plain or .csv.gz, of other users: all of DIR is learnt from but what these were shown, and judged is by them. What else is known of them and of events "
                + "is DIR's. Without folds, and so not with --folds or --split.",
            HelpName = "FILE",
        };
        judge.AcceptExistingOnly();
        judge.Validators.Add(result =>
        {
            foreach (var other in new Option[] { folds, split })
            {
                if (result.GetResult(other) is { Implicit: false }) result.AddError($"{other.Name} is not of --judge, which parts by user once.");
            }
        });
        var seed = CommonOptions.Seed();
        var evaluate = new Command("evaluate", "Judges how well events are ranked for users, beside popularity and chance, on the tables of an event challenge.")
        {
            folder, metrics, folds, split, judge, seed,
        };
        common.RunLocally(evaluate, async (parse, session, cancellationToken) =>
        {
            var path = parse.GetRequiredValue(folder).FullName;
            session.Note($"reading {path}");
            var other = parse.GetValue(judge);
            var (shown, leftOut, judged) = await ShownTables.Read(path, other, cancellationToken);
            if (leftOut > 0) session.Note($"{leftOut:N0} rows of the tables cannot be used; auie import event-challenge {path} --dry-run tells which and why.");
            var number = parse.GetValue(seed) ?? 1;
            string[] splits = other is not null ? [SplitReport.Judge] : parse.GetValue(split) is { } one ? [one] : ["user", "time"];
            var reports = new List<SplitReport>();
            var segments = await UserSegments.Of(shown, number, cancellationToken);
            foreach (var name in splits)
                reports.Add(await Run(session, other?.FullName ?? path, shown, segments, judged, name, parse.GetValue(folds), parse.GetRequiredValue(metrics), number, cancellationToken));
            var report = new EvaluationReport(shown.Rows.Count, shown.Rows.Groups, shown.Events.Distinct().Count(), shown.Rows.Labels.Count(label => label > 0),
                leftOut, other is null ? parse.GetValue(folds) : 1, number, [.. shown.Rows.Columns.Concat(EventHistory.Columns).Select(column => column.Name)], [.. reports]);
            session.Print(report, CliJson.Default.EvaluationReport, EvaluationViews.Of);
            return ExitCodes.Ok;
        },
            "auie evaluate tables",
            "auie evaluate tables --metric map@200,ndcg@10,recall@20 --folds 5 --json",
            "auie evaluate tables --split user --folds 10",
            "auie evaluate tables --judge others/train.csv --json");
        return evaluate;
    }

    private static async Task<SplitReport> Run(
        CliSession session, string path, ShownRows shown, string[] segments, HashSet<ulong> judged, string split, int folds, RankingMetric[] metrics, long seed, CancellationToken cancellationToken)
    {
        EvaluationFold[] parts;
        try
        {
            parts = split switch
            {
                "user" => EvaluationFolds.ByUser(shown.Rows, shown.Users, folds, (ulong)seed),
                SplitReport.Judge => EvaluationFolds.OfUsers(shown.Rows, shown.Users, judged),
                _ => EvaluationFolds.ByTime(shown.Times, folds),
            };
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCodes.Failed, $"{path} cannot be parted by {split}: {exception.Message}");
        }

        RankerUnderTest[] rankers =
        [
            new("random", null),
            new("popularity", rows => new PopularityRanker(rows.Columns)),
            new("logistic", rows => LogisticRanker.Fit(rows)),
            new("trees", rows => RankerLearning.Fit(rows, (ulong)seed, cancellationToken: cancellationToken)),
        ];
        var results = new List<RankerResult>();
        foreach (var ranker in rankers)
        {
            session.Note($"{(split == SplitReport.Judge ? "by other users" : $"by {split}")}: {ranker.Name}");
            // Off the caller's thread, so that Ctrl-C is heard.
            results.AddRange(await Task.Run(() => RankingEvaluation.Run(shown, parts, metrics, [ranker]), cancellationToken));
        }

        if (results[0].ByUser[0].All(double.IsNaN)) throw new CliException(ExitCodes.Failed, $"{path} shows nobody anything of interest: there is nothing to rank for.");
        var popularity = results.Single(result => result.Name == "popularity");
        return new SplitReport(split, parts.Sum(part => part.Test.Length), [.. results.Select(result => Report(shown, segments, parts, metrics, result, popularity))]);
    }

    private static RankerReport Report(ShownRows shown, string[] segments, EvaluationFold[] parts, RankingMetric[] metrics, RankerResult result, RankerResult popularity)
    {
        var (means, over) = (new Dictionary<string, IntervalReport>(), new Dictionary<string, IntervalReport>());
        for (var i = 0; i < metrics.Length; i++)
        {
            means[metrics[i].ToString()] = IntervalReport.Of(PairedBootstrap.Mean(result.ByUser[i]));
            if (result != popularity) over[metrics[i].ToString()] = IntervalReport.Of(PairedBootstrap.Difference(result.ByUser[i], popularity.ByUser[i]));
        }

        int[] groups = [.. parts.SelectMany(part => RankingEvaluation.Groups(shown.Rows, part.Test))];
        return new RankerReport(result.Name, means, over, double.IsNaN(result.Pages) ? null : result.Pages, result.Coverage, result.Novelty, By(segments, int.MaxValue), By(shown.Locales, LocalesShown));

        // Users of whom nothing is relevant have no metric.
        Dictionary<string, IntervalReport> By(string[] names, int most) => names.Length == 0 ? []
            : groups.Select(group => names[group]).Zip(result.ByUser[0]).Where(one => one.First.Length > 0 && !double.IsNaN(one.Second)).GroupBy(one => one.First, one => one.Second)
                .OrderByDescending(same => same.Count()).ThenBy(same => same.Key, StringComparer.Ordinal).Take(most)
                .ToDictionary(same => same.Key, same => IntervalReport.Of(PairedBootstrap.Mean([.. same])));
    }
}
