namespace Auie.Core.Ranking;

/// <summary>
/// How a column's values become bins, of which a histogram has few. Bin 0 is of missing values. A number's bin is that of the first bound it does
/// not exceed; bins hold about as many rows each, and where there are few different values each has its own. Of categories the most frequent have
/// a bin each, and the others count as missing.
/// </summary>
internal sealed class FeatureBins
{
    /// <summary>The most bins, with that of missing values.</summary>
    public const int Most = 256;

    // Quantiles of as many rows are as good as those of all.
    private const int SampledRows = 200_000;

    private readonly byte[] _binOfCode = [];

    private FeatureBins(float[] bounds, int[] codes)
    {
        (Bounds, Codes) = (bounds, codes);
        if (codes.Length == 0) return;
        _binOfCode = new byte[codes.Max() + 1];
        for (var bin = 0; bin < codes.Length; bin++) _binOfCode[codes[bin]] = (byte)(bin + 1);
    }

    /// <summary>The upper bounds of bins 1, 2, and so on; the last bin has none. Empty for categories.</summary>
    public float[] Bounds { get; }

    /// <summary>The categories of bins 1, 2, and so on. Empty for numbers.</summary>
    public int[] Codes { get; }

    /// <summary>How many bins there are, with that of missing values.</summary>
    public int Count => Codes.Length > 0 ? Codes.Length + 1 : Bounds.Length + 2;

    public static FeatureBins Of(RankingRows rows, int column, int most)
    {
        var width = rows.Columns.Length;
        var step = Math.Max(1, rows.Count / SampledRows);
        var sample = new float[(rows.Count + step - 1) / step];
        var known = 0;
        for (var i = 0; i < sample.Length; i++)
        {
            // One of each run of rows, by hash: rows may come in an order that repeats.
            var first = i * step;
            var row = step == 1 ? first : first + (int)(StableHash.Mix((ulong)i) % (ulong)Math.Min(step, rows.Count - first));
            var value = rows.Values[((long)row * width) + column];
            if (!float.IsNaN(value)) sample[known++] = value;
        }

        var values = sample.AsSpan(0, known);
        values.Sort();
        return rows.Columns[column].IsCategorical ? OfCategories(values, most) : OfNumbers(values, most);
    }

    public byte Bin(float value)
    {
        if (float.IsNaN(value)) return 0;
        if (Codes.Length > 0) return value < _binOfCode.Length ? _binOfCode[(int)value] : (byte)0;
        var (low, length) = (0, Bounds.Length);
        // Halves without a branch: which half is a coin's throw.
        while (length > 1)
        {
            var half = length >> 1;
            low = Bounds[low + half - 1] < value ? low + half : low;
            length -= half;
        }

        return (byte)(1 + low + (length == 1 && Bounds[low] < value ? 1 : 0));
    }

    private static FeatureBins OfCategories(ReadOnlySpan<float> sorted, int most)
    {
        var counts = new Dictionary<int, int>();
        foreach (var value in sorted) counts[(int)value] = counts.GetValueOrDefault((int)value) + 1;
        int[] codes = [.. counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key).Take(most - 1).Select(one => one.Key)];
        return new FeatureBins([], codes);
    }

    private static FeatureBins OfNumbers(ReadOnlySpan<float> sorted, int most)
    {
        var bounds = new List<float>();
        var different = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || sorted[i] != sorted[i - 1]) different++;
        }

        var binsLeft = most - 1;
        var (from, rowsLeft) = (0, sorted.Length);
        while (from < sorted.Length && binsLeft > 1)
        {
            // As many rows as a fair share of what is left, and all that are equal to the last of them.
            var share = different < most ? 1 : (rowsLeft + binsLeft - 1) / binsLeft;
            var end = Math.Min(from + share, sorted.Length);
            while (end < sorted.Length && sorted[end] == sorted[end - 1]) end++;
            if (end == sorted.Length) break;
            bounds.Add(Between(sorted[end - 1], sorted[end]));
            (rowsLeft, from) = (rowsLeft - (end - from), end);
            binsLeft--;
        }

        return new FeatureBins([.. bounds], []);
    }

    /// <summary>A number that the lower does not exceed and the higher does.</summary>
    private static float Between(float lower, float higher)
    {
        var middle = (float)(((double)lower + higher) / 2);
        return middle < higher ? middle : lower;
    }
}
