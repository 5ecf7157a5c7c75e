using System.Text.Json;
using Auie.Bench;

// Every bench by its name; a bench is one file.
var benches = new Dictionary<string, Func<string[], Task<Report>>>(StringComparer.Ordinal)
{
    ["calls"] = CallsBench.Run,
};

if (args is not [var name, .. var rest] || !benches.TryGetValue(name, out var bench))
{
    Console.Error.WriteLine($"Which bench? dotnet run -c Release --project bench/Auie.Bench -- {string.Join('|', benches.Keys)} [--json]");
    return 2;
}

var report = await bench([.. rest.Where(static a => a != "--json")]);
Console.WriteLine(rest.Contains("--json") ? JsonSerializer.Serialize(report, ReportJson.Default.Report) : report.ToMarkdown());
return 0;
