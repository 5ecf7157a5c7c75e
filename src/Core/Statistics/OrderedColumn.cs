namespace Auie.Core.Statistics;

/// <summary>A column and the order of its values, so that it need not be sorted again for each column that it is correlated with.</summary>
public sealed class OrderedColumn
{
    private readonly int[] _order;

    /// <param name="values">NaN stands for a missing value.</param>
    public OrderedColumn(double[] values)
    {
        Values = values;
        _order = [.. Enumerable.Range(0, values.Length).Where(i => !double.IsNaN(values[i]))];
        Array.Sort(Array.ConvertAll(_order, i => values[i]), _order);
    }

    internal double[] Values { get; }

    /// <summary>The order of those rows in which another column is known, too.</summary>
    /// <param name="values">This column's values in these rows.</param>
    internal Ties Among(double[] other, double[] values)
    {
        var order = new int[values.Length];
        if (values.Length == Values.Length)
        {
            _order.CopyTo(order, 0);
            return new Ties(values, order);
        }

        var (places, place) = (new int[Values.Length], 0);
        for (var i = 0; i < places.Length; i++) places[i] = double.IsNaN(Values[i]) || double.IsNaN(other[i]) ? -1 : place++;
        var at = 0;
        foreach (var i in _order)
        {
            if (places[i] >= 0) order[at++] = places[i];
        }

        return new Ties(values, order);
    }

    /// <summary>Rows in the order of their values, those of equal values together.</summary>
    internal readonly struct Ties
    {
        private readonly int[] _order;

        /// <summary>Where each group of equal values begins and, last, how many rows there are.</summary>
        private readonly int[] _starts;

        public Ties(double[] values, int[] order)
        {
            var starts = new List<int>();
            for (var i = 0; i < order.Length; i++)
            {
                if (i == 0 || values[order[i]] != values[order[i - 1]]) starts.Add(i);
            }

            (_order, _starts) = (order, [.. starts, order.Length]);
        }

        /// <summary>For each row the share of rows below it, ties by half.</summary>
        public double[] Ranks()
        {
            var ranks = new double[_order.Length];
            for (var tie = 0; tie < _starts.Length - 1; tie++)
            {
                var rank = (_starts[tie] + _starts[tie + 1]) / 2.0 / ranks.Length;
                for (var i = _starts[tie]; i < _starts[tie + 1]; i++) ranks[_order[i]] = rank;
            }

            return ranks;
        }

        /// <summary>For each row the mean over all rows of <paramref name="of"/> where the value is larger, ties by half; 0 elsewhere.</summary>
        public double[] MeanAbove(double[] of)
        {
            var above = new double[_order.Length];
            var sum = 0.0;
            for (var tie = _starts.Length - 2; tie >= 0; tie--)
            {
                var tied = 0.0;
                for (var i = _starts[tie]; i < _starts[tie + 1]; i++) tied += of[_order[i]];
                var mean = (sum + (tied / 2)) / above.Length;
                for (var i = _starts[tie]; i < _starts[tie + 1]; i++) above[_order[i]] = mean;
                sum += tied;
            }

            return above;
        }
    }
}
