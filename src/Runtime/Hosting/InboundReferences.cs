using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Hosting;

/// <summary>
/// The references of grains that calls came for, found again by the bytes of class and key: a call of a grain that was called before makes no
/// strings, and knows its activation. Holds as many as its table has places; a newcomer takes the place of whoever has it. For one thread.
/// </summary>
/// <param name="places">A power of two; or 0 to keep none, and then for any thread.</param>
internal sealed class InboundReferences(GrainHost host, int places)
{
    private const int LongestKept = 256;

    private readonly Entry?[] _entries = new Entry?[places];

    /// <exception cref="WireFormatException">Class or key is not valid UTF-8.</exception>
    public InboundReference Find(ReadOnlySpan<byte> grainClass, ReadOnlySpan<byte> key)
    {
        if (places == 0 || grainClass.Length + key.Length > LongestKept)
            return Make(grainClass, key);
        var hash = new HashCode();
        hash.AddBytes(grainClass);
        hash.AddBytes(key);
        ref var entry = ref _entries[hash.ToHashCode() & (places - 1)];
        if (entry is null || !entry.Class.AsSpan().SequenceEqual(grainClass) || !entry.Key.AsSpan().SequenceEqual(key))
            entry = new(grainClass.ToArray(), key.ToArray(), Make(grainClass, key));
        return entry.Reference;
    }

    private InboundReference Make(ReadOnlySpan<byte> grainClass, ReadOnlySpan<byte> key) =>
        new(host, GrainId.Create(WireReader.Text(grainClass), WireReader.Text(key)));

    private sealed record Entry(byte[] Class, byte[] Key, InboundReference Reference);
}
