namespace Auie.Load;

/// <summary>Random numbers that follow from a seed and a number alone (SplitMix64: Steele, Lea, Flood).</summary>
internal struct Draw(long seed, long number)
{
    private ulong _state = Mix((ulong)seed * 0x9E3779B97F4A7C15 ^ Mix((ulong)number + 0x632BE59BD9B4E019));

    public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>From 0 to <paramref name="count"/> - 1.</summary>
    public int Below(int count) => (int)Math.BigMul(Next(), (ulong)count, out _);

    /// <summary>From 0 to, not including, 1.</summary>
    public double Share() => (Next() >> 11) * (1.0 / (1UL << 53));

    public T Of<T>(ReadOnlySpan<T> among) => among[Below(among.Length)];

    private static ulong Mix(ulong bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }
}
