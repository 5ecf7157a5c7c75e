using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The latest steps of somebody: what they were shown, viewed, answered, bought, came to and were invited to, and when, to the millisecond; of which item only a mark is kept, so that an answer is known to be of
/// what was shown; and of what was bought, for how much and on what kind of platform. Which ones these are depends on no order in which they come: of the steps of two trails together the latest are kept.
/// </summary>
public sealed class Trail
{
    /// <summary>How many steps are kept.</summary>
    public const int Most = 64;

    private const int KindBits = 5, ItemBits = 10, BelowInstant = KindBits + ItemBits;

    // What is said before the steps: that instants are in seconds, that there are marks of items, and that of what was bought there is the kind of platform. Trails of earlier versions have none, and fewer bits for kinds.
    private const int InSeconds = 1, WithItems = 2, WithPlatforms = 4, EarlierKindBits = 4;

    private static readonly long First = FloorOf(DateTime.MinValue.Ticks), Last = FloorOf(DateTime.MaxValue.Ticks);

    // The instant in milliseconds since the epoch of instants, and in the lowest bits the kind and the item's mark; in their order, with what was paid.
    private readonly List<Step> _steps = [];

    public bool IsEmpty => _steps.Count == 0;

    /// <summary>Whether entries of a kind are steps.</summary>
    public static bool Keeps(EntryKind kind) => kind.IsStep();

    /// <summary>The bytes that <see cref="Read(ReadOnlySpan{byte}, Span{long}, Span{EntryKind}, Span{int}, Span{long}, Span{PlatformKind})"/> reads; none where there is no step.</summary>
    public byte[] Encode()
    {
        if (IsEmpty)
            return [];
        var writer = ByteWriter.OfThread;
        Write(writer);
        return writer.ToArray();
    }

    /// <summary>Every step, in the order of time.</summary>
    public IEnumerable<(EntryKind Kind, DateTimeOffset At)> Held() => _steps.Select(step => (step.Kind, new DateTimeOffset(step.Ticks, TimeSpan.Zero)));

    /// <summary>Puts the steps, in the order of time, into <paramref name="ticks"/> (of UTC) and <paramref name="kinds"/>, which have room for <see cref="Most"/>; returns how many there are.</summary>
    /// <param name="items">The items' marks, too, where it has room for them: one of 1,023, 0 where nothing is known of the item.</param>
    /// <param name="amounts">What was paid, too, in ten-thousandths of the currency unit, where it has room for it.</param>
    /// <param name="platforms">On what kind of platform, too, where it has room for it; of what was not bought it is not known.</param>
    /// <exception cref="CodecException">The bytes are no trail.</exception>
    internal static int Read(ReadOnlySpan<byte> bytes, Span<long> ticks, Span<EntryKind> kinds, Span<int> items = default, Span<long> amounts = default, Span<PlatformKind> platforms = default)
    {
        if (bytes.IsEmpty)
            return 0;
        var reader = new ByteReader(bytes, "A user's trail");
        Span<Step> steps = stackalloc Step[Most];
        var count = Read(ref reader, steps);
        reader.End();
        for (var i = 0; i < count; i++)
        {
            (ticks[i], kinds[i]) = (steps[i].Ticks, steps[i].Kind);
            if (!items.IsEmpty)
                items[i] = steps[i].Item;
            if (!amounts.IsEmpty)
                amounts[i] = steps[i].Amount;
            if (!platforms.IsEmpty)
                platforms[i] = steps[i].Platform;
        }

        return count;
    }

    /// <summary>Which kinds of steps there are: for each the bit of its number.</summary>
    /// <exception cref="CodecException">The bytes are no trail.</exception>
    internal static uint KindsOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return 0;
        var reader = new ByteReader(bytes, "A user's trail");
        Span<Step> steps = stackalloc Step[Most];
        var kinds = 0u;
        foreach (var step in steps[..Read(ref reader, steps)])
            kinds |= 1u << (int)step.Kind;
        return kinds;
    }

    /// <summary>Takes in a step of the user's own that has a date.</summary>
    internal void Add(Entry entry)
    {
        if (!Keeps(entry.Kind) || entry.Other is not null || entry.At == EntryValidation.Undated)
            return;
        var isPurchase = entry.Kind == EntryKind.Purchased;
        Add(Step.Of(FloorOf(entry.At.UtcTicks), entry.Kind, MarkOf(entry.Item), isPurchase ? entry.Amount ?? 0 : 0, isPurchase ? PlatformKinds.Of(entry.Platform) : PlatformKind.Unknown));
    }

    internal void Merge(Trail other)
    {
        foreach (var step in other._steps)
            Add(step);
    }

    /// <summary>How many steps, and, if any, in what unit instants are, the first one's from the epoch and of the others how long after the one before, each with the kind in the lowest bits, then the item's mark, what was paid, and on what kind of platform, where that is known of any.</summary>
    internal void Write(ByteWriter writer)
    {
        writer.Varint((ulong)_steps.Count);
        if (IsEmpty)
            return;
        var seconds = _steps.TrueForAll(step => step.Instant % 1_000 == 0);
        var platforms = _steps.Exists(step => step.Platform != PlatformKind.Unknown);
        writer.Byte((byte)((seconds ? InSeconds : 0) | WithItems | (platforms ? WithPlatforms : 0)));
        var before = 0L;
        foreach (var step in _steps)
        {
            var at = step.Instant / (seconds ? 1_000 : 1);
            writer.Zigzag(((at - before) << KindBits) | (long)step.Kind);
            writer.Varint((ulong)step.Item);
            if (step.Kind == EntryKind.Purchased)
                writer.Varint((ulong)step.Amount);
            if (platforms && step.Kind == EntryKind.Purchased)
                writer.Byte((byte)step.Platform);
            before = at;
        }
    }

    internal void Read(ref ByteReader reader)
    {
        Span<Step> steps = stackalloc Step[Most];
        var count = Read(ref reader, steps);
        _steps.AddRange(steps[..count]);
    }

    private static int Read(ref ByteReader reader, scoped Span<Step> steps)
    {
        var count = reader.Count();
        if (count > Most)
            throw reader.Fail($"it has {count} steps, and {Most} at the most are kept");
        if (count == 0)
            return 0;
        var form = reader.Bounded(InSeconds | WithItems | WithPlatforms);
        var unit = (form & InSeconds) > 0 ? 1_000 : 1;
        var kindBits = (form & WithItems) > 0 ? KindBits : EarlierKindBits;
        var (at, last) = (0L, new Step(long.MinValue, 0, PlatformKind.Unknown));
        for (var i = 0; i < count; i++)
        {
            // What is in the calendar and any number together do not overflow: the lowest bits are the kind.
            var read = reader.Zigzag();
            at += read >> kindBits;
            if (at < First / unit || at > Last / unit)
                throw reader.Fail("an instant is out of the calendar");
            var kind = (EntryKind)(read & ((1 << kindBits) - 1));
            if (!Keeps(kind))
                throw reader.Fail("it has a step of a kind that is none");
            var item = (form & WithItems) > 0 ? reader.Bounded((1 << ItemBits) - 1) : 0;
            var amount = (form & WithItems) > 0 && kind == EntryKind.Purchased ? reader.NonNegative() : 0;
            steps[i] = Step.Of(at * unit, kind, item, amount, (form & WithPlatforms) > 0 && kind == EntryKind.Purchased ? (PlatformKind)reader.Bounded(PlatformKinds.Count - 1) : PlatformKind.Unknown);
            if (steps[i].CompareTo(last) < 0)
                throw reader.Fail("its steps are not in order");
            last = steps[i];
        }

        return count;
    }

    private void Add(Step step)
    {
        if (_steps.Count == Most && step.CompareTo(_steps[0]) <= 0)
            return;
        // Events come mostly in the order of time.
        var place = _steps.Count;
        while (place > 0 && _steps[place - 1].CompareTo(step) > 0)
            place--;
        _steps.Insert(place, step);
        if (_steps.Count > Most)
            _steps.RemoveAt(0);
    }

    private static long FloorOf(long ticks) => (ticks / TimeSpan.TicksPerMillisecond) - (Instants.Epoch / TimeSpan.TicksPerMillisecond);

    private static int MarkOf(string? item) => item is null ? 0 : 1 + (int)(StableHash.OfKey(item) % ((1UL << ItemBits) - 1));

    private readonly record struct Step(long Key, long Amount, PlatformKind Platform) : IComparable<Step>
    {
        public long Instant => Key >> BelowInstant;

        public long Ticks => Instants.Epoch + (Instant * TimeSpan.TicksPerMillisecond);

        public EntryKind Kind => (EntryKind)(Key >> ItemBits & ((1 << KindBits) - 1));

        public int Item => (int)(Key & ((1 << ItemBits) - 1));

        public static Step Of(long instant, EntryKind kind, int item, long amount, PlatformKind platform) => new((instant << BelowInstant) | ((long)kind << ItemBits) | (long)item, amount, platform);

        public int CompareTo(Step other) => Key != other.Key ? Key.CompareTo(other.Key) : Amount != other.Amount ? Amount.CompareTo(other.Amount) : Platform.CompareTo(other.Platform);
    }
}
