using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Bench;

/// <summary>What a bench found, to read and to compare by program.</summary>
public interface IReport
{
    string ToMarkdown();

    string ToJson();
}

/// <summary>What a bench measured: one row a measurement, on which machine, by which command.</summary>
public sealed record Report(string Title, string Command, Machine Machine, int Rounds, IReadOnlyList<Measurement> Measurements, IReadOnlyList<string> Notes)
    : IReport
{
    public string ToJson() => JsonSerializer.Serialize(this, ReportJson.Default.Report);

    public string ToMarkdown()
    {
        var text = new StringBuilder();
        text.AppendLine($"# {Title}").AppendLine();
        text.AppendLine($"    {Command}").AppendLine();
        text.AppendLine($"{Machine}. Medians of {Rounds} interleaved rounds; in brackets the lowest and the highest.").AppendLine();
        text.AppendLine("| what | median | range | unit | ratio |").AppendLine("|---|---|---|---|---|");
        foreach (var m in Measurements)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {m.Name} | {Short(m.Median)} | {Short(m.Lowest)} – {Short(m.Highest)} | {m.Unit} | {(m.Ratio is { } ratio ? ratio.ToString("0.00", CultureInfo.InvariantCulture) : "")} |");
        text.AppendLine();
        foreach (var note in Notes)
            text.AppendLine($"- {note}");
        return text.ToString();
    }

    private static string Short(double value) => value switch
    {
        >= 1e6 => $"{value / 1e6:0.00} M",
        >= 1e4 => $"{value / 1e3:0.0} k",
        >= 100 => $"{value:0}",
        _ => $"{value:0.00}",
    };
}

/// <summary>One thing measured: the median, lowest and highest of all rounds, and how it compares with the yardstick of the same run.</summary>
public sealed record Measurement(string Name, string Unit, double Median, double Lowest, double Highest, double? Ratio)
{
    public static Measurement Of(string name, string unit, IReadOnlyCollection<double> rounds, double? yardstick = null)
    {
        var sorted = rounds.Order().ToArray();
        var median = sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
        return new(name, unit, median, sorted[0], sorted[^1], yardstick is { } of ? median / of : null);
    }
}

/// <summary>The class of the machine: what matters when results are compared.</summary>
public sealed record Machine(int Cores, string Cpu, string Vectors, string Runtime, string System, string GarbageCollector)
{
    public static Machine Here { get; } = new(
        Environment.ProcessorCount,
        CpuName(),
        Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : "128-bit",
        RuntimeInformation.FrameworkDescription,
        $"{(OperatingSystem.IsLinux() ? "Linux" : RuntimeInformation.OSDescription)} {RuntimeInformation.OSArchitecture}",
        $"{(global::System.Runtime.GCSettings.IsServerGC ? "server" : "workstation")} GC");

    public override string ToString() => $"{Cores} cores, {Cpu}, {Vectors}, {Runtime}, {System}, {GarbageCollector}";

    private static string CpuName()
    {
        if (!OperatingSystem.IsLinux())
            return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(DemoReport))]
[JsonSerializable(typeof(ScikitReport))]
[JsonSerializable(typeof(RankingReport))]
[JsonSerializable(typeof(RecommendReport))]
[JsonSerializable(typeof(RecommendSpeedReport))]
[JsonSerializable(typeof(IngestReport))]
[JsonSerializable(typeof(ExactlyOnceReport))]
[JsonSerializable(typeof(MillionReport))]
[JsonSerializable(typeof(ImportBenchReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
