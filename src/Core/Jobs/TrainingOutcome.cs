using Auie.Core.Ranking;
using Auie.Core.Recommendation.Training;

namespace Auie.Core.Jobs;

/// <summary>What a job is to find.</summary>
public enum JobKind
{
    /// <summary>Segments of users, or of a table's rows.</summary>
    Segmentation,

    /// <summary>How to rank what is recommended.</summary>
    Training,
}

/// <summary>What came of a training: what was learnt, from how much, up to when, and how it was judged.</summary>
public sealed record TrainingOutcome(RankingObjective Objective, int Trees, int Occasions, int Rows, DateTimeOffset AsOf, RankerJudgement Judgement);
