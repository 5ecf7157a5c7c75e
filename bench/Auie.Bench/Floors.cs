using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Auie.Bench;

/// <summary>What the machine can do at the most, measured: below it no program goes.</summary>
internal static class Floors
{
    private const int Repeats = 5;

    /// <summary>Fused multiply-adds of floats a second, all threads together, at the widest vectors.</summary>
    public static double MultiplyAdds(int threads)
    {
        const int Rounds = 20_000_000;
        const int Chains = 12;
        var lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256.IsHardwareAccelerated ? Vector256<float>.Count : Vector128<float>.Count;
        var results = new float[threads];
        return threads * (double)Rounds * Chains * lanes / Best(threads, thread =>
        {
            results[thread] = lanes == Vector512<float>.Count ? Vector512.Sum(Chains512(Rounds))
                : lanes == Vector256<float>.Count ? Vector256.Sum(Chains256(Rounds))
                : Vector128.Sum(Chains128(Rounds));
        });
    }

    /// <summary>Bytes a second that all threads together read from a block of this size, again and again.</summary>
    public static double Bandwidth(int threads, long bytes)
    {
        var block = new float[bytes / sizeof(float)];
        Array.Fill(block, 1);
        var passes = (int)Math.Max(1, (256L << 20) / bytes);
        var sums = new double[threads];
        var part = block.Length / threads / 128 * 128;
        return (double)threads * part * sizeof(float) * passes / Best(threads, thread =>
        {
            // Kept, or the compiler would leave the reading out.
            for (var pass = 0; pass < passes; pass++)
                sums[thread] += Sum(block.AsSpan(thread * part, part));
        });
    }

    private static double Best(int threads, Action<int> work)
    {
        var best = double.PositiveInfinity;
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            var (begun, ended) = (new long[threads], new long[threads]);
            using var ready = new Barrier(threads);
            var workers = Enumerable.Range(0, threads).Select(thread => new Thread(() =>
            {
                ready.SignalAndWait();
                begun[thread] = Stopwatch.GetTimestamp();
                work(thread);
                ended[thread] = Stopwatch.GetTimestamp();
            })).ToArray();
            foreach (var worker in workers)
                worker.Start();
            foreach (var worker in workers)
                worker.Join();
            best = Math.Min(best, Stopwatch.GetElapsedTime(begun.Min(), ended.Max()).TotalSeconds);
        }

        return best;
    }

    // At once as good as it gets: code that is replaced while it runs keeps its vectors in memory.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Sum(ReadOnlySpan<float> values)
    {
        ref var at = ref MemoryMarshal.GetReference(values);
        if (Vector512.IsHardwareAccelerated)
        {
            var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            for (nuint i = 0; i + 64 <= (nuint)values.Length; i += 64)
            {
                a += Vector512.LoadUnsafe(ref at, i);
                b += Vector512.LoadUnsafe(ref at, i + 16);
                c += Vector512.LoadUnsafe(ref at, i + 32);
                d += Vector512.LoadUnsafe(ref at, i + 48);
            }

            return Vector512.Sum(a + b + c + d);
        }

        var (e, f, g, h) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (nuint i = 0; i + 32 <= (nuint)values.Length; i += 32)
        {
            e += Vector256.LoadUnsafe(ref at, i);
            f += Vector256.LoadUnsafe(ref at, i + 8);
            g += Vector256.LoadUnsafe(ref at, i + 16);
            h += Vector256.LoadUnsafe(ref at, i + 24);
        }

        return Vector256.Sum(e + f + g + h);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Chains512(int rounds)
    {
        var x = Vector512.Create(0.999f);
        var (a, b, c, d, e, f) = (x, x, x, x, x, x);
        var (g, h, i, j, k, l) = (x, x, x, x, x, x);
        for (var round = 0; round < rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, x);
            b = Vector512.FusedMultiplyAdd(b, x, x);
            c = Vector512.FusedMultiplyAdd(c, x, x);
            d = Vector512.FusedMultiplyAdd(d, x, x);
            e = Vector512.FusedMultiplyAdd(e, x, x);
            f = Vector512.FusedMultiplyAdd(f, x, x);
            g = Vector512.FusedMultiplyAdd(g, x, x);
            h = Vector512.FusedMultiplyAdd(h, x, x);
            i = Vector512.FusedMultiplyAdd(i, x, x);
            j = Vector512.FusedMultiplyAdd(j, x, x);
            k = Vector512.FusedMultiplyAdd(k, x, x);
            l = Vector512.FusedMultiplyAdd(l, x, x);
        }

        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector256<float> Chains256(int rounds)
    {
        var x = Vector256.Create(0.999f);
        var (a, b, c, d, e, f) = (x, x, x, x, x, x);
        var (g, h, i, j, k, l) = (x, x, x, x, x, x);
        for (var round = 0; round < rounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, x);
            b = Vector256.FusedMultiplyAdd(b, x, x);
            c = Vector256.FusedMultiplyAdd(c, x, x);
            d = Vector256.FusedMultiplyAdd(d, x, x);
            e = Vector256.FusedMultiplyAdd(e, x, x);
            f = Vector256.FusedMultiplyAdd(f, x, x);
            g = Vector256.FusedMultiplyAdd(g, x, x);
            h = Vector256.FusedMultiplyAdd(h, x, x);
            i = Vector256.FusedMultiplyAdd(i, x, x);
            j = Vector256.FusedMultiplyAdd(j, x, x);
            k = Vector256.FusedMultiplyAdd(k, x, x);
            l = Vector256.FusedMultiplyAdd(l, x, x);
        }

        return a + b + c + d + e + f + g + h + i + j + k + l;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<float> Chains128(int rounds)
    {
        var x = Vector128.Create(0.999f);
        var (a, b, c, d, e, f) = (x, x, x, x, x, x);
        var (g, h, i, j, k, l) = (x, x, x, x, x, x);
        for (var round = 0; round < rounds; round++)
        {
            a = Vector128.FusedMultiplyAdd(a, x, x);
            b = Vector128.FusedMultiplyAdd(b, x, x);
            c = Vector128.FusedMultiplyAdd(c, x, x);
            d = Vector128.FusedMultiplyAdd(d, x, x);
            e = Vector128.FusedMultiplyAdd(e, x, x);
            f = Vector128.FusedMultiplyAdd(f, x, x);
            g = Vector128.FusedMultiplyAdd(g, x, x);
            h = Vector128.FusedMultiplyAdd(h, x, x);
            i = Vector128.FusedMultiplyAdd(i, x, x);
            j = Vector128.FusedMultiplyAdd(j, x, x);
            k = Vector128.FusedMultiplyAdd(k, x, x);
            l = Vector128.FusedMultiplyAdd(l, x, x);
        }

        return a + b + c + d + e + f + g + h + i + j + k + l;
    }
}
