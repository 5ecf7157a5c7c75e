using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Auie.Cli.Evaluation;
using Auie.Core;
using Auie.Core.Ranking;

namespace Auie.Bench;

/// <summary>
/// The engine's rankers beside scikit-learn's and xgboost's: on an event challenge's tables, the same folds and features, and the time to learn from many
/// made rows; and how fast a forest scores candidates.
/// </summary>
internal static class RankingBench
{
    private const int Folds = 5, Columns = 50, Candidates = 500, Rounds = 50;

    private static readonly RankingMetric Map = new(RankingMetricKind.Map, 200);

    /// <param name="args">
    /// --tables DIR (else that part is left out), --without-history (of events), --rows N (1000000; 0 leaves that part out), --trees N (50), --seed N of the folds (1), --threads N,
    /// --python PROGRAM (python3).
    /// </param>
    public static async Task<RankingReport> Run(string[] args)
    {
        var python = Option(args, "--python") ?? "python3";
        var (rows, trees) = (Number("--rows", 1_000_000), Number("--trees", 50));
        var (seed, threads) = ((ulong)Number("--seed", 1), Number("--threads", Environment.ProcessorCount));
        var missing = await Missing(python);
        if (missing is not null) await Console.Error.WriteLineAsync($"Without scikit-learn and xgboost beside it: {missing}");
        var notes = new List<string>();
        if (missing is not null) notes.Add($"Not compared with scikit-learn and xgboost: {missing}");
        var folder = Directory.CreateTempSubdirectory("auie-ranking-").FullName;
        try
        {
            var quality = Option(args, "--tables") is { } tables ? await Quality(tables, !args.Contains("--without-history"), missing is null ? python : null, folder, seed, threads, notes) : [];
            var time = rows > 0 ? await Time(rows, trees, missing is null ? python : null, folder, threads) : [];
            return new RankingReport($"dotnet run -c Release --project bench/Auie.Bench -- ranking {string.Join(' ', args)}", Machine.Here, quality, rows, trees, time, Scoring(), notes);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        int Number(string name, int usual) => Option(args, name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
    }

    private static async Task<RankingQuality[]> Quality(string tables, bool withHistory, string? python, string folder, ulong seed, int threads, List<string> notes)
    {
        var (shown, _) = await ShownTables.Read(tables, CancellationToken.None);
        var folds = EvaluationFolds.ByUser(shown.Rows, shown.Users, Folds, seed);
        var clock = new Stopwatch();
        RankerUnderTest[] rankers =
        [
            new("random", null),
            new("popularity", rows => new PopularityRanker(rows.Columns)),
            new("logistic", rows => LogisticRanker.Fit(rows)),
            new("random forest, ours", rows => new ForestBlend([RandomForest.Fit(rows, new RandomForestOptions { Threads = threads })])),
            new("boosted trees, one seed", rows => new ForestBlend([GradientBoosting.Fit(rows, RankerLearning.Options with { Threads = threads })])),
            new("LambdaMART, one seed", rows => new ForestBlend([GradientBoosting.Fit(rows, RankerLearning.Options with
            {
                Threads = threads, Objective = RankingObjective.LambdaMart, Tree = RankerLearning.Options.Tree with { MinLeafHessian = 0, L2 = 1 },
            })])),
            new(Served, rows => RankerLearning.Fit(rows, threads: threads)),
        ];
        var scores = new List<(string Name, double[] Scores, double Seconds)>();
        foreach (var ranker in rankers)
        {
            clock.Restart();
            var result = RankingEvaluation.Run(shown, folds, [Map], [ranker], withHistory).Single();
            scores.Add((ranker.Name, result.Scores, clock.Elapsed.TotalSeconds));
        }

        if (python is not null)
        {
            for (var fold = 0; fold < Folds; fold++)
            {
                var rows = withHistory ? EventHistory.Add(shown, folds[fold].Train) : shown.Rows;
                Write(folder, $"rows{fold}.bin", MemoryMarshal.AsBytes(rows.Values.AsSpan()));
            }

            Write(folder, "labels.bin", MemoryMarshal.AsBytes(shown.Rows.Labels.AsSpan()));
            var foldOf = new int[shown.Rows.Count];
            for (var fold = 0; fold < Folds; fold++)
            {
                foreach (var row in folds[fold].Test) foldOf[row] = fold;
            }

            Write(folder, "folds.bin", MemoryMarshal.AsBytes(foldOf.AsSpan()));
            using var theirs = JsonDocument.Parse(await Ask(python, "folds", folder));
            notes.Add($"scikit-learn {theirs.RootElement.GetProperty("sklearn")}, xgboost {theirs.RootElement.GetProperty("xgboost")}; each fold is learnt by {threads} threads.");
            var average = new double[shown.Rows.Count];
            foreach (var one in theirs.RootElement.GetProperty("result").EnumerateObject())
            {
                var bytes = await File.ReadAllBytesAsync(Path.Combine(folder, $"{one.Name}.bin"));
                var of = Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), score => (double)score);
                scores.Add((one.Name, of, one.Value.GetDouble()));
                if (one.Name == "sklearn histogram boosting") continue;
                for (var row = 0; row < average.Length; row++) average[row] += of[row];
            }

            scores.Add((Average, average, double.NaN));
        }

        var served = RankingMetrics.OfGroups(shown.Rows, scores.Single(one => one.Name == Served).Scores, Map);
        return [.. scores.Select(one =>
        {
            var byUser = RankingMetrics.OfGroups(shown.Rows, one.Scores, Map);
            return new RankingQuality(one.Name, PairedBootstrap.Mean(byUser), PairedBootstrap.Difference(served, byUser), one.Seconds);
        })];
    }

    private const string Served = "the engine's blend", Average = "their average (forest, gradient boosting, xgboost)";

    private static async Task<RankingTime[]> Time(int count, int trees, string? python, string folder, int threads)
    {
        var rows = Made(count);
        var cut = (int)(count * 9L / 10);
        var (train, test) = (rows.Of([.. Enumerable.Range(0, cut)]), rows.Of([.. Enumerable.Range(cut, count - cut)]));
        var results = new List<RankingTime>();
        foreach (var (name, growth) in new[] { ("ours, level by level", TreeGrowth.DepthWise), ("ours, leaf by leaf", TreeGrowth.LeafWise) })
        {
            var since = Stopwatch.GetTimestamp();
            var forest = GradientBoosting.Fit(train, new BoostingOptions
            {
                Trees = trees, Threads = threads, Tree = new TreeOptions { Growth = growth, MaxDepth = growth == TreeGrowth.DepthWise ? 6 : 64, MaxLeaves = 64, MinLeafRows = 1, MinLeafHessian = 1 },
            });
            var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
            var scores = new float[test.Count];
            new ForestPredictor(forest).Predict(test.Values, scores);
            results.Add(new RankingTime(name, seconds, RankingMetrics.LogLoss(test.Labels, [.. scores.Select(score => (double)score)])));
        }

        if (python is null) return [.. results];
        Write(folder, "rows.bin", MemoryMarshal.AsBytes(rows.Values.AsSpan()));
        Write(folder, "labels.bin", MemoryMarshal.AsBytes(rows.Labels.AsSpan()));
        using var theirs = JsonDocument.Parse(await Ask(python, "big", folder, $"{trees}"));
        var result = theirs.RootElement.GetProperty("result");
        results.Add(new RankingTime("xgboost, histogram method", result.GetProperty("seconds").GetDouble(), result.GetProperty("loss").GetDouble()));
        return [.. results];
    }

    /// <summary>Rows of numbers, a tenth of them missing, whose odds follow from a few columns, some products and thresholds.</summary>
    private static RankingRows Made(int count)
    {
        var (values, labels) = (new float[count * Columns], new float[count]);
        Parallel.For(0, count, row =>
        {
            var one = values.AsSpan(row * Columns, Columns);
            for (var column = 0; column < Columns; column++)
            {
                var unit = StableHash.ToUnit(StableHash.OfRow(7, (ulong)row, column));
                one[column] = column % 5 == 4 && unit < 0.1 ? float.NaN : (float)(column % 3 == 0 ? unit : Math.Log(1 / (1 - unit)));
            }

            var odds = (3 * one[0]) - (2 * one[3] * one[1]) + (one[6] > 0.5 ? one[2] : -1) + (float.IsNaN(one[4]) ? 1 : 0.5 * Math.Sin(4 * one[5])) + (one[7] * one[8] > 1 ? 1 : -0.5);
            labels[row] = StableHash.ToUnit(StableHash.OfRow(7, (ulong)row, Columns)) < 1 / (1 + Math.Exp(-odds)) ? 1 : 0;
        });
        return new RankingRows([.. Enumerable.Range(0, Columns).Select(column => new RankingColumn($"x{column}"))], values, labels, [.. Enumerable.Range(0, (count / 10) + 1).Select(group => group * 10).Append(count).Distinct()]);
    }

    /// <summary>How fast a forest of 200 trees scores 500 candidates.</summary>
    internal static RankingScoring Scoring()
    {
        var rows = Made(20_000);
        var forest = GradientBoosting.Fit(rows, new BoostingOptions { Trees = 200, Tree = new TreeOptions { MaxLeaves = 31 } });
        var (predictor, scores) = (new ForestPredictor(forest), new float[Candidates]);
        var values = rows.Values.AsSpan(0, Candidates * Columns);
        var times = new List<double>();
        for (var round = 0; round < 4 * Rounds; round++)
        {
            var since = Stopwatch.GetTimestamp();
            predictor.Predict(values, scores);
            // The first are of code that is not yet compiled to the best.
            if (round >= 3 * Rounds) times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
        }

        times.Sort();
        return new RankingScoring(Candidates, forest.Trees.Length, forest.Trees.Average(tree => tree.Leaves.Length), times[times.Count / 2], times[^1]);
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    private static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        using var file = File.Create(Path.Combine(folder, name));
        file.Write(bytes);
    }

    private static async Task<string?> Missing(string python)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(python, ["-c", "import sklearn, xgboost"]) { RedirectStandardError = true, UseShellExecute = false })!;
            var error = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : $"{python} has not both of them ({error.Trim().Split('\n')[^1]}). Debian: apt-get install python3-sklearn python3-xgboost, and --python /usr/bin/python3.";
        }
        catch (Win32Exception exception)
        {
            return $"{python} cannot be run: {exception.Message}";
        }
    }

    private static async Task<string> Ask(string python, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "ranking.py"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{python} failed: {await error}");
    }
}

/// <summary>One ranker on the tables.</summary>
/// <param name="Map">MAP@200 over users.</param>
/// <param name="Behind">How far the engine's blend is ahead of it, user by user.</param>
/// <param name="Seconds">To learn and score all folds; of scikit-learn's and xgboost's, to learn them.</param>
public sealed record RankingQuality(string Name, BootstrapInterval Map, BootstrapInterval Behind, double Seconds);

/// <summary>Learning from made rows: how long it took, and the logistic loss on rows that were not learnt from.</summary>
public sealed record RankingTime(string Name, double Seconds, double Loss);

/// <summary>Scoring candidates on one thread, in milliseconds.</summary>
public sealed record RankingScoring(int Candidates, int Trees, double Leaves, double Median, double Slowest);

/// <summary>The engine's rankers beside others'.</summary>
public sealed record RankingReport(
    string Command, Machine Machine, RankingQuality[] Quality, int Rows, int Trees, RankingTime[] Time, RankingScoring Scoring, IReadOnlyList<string> Notes) : IReport
{
    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine("# Ranking beside scikit-learn and xgboost").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}.").AppendLine();
        if (Quality.Length > 0)
        {
            text.AppendLine("Events shown to users, five folds of users, MAP@200 with 95 % intervals; all learn from the same features.").AppendLine();
            text.AppendLine("| ranker | MAP@200 | the engine's blend less it, paired | seconds |").AppendLine("|---|---|---|---|");
            foreach (var one in Quality)
                text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Name} | {one.Map.Mean:F4} [{one.Map.Low:F4}, {one.Map.High:F4}] | {one.Behind.Mean:F4} [{one.Behind.Low:F4}, {one.Behind.High:F4}] | {(double.IsNaN(one.Seconds) ? "" : one.Seconds.ToString("F1", CultureInfo.InvariantCulture))} |");
            text.AppendLine();
        }

        if (Time.Length > 0)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{Rows:N0} made rows of 50 columns, a tenth of them judged; {Trees} trees of up to 64 leaves, 256 bins.").AppendLine();
            text.AppendLine("| | seconds | logistic loss |").AppendLine("|---|---|---|");
            foreach (var one in Time) text.AppendLine(CultureInfo.InvariantCulture, $"| {one.Name} | {one.Seconds:F1} | {one.Loss:F5} |");
            text.AppendLine();
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"{Scoring.Candidates} candidates by {Scoring.Trees} trees of {Scoring.Leaves:F0} leaves on one thread: {Scoring.Median:F3} ms, {Scoring.Slowest:F3} ms at the most.");
        text.AppendLine();
        foreach (var note in Notes) text.AppendLine($"- {note}");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.RankingReport);
}
