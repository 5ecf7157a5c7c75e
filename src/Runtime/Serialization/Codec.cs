namespace Auie.Runtime.Serialization;

/// <summary>Writes, reads and copies values of one type. Stateless and thread-safe.</summary>
public abstract class Codec<T>
{
    /// <summary>How its values lie in the bytes.</summary>
    public abstract WireType WireType { get; }

    /// <summary>Whether a value may be handed on without being copied.</summary>
    public virtual bool IsImmutable => true;

    /// <summary>Writes a value that is not null.</summary>
    public abstract void Write(WireWriter writer, T value);

    /// <summary>Reads a value that is not null.</summary>
    public abstract T Read(ref WireReader reader);

    /// <summary>Makes a copy that shares nothing mutable with the value.</summary>
    public virtual T Copy(T value) => value;

    /// <summary>Writes an element of a collection: a byte says whether it is there where the type has nulls.</summary>
    internal void WriteElement(WireWriter writer, T value)
    {
        if (default(T) is null)
        {
            writer.WriteByte(value is null ? (byte)0 : (byte)1);
            if (value is null)
                return;
        }

        Write(writer, value);
    }

    internal T ReadElement(ref WireReader reader)
    {
        if (default(T) is not null)
            return Read(ref reader);
        return reader.ReadByte() switch
        {
            0 => default!,
            1 => Read(ref reader),
            var other => throw new WireFormatException($"{other} says neither that an element is there nor that it is null."),
        };
    }

    /// <summary>Copies a value that may be null, where it is mutable.</summary>
    public T CopyElement(T value) => value is null || IsImmutable ? value : Copy(value);
}
