using Auie.Core.Codecs;

namespace Auie.Core.Users;

/// <summary>
/// The bytes of traits in a head: the stamps (count, unit, and for each the distance to the one before and the message id), then the
/// traits: name, value, number of the stamp.
/// </summary>
internal static class TraitsCodec
{
    public static void Write(ByteWriter writer, NameTable names, Traits traits)
    {
        var stamps = traits.All.Select(trait => trait.Stamp).Distinct().Order().ToList();
        var unit = Instants.Seconds;
        foreach (var stamp in stamps)
            unit = Instants.Coarsest(unit, stamp.Ticks);
        writer.Varint((ulong)stamps.Count);
        writer.Varint((ulong)unit);
        var before = Instants.Epoch;
        foreach (var stamp in stamps)
        {
            writer.Zigzag((stamp.Ticks - before) / Instants.Ticks(unit));
            writer.Text(stamp.MessageId);
            before = stamp.Ticks;
        }
        writer.Varint((ulong)traits.All.Count);
        foreach (var trait in traits.All)
        {
            names.Write(writer, trait.Name);
            names.Write(writer, trait.Value);
            writer.Varint((ulong)stamps.BinarySearch(trait.Stamp));
        }
    }

    public static void Read(ref ByteReader reader, NameTable names, Traits traits)
    {
        var stamps = new Stamp[reader.Count(2)];
        var unit = Instants.ReadUnit(ref reader);
        var before = Instants.Epoch;
        for (var i = 0; i < stamps.Length; i++)
        {
            before = Instants.Add(ref reader, before, reader.Zigzag(), unit);
            stamps[i] = new Stamp(before, reader.Text());
        }
        for (var count = reader.Count(3); count > 0; count--)
        {
            var name = names.Read(ref reader);
            var value = names.Read(ref reader);
            if (stamps.Length == 0)
                throw reader.Fail("a trait has no stamp");
            traits.Set(new Trait(name, value, stamps[reader.Bounded(stamps.Length - 1)]));
        }
    }
}
