using System.Numerics;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Centroids as <see cref="ScreenedLabels{TLanes, TVector}"/> reads them: in groups of at most <see cref="MaxGroup"/> that are as even as can be; of
/// a group first the squared norms, then the indices as bits, then column by column the values times -2.
/// </summary>
public sealed class CentroidGroups
{
    /// <summary>So many centroids by as many vectors of rows as are held at once fill the registers.</summary>
    public const int MaxGroup = 6;

    /// <summary>The most centroids: their indices are bytes, and one value of a byte is no label.</summary>
    public const int MaxCount = 255;

    /// <summary>What stands before a group's columns: norms and indices.</summary>
    internal const int Heads = 2;

    // The unit roundoff of a float.
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Groups of some centroids.</summary>
    /// <param name="rows">Row by row; at least one, at most <see cref="MaxCount"/>.</param>
    /// <param name="columns">Columns of a row.</param>
    /// <exception cref="ArgumentException">There are too many, or none, or they are not of so many columns.</exception>
    public CentroidGroups(float[] rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (rows.Length == 0 || rows.Length % columns != 0 || rows.Length / columns > MaxCount)
            throw new ArgumentException($"{rows.Length} values are not 1 to {MaxCount} centroids of {columns} columns.", nameof(rows));
        (Rows, Columns) = (rows, columns);
        Packed = new float[Count * (columns + Heads)];
        var groups = (Count + MaxGroup - 1) / MaxGroup;
        Sizes = new int[groups];
        for (var (g, first) = (0, 0); g < groups; first += Sizes[g++])
        {
            Sizes[g] = (Count / groups) + (g < Count % groups ? 1 : 0);
            Pack(Packed.AsSpan(first * (columns + Heads)), first, Sizes[g]);
        }

        var bits = 32 - BitOperations.LeadingZeroCount((uint)(Count - 1));
        IndexMask = (1 << bits) - 1;
        Doubt = (float)((12 * (columns + 4) * Unit) + (4 * Math.ScaleB(2 * Unit, bits)));
    }

    /// <summary>How many centroids.</summary>
    public int Count => Rows.Length / Columns;

    /// <summary>Columns of a centroid.</summary>
    public int Columns { get; }

    /// <summary>The centroids as given.</summary>
    internal float[] Rows { get; }

    internal float[] Packed { get; }

    internal int[] Sizes { get; }

    /// <summary>The low bits that hold any index.</summary>
    internal int IndexMask { get; }

    /// <summary>
    /// Two scores of <see cref="ScreenedLabels{TLanes, TVector}"/> that differ by more than this times (the lower score + twice the row's squared
    /// norm) are in the order of the distances as the direct form rounds them.
    /// </summary>
    /// <remarks>
    /// With u the unit roundoff, d columns, X and D the row's squared norm and its distance to the nearest centroid: no centroid that may
    /// win is longer than |x| + sqrt(D), so that a score, which is rounded d + 1 times, is off by (d + 1) u (5 X + 4 D) at most; the direct
    /// form by (d + 2) u D. Twice the one and twice the other are below 10 (d + 3) u (X + D); 12 leaves room for what is of second order.
    /// The index in the low bits shifts either score by 2^bits units in the last place at most.
    /// </remarks>
    internal float Doubt { get; }

    private void Pack(Span<float> packed, int first, int size)
    {
        for (var i = 0; i < size; i++)
        {
            var norm = 0.0;
            for (var c = 0; c < Columns; c++)
            {
                var value = Rows[((first + i) * Columns) + c];
                norm += (double)value * value;
                packed[((c + Heads) * size) + i] = -2 * value;
            }

            packed[i] = (float)norm;
            packed[size + i] = BitConverter.Int32BitsToSingle(first + i);
        }
    }
}
