using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Auie.Core.Clustering;

namespace Auie.Bench;

/// <summary>
/// Lloyd's iteration of given data from given centroids: the engine's kernels on all cores, beside what the machine can do at the most and,
/// where there is Python with it, scikit-learn at its best. Each round measures everything once.
/// </summary>
internal static class KMeansBench
{
    private const int Iterations = 23;
    private static readonly Planted[] All = [new("A", 38_000, 12, 5), new("B", 1_000_000, 16, 16), new("C", 1_000_000, 64, 32)];

    /// <param name="args">Which data (A, B, C; all), --rounds N (5), --python PROGRAM (python3).</param>
    public static async Task<Report> Run(string[] args)
    {
        var rounds = int.Parse(Programs.Option(args, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var python = Programs.Option(args, "--python") ?? "python3";
        var chosen = All.Where(data => args.Contains(data.Name)).ToArray();
        var folder = Directory.CreateTempSubdirectory("auie-bench-");
        try
        {
            var measured = new List<Measurement>();
            var notes = new List<string>
            {
                $"Milliseconds of one of {Iterations} iterations, float32, planted mixtures with noise, the same initial centroids and no tolerance.",
                "Ratios are to the engine's iteration. Floors are what all cores together do in multiply-adds and in reading a block of the data's size.",
            };
            foreach (var data in chosen.Length == 0 ? All : chosen)
                measured.AddRange(await OfData(data, rounds, python, folder.FullName, notes));
            return new(
                "Lloyd's iteration beside the machine's floor and scikit-learn",
                "dotnet run -c Release --project bench/Auie.Bench -- kmeans [A] [B] [C] [--rounds N] [--python PROGRAM]",
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

    private static async Task<List<Measurement>> OfData(Planted data, int rounds, string python, string folder, List<string> notes)
    {
        var threads = Environment.ProcessorCount;
        var (rowsPath, centroidsPath) = (Path.Combine(folder, "rows"), Path.Combine(folder, "centroids"));
        using var shards = LocalShards.Split(data.Values(), data.Columns, threads: threads);
        var input = await StandardisedShards.WithScaleAsync(shards, data.Scale, CancellationToken.None);
        var rows = await shards.SampleAsync(0, data.Rows, CancellationToken.None);
        var centroids = rows.Values[..(data.K * data.Columns)];
        await File.WriteAllBytesAsync(rowsPath, MemoryMarshal.AsBytes<float>(rows.Values).ToArray());
        await File.WriteAllBytesAsync(centroidsPath, MemoryMarshal.AsBytes<float>(centroids).ToArray());
        rows = null;
        GC.Collect();

        var start = Array.ConvertAll(centroids, c => (double)c);
        var options = new KMeansOptions { K = data.K, MaxIterations = Iterations };
        var found = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        KMeansFit? fit = null;
        string? trouble = null;
        var inertias = new HashSet<double>();
        await WarmUpAsync(input, start, options);
        for (var round = 0; round < rounds; round++)
        {
            Keep("multiply-adds", 1e3 * data.Rows * data.Columns * data.K / Floors.MultiplyAdds(threads));
            Keep("memory", 1e3 * data.Rows * data.Columns * sizeof(float) / Floors.Bandwidth(threads, (long)data.Rows * data.Columns * sizeof(float)));
            // What the round before left must not help: with another number of clusters all labels are forgotten.
            await shards.StepAsync(start[..data.Columns], CancellationToken.None);
            var since = Stopwatch.GetTimestamp();
            fit = await KMeans.RefineAsync(input, start, options);
            Keep("the engine", Stopwatch.GetElapsedTime(since).TotalMilliseconds / fit.Iterations);
            foreach (var policy in new[] { "active", "passive" })
            {
                for (var count = 1; count <= threads && trouble is null; count++)
                {
                    var (lines, error) = await PythonAsync(python, policy, rowsPath, centroidsPath, $"{data.Columns}", $"{count}", $"{Iterations}", "lloyd", "elkan");
                    trouble = error;
                    foreach (var line in lines)
                    {
                        Keep($"scikit-learn {line.GetProperty("version")}, {line.GetProperty("algorithm")}, {count} threads, {policy}", line.GetProperty("milliseconds").GetDouble());
                        inertias.Add(line.GetProperty("inertia").GetDouble());
                    }
                }
            }
        }

        if (trouble is not null)
            notes.Add($"{data.Name}: without scikit-learn: {trouble}");
        var ours = Measurement.Of("", "ms", found["the engine"]).Median;
        var theirs = found.Where(f => f.Key.StartsWith("scikit", StringComparison.Ordinal)).Select(f => Measurement.Of("", "ms", f.Value).Median).DefaultIfEmpty(double.NaN).Min();
        var floor = new[] { "multiply-adds", "memory" }.Max(name => Measurement.Of("", "ms", found[name]).Median);
        notes.Add(string.Create(CultureInfo.InvariantCulture,
            $"{data.Name}: {data.Rows:N0} x {data.Columns}, k = {data.K}: {theirs / ours:F1} times scikit-learn's best, {ours / floor:F2} times the floor; inertia {fit!.Inertia:F3} after {fit.Iterations}, scikit-learn's {string.Join(", ", inertias.Order().Select(i => i.ToString("F3", CultureInfo.InvariantCulture)))}."));
        return [.. found.Select(f => Measurement.Of($"{data.Name}: {f.Key}", "ms", f.Value, ours))];

        void Keep(string name, double milliseconds)
        {
            if (!found.TryGetValue(name, out var list)) found[name] = list = [];
            list.Add(milliseconds);
        }
    }

    private static async Task<(JsonElement[] Lines, string? Trouble)> PythonAsync(string program, string policy, params string[] arguments)
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

    /// <summary>Until the compiler has done its best.</summary>
    private static async Task WarmUpAsync(StandardisedShards input, double[] start, KMeansOptions options)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(2))
            await KMeans.RefineAsync(input, start, options);
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
