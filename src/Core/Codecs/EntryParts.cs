namespace Auie.Core.Codecs;

/// <summary>What the records of every journal are made of: instants and ids as differences to those before, traits, and sets of ids.</summary>
internal static class EntryParts
{
    /// <summary>What a record's first instant is a difference to.</summary>
    public static readonly DateTimeOffset FirstAt = new(Instants.Epoch, TimeSpan.Zero);

    public static void WriteAt(ByteWriter writer, DateTimeOffset at, DateTimeOffset before, int unit)
    {
        writer.Zigzag((at.UtcTicks - before.UtcTicks) / Instants.Ticks(unit));
        writer.Zigzag(at.TotalOffsetMinutes - before.TotalOffsetMinutes);
    }

    public static DateTimeOffset ReadAt(ref ByteReader reader, DateTimeOffset before, int unit)
    {
        var ticks = Instants.Add(ref reader, before.UtcTicks, reader.Zigzag(), unit);
        var minutes = before.TotalOffsetMinutes + (Int128)reader.Zigzag();
        return Instants.At(ref reader, ticks, minutes);
    }

    public static void WriteTraits(ByteWriter writer, NameTable names, IReadOnlyDictionary<string, string> traits)
    {
        writer.Varint((ulong)traits.Count);
        foreach (var (name, value) in traits.OrderBy(trait => trait.Key, Utf8Order.Instance))
        {
            names.Write(writer, name);
            names.Write(writer, value);
        }
    }

    public static Dictionary<string, string> ReadTraits(ref ByteReader reader, NameTable names)
    {
        var count = reader.Count(2);
        var traits = new Dictionary<string, string>(count);
        for (var i = 0; i < count; i++)
        {
            var name = names.Read(ref reader);
            if (!traits.TryAdd(name, names.Read(ref reader)))
                throw reader.Fail("a trait comes twice");
        }
        return traits;
    }

    /// <summary>How much a text shares with the one before, in UTF-16 units, and the rest; a surrogate pair is never split.</summary>
    public static void WriteDifference(ByteWriter writer, string previous, string text)
    {
        if (text.Length > KeyList.LongestKey)
            throw new ArgumentException($"An id of {text.Length} characters is longer than {KeyList.LongestKey}.", nameof(text));
        var shared = previous.AsSpan().CommonPrefixLength(text);
        if (shared > 0 && char.IsHighSurrogate(text[shared - 1]))
            shared--;
        writer.Varint((ulong)shared);
        writer.Text(text.AsSpan(shared));
    }

    public static string ReadDifference(ref ByteReader reader, string previous)
    {
        var shared = reader.Bounded(previous.Length);
        if (shared > 0 && char.IsHighSurrogate(previous[shared - 1]))
            throw reader.Fail("a character is split");
        var text = reader.Text(previous.AsSpan(0, shared));
        return text.Length <= KeyList.LongestKey ? text : throw reader.Fail("an id is longer than it can be");
    }

    public static void WriteSet(ByteWriter writer, IReadOnlyList<string> ids)
    {
        var given = new Keys();
        foreach (var id in ids)
            given.Add(id);
        var keys = new Keys();
        foreach (var place in given.Order())
        {
            if (keys.Count == 0 || !keys[keys.Count - 1].SequenceEqual(given[place]))
                keys.Add(given[place]);
        }
        KeyList.Write(writer, ref keys, 0, keys.Count);
    }

    public static string[] ReadSet(ref ByteReader reader)
    {
        var keys = new Keys();
        KeyList.Read(ref reader, ref keys);
        var ids = new string[keys.Count];
        for (var i = 0; i < ids.Length; i++)
            ids[i] = keys.Text(i, ref reader);
        return ids;
    }
}
