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
    private static readonly Planted[] All = [new("A", 38_000, 12, 5), new("B", 1_000_000, 16, 16), new("C", 1_000_000, 64, 32)];

    /// <param name="args">
    /// Which data (A, B, C; all), --rounds N (5), --python PROGRAM (python3), --what LIST (lloyd,elkan,fit,silhouette,bounds,inertia; all).
    /// </param>
    public static async Task<Report> Run(string[] args)
    {
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var python = Programs.Option(args, "--python") ?? "python3";
        var what = (Programs.Option(args, "--what") ?? "lloyd,elkan,fit,silhouette,bounds,inertia").Split(',');
        var chosen = All.Where(data => args.Contains(data.Name)).ToArray();
        var folder = Directory.CreateTempSubdirectory("auie-bench-");
        try
        {
            var measured = new List<Measurement>();
            var notes = new List<string>
            {
                $"Float32, planted mixtures with noise. An iteration is one of {Iterations} from the same initial centroids, without tolerance; a fit seeds by itself and takes as many at the most.",
                "Ratios are to what the engine takes for the same. Floors: what all cores together do in multiply-adds, and in reading a block of the data's size.",
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
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>One data set's measurements.</summary>
    private sealed class DataBench(Planted data, string python, string[] what, string folder, List<string> notes)
    {
        private static readonly int Threads = Environment.ProcessorCount;
        private readonly Dictionary<string, List<double>> _found = new(StringComparer.Ordinal);
        private readonly SortedSet<double> _theirInertias = [];
        private string? _trouble;

        public async Task<List<Measurement>> RunAsync(int rounds)
        {
            var values = data.Values();
            using var shards = LocalShards.Split(values, data.Columns, threads: Threads);
            var input = await StandardisedShards.WithScaleAsync(shards, data.Scale, CancellationToken.None);
            var rows = await shards.SampleAsync(0, data.Rows, CancellationToken.None);
            var start = Array.ConvertAll(rows.Values[..(data.K * data.Columns)], c => (double)c);
            await File.WriteAllBytesAsync(Path.Combine(folder, "rows"), MemoryMarshal.AsBytes<float>(rows.Values).ToArray());
            await File.WriteAllBytesAsync(Path.Combine(folder, "centroids"), MemoryMarshal.AsBytes<float>(rows.Values.AsSpan(0, start.Length)).ToArray());
            var silhouettes = what.Contains("silhouette") && data.Rows <= 50_000;
            rows = silhouettes ? rows : null;
            GC.Collect();

            var options = new KMeansOptions { K = data.K, MaxIterations = Iterations, Starts = 1 };
            await WarmUpAsync(() => KMeans.RefineAsync(input, start, options));
            if (what.Contains("fit"))
                await WarmUpAsync(() => KMeans.FitAsync(input, options));
            if (silhouettes)
                await WarmUpAsync(() => Silhouette.OfFirstAsync(rows!, [start], data.Scale.DistanceExponent));
            KMeansFit? fit = null;
            for (var round = 0; round < rounds; round++)
            {
                Keep("floor: multiply-adds", 1e3 * data.Rows * data.Columns * data.K / Floors.MultiplyAdds(Threads));
                Keep("floor: memory", 1e3 * data.Rows * data.Columns * sizeof(float) / Floors.Bandwidth(Threads, (long)data.Rows * data.Columns * sizeof(float)));
                await ForgetAsync(shards, start);
                fit = await TimeAsync("iteration: the engine", () => KMeans.RefineAsync(input, start, options), of => of.Iterations);
                if (what.Contains("fit"))
                    await TimeAsync("fit: the engine", () => KMeans.FitAsync(input, options with { Seed = (ulong)round }), _ => 1);
                if (silhouettes)
                    await TimeAsync("silhouette: the engine", () => Silhouette.OfFirstAsync(rows!, [start], data.Scale.DistanceExponent), _ => 1);
                await TheirsAsync();
            }

            if (what.Contains("bounds"))
                await BoundsAsync(values, input, start, rounds);
            if (_trouble is not null)
                notes.Add($"{data.Name}: without scikit-learn: {_trouble}");
            var ours = Of("iteration: the engine");
            notes.Add(string.Create(CultureInfo.InvariantCulture,
                $"{data.Name}: {data.Rows:N0} x {data.Columns}, k = {data.K}. An iteration takes {ours / Math.Max(Of("floor: multiply-adds"), Of("floor: memory")):F2} times the higher floor. {Against("iteration")}{Against("fit")}{Against("silhouette")}Inertia {fit!.Inertia:F3} after {fit.Iterations}, scikit-learn's {string.Join(", ", _theirInertias)}."));
            if (what.Contains("inertia"))
                notes.Add(Invariant($"{data.Name}: inertia is {Math.Abs((fit.Inertia / PlainLloyd.Inertia(values, data.Columns, start, data.Scale, fit.Iterations)) - 1):E1} of itself from that of Lloyd's iteration in doubles."));
            return [.. _found.Select(f => Measurement.Of($"{data.Name}: {f.Key}", "ms", f.Value, Of(Kind(f.Key) is "floor" ? "iteration: the engine" : $"{Kind(f.Key)}: the engine")))];
        }

        private static string Kind(string name) => name[..name.IndexOf(':', StringComparison.Ordinal)];

        private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

        /// <summary>What a measurement before left must not help: with another number of clusters all labels are forgotten.</summary>
        private static Task<StepSums> ForgetAsync(LocalShards shards, double[] start) => shards.StepAsync(start[..shards.Shards[0].Columns], CancellationToken.None);

        /// <summary>Until the compiler has done its best.</summary>
        private static async Task WarmUpAsync(Func<Task> work)
        {
            var since = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(2))
                await work();
        }

        private double Of(string name) => Measurement.Of("", "ms", _found[name]).Median;

        private string Against(string kind)
        {
            var theirs = _found.Keys.Where(name => name.StartsWith($"{kind}: scikit", StringComparison.Ordinal) && !name.EndsWith("CPU", StringComparison.Ordinal)).ToArray();
            return theirs.Length == 0 ? "" : Invariant($"The {kind} of scikit-learn at its best takes {theirs.Min(Of) / Of($"{kind}: the engine"):F1} times as long. ");
        }

        private void Keep(string name, double milliseconds)
        {
            if (!_found.TryGetValue(name, out var list)) _found[name] = list = [];
            list.Add(milliseconds);
        }

        private async Task<T> TimeAsync<T>(string name, Func<Task<T>> work, Func<T, int> parts)
        {
            var (since, cpu) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
            var result = await work();
            Keep(name, Stopwatch.GetElapsedTime(since).TotalMilliseconds / parts(result));
            Keep($"{name}, CPU", (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / parts(result));
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
                await ForgetAsync((LocalShards)with.Shards, start);
                var one = await TimeAsync($"one of {Long}: the engine", () => KMeans.RefineAsync(with, start, options), of => of.Iterations);
                var other = await TimeAsync($"one of {Long}: without bounds", () => KMeans.RefineAsync(without, start, options), of => of.Iterations);
                if (!one.Centroids.AsSpan().SequenceEqual(other.Centroids))
                    throw new InvalidOperationException("Bounds changed the centroids.");
            }
        }

        private async Task TheirsAsync()
        {
            string[] asked = [.. what.Where(one => one is "lloyd" or "elkan" or "fit" || (one is "silhouette" && data.Rows <= 50_000))];
            foreach (var policy in new[] { "active", "passive" })
            {
                for (var threads = 1; threads <= Threads && _trouble is null && asked.Length > 0; threads++)
                {
                    var (lines, trouble) = await PythonAsync(
                        python, policy, [Path.Combine(folder, "rows"), Path.Combine(folder, "centroids"), $"{data.Columns}", $"{threads}", $"{Iterations}", .. asked]);
                    _trouble = trouble;
                    foreach (var line in lines)
                    {
                        var one = line.GetProperty("what").GetString()!;
                        var name = $"{(one is "lloyd" or "elkan" ? "iteration" : one)}: scikit-learn {line.GetProperty("version")}{(one is "lloyd" or "elkan" ? $" {one}" : "")}, {threads} threads, {policy}";
                        Keep(name, line.GetProperty("milliseconds").GetDouble());
                        Keep($"{name}, CPU", line.GetProperty("cpu").GetDouble());
                        if (one is "lloyd" or "elkan") _theirInertias.Add(line.GetProperty("inertia").GetDouble());
                    }

                    // One silhouette takes as long as all else together.
                    asked = [.. asked.Where(one => one != "silhouette")];
                }
            }
        }
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

    /// <summary>A mixture of normal groups, near enough to each other that labels go on changing.</summary>
    private sealed record Planted(string Name, int Rows, int Columns, int K)
    {
        private const double Apart = 1.0;

        /// <summary>The data as they are, on a grid below 32.</summary>
        public Scale Scale => new()
        {
            Rows = Rows,
            Raw = true,
            Missing = new long[Columns],
            Fill = new double[Columns],
            Mean = new double[Columns],
            Deviation = [.. Enumerable.Repeat(1.0, Columns)],
            Constant = new bool[Columns],
            Exponent = [.. Enumerable.Repeat(5, Columns)],
        };

        public double[] Values()
        {
            var random = new Random(7);
            var values = new double[Rows * Columns];
            var means = new double[K * Columns];
            for (var i = 0; i < means.Length; i++)
                means[i] = Apart * Normal(random);
            for (var row = 0; row < Rows; row++)
            {
                var group = random.Next(K);
                for (var c = 0; c < Columns; c++)
                    values[(row * Columns) + c] = means[(group * Columns) + c] + Normal(random);
            }

            return values;
        }

        private static double Normal(Random random) =>
            Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
