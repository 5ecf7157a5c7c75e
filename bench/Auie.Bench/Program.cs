using System.Runtime.InteropServices;
using Auie.Bench;

if (args is [EmptyHandler.Name]) return await EmptyHandler.Run();
if (args is [WireServer.Name, var secret, var kind]) return await WireServer.Run(secret, kind);

// A silo in this process takes the signal for a wish that it should stop, and would leave the measurement waiting for it.
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal =>
{
    signal.Cancel = true;
    Environment.Exit(128 + 15);
});

const string Command = "dotnet run -c Release --project bench/Auie.Bench --";

// Every bench by its name; a bench is one file.
var benches = new Dictionary<string, (string What, string[] Options, Func<string[], Task<IReport>> Run)>(StringComparer.Ordinal)
{
    ["calls"] = ("Calls and activations of grains in one process, beside a bare channel's hop.", ["ROUNDS (7)"], static async options => await CallsBench.Run(options)),
    ["cluster"] = (
        "Two silos beside one on the same cores, and how long a killed silo's users are not served.",
        ["--seconds N of each window of events (8)", "--rounds N (3)", "--kills N (3)"], static async options => await ClusterBench.Run(options)),
    ["demo"] = ("How often the demo finds its planted kinds.", ["--seeds A..B (1..10)", "--users N"], static async options => await DemoBench.Run(options)),
    ["exactly-once"] = (
        "Load from one process while another is killed, over and over; every user is compared in the end.",
        ["--rounds N in all (1000)", "--seed N of the first session", "--keep DIR for what is left of sessions whose users differ"], static async options => await ExactlyOnceBench.Run(options)),
    ["import"] = (
        "Import of an event challenge's tables.",
        ["--tables DIR,DIR: tables that are there", "--original 0.25,0.5,1: made ones, as parts of the original's size"], static async options => await ImportBench.Run(options)),
    ["influence"] = (
        "Who carries a word, on a made graph of friends.",
        ["--people N (38000)", "--links N (30000000)", "--influencers N (50)"], static async options => await InfluenceBench.Run(options)),
    ["ingest"] = (
        "Events over HTTP: how many a second, how soon they take effect, what happens at three times that.",
        ["--seconds N of each window (20)", "--rounds N (3)", "--postgres CONNECTION", "--only sqlite or postgres"], static async options => await IngestBench.Run(options)),
    ["insights"] = (
        "How long insights take of so many users, over HTTP.",
        ["--users N,N (100000,300000,1000000)", "--rounds N (7)", "--data FOLDER where engines are made, and kept for the next run", "--prepare: they are made, and nothing is measured"],
        static async options => await InsightsBench.Run(options)),
    ["kmeans"] = (
        "K-means and silhouettes beside scikit-learn and what the machine can do at the most.",
        ["A, B, C: which data (all)", "--rounds N (3)", "--python PROGRAM (python3)", "--what LIST of theirs,fit,silhouette,bounds,inertia,grains,sweep (all but sweep)"],
        static async options => await KMeansBench.Run(options)),
    ["live"] = ("Live segments of one shard: memory, a user who changes, a page, time that passes.", ["ROUNDS (5)"], static async options => await LiveBench.Run(options)),
    ["memory"] = (
        "Resident memory of a server over the idle process, of a table and its jobs.",
        ["A, B, C: which data (all)", "--starts N of each k (1)"], static async options => await MemoryBench.Run(options)),
    ["million"] = (
        "A million users: bytes on disk and alive, the first answer after a start.",
        ["--users N (1000000)", "--live N (300000): how many are made live"], static async options => await MillionBench.Run(options)),
    ["ranking"] = (
        "The rankers beside scikit-learn's and xgboost's.",
        ["--tables DIR of an event challenge (else that part is left out)", "--without-history of events", "--rows N (1000000; 0 leaves that part out)", "--trees N (50)", "--seed N of the folds (1)",
            "--threads N", "--python PROGRAM (python3)"], static async options => await RankingBench.Run(options)),
    ["reads-beside-jobs"] = (
        "Reads of users while jobs run.",
        ["--rounds N (3)", "--seconds N of each window (8)", "--threads N that the jobs compute on (0: as many as cores)"], static async options => await ReadsBesideJobsBench.Run(options)),
    ["recommend"] = (
        "Recommendations on the demo's world, beside popularity.",
        ["--users N (3000)", "--seeds N (3)", "--first N (1)", "--data DIR where what is loaded is kept", "--occasions N to learn at", "--price-weight N of a price"], static async options => await RecommendBench.Run(options)),
    ["recommend-speed"] = (
        "How fast recommendations are with very many items.",
        ["--users N (38000)", "--items N (1000000)", "--seconds N of each measurement (15)", "--data DIR where what is loaded is kept", "--load: it is loaded, and nothing is measured"],
        static async options => await RecommendSpeedBench.Run(options)),
    ["scikit"] = (
        "Clusters of a table that `auie export` wrote, beside scikit-learn's.",
        ["FILE", "--k A..B (3..10)", "--python PROGRAM (python3)"], static async options => await ScikitBench.Run(options)),
    ["store"] = (
        "What the stores take in a second.",
        ["--rounds N (5)", "--events N", "--postgres CONNECTION", "--ceiling: bare transactions of 512 instead"], static async options => await StoreBench.Run(options)),
    ["sweep"] = ("A sweep over k = 3..10, by Core alone and as a job.", ["ROUNDS (5)"], static async options => await SweepBench.Run(options)),
    ["wire"] = ("Calls between two processes, beside raw frames.", ["ROUNDS (7)"], static async options => await WireBench.Run(options)),
};

if (args is [] or ["--help" or "-h", ..])
{
    Console.WriteLine($"{Command} NAME [options] [--json]\n");
    foreach (var (each, about) in benches) Console.WriteLine($"  {each,-18} {about.What}");
    Console.WriteLine($"\nOptions of one: {Command} NAME --help");
    return args.Length == 0 ? 2 : 0;
}

if (!benches.TryGetValue(args[0], out var bench))
{
    Console.Error.WriteLine($"There is no bench '{args[0]}'; there are {string.Join(", ", benches.Keys)}.");
    return 2;
}

string[] options = [.. args.Skip(1).Where(static option => option != "--json")];
if (options.Intersect(["--help", "-h"]).Any())
{
    Console.WriteLine($"{Command} {args[0]} [options] [--json]\n\n{bench.What}\n");
    foreach (var option in bench.Options) Console.WriteLine($"  {option}");
    return 0;
}

if (Array.Find(options, given => given.StartsWith("--", StringComparison.Ordinal) && !bench.Options.Any(option => option.Split(' ', ':')[0] == given)) is { } unknown)
{
    Console.Error.WriteLine($"{args[0]} has no option {unknown}; see {Command} {args[0]} --help");
    return 2;
}

var report = await bench.Run(options);
Console.WriteLine(args.Contains("--json") ? report.ToJson() : report.ToMarkdown());
return 0;
