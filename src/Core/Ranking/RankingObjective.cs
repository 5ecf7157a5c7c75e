using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>What boosting minimises.</summary>
public enum RankingObjective
{
    /// <summary>The logistic loss of each row by itself: whether its label is above 0. Scores are log odds.</summary>
    Logistic,

    /// <summary>
    /// LambdaMART (Burges, MSR-TR-2010-82): pairs of a group's rows with different labels, each weighed by what changing their places would change
    /// of the group's NDCG. Only the order of scores within a group means something.
    /// </summary>
    LambdaMart,
}

/// <summary>The derivatives of an objective at some scores.</summary>
internal abstract class Loss
{
    /// <summary>The score that all rows begin with.</summary>
    public abstract double Start { get; }

    public abstract void Differentiate(double[] scores, Gradients gradients);

    public static Loss Of(RankingRows rows, BoostingOptions options, CancellationToken cancellationToken) => options.Objective switch
    {
        RankingObjective.Logistic => new LogisticLoss(rows, options.Threads, cancellationToken),
        RankingObjective.LambdaMart => new LambdaMartLoss(rows, options.Truncation, options.Threads, cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Objective, "There is no such objective."),
    };
}

internal sealed class LogisticLoss(RankingRows rows, int threads, CancellationToken cancellationToken) : Loss
{
    private const int RowsPerStep = 1 << 14;

    public override double Start { get; } = LogOdds((double)rows.Labels.Count(label => label > 0) / rows.Count);

    public static double Probability(double score) => 1 / (1 + Math.Exp(-score));

    public override void Differentiate(double[] scores, Gradients gradients)
    {
        gradients.Bound(1, 0.25);
        ParallelSteps.Run((rows.Count + RowsPerStep - 1) / RowsPerStep, threads, step =>
        {
            var end = Math.Min(rows.Count, (step + 1) * RowsPerStep);
            for (var row = step * RowsPerStep; row < end; row++)
            {
                var p = Probability(scores[row]);
                gradients.Set(row, p - (rows.Labels[row] > 0 ? 1 : 0), p * (1 - p));
            }
        }, cancellationToken);
    }

    private static double LogOdds(double share)
    {
        // Where all labels are alike the odds are kept within what a score can say.
        share = Math.Clamp(share, 1e-6, 1 - 1e-6);
        return Math.Log(share / (1 - share));
    }
}

internal sealed class LambdaMartLoss : Loss
{
    private const int GroupsPerStep = 16;

    private readonly RankingRows _rows;
    private readonly int _truncation, _threads;
    private readonly CancellationToken _cancellationToken;
    private readonly double[] _gains, _gradients, _hessians, _bestDcg, _discounts;
    private readonly int[] _order;

    public LambdaMartLoss(RankingRows rows, int truncation, int threads, CancellationToken cancellationToken)
    {
        (_rows, _truncation, _threads, _cancellationToken) = (rows, truncation, threads, cancellationToken);
        _gains = Array.ConvertAll(rows.Labels, label => Math.Pow(2, label) - 1);
        _discounts = [.. Enumerable.Range(0, truncation).Select(Discount)];
        (_gradients, _hessians, _order, _bestDcg) = (new double[rows.Count], new double[rows.Count], new int[rows.Count], new double[rows.Groups]);
        for (var group = 0; group < rows.Groups; group++)
        {
            var best = _gains[rows.GroupStarts[group]..rows.GroupStarts[group + 1]];
            Array.Sort(best, (a, b) => b.CompareTo(a));
            for (var place = 0; place < Math.Min(best.Length, truncation); place++) _bestDcg[group] += best[place] * _discounts[place];
        }
    }

    public override double Start => 0;

    public override void Differentiate(double[] scores, Gradients gradients)
    {
        ParallelSteps.Run((_rows.Groups + GroupsPerStep - 1) / GroupsPerStep, _threads, step =>
        {
            var end = Math.Min(_rows.Groups, (step + 1) * GroupsPerStep);
            for (var group = step * GroupsPerStep; group < end; group++) Differentiate(group, scores);
        }, _cancellationToken);
        var (gradient, hessian) = (0.0, 0.0);
        for (var row = 0; row < _rows.Count; row++)
        {
            gradient = Math.Max(gradient, Math.Abs(_gradients[row]));
            hessian = Math.Max(hessian, _hessians[row]);
        }

        gradients.Bound(gradient, hessian);
        for (var row = 0; row < _rows.Count; row++) gradients.Set(row, _gradients[row], _hessians[row]);
    }

    private void Differentiate(int group, double[] scores)
    {
        var (from, end) = (_rows.GroupStarts[group], _rows.GroupStarts[group + 1]);
        Array.Clear(_gradients, from, end - from);
        Array.Clear(_hessians, from, end - from);
        if (_bestDcg[group] == 0) return;
        var order = _order.AsSpan(from, end - from);
        for (var i = 0; i < order.Length; i++) order[i] = from + i;
        order.Sort((a, b) => scores[b].CompareTo(scores[a]) is not 0 and var by ? by : _rows.Ids[a].CompareTo(_rows.Ids[b]));

        // Of two rows below the cut neither changes the NDCG.
        for (var i = 0; i < Math.Min(order.Length, _truncation); i++)
        {
            for (var j = i + 1; j < order.Length; j++)
            {
                var (a, b) = (order[i], order[j]);
                if (_gains[a] == _gains[b]) continue;
                var (better, worse) = _gains[a] > _gains[b] ? (a, b) : (b, a);
                var other = j < _truncation ? _discounts[j] : 0;
                var change = (_gains[better] - _gains[worse]) * (_discounts[i] - other) / _bestDcg[group];
                var wrong = LogisticLoss.Probability(scores[worse] - scores[better]);
                _gradients[better] -= wrong * change;
                _gradients[worse] += wrong * change;
                _hessians[better] += wrong * (1 - wrong) * change;
                _hessians[worse] += wrong * (1 - wrong) * change;
            }
        }
    }

    private static double Discount(int place) => 1 / Math.Log2(place + 2);
}
