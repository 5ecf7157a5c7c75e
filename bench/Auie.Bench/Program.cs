using Auie.Bench;

if (args is [EmptyHandler.Name]) return await EmptyHandler.Run();
if (args is [WireServer.Name, var secret]) return await WireServer.Run(secret);

// Every bench by its name; a bench is one file.
var benches = new Dictionary<string, Func<string[], Task<IReport>>>(StringComparer.Ordinal)
{
    ["calls"] = static async options => await CallsBench.Run(options),
    ["cluster"] = static async options => await ClusterBench.Run(options),
    ["demo"] = static async options => await DemoBench.Run(options),
    ["scikit"] = static async options => await ScikitBench.Run(options),
    ["import"] = static async options => await ImportBench.Run(options),
    ["insights"] = static async options => await InsightsBench.Run(options),
    ["influence"] = static async options => await InfluenceBench.Run(options),
    ["kmeans"] = static async options => await KMeansBench.Run(options),
    ["live"] = static async options => await LiveBench.Run(options),
    ["ranking"] = static async options => await RankingBench.Run(options),
    ["recommend"] = static async options => await RecommendBench.Run(options),
    ["recommend-speed"] = static async options => await RecommendSpeedBench.Run(options),
    ["reads-beside-jobs"] = static async options => await ReadsBesideJobsBench.Run(options),
    ["sweep"] = static async options => await SweepBench.Run(options),
    ["ingest"] = static async options => await IngestBench.Run(options),
    ["million"] = static async options => await MillionBench.Run(options),
    ["exactly-once"] = static async options => await ExactlyOnceBench.Run(options),
    ["wire"] = static async options => await WireBench.Run(options),
    ["store"] = static async options => await StoreBench.Run(options),
};

if (args is not [var name, .. var rest] || !benches.TryGetValue(name, out var bench))
{
    Console.Error.WriteLine($"Which bench? dotnet run -c Release --project bench/Auie.Bench -- {string.Join('|', benches.Keys)} [--json]");
    return 2;
}

var report = await bench([.. rest.Where(static a => a != "--json")]);
Console.WriteLine(rest.Contains("--json") ? report.ToJson() : report.ToMarkdown());
return 0;
