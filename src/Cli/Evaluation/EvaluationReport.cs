using Auie.Core.Ranking;

namespace Auie.Cli.Evaluation;

/// <summary>auie evaluate --json.</summary>
/// <param name="Rows">Pairs of a user and an event, repeated ones merged.</param>
/// <param name="Relevant">How many of them the user was interested in.</param>
/// <param name="LeftOut">Rows of the tables that could not be used.</param>
/// <param name="Splits">By user and by time.</param>
public sealed record EvaluationReport(int Rows, int Users, int Events, int Relevant, long LeftOut, int Folds, long Seed, string[] Features, SplitReport[] Splits);

/// <summary>One way to part learning from judging.</summary>
/// <param name="Split">"user", "time", or "judge": by the users of another table.</param>
/// <param name="Judged">How many pairs were judged.</param>
public sealed record SplitReport(string Split, int Judged, RankerReport[] Rankers)
{
    internal const string Judge = "judge";
}

/// <summary>What a ranker reached.</summary>
/// <param name="Metrics">By name, such as map@200.</param>
/// <param name="OverPopularity">The same, less popularity's, user by user.</param>
/// <param name="PageMap">Mean average precision within pages; null where there is no page to judge.</param>
/// <param name="Segments">The first metric by segment, the largest first; empty where users are too few to part.</param>
/// <param name="Locales">The first metric by locale: those with most users.</param>
public sealed record RankerReport(
    string Ranker, Dictionary<string, IntervalReport> Metrics, Dictionary<string, IntervalReport> OverPopularity, double? PageMap, double Coverage, double Novelty,
    Dictionary<string, IntervalReport> Segments, Dictionary<string, IntervalReport> Locales);

/// <summary>A mean over users with its 95 % interval.</summary>
public sealed record IntervalReport(double Mean, double Low, double High)
{
    public static IntervalReport Of(BootstrapInterval interval) => new(interval.Mean, interval.Low, interval.High);
}
