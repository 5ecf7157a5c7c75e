using System.Collections.Concurrent;

namespace Auie.Runtime.Serialization;

/// <summary>The generated codecs of this process, by type and by alias: what an object's own type is found by where it is not the declared one.</summary>
public static class CodecRegistry
{
    private static readonly ConcurrentDictionary<Type, IObjectCodec> ByType = new();
    private static readonly ConcurrentDictionary<string, IObjectCodec> ByAlias = new(StringComparer.Ordinal);

    /// <summary>Makes a codec known. Called by generated code.</summary>
    /// <exception cref="InvalidOperationException">Another type has the same alias.</exception>
    public static void Add<T>(ObjectCodec<T> codec)
    {
        var added = (IObjectCodec)codec;
        if (ByAlias.GetOrAdd(added.Alias, added) is var known && known.Type != added.Type)
            throw new InvalidOperationException($"{known.Type} and {added.Type} have the same alias, '{added.Alias}'.");
        ByType.TryAdd(added.Type, added);
    }

    internal static IObjectCodec? Find(Type type) => ByType.GetValueOrDefault(type);

    internal static IObjectCodec? Find(string alias) => ByAlias.GetValueOrDefault(alias);

    internal static IObjectCodec ForType(Type type) =>
        Find(type) ?? throw new NotSupportedException($"{type} has no serializer: it has to be marked with [GenerateSerializer].");

    internal static IObjectCodec ForAlias(string alias) => Find(alias) ?? throw new WireFormatException($"No type has the alias '{alias}' here.");
}
