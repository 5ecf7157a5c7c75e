namespace Auie.Silo.Demo;

/// <summary>What a random stream is used for: each purpose has its own, so that adding a draw to one changes nothing elsewhere.</summary>
internal enum DemoStream
{
    Kind = 1, BirthYear, Friends, Answers, Profile, Community, Matching, References, Item, Opening, Timeline, Reaction, Views,
    Links, Attendance, Impressions, Coming,
}

/// <summary>
/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), started from a hash of (seed, stream, id):
/// what is drawn for an id does not depend on who was drawn before it, so users can be made in any order and on any number of threads.
/// </summary>
internal struct DemoRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong state;

    public DemoRandom(long seed, DemoStream stream, long id) =>
        state = Mix(Mix(Mix((ulong)seed + Golden) + ((ulong)stream * Golden)) + ((ulong)id * Golden));

    public ulong NextBits() => Mix(state += Golden);

    /// <summary>In (0, 1), never an end, so that its logarithm is finite.</summary>
    public double NextDouble() => ((NextBits() >> 12) + 0.5) * (1.0 / (1UL << 52));

    /// <summary>A whole number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Below(int bound) => (int)Math.BigMul(NextBits(), (ulong)bound, out _);

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>An exponential waiting time of rate 1.</summary>
    public double NextExponential() => -PortableMath.Log(NextDouble());

    public void Shuffle(Span<int> values)
    {
        for (var i = values.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
