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
    void Assign(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, Span<int> labels, Span<float> distances)
    {
        labels.Clear();
        distances.Fill(float.PositiveInfinity);
        AssignFurther(tiles, columns, centroids, 0, labels, distances);
    }

    /// <summary>Goes on with an assignment by further centroids: only rows that are nearer to one of these get another label.</summary>
    /// <param name="first">The label of the first of these.</param>
    /// <param name="labels">As the assignment so far has them.</param>
    /// <param name="distances">The squared distances that go with them.</param>
    void AssignFurther(ReadOnlySpan<float> tiles, int columns, ReadOnlySpan<float> centroids, int first, Span<int> labels, Span<float> distances);

    /// <summary>Labels the rows of some tiles as <see cref="Assign"/> does, without their distances, which is faster.</summary>
    /// <param name="tiles">Standardised rows (<see cref="Tiles"/>).</param>
    /// <param name="norms">For each tile no less than the squared norm of any of its rows.</param>
    /// <param name="centroids">The centroids.</param>
    /// <param name="labels">Gets the index of each row's nearest centroid; its length is the number of tiles times 64.</param>
    /// <param name="bounds">Gets bounds of each row's distances where there is room for them.</param>
    /// <param name="ahead">Whether farther tiles are asked for while one is computed: where they come from memory, not from a cache.</param>
    void Label(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds = default, bool ahead = false);
}

/// <summary>
/// For each row a distance (not squared) that its own centroid is not beyond, and one that no other is below; infinity and 0 where nothing
/// is known. Either empty or as long as the labels.
/// </summary>
public readonly ref struct LabelBounds(Span<float> upper, Span<float> lower)
{
    /// <summary>No less than the distance to the own centroid.</summary>
    public Span<float> Upper { get; } = upper;

    /// <summary>No more than the distance to any other centroid.</summary>
    public Span<float> Lower { get; } = lower;

    /// <summary>Whether there is no room.</summary>
    public bool IsEmpty => Upper.IsEmpty;

    /// <summary>Those of some rows.</summary>
    public LabelBounds Slice(int start, int length) => IsEmpty ? this : new(Upper.Slice(start, length), Lower.Slice(start, length));
}

/// <summary>Which kernels compute; all give the same bits.</summary>
public enum KernelWidth
{
    /// <summary>The widest that this machine runs in hardware.</summary>
    Widest,

    /// <summary>Plain loops.</summary>
    Scalar,

    /// <summary>4 rows at once.</summary>
    Vector128,

    /// <summary>8 rows at once.</summary>
    Vector256,

    /// <summary>16 rows at once.</summary>
    Vector512,
}

/// <summary>The kernels at hand.</summary>
public static class AssignmentKernels
{
    /// <summary>The widest that this machine runs in hardware.</summary>
    public static IAssignmentKernel Default { get; } = Of(KernelWidth.Widest);

    /// <summary>The kernel of a width; one that the machine lacks works too, slowly.</summary>
    public static IAssignmentKernel Of(KernelWidth width) => Resolve(width) switch
    {
        KernelWidth.Vector512 => new VectorAssignmentKernel<Lanes512, Vector512<float>>(),
        KernelWidth.Vector256 => new VectorAssignmentKernel<Lanes256, Vector256<float>>(),
        KernelWidth.Vector128 => new VectorAssignmentKernel<Lanes128, Vector128<float>>(),
        _ => new ScalarAssignmentKernel(),
    };

    /// <summary>What <see cref="KernelWidth.Widest"/> is here; any other width as it is.</summary>
    public static KernelWidth Resolve(KernelWidth width) =>
        width != KernelWidth.Widest ? width
        : Vector512.IsHardwareAccelerated ? KernelWidth.Vector512
        : Vector256.IsHardwareAccelerated ? KernelWidth.Vector256
        : Vector128.IsHardwareAccelerated ? KernelWidth.Vector128
        : KernelWidth.Scalar;

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

    internal static void Check(ReadOnlySpan<float> tiles, ReadOnlySpan<float> norms, CentroidGroups centroids, Span<byte> labels, LabelBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(centroids);
        if (!bounds.IsEmpty && (bounds.Upper.Length != labels.Length || bounds.Lower.Length != labels.Length))
            throw new ArgumentException($"{bounds.Upper.Length} and {bounds.Lower.Length} bounds are not those of {labels.Length} labels.", nameof(bounds));
        if (labels.Length != (long)norms.Length * Tiles.Rows || tiles.Length != (long)labels.Length * centroids.Columns)
            throw new ArgumentException(
                $"{tiles.Length} values, {norms.Length} norms and {labels.Length} labels are not tiles of {centroids.Columns} columns.",
                nameof(tiles));
    }
}
