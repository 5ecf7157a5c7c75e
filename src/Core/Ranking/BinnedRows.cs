using System.Runtime.InteropServices;
using Auie.Core.Clustering;

namespace Auie.Core.Ranking;

/// <summary>
/// Rows as bins, a byte each. Eight columns are a block, and a row's eight bytes of a block lie together as one word: a pass over a block reads rows
/// in order, and the histograms of its columns fit a processor's first cache.
/// </summary>
internal sealed class BinnedRows
{
    public const int ColumnsPerBlock = 8;

    private BinnedRows(FeatureBins[] bins, ulong[][] blocks, int count)
    {
        (Bins, Blocks, Count) = (bins, blocks, count);
        Stride = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bins.Max(one => one.Count));
    }

    public FeatureBins[] Bins { get; }

    public ulong[][] Blocks { get; }

    public int Count { get; }

    /// <summary>The room of one column in a histogram, in bins.</summary>
    public int Stride { get; }

    public static BinnedRows Of(RankingRows rows, int mostBins, int threads, CancellationToken cancellationToken)
    {
        var bins = new FeatureBins[rows.Columns.Length];
        ParallelSteps.Run(bins.Length, threads, column => bins[column] = FeatureBins.Of(rows, column, mostBins), cancellationToken);
        return Of(rows, bins, threads, cancellationToken);
    }

    /// <summary>Rows in bins that were made of others.</summary>
    public static BinnedRows Of(RankingRows rows, FeatureBins[] bins, int threads, CancellationToken cancellationToken)
    {
        const int rowsPerStep = 1 << 14;
        var blocks = new ulong[(bins.Length + ColumnsPerBlock - 1) / ColumnsPerBlock][];
        for (var block = 0; block < blocks.Length; block++) blocks[block] = new ulong[rows.Count];
        ParallelSteps.Run((rows.Count + rowsPerStep - 1) / rowsPerStep, threads, step =>
        {
            var end = Math.Min(rows.Count, (step + 1) * rowsPerStep);
            for (var column = 0; column < bins.Length; column++)
            {
                var (width, words, shift, of) = (bins.Length, blocks[column / ColumnsPerBlock], column % ColumnsPerBlock * 8, bins[column]);
                for (var row = step * rowsPerStep; row < end; row++)
                    words[row] |= (ulong)of.Bin(rows.Values[((long)row * width) + column]) << shift;
            }
        }, cancellationToken);
        return new BinnedRows(bins, blocks, rows.Count);
    }

    /// <summary>The bins of a column, row by row, with a step of eight.</summary>
    public ReadOnlySpan<byte> Column(int column) =>
        MemoryMarshal.AsBytes(Blocks[column / ColumnsPerBlock].AsSpan())[(column % ColumnsPerBlock)..];
}
