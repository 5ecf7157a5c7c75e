using System.Globalization;

namespace Auie.Core.Ranking;

/// <summary>What is measured of a ranking.</summary>
public enum RankingMetricKind
{
    /// <summary>Mean average precision: the mean, over a user's relevant items, of the share of relevant ones down to each; items beyond k count 0.</summary>
    Map,

    /// <summary>Discounted cumulative gain, 2^label - 1 each, over the best that is possible (Järvelin and Kekäläinen, TOIS 2002).</summary>
    Ndcg,

    /// <summary>The share of a user's relevant items that come in the first k.</summary>
    Recall,
}

/// <summary>A metric of the first k items.</summary>
public sealed record RankingMetric(RankingMetricKind Kind, int K)
{
    /// <summary>Reads "map@200", "ndcg@10" or "recall@20"; null where it is none of these.</summary>
    public static RankingMetric? TryParse(string text)
    {
        var parts = text.Split('@');
        RankingMetricKind? kind = parts[0] switch { "map" => RankingMetricKind.Map, "ndcg" => RankingMetricKind.Ndcg, "recall" => RankingMetricKind.Recall, _ => null };
        return kind is { } known && parts.Length == 2 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k >= 1
            ? new RankingMetric(known, k)
            : null;
    }

    public override string ToString() => $"{Kind.ToString().ToLowerInvariant()}@{K}";
}

/// <summary>
/// Metrics of one group's scores. Where scores are equal the metric is its mean over all orders of the tied items, by closed form: neither the order of
/// a file nor a draw is in it.
/// </summary>
public static class RankingMetrics
{
    /// <summary>The metric of one group; null where nothing is relevant (labels above 0), since then there is nothing to rank.</summary>
    public static double? Of(ReadOnlySpan<float> labels, ReadOnlySpan<double> scores, RankingMetric metric)
    {
        if (labels.Length != scores.Length) throw new ArgumentException($"{labels.Length} labels have {scores.Length} scores.", nameof(scores));
        var relevant = 0;
        foreach (var label in labels) relevant += label > 0 ? 1 : 0;
        if (relevant == 0) return null;
        var keys = new double[scores.Length];
        for (var i = 0; i < keys.Length; i++) keys[i] = double.IsNaN(scores[i]) ? throw new ArgumentException("A score is not a number.", nameof(scores)) : -scores[i];
        var sorted = labels.ToArray();
        Array.Sort(keys, sorted);
        return metric.Kind switch
        {
            RankingMetricKind.Map => AveragePrecision(sorted, keys, metric.K) / Math.Min(relevant, metric.K),
            RankingMetricKind.Ndcg => Dcg(sorted, keys, metric.K) / BestDcg(sorted, metric.K),
            _ => Found(sorted, keys, metric.K) / relevant,
        };
    }

    /// <summary>The metric of every group; NaN where nothing is relevant.</summary>
    public static double[] OfGroups(RankingRows rows, ReadOnlySpan<double> scores, RankingMetric metric)
    {
        var result = new double[rows.Groups];
        for (var group = 0; group < result.Length; group++)
        {
            var (from, count) = (rows.GroupStarts[group], rows.GroupStarts[group + 1] - rows.GroupStarts[group]);
            result[group] = Of(rows.Labels.AsSpan(from, count), scores.Slice(from, count), metric) ?? double.NaN;
        }

        return result;
    }

    /// <summary>The mean over groups in which something is relevant; 0 where there are none.</summary>
    public static double Mean(RankingRows rows, ReadOnlySpan<double> scores, RankingMetric metric)
    {
        var known = OfGroups(rows, scores, metric).Where(value => !double.IsNaN(value)).ToArray();
        return known.Length == 0 ? 0 : known.Sum() / known.Length;
    }

    /// <summary>The mean logistic loss of log odds.</summary>
    public static double LogLoss(ReadOnlySpan<float> labels, ReadOnlySpan<double> logOdds)
    {
        var sum = 0.0;
        for (var i = 0; i < labels.Length; i++)
        {
            var wrong = labels[i] > 0 ? -logOdds[i] : logOdds[i];
            sum += wrong > 0 ? wrong + Math.Log(1 + Math.Exp(-wrong)) : Math.Log(1 + Math.Exp(wrong));
        }

        return sum / labels.Length;
    }

    private static double AveragePrecision(float[] labels, double[] keys, int k)
    {
        var (sum, before) = (0.0, 0);
        for (var from = 0; from < keys.Length && from < k;)
        {
            var (end, relevant) = TiedFrom(labels, keys, from);
            var tied = end - from;
            // A place in a tie is taken by a relevant item with probability r / n; of the i places before it in the tie, each then by another with
            // (r - 1) / (n - 1).
            var others = tied > 1 ? (relevant - 1.0) / (tied - 1) : 0;
            for (var i = 0; i < tied && from + i < k; i++)
                sum += (double)relevant / tied * (before + 1 + (i * others)) / (from + i + 1);
            (before, from) = (before + relevant, end);
        }

        return sum;
    }

    private static double Dcg(float[] labels, double[] keys, int k)
    {
        var sum = 0.0;
        for (var from = 0; from < keys.Length && from < k;)
        {
            var (end, _) = TiedFrom(labels, keys, from);
            var gain = 0.0;
            for (var i = from; i < end; i++) gain += Gain(labels[i]);
            for (var i = from; i < end && i < k; i++) sum += gain / (end - from) * Discount(i);
            from = end;
        }

        return sum;
    }

    /// <summary>The discounted cumulative gain of labels in the best order.</summary>
    public static double BestDcg(ReadOnlySpan<float> labels, int k)
    {
        var (sum, sorted) = (0.0, labels.ToArray());
        Array.Sort(sorted, (a, b) => b.CompareTo(a));
        for (var i = 0; i < sorted.Length && i < k; i++) sum += Gain(sorted[i]) * Discount(i);
        return sum;
    }

    private static double Found(float[] labels, double[] keys, int k)
    {
        var sum = 0.0;
        for (var from = 0; from < keys.Length && from < k;)
        {
            var (end, relevant) = TiedFrom(labels, keys, from);
            sum += (double)relevant * (Math.Min(end, k) - from) / (end - from);
            from = end;
        }

        return sum;
    }

    private static (int End, int Relevant) TiedFrom(float[] labels, double[] keys, int from)
    {
        var (end, relevant) = (from, 0);
        for (; end < keys.Length && keys[end] == keys[from]; end++) relevant += labels[end] > 0 ? 1 : 0;
        return (end, relevant);
    }

    private static double Gain(float label) => Math.Pow(2, label) - 1;

    private static double Discount(int place) => 1 / Math.Log2(place + 2);
}
