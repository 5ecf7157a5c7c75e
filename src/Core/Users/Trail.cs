using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The latest steps of somebody: what they were shown, viewed, answered, bought and invited to, and when, to the millisecond; of what it was nothing is said. Which ones these are
/// depends on no order in which they come: of the steps of two trails together the latest are kept.
/// </summary>
public sealed class Trail
{
    /// <summary>How many steps are kept.</summary>
    public const int Most = 64;

    private const int KindBits = 4;

    private static readonly long First = FloorOf(DateTime.MinValue.Ticks), Last = FloorOf(DateTime.MaxValue.Ticks);

    // The instant in milliseconds since the epoch of instants, and in the lowest bits the kind; in their order.
    private readonly List<long> _steps = [];

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>Whether entries of a kind are steps.</summary>
    public static bool Keeps(EntryKind kind) => kind is >= EntryKind.Shown and <= EntryKind.Purchased;

    /// <summary>The bytes that <see cref="Read(ReadOnlySpan{byte}, Span{long}, Span{EntryKind})"/> reads; none where there is no step.</summary>
    public byte[] Encode()
    {
        if (IsEmpty)
            return [];
        var writer = ByteWriter.OfThread;
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Every step, in the order of time.</summary>
    public IEnumerable<(EntryKind Kind, DateTimeOffset At)> Held() => _steps.Select(step => (KindOf(step), new DateTimeOffset(TicksOf(step), TimeSpan.Zero)));

    /// <summary>Puts the steps, in the order of time, into <paramref name="ticks"/> (of UTC) and <paramref name="kinds"/>, which have room for <see cref="Most"/>; returns how many there are.</summary>
    /// <exception cref="CodecException">The bytes are no trail.</exception>
    internal static int Read(ReadOnlySpan<byte> bytes, Span<long> ticks, Span<EntryKind> kinds)
    {
        if (bytes.IsEmpty)
            return 0;
        var reader = new ByteReader(bytes, "A user's trail");
        Span<long> steps = stackalloc long[Most];
        var count = Read(ref reader, steps);
        reader.End();
        for (var i = 0; i < count; i++)
            (ticks[i], kinds[i]) = (TicksOf(steps[i]), KindOf(steps[i]));
        return count;
    }

    /// <summary>Takes in a step of the user's own that has a date.</summary>
    internal void Add(Entry entry)
    {
        if (Keeps(entry.Kind) && entry.Other is null && entry.At != EntryValidation.Undated)
            Add((FloorOf(entry.At.UtcTicks) << KindBits) | (long)entry.Kind);
    }

    internal void Merge(Trail other)
    {
        foreach (var step in other._steps)
            Add(step);
    }

    /// <summary>How many steps, and, if any, in what unit instants are, the first one's from the epoch and of the others how long after the one before, each with the kind in the lowest bits.</summary>
    internal void Write(ByteWriter writer)
    {
        writer.Varint((ulong)_steps.Count);
        if (IsEmpty)
            return;
        var seconds = _steps.TrueForAll(step => (step >> KindBits) % 1_000 == 0);
        writer.Byte(seconds ? (byte)1 : (byte)0);
        var before = 0L;
        foreach (var step in _steps)
        {
            var at = (step >> KindBits) / (seconds ? 1_000 : 1);
            writer.Zigzag(((at - before) << KindBits) | (step & ((1 << KindBits) - 1)));
            before = at;
        }
    }

    internal void Read(ref ByteReader reader)
    {
        Span<long> steps = stackalloc long[Most];
        var count = Read(ref reader, steps);
        _steps.AddRange(steps[..count]);
    }

    private static int Read(ref ByteReader reader, scoped Span<long> steps)
    {
        var count = reader.Count();
        if (count > Most)
            throw reader.Fail($"it has {count} steps, and {Most} at the most are kept");
        if (count == 0)
            return 0;
        var unit = reader.Bounded(1) == 1 ? 1_000 : 1;
        var (at, last) = (0L, long.MinValue);
        for (var i = 0; i < count; i++)
        {
            // What is in the calendar and any number together do not overflow: the lowest bits are the kind.
            var read = reader.Zigzag();
            at += read >> KindBits;
            if (at < First / unit || at > Last / unit)
                throw reader.Fail("an instant is out of the calendar");
            steps[i] = ((at * unit) << KindBits) | (read & ((1 << KindBits) - 1));
            if (!Keeps(KindOf(steps[i])))
                throw reader.Fail("it has a step of a kind that is none");
            if (steps[i] < last)
                throw reader.Fail("its steps are not in order");
            last = steps[i];
        }

        return count;
    }

    private void Add(long step)
    {
        if (_steps.Count == Most && step <= _steps[0])
            return;
        // Events come mostly in the order of time.
        var place = _steps.Count;
        while (place > 0 && _steps[place - 1] > step)
            place--;
        _steps.Insert(place, step);
        if (_steps.Count > Most)
            _steps.RemoveAt(0);
    }

    private static long FloorOf(long ticks) => (ticks / TimeSpan.TicksPerMillisecond) - (Instants.Epoch / TimeSpan.TicksPerMillisecond);

    private static long TicksOf(long step) => Instants.Epoch + ((step >> KindBits) * TimeSpan.TicksPerMillisecond);

    private static EntryKind KindOf(long step) => (EntryKind)(step & ((1 << KindBits) - 1));
}
