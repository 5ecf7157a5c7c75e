namespace Auie.Engine.Tests.Demo;

/// <summary>How well two partitions of the same rows agree: 1 when equal, 0 on average by chance (Hubert and Arabie, 1985).</summary>
internal static class AdjustedRandIndex
{
    public static double Of(IReadOnlyList<int> a, IReadOnlyList<int> b)
    {
        var cells = PairsWithin(a.Zip(b));
        var (rows, columns) = (PairsWithin(a), PairsWithin(b));
        var expected = rows * columns / (a.Count * (a.Count - 1.0) / 2);
        return (cells - expected) / (((rows + columns) / 2) - expected);
    }

    private static double PairsWithin<T>(IEnumerable<T> labels) where T : notnull =>
        labels.CountBy(label => label).Sum(group => group.Value * (group.Value - 1.0) / 2);
}
