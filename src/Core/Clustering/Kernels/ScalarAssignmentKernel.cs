namespace Auie.Core.Clustering.Kernels;

/// <summary>The kernel in plain loops: what the others are held to, and what labels a single row.</summary>
public sealed class ScalarAssignmentKernel : IAssignmentKernel
{
    /// <inheritdoc/>
    public void AssignFurther(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, int first, Span<int> labels, Span<float> distances)
    {
        AssignmentKernels.Check(tiles, columns, centroids, labels, distances);
        var row = new float[columns];
        for (var r = 0; r < labels.Length; r++)
        {
            Tiles.CopyRow(tiles, r, row);
            var nearest = Nearest(row, centroids, out var distance);
            if (distance < distances[r])
                (labels[r], distances[r]) = (first + nearest, distance);
        }
    }

    /// <inheritdoc/>
    public void Label(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds = default, bool ahead = false)
    {
        AssignmentKernels.Check(tiles, norms, centroids, labels, bounds);
        var row = new float[centroids.Columns];
        for (var r = 0; r < labels.Length; r++)
        {
            Tiles.CopyRow(tiles, r, row);
            labels[r] = (byte)Nearest(row, centroids.Rows, out _);
            if (!bounds.IsEmpty)
                (bounds.Upper[r], bounds.Lower[r]) = Bounds(row, centroids.Rows, labels[r]);
        }
    }

    private static (float Upper, float Lower) Bounds(ReadOnlySpan<float> row, ReadOnlySpan<float> centroids, int own)
    {
        var (upper, lower) = (0.0, double.PositiveInfinity);
        for (var k = 0; k * row.Length < centroids.Length; k++)
        {
            var squared = 0.0;
            for (var c = 0; c < row.Length; c++)
                squared += ((double)row[c] - centroids[(k * row.Length) + c]) * ((double)row[c] - centroids[(k * row.Length) + c]);
            if (k == own)
                upper = squared;
            else
                lower = Math.Min(lower, squared);
        }

        // A double is exact enough for the next float to lie on the other side.
        return (MathF.BitIncrement((float)Math.Sqrt(upper)), Math.Max(0, MathF.BitDecrement((float)Math.Sqrt(lower))));
    }

    /// <summary>The nearest centroid of one standardised row, as every kernel finds it.</summary>
    public static int Nearest(ReadOnlySpan<float> row, ReadOnlySpan<float> centroids, out float squaredDistance)
    {
        if (row.Length == 0 || centroids.Length == 0 || centroids.Length % row.Length != 0)
            throw new ArgumentException($"{centroids.Length} values are not centroids of {row.Length} columns.", nameof(centroids));
        var best = 0;
        squaredDistance = float.PositiveInfinity;
        for (var k = 0; k * row.Length < centroids.Length; k++)
        {
            var distance = SquaredDistance(row, centroids.Slice(k * row.Length, row.Length));
            if (distance < squaredDistance)
            {
                squaredDistance = distance;
                best = k;
            }
        }

        return best;
    }

    /// <summary>The squared Euclidean distance, in the order of operations that every kernel keeps.</summary>
    public static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0f;
        for (var c = 0; c < a.Length; c++)
        {
            var difference = a[c] - b[c];
            sum = MathF.FusedMultiplyAdd(difference, difference, sum);
        }

        return sum;
    }
}
