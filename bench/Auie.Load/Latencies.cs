using System.Diagnostics;
using System.Numerics;

namespace Auie.Load;

/// <summary>Counts latencies in buckets of less than 1 % of their width, from any thread.</summary>
internal sealed class Latencies
{
    private const int Steps = 128, Log2Steps = 7;

    private readonly long[] _buckets = new long[Steps * 40];
    private long _sum, _max;

    public void Add(TimeSpan latency)
    {
        var micros = Math.Max(0, (long)latency.TotalMicroseconds);
        Interlocked.Increment(ref _buckets[Math.Min(BucketOf(micros), _buckets.Length - 1)]);
        Interlocked.Add(ref _sum, micros);
        for (var max = Volatile.Read(ref _max); micros > max;)
        {
            var was = Interlocked.CompareExchange(ref _max, micros, max);
            if (was == max)
                break;
            max = was;
        }
    }

    public void Add(long started) => Add(Stopwatch.GetElapsedTime(started));

    public LatencySummary Summary()
    {
        var buckets = (long[])_buckets.Clone();
        var count = buckets.Sum();
        double At(double share)
        {
            var rank = Math.Max(1, (long)Math.Ceiling(count * share));
            for (var bucket = 0; bucket < buckets.Length; bucket++)
            {
                rank -= buckets[bucket];
                if (rank <= 0)
                    return Math.Min(Top(bucket), _max) / 1000.0;
            }

            return _max / 1000.0;
        }

        return count == 0 ? new(0, 0, 0, 0, 0, 0, 0) : new(count, _sum / 1000.0 / count, At(0.5), At(0.9), At(0.99), At(0.999), _max / 1000.0);
    }

    /// <summary>Exact below 128 microseconds; above, of each power of two 64 buckets.</summary>
    private static int BucketOf(long micros)
    {
        if (micros < Steps)
            return (int)micros;
        var shift = BitOperations.Log2((ulong)micros) - Log2Steps + 1;
        return shift * (Steps / 2) + (int)(micros >> shift);
    }

    private static long Top(int bucket)
    {
        if (bucket < Steps)
            return bucket;
        var shift = bucket / (Steps / 2) - 1;
        return ((bucket - shift * (Steps / 2) + 1L) << shift) - 1;
    }
}
