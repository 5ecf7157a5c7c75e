using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auie.Architecture.Tests;

/// <summary>What docs/operations.md and the dashboard say of metrics is of the metrics that there are, and of all of them.</summary>
public sealed partial class MetricsTests
{
    private static readonly Dictionary<string, (string Kind, string Unit)> Instruments = Directory
        .GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        .SelectMany(file => Instrument().Matches(File.ReadAllText(file)))
        .ToDictionary(match => match.Groups["name"].Value, match => (match.Groups["kind"].Value, match.Groups["unit"].Value));

    [Fact]
    public void Every_metric_is_in_the_table_of_what_to_watch_with_its_unit_and_there_are_no_others()
    {
        var told = Told().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md")))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["unit"].Value);

        Instruments.Count.ShouldBeGreaterThan(20);
        told.Keys.ShouldBe(Instruments.Keys, ignoreOrder: true);
        foreach (var (name, unit) in told)
            unit.ShouldBe(Instruments[name].Unit switch { "By" => "bytes", var other => other.Trim('{', '}') }, name);
    }

    [Fact]
    public void The_dashboard_asks_only_for_metrics_that_there_are()
    {
        var known = Instruments.SelectMany(one => PrometheusNames(one.Key, one.Value.Kind, one.Value.Unit)).ToHashSet();
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "auie.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        panels.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        var asked = panels.Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .SelectMany(target => Asked().Matches(target.GetProperty("expr").GetString()!)).Select(match => match.Value)
            // What is grouped by is an attribute.
            .Where(name => name is not ("auie_job_phase" or "auie_job_state" or "auie_silo")).Distinct().ToArray();

        asked.Length.ShouldBeGreaterThan(20);
        asked.Except(known).ShouldBeEmpty();
    }

    /// <summary>Source: the OpenTelemetry specification, "Prometheus and OpenMetrics compatibility": dots become underscores, the unit is added, sums that only grow end in _total.</summary>
    private static IEnumerable<string> PrometheusNames(string name, string kind, string unit)
    {
        var plain = name.Replace('.', '_');
        var suffix = unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" };
        if (!plain.EndsWith(suffix, StringComparison.Ordinal))
            plain += suffix;
        return kind switch
        {
            "Histogram" => [plain + "_bucket", plain + "_sum", plain + "_count"],
            "Counter" or "ObservableCounter" => [plain + "_total"],
            _ => [plain],
        };
    }

    [GeneratedRegex("""Create(?<kind>\w+)(<\w+>)?\(\s*"(?<name>auie\.[^"]+)",[^"]*"(?<unit>[^"]*)",""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^\| `(?<name>auie\.[\w.]+)` \| (?<unit>\w+) \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Told();

    [GeneratedRegex(@"auie_\w+", RegexOptions.None, 1000)]
    private static partial Regex Asked();
}
