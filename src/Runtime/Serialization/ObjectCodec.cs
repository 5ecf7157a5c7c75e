using System.Runtime.CompilerServices;

namespace Auie.Runtime.Serialization;

/// <summary>
/// The base of generated codecs: an object is a block of fields. Field 0 is the alias of the object's own type, where that derives from the declared
/// one; field 1 the block of the members that its base type declares; a member with [Id(n)] is field n + 2. Fields that the reader does not know are
/// passed over; a member whose field is absent keeps what the parameterless constructor gave it, or its type's default where there is none. The same
/// object met twice is written twice, and one that contains itself is refused.
/// </summary>
public abstract class ObjectCodec<T>(string alias, bool isImmutable) : Codec<T>, IObjectCodec
{
    private const uint TypeField = 0;

    /// <summary>The field of the members that the base type declares.</summary>
    protected const uint BaseField = 1;

    /// <summary>What is added to a member's [Id] to make its field number.</summary>
    protected const uint FirstMember = 2;

    public override WireType WireType => WireType.Length;

    public override bool IsImmutable => isImmutable;

    string IObjectCodec.Alias => alias;

    Type IObjectCodec.Type => typeof(T);

    public override void Write(WireWriter writer, T value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var block = writer.BeginBlock();
        if (value!.GetType() == typeof(T))
        {
            WriteMembers(writer, value);
        }
        else
        {
            var own = CodecRegistry.ForType(value.GetType());
            writer.WriteTag(TypeField, WireType.Length);
            writer.WriteString(own.Alias);
            own.WriteMembersOf(writer, value);
        }

        writer.EndBlock(block);
    }

    public override T Read(ref WireReader reader)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var after = reader.EnterBlock();
        var ahead = reader;
        T value;
        if (ahead.TryReadTag(out var number, out var type) && number == TypeField && type == WireType.Length)
        {
            var own = CodecRegistry.ForAlias(ahead.ReadString());
            reader = ahead;
            value = own.ReadNew(ref reader) is T derived ? derived : throw new WireFormatException($"A {own.Type} is not a {typeof(T)}.");
        }
        else
        {
            value = Create();
            ReadMembers(ref reader, ref value);
        }

        reader.LeaveBlock(after);
        return value;
    }

    public override T Copy(T value)
    {
        if (isImmutable)
            return value;
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (value!.GetType() != typeof(T))
            return (T)CodecRegistry.ForType(value.GetType()).CopyOf(value);
        var copy = Create();
        CopyMembers(value, ref copy);
        return copy;
    }

    /// <summary>Makes an object to read members into.</summary>
    public abstract T Create();

    /// <summary>Writes the members, without a block around them.</summary>
    public abstract void WriteMembers(WireWriter writer, T value);

    /// <summary>Reads members to the end of the block.</summary>
    public void ReadMembers(ref WireReader reader, ref T value)
    {
        while (reader.TryReadTag(out var number, out var type))
        {
            if (!ReadMember(ref reader, number, type, ref value))
                reader.Skip(type);
        }
    }

    /// <summary>Copies the members, those that are mutable deeply.</summary>
    public abstract void CopyMembers(T from, ref T to);

    /// <summary>Reads one member; false where the type has none of that number.</summary>
    protected abstract bool ReadMember(ref WireReader reader, uint number, WireType type, ref T value);

    object IObjectCodec.CreateNew() => Create()!;

    void IObjectCodec.WriteMembersOf(WireWriter writer, object value) => WriteMembers(writer, (T)value);

    object IObjectCodec.ReadNew(ref WireReader reader)
    {
        var value = Create();
        ReadMembers(ref reader, ref value);
        return value!;
    }

    object IObjectCodec.CopyOf(object value) => Copy((T)value)!;
}

/// <summary>A generated codec, whatever its type.</summary>
internal interface IObjectCodec
{
    Type Type { get; }

    string Alias { get; }

    object CreateNew();

    void WriteMembersOf(WireWriter writer, object value);

    object ReadNew(ref WireReader reader);

    object CopyOf(object value);
}
