using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auie.Architecture.Tests;

/// <summary>What docs/operations.md and the dashboard say of metrics is of the metrics that there are, and of all of them.</summary>
public sealed partial class MetricsTests
{
    private static readonly string[] Meters =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText).Where(text => Instrument().IsMatch(text))];

    private static readonly Dictionary<string, (string Kind, string Unit)> Instruments = Meters
        .SelectMany(text => Instrument().Matches(text))
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
    public void Alarms_are_about_metrics_that_there_are()
    {
        var known = Instruments.SelectMany(one => PrometheusNames(one.Key, one.Value.Kind, one.Value.Unit)).ToHashSet();
        var asked = Expression().Matches(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "prometheus", "alerts.yaml")))
            .SelectMany(expression => Asked().Matches(Grouping().Replace(expression.Value, ""))).Select(match => match.Value).Distinct().ToArray();
        asked.Length.ShouldBeGreaterThan(8);
        asked.Except(known).ShouldBeEmpty();
    }

    [Fact]
    public void The_dashboard_asks_only_for_metrics_that_there_are_and_groups_them_only_by_what_they_tell()
    {
        var known = Instruments.SelectMany(one => PrometheusNames(one.Key, one.Value.Kind, one.Value.Unit)).ToHashSet();
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Repository.Root, "deploy", "grafana", "auie.json")));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToArray();
        panels.Select(panel => panel.GetProperty("id").GetInt32()).ShouldBeUnique();
        var queries = panels.Where(panel => panel.TryGetProperty("targets", out _)).SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
            .Select(target => target.GetProperty("expr").GetString()!).ToArray();
        var asked = queries.SelectMany(query => Asked().Matches(Grouping().Replace(query, ""))).Select(match => match.Value).Distinct().ToArray();

        asked.Length.ShouldBeGreaterThan(20);
        asked.Except(known).ShouldBeEmpty();

        // Prometheus itself knows which process it asked, and the bounds of a histogram.
        var grouped = queries.SelectMany(query => Grouping().Matches(query)).SelectMany(match => match.Groups["names"].Value.Split(", ")).Distinct().Except(["instance", "le"]).ToArray();
        grouped.Length.ShouldBeGreaterThan(4);
        grouped.Except(Meters.SelectMany(text => Name().Matches(text)).Select(match => match.Groups["name"].Value.Replace('.', '_'))).ShouldBeEmpty();
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

    [GeneratedRegex(@"\b(by|on) \((?<names>[^)]*)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Grouping();

    [GeneratedRegex("""
        "(?<name>[a-z_.]+)"
        """, RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Name();

    [GeneratedRegex(@"^\s+expr: .+$", RegexOptions.Multiline, 1000)]
    private static partial Regex Expression();

    [GeneratedRegex(@"auie_\w+", RegexOptions.None, 1000)]
    private static partial Regex Asked();
}
