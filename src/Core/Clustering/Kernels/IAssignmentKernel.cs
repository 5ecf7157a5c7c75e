using System.Runtime.Intrinsics;

namespace Auie.Core.Clustering.Kernels;

/// <summary>
/// Finds for each row its nearest centroid. The squared distance is the direct sum of (x - c)^2 in float, one fused multiply-add a column
/// in
/// the order of the columns; of equally near centroids the lower index wins. Every kernel gives the same bits.
/// </summary>
public interface IAssignmentKernel
{
    /// <summary>Labels the rows of some tiles.</summary>
    /// <param name="tiles">Standardised rows (<see cref="Tiles"/>).</param>
    /// <param name="columns">Columns of a row.</param>
    /// <param name="centroids">Row by row; at least one, fewer than 2^24.</param>
    /// <param name="labels">Gets the index of each row's nearest centroid; its length is the number of tiles times 64.</param>
    /// <param name="distances">Gets the squared distance to it; as long as <paramref name="labels"/>.</param>
    void Assign(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, Span<int> labels, Span<float> distances);
}

/// <summary>The kernels at hand.</summary>
public static class AssignmentKernels
{
    /// <summary>The widest that this machine runs in hardware.</summary>
    public static IAssignmentKernel Default { get; } =
        Vector512.IsHardwareAccelerated ? Vector512Kernel
        : Vector256.IsHardwareAccelerated ? Vector256Kernel
        : Vector128.IsHardwareAccelerated ? Vector128Kernel
        : new ScalarAssignmentKernel();

    /// <summary>16 rows at once.</summary>
    public static IAssignmentKernel Vector512Kernel => new VectorAssignmentKernel<Lanes512>();

    /// <summary>8 rows at once.</summary>
    public static IAssignmentKernel Vector256Kernel => new VectorAssignmentKernel<Lanes256>();

    /// <summary>4 rows at once.</summary>
    public static IAssignmentKernel Vector128Kernel => new VectorAssignmentKernel<Lanes128>();

    internal static void Check(
        ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, Span<int> labels, Span<float> distances)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        if (centroids.Length == 0 || centroids.Length % columns != 0)
            throw new ArgumentException($"{centroids.Length} values are not centroids of {columns} columns.", nameof(centroids));
        if (labels.Length % Tiles.Rows != 0 || tiles.Length != (long)labels.Length * columns || distances.Length != labels.Length)
            throw new ArgumentException(
                $"{tiles.Length} values, {labels.Length} labels and {distances.Length} distances are not tiles of {columns} columns.",
                nameof(tiles));
    }
}
