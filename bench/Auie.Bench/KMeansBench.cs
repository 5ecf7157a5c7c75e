using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Auie.Core.Clustering;

namespace Auie.Bench;

/// <summary>
/// K-means of given data: an iteration from given centroids, a whole fit, the exact silhouette; the engine's kernels on all cores, beside
/// what the machine can do at the most and, where there is Python with it, scikit-learn at its best. Each round measures everything once.
/// </summary>
internal static class KMeansBench
{
    private const int Iterations = 23;
    private const int Long = 100;

    // Enough to see which of scikit-learn's ways is the best.
    private const int Few = 4;

    // More rows than these are not compared each with each.
    private const int MostCompared = 50_000;
    private const string Engine = "the engine";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5);
    private static readonly PlantedRows[] All = [new("A", 38_000, 12, 5), new("B", 1_000_000, 16, 16), new("C", 1_000_000, 64, 32)];

    /// <param name="args">
    /// Which data (A, B, C; all), --rounds N (3), --python PROGRAM (python3), --what LIST (theirs,fit,silhouette,bounds,inertia,grains,sweep; all
    /// but sweep).
    /// </param>
    public static async Task<Report> Run(string[] args)
    {
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "3", CultureInfo.InvariantCulture);
        var python = Programs.Option(args, "--python") ?? "python3";
        var what = (Programs.Option(args, "--what") ?? "theirs,fit,silhouette,bounds,inertia,grains").Split(',');
        var chosen = All.Where(data => args.Contains(data.Name)).ToArray();
        using var folder = new BenchFolder();
        var measured = new List<Measurement>();
        var notes = new List<string>
        {
            $"Float32, planted mixtures with noise. An iteration is one of {Iterations} from the same initial centroids, without tolerance; a fit seeds by itself and takes as many at the most.",
            "Ratios are to what the engine takes for the same. Floors: what all cores together do in multiply-adds, and in reading a block of the data's size.",
            $"scikit-learn's best way, of lloyd and elkan, one thread and all, waiting actively and passively, is looked for by {Few} iterations, and measured in each round.",
            $"Through grains: {GrainRows.Shards} shards of a table in a silo of this process, by the steps that a job takes.",
            "CPU is the time of all cores; beside others' work it tells more than the clock, but scikit-learn's threads that wait actively spend it too.",
        };
        foreach (var data in chosen.Length == 0 ? All : chosen)
            measured.AddRange(await new DataBench(data, python, what, folder.FullName, notes).RunAsync(rounds));
        return new(
            "K-means beside the machine's floor and scikit-learn",
            "dotnet run -c Release --project bench/Auie.Bench -- kmeans [A] [B] [C] [--rounds N] [--python PROGRAM] [--what LIST]",
            Machine.Here,
            rounds,
            measured,
            notes);
    }

    /// <summary>One data set's measurements.</summary>
    private sealed class DataBench(PlantedRows data, string python, string[] what, string folder, List<string> notes)
    {
        private static readonly int Threads = Environment.ProcessorCount;
        private readonly Dictionary<string, List<double>> _found = new(StringComparer.Ordinal);
        private readonly SortedSet<double> _theirInertias = [];
        private string? _trouble;
        private Way? _best;

        public async Task<List<Measurement>> RunAsync(int rounds)
        {
            var values = data.Values();
            using var shards = LocalShards.Split(values, data.Columns, threads: Threads);
            var input = await StandardisedShards.WithScaleAsync(shards, data.Scale, CancellationToken.None);
            var rows = new RowSet(
                [.. Enumerable.Range(0, data.Rows).Select(row => (ulong)row)],
                data.Standardised(values),
                new float[data.Rows]);
            var start = Array.ConvertAll(rows.Values[..(data.K * data.Columns)], c => (double)c);
            await File.WriteAllBytesAsync(Path.Combine(folder, "rows"), MemoryMarshal.AsBytes<float>(rows.Values).ToArray());
            await File.WriteAllBytesAsync(Path.Combine(folder, "centroids"), MemoryMarshal.AsBytes<float>(rows.Values.AsSpan(0, start.Length)).ToArray());
            await using var grains = what.Contains("grains") || what.Contains("sweep") ? await GrainRows.StartAsync(values, data.Columns) : null;
            var behind = grains is null ? null : await StandardisedShards.WithScaleAsync(grains.Rows, data.Scale, CancellationToken.None);
            GC.Collect();

            var ways = new List<(string Name, StandardisedShards Input, Func<Action, CancellationToken, Task>? Compute)> { (Engine, input, null) };
            if (behind is not null)
                ways.Add(("through grains", behind, grains!.ComputeAsync));
            KMeansFit? fit = null;
            await FindBestAsync();
            for (var round = -1; round < rounds; round++)
            {
                if (round >= 0)
                    MeasureFloors();
                foreach (var way in ways)
                {
                    var own = await MeasureAsync(way.Name, way.Input, way.Compute is null ? rows : null, way.Compute, start, round);
                    fit ??= own;
                    if (!own.Centroids.AsSpan().SequenceEqual(fit.Centroids))
                        throw new InvalidOperationException($"{way.Name}: other centroids.");
                }

                if (round >= 0)
                    await TheirsAsync();
                // The round before the first is for the compiler.
                else
                    _found.Clear();
            }

            if (what.Contains("bounds") && data.K * data.Columns > 256)
                await BoundsAsync(values, input, start, rounds);
            if (what.Contains("sweep"))
                await SweepAsync(grains!, rounds);
            if (_trouble is not null)
                notes.Add($"{data.Name}: without scikit-learn: {_trouble}");
            var (ours, multiplyAdds) = (Of($"iteration: {Engine}"), Of("floor: multiply-adds"));
            notes.Add(Invariant(
                $"{data.Name}: {data.Rows:N0} x {data.Columns}, k = {data.K}. An iteration takes {ours / Math.Max(multiplyAdds, Of("floor: memory")):F2} times the higher floor and does {multiplyAdds / ours:P0} of the multiply-adds that the machine could. {Against("iteration")}{Against("fit")}{Against("silhouette")}Inertia {fit!.Inertia:F3} after {fit.Iterations}, scikit-learn's {string.Join(", ", _theirInertias)}."));
            if (what.Contains("inertia"))
                notes.Add(Invariant($"{data.Name}: inertia is {Math.Abs((fit.Inertia / PlainLloyd.Inertia(values, data.Columns, start, data.Scale, fit.Iterations)) - 1):E1} of itself from that of Lloyd's iteration in doubles."));
            return [.. _found.Select(f => Measurement.Of($"{data.Name}: {f.Key}", "ms", f.Value, Yardstick(Kind(f.Key))))];
        }

        private void MeasureFloors()
        {
            Keep("floor: multiply-adds", 1e3 * data.Rows * data.Columns * data.K / Floors.MultiplyAdds(Threads));
            Keep("floor: memory", 1e3 * data.Rows * data.Columns * sizeof(float) / Floors.Bandwidth(Threads, (long)data.Rows * data.Columns * sizeof(float)));
        }

        /// <summary>Everything once; for the compiler (before the first round) what is short often enough for it to do its best.</summary>
        private async Task<KMeansFit> MeasureAsync(string way, StandardisedShards input, RowSet? rows, Func<Action, CancellationToken, Task>? compute, double[] start, int round)
        {
            var options = new KMeansOptions { K = data.K, MaxIterations = Iterations, Starts = 1 };
            KMeansFit fit;
            var since = Stopwatch.GetTimestamp();
            do
            {
                fit = await IterationAsync($"iteration: {way}", input, start, options);
            }
            while (round < 0 && Stopwatch.GetElapsedTime(since) < WarmUp);

            if (what.Contains("fit"))
                await TimeAsync($"fit: {way}", () => KMeans.FitAsync(input, options with { Seed = (ulong)(round + 1) }));
            for (var repeat = 0; what.Contains("silhouette") && data.Rows <= MostCompared && repeat < (round < 0 ? 3 : 1); repeat++)
            {
                // Rows that lie in grains have to be fetched first, as a job does.
                await TimeAsync($"silhouette: {way}", async () => await Silhouette.OfFirstAsync(
                    rows ?? await input.Shards.SampleAsync(0, data.Rows, CancellationToken.None), [start], data.Scale.DistanceExponent, compute));
            }

            return fit;
        }

        /// <summary>One iteration, as what all take more than the first: the same is measured of scikit-learn. Of small data the least of some.</summary>
        private async Task<KMeansFit> IterationAsync(string name, StandardisedShards input, double[] start, KMeansOptions options)
        {
            var repeats = Math.Clamp(5_000_000 / (data.Rows * data.Columns), 1, 9);
            var (first, all) = (Time.Most, Time.Most);
            KMeansFit? fit = null;
            for (var repeat = 0; repeat < repeats; repeat++)
            {
                await ForgetAsync(input.Shards, start);
                first = Time.Least(first, (await TimedAsync(() => KMeans.RefineAsync(input, start, options with { MaxIterations = 1 }))).Took);
                await ForgetAsync(input.Shards, start);
                (fit, var took) = await TimedAsync(() => KMeans.RefineAsync(input, start, options));
                all = Time.Least(all, took);
            }

            Keep(name, (all.Clock - first.Clock) / (fit!.Iterations - 1));
            Keep($"{name}, CPU", (all.Cpu - first.Cpu) / (fit.Iterations - 1));
            return fit;
        }

        private async Task SweepAsync(GrainRows grains, int rounds)
        {
            foreach (var starts in new[] { 1, 16 })
            {
                // What takes seconds needs no warming up, and once is enough.
                var isLong = data.Rows > MostCompared;
                for (var round = isLong ? 0 : -1; round < (isLong ? 1 : rounds); round++)
                {
                    var milliseconds = 1e3 * await grains.SweepAsync(2, 10, starts);
                    if (round >= 0)
                        Keep($"k = 2..10 with silhouette: through grains, {starts} starts", milliseconds);
                }
            }
        }

        private static string Kind(string name) => name[..name.IndexOf(':', StringComparison.Ordinal)];

        private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        /// <summary>What a measurement before left must not help: with another number of clusters all labels are forgotten.</summary>
        private Task<StepSums> ForgetAsync(IFeatureShards shards, double[] start) => shards.StepAsync(start[..data.Columns], CancellationToken.None);

        private double? Yardstick(string kind) =>
            _found.ContainsKey($"{(kind == "floor" ? "iteration" : kind)}: {Engine}") ? Of($"{(kind == "floor" ? "iteration" : kind)}: {Engine}") : null;

        private double Of(string name) => Measurement.Of("", "ms", _found[name]).Median;

        private string Against(string kind)
        {
            var theirs = _found.Keys.Where(name => name.StartsWith($"{kind}: scikit", StringComparison.Ordinal) && !name.EndsWith("CPU", StringComparison.Ordinal)).ToArray();
            if (theirs.Length == 0)
                return "";
            var ways = new[] { Engine, "through grains" }.Where(way => _found.ContainsKey($"{kind}: {way}"));
            return Invariant($"The {kind} of scikit-learn takes {string.Join(" and ", ways.Select(way => Invariant($"{theirs.Min(Of) / Of($"{kind}: {way}"):F1} times that of {way}")))}. ");
        }

        private void Keep(string name, double milliseconds)
        {
            if (!_found.TryGetValue(name, out var list)) _found[name] = list = [];
            list.Add(milliseconds);
        }

        private static async Task<(T Result, Time Took)> TimedAsync<T>(Func<Task<T>> work)
        {
            var (since, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var result = await work();
            return (result, new Time(Stopwatch.GetElapsedTime(since).TotalMilliseconds, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds));
        }

        private async Task<T> TimeAsync<T>(string name, Func<Task<T>> work, Func<T, int>? parts = null)
        {
            var (result, took) = await TimedAsync(work);
            Keep(name, took.Clock / (parts?.Invoke(result) ?? 1));
            Keep($"{name}, CPU", took.Cpu / (parts?.Invoke(result) ?? 1));
            return result;
        }

        private async Task BoundsAsync(double[] values, StandardisedShards with, double[] start, int rounds)
        {
            using var shards = LocalShards.Split(values, data.Columns, threads: Threads, bounds: false);
            var without = await StandardisedShards.WithScaleAsync(shards, data.Scale, CancellationToken.None);
            var options = new KMeansOptions { K = data.K, MaxIterations = Long };
            for (var round = 0; round < rounds; round++)
            {
                await ForgetAsync(shards, start);
                await ForgetAsync(with.Shards, start);
                var one = await TimeAsync($"one of {Long}: {Engine}", () => KMeans.RefineAsync(with, start, options), of => of.Iterations);
                var other = await TimeAsync($"one of {Long}: without bounds", () => KMeans.RefineAsync(without, start, options), of => of.Iterations);
                if (!one.Centroids.AsSpan().SequenceEqual(other.Centroids))
                    throw new InvalidOperationException("Bounds changed the centroids.");
            }
        }

        /// <summary>Which of scikit-learn's ways is the best here: by a few iterations of each.</summary>
        private async Task FindBestAsync()
        {
            if (!what.Contains("theirs"))
                return;
            foreach (var policy in new[] { "active", "passive" })
            {
                for (var threads = 1; threads <= Threads && _trouble is null; threads++)
                {
                    foreach (var line in await PythonAsync(policy, threads, Few, "lloyd", "elkan"))
                    {
                        var way = new Way(line.GetProperty("what").GetString()!, policy, threads, line.GetProperty("milliseconds").GetDouble());
                        if (_best is null || way.Milliseconds < _best.Milliseconds)
                            _best = way;
                    }
                }
            }
        }

        private async Task TheirsAsync()
        {
            if (_best is null || _trouble is not null)
                return;
            string[] asked = [_best.Algorithm, .. what.Where(one => one is "fit" || (one is "silhouette" && data.Rows <= MostCompared))];
            foreach (var line in await PythonAsync(_best.Policy, _best.Threads, Iterations, asked))
            {
                var one = line.GetProperty("what").GetString()!;
                var isIteration = one == _best.Algorithm;
                var name = $"{(isIteration ? "iteration" : one)}: scikit-learn {line.GetProperty("version")}{(one == "silhouette" ? "" : $" {_best.Algorithm}")}, {_best.Threads} threads, {_best.Policy}";
                Keep(name, line.GetProperty("milliseconds").GetDouble());
                Keep($"{name}, CPU", line.GetProperty("cpu").GetDouble());
                if (isIteration) _theirInertias.Add(line.GetProperty("inertia").GetDouble());
            }
        }

        private async Task<JsonElement[]> PythonAsync(string policy, int threads, int iterations, params string[] asked)
        {
            (var lines, _trouble) = await KMeansBench.PythonAsync(
                python, policy, [Path.Combine(folder, "rows"), Path.Combine(folder, "centroids"), $"{data.Columns}", $"{threads}", $"{iterations}", .. asked]);
            return lines;
        }
    }

    /// <summary>One of scikit-learn's ways.</summary>
    private sealed record Way(string Algorithm, string Policy, int Threads, double Milliseconds);

    /// <summary>Milliseconds on the clock and of all cores.</summary>
    private readonly record struct Time(double Clock, double Cpu)
    {
        public static Time Most => new(double.PositiveInfinity, double.PositiveInfinity);

        public static Time Least(Time one, Time other) => new(Math.Min(one.Clock, other.Clock), Math.Min(one.Cpu, other.Cpu));
    }

    private static async Task<(JsonElement[] Lines, string? Trouble)> PythonAsync(string program, string policy, string[] arguments)
    {
        var start = new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, "kmeans.py"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            Environment = { ["OMP_WAIT_POLICY"] = policy },
        };
        try
        {
            using var python = Process.Start(start)!;
            var errors = python.StandardError.ReadToEndAsync();
            var output = await python.StandardOutput.ReadToEndAsync();
            await python.WaitForExitAsync();
            return python.ExitCode == 0
                ? ([.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)], null)
                : ([], $"{program} ended with {python.ExitCode}: {(await errors).Trim().Split('\n')[^1]}");
        }
        catch (Win32Exception exception)
        {
            return ([], $"{program} cannot be run: {exception.Message}");
        }
    }
}
