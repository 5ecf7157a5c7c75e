using System.Numerics;
using System.Runtime.InteropServices;
using Auie.Core.Clustering;

namespace Auie.Bench;

/// <summary>Lloyd's iteration in doubles, as its definition has it: what the engine's inertia is judged by.</summary>
internal static class PlainLloyd
{
    /// <summary>The inertia that the last of some assignments finds.</summary>
    public static double Inertia(double[] values, int columns, double[] start, Scale scale, int assignments)
    {
        var rows = values.Length / columns;
        // Whole vectors, the last filled up with zeros.
        var stride = (columns + Vector<double>.Count - 1) / Vector<double>.Count * Vector<double>.Count;
        var points = new double[rows * stride];
        Parallel.For(0, rows, r =>
        {
            for (var c = 0; c < columns; c++)
                points[(r * stride) + c] = scale.Transform(values[(r * columns) + c], c);
        });
        var k = start.Length / columns;
        var centroids = new double[k * stride];
        for (var i = 0; i < start.Length; i++)
            centroids[(i / columns * stride) + (i % columns)] = start[i];
        var inertia = 0.0;
        for (var assignment = 0; assignment < assignments; assignment++)
        {
            var gate = new Lock();
            var (sums, counts) = (new double[k * stride], new long[k]);
            inertia = 0;
            var parts = 8 * Environment.ProcessorCount;
            Parallel.For(0, parts, part =>
            {
                var (ownSums, ownCounts, own) = (new double[k * stride], new long[k], 0.0);
                for (var r = (int)((long)rows * part / parts); r < (int)((long)rows * (part + 1) / parts); r++)
                {
                    var row = points.AsSpan(r * stride, stride);
                    var (nearest, least) = (0, double.PositiveInfinity);
                    for (var c = 0; c < k; c++)
                    {
                        var distance = Squared(row, centroids.AsSpan(c * stride, stride));
                        if (distance < least)
                            (nearest, least) = (c, distance);
                    }

                    own += least;
                    ownCounts[nearest]++;
                    for (var c = 0; c < stride; c++)
                        ownSums[(nearest * stride) + c] += row[c];
                }

                lock (gate)
                {
                    inertia += own;
                    for (var i = 0; i < sums.Length; i++)
                        sums[i] += ownSums[i];
                    for (var i = 0; i < k; i++)
                        counts[i] += ownCounts[i];
                }
            });
            for (var i = 0; i < sums.Length; i++)
                centroids[i] = counts[i / stride] == 0 ? centroids[i] : sums[i] / counts[i / stride];
        }

        return inertia;
    }

    private static double Squared(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var one = MemoryMarshal.Cast<double, Vector<double>>(a);
        var other = MemoryMarshal.Cast<double, Vector<double>>(b);
        var sum = Vector<double>.Zero;
        for (var i = 0; i < one.Length; i++)
            sum += (one[i] - other[i]) * (one[i] - other[i]);
        return Vector.Sum(sum);
    }
}
