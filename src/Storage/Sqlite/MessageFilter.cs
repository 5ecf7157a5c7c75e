using System.Runtime.InteropServices;

namespace Auie.Storage.Sqlite;

/// <summary>
/// Says of a message that a run does not have it, or that it may: a Bloom filter in blocks of one cache line each (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient
/// Bloom Filters, 2007). At 12 bits a message about one in 200 that is not there may be. A message's id is a hash already, so its bits are taken as they are.
/// </summary>
internal sealed class MessageFilter
{
    private const int BitsPerMessage = 12;
    private const int BlockBits = 512;
    private const int Probes = 6;
    private const int ProbeBits = 9;

    private readonly ulong[] _words;
    private readonly ulong _blocks;

    public MessageFilter(long messages) : this(new ulong[Math.Max(1, (messages * BitsPerMessage + BlockBits - 1) / BlockBits) * (BlockBits / 64)])
    {
    }

    private MessageFilter(ulong[] words) => (_words, _blocks) = (words, (ulong)words.Length / (BlockBits / 64));

    public static MessageFilter Read(byte[] bytes) => new(MemoryMarshal.Cast<byte, ulong>(bytes).ToArray());

    /// <summary>The bits, the lowest first.</summary>
    public byte[] ToBytes() => MemoryMarshal.AsBytes<ulong>(_words).ToArray();

    public void Add(UInt128 message)
    {
        var block = Block(message);
        for (var (probe, bits) = (0, (ulong)message); probe < Probes; probe++, bits >>= ProbeBits)
            block[(int)(bits & (BlockBits - 1)) / 64] |= 1UL << (int)(bits & 63);
    }

    public bool MayHold(UInt128 message)
    {
        var block = Block(message);
        for (var (probe, bits) = (0, (ulong)message); probe < Probes; probe++, bits >>= ProbeBits)
        {
            if ((block[(int)(bits & (BlockBits - 1)) / 64] >> (int)(bits & 63) & 1) == 0)
                return false;
        }
        return true;
    }

    private Span<ulong> Block(UInt128 message) =>
        _words.AsSpan((int)Math.BigMul((ulong)(message >> 64), _blocks, out _) * (BlockBits / 64), BlockBits / 64);
}
