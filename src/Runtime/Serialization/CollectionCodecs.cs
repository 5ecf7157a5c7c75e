namespace Auie.Runtime.Serialization;

/// <summary>The codec of an array of numbers, written as they lie in memory.</summary>
public sealed class BlittableArrayCodec<T> : Codec<T[]> where T : unmanaged
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => false;
    public override void Write(WireWriter writer, T[] value) => writer.WriteBlittable<T>(value);
    public override T[] Read(ref WireReader reader) => reader.ReadBlittable<T>();
    public override T[] Copy(T[] value) => [.. value];
}

/// <summary>The codec of a stretch of numbers; what is read is an array of its own.</summary>
public sealed class ReadOnlyMemoryCodec<T> : Codec<ReadOnlyMemory<T>> where T : unmanaged
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => false;
    public override void Write(WireWriter writer, ReadOnlyMemory<T> value) => writer.WriteBlittable(value.Span);
    public override ReadOnlyMemory<T> Read(ref WireReader reader) => reader.ReadBlittable<T>();
    public override ReadOnlyMemory<T> Copy(ReadOnlyMemory<T> value) => value.ToArray();
}

/// <summary>The codec of a collection: a count and the elements, in a block.</summary>
public abstract class CollectionCodec<TCollection, TElement>(Codec<TElement> element) : Codec<TCollection>
    where TCollection : IEnumerable<TElement>
{
    protected Codec<TElement> Element => element;

    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => false;

    public override void Write(WireWriter writer, TCollection value)
    {
        var block = writer.BeginBlock();
        writer.WriteVarint((ulong)CountOf(value));
        foreach (var item in value)
            element.WriteElement(writer, item);
        writer.EndBlock(block);
    }

    public override TCollection Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var items = new TElement[reader.ReadCount()];
        for (var i = 0; i < items.Length; i++)
            items[i] = element.ReadElement(ref reader);
        reader.LeaveBlock(after);
        return Make(items);
    }

    public override TCollection Copy(TCollection value)
    {
        var items = new TElement[CountOf(value)];
        var next = 0;
        foreach (var item in value)
            items[next++] = element.CopyElement(item);
        return Make(items, value);
    }

    protected abstract int CountOf(TCollection value);

    /// <summary>Makes the collection of elements that belong to it alone; <paramref name="like"/> is the one that is copied, if one is.</summary>
    protected abstract TCollection Make(TElement[] items, TCollection? like = default);
}

/// <summary>The codec of an array.</summary>
public sealed class ArrayCodec<T>(Codec<T> element) : CollectionCodec<T[], T>(element)
{
    protected override int CountOf(T[] value) => value.Length;
    protected override T[] Make(T[] items, T[]? like = null) => items;
    public override T[] Copy(T[] value) => Element.IsImmutable ? [.. value] : base.Copy(value);
}

/// <summary>The codec of a list.</summary>
public sealed class ListCodec<T>(Codec<T> element) : CollectionCodec<List<T>, T>(element)
{
    protected override int CountOf(List<T> value) => value.Count;
    protected override List<T> Make(T[] items, List<T>? like = null) => [.. items];
}

/// <summary>The codec of a set. The comparer stays with a local copy; one that is read compares by default.</summary>
public sealed class HashSetCodec<T>(Codec<T> element) : CollectionCodec<HashSet<T>, T>(element)
{
    protected override int CountOf(HashSet<T> value) => value.Count;
    protected override HashSet<T> Make(T[] items, HashSet<T>? like = null) => new(items, like?.Comparer);
}

/// <summary>The codec of a read-only list, which arrives as an array.</summary>
public sealed class ReadOnlyListCodec<T>(Codec<T> element) : CollectionCodec<IReadOnlyList<T>, T>(element)
{
    protected override int CountOf(IReadOnlyList<T> value) => value.Count;
    protected override IReadOnlyList<T> Make(T[] items, IReadOnlyList<T>? like = null) => items;
}

/// <summary>The codec of a dictionary. The comparer stays with a local copy; one that is read compares by default.</summary>
public sealed class DictionaryCodec<TKey, TValue>(Codec<TKey> key, Codec<TValue> value)
    : CollectionCodec<Dictionary<TKey, TValue>, KeyValuePair<TKey, TValue>>(new KeyValuePairCodec<TKey, TValue>(key, value))
    where TKey : notnull
{
    protected override int CountOf(Dictionary<TKey, TValue> value) => value.Count;

    protected override Dictionary<TKey, TValue> Make(KeyValuePair<TKey, TValue>[] items, Dictionary<TKey, TValue>? like = null)
    {
        var made = new Dictionary<TKey, TValue>(items.Length, like?.Comparer);
        foreach (var (key, value) in items)
        {
            if (key is null || !made.TryAdd(key, value))
                throw new WireFormatException("A dictionary has a key twice, or a null key.");
        }

        return made;
    }
}

/// <summary>The codec of a key with its value.</summary>
public sealed class KeyValuePairCodec<TKey, TValue>(Codec<TKey> key, Codec<TValue> value) : Codec<KeyValuePair<TKey, TValue>>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => key.IsImmutable && value.IsImmutable;

    public override void Write(WireWriter writer, KeyValuePair<TKey, TValue> pair)
    {
        var block = writer.BeginBlock();
        key.WriteElement(writer, pair.Key);
        value.WriteElement(writer, pair.Value);
        writer.EndBlock(block);
    }

    public override KeyValuePair<TKey, TValue> Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var pair = KeyValuePair.Create(key.ReadElement(ref reader), value.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return pair;
    }

    public override KeyValuePair<TKey, TValue> Copy(KeyValuePair<TKey, TValue> pair) => new(key.CopyElement(pair.Key), value.CopyElement(pair.Value));
}
