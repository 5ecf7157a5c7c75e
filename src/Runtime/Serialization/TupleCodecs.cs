namespace Auie.Runtime.Serialization;

/// <summary>The codec of a tuple of two.</summary>
public sealed class TupleCodec<T1, T2>(Codec<T1> item1, Codec<T2> item2) : Codec<(T1, T2)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        writer.EndBlock(block);
    }

    public override (T1, T2) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2) Copy((T1, T2) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2));
}

/// <summary>The codec of a tuple of three.</summary>
public sealed class TupleCodec<T1, T2, T3>(Codec<T1> item1, Codec<T2> item2, Codec<T3> item3) : Codec<(T1, T2, T3)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable && item3.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2, T3) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        item3.WriteElement(writer, value.Item3);
        writer.EndBlock(block);
    }

    public override (T1, T2, T3) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader), item3.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2, T3) Copy((T1, T2, T3) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2), item3.CopyElement(value.Item3));
}

/// <summary>The codec of a tuple of four.</summary>
public sealed class TupleCodec<T1, T2, T3, T4>(Codec<T1> item1, Codec<T2> item2, Codec<T3> item3, Codec<T4> item4) : Codec<(T1, T2, T3, T4)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable && item3.IsImmutable && item4.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2, T3, T4) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        item3.WriteElement(writer, value.Item3);
        item4.WriteElement(writer, value.Item4);
        writer.EndBlock(block);
    }

    public override (T1, T2, T3, T4) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader), item3.ReadElement(ref reader), item4.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2, T3, T4) Copy((T1, T2, T3, T4) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2), item3.CopyElement(value.Item3), item4.CopyElement(value.Item4));
}

/// <summary>The codec of a tuple of five.</summary>
public sealed class TupleCodec<T1, T2, T3, T4, T5>(Codec<T1> item1, Codec<T2> item2, Codec<T3> item3, Codec<T4> item4, Codec<T5> item5) : Codec<(T1, T2, T3, T4, T5)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable && item3.IsImmutable && item4.IsImmutable && item5.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2, T3, T4, T5) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        item3.WriteElement(writer, value.Item3);
        item4.WriteElement(writer, value.Item4);
        item5.WriteElement(writer, value.Item5);
        writer.EndBlock(block);
    }

    public override (T1, T2, T3, T4, T5) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader), item3.ReadElement(ref reader), item4.ReadElement(ref reader), item5.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2, T3, T4, T5) Copy((T1, T2, T3, T4, T5) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2), item3.CopyElement(value.Item3), item4.CopyElement(value.Item4), item5.CopyElement(value.Item5));
}

/// <summary>The codec of a tuple of six.</summary>
public sealed class TupleCodec<T1, T2, T3, T4, T5, T6>(Codec<T1> item1, Codec<T2> item2, Codec<T3> item3, Codec<T4> item4, Codec<T5> item5, Codec<T6> item6) : Codec<(T1, T2, T3, T4, T5, T6)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable && item3.IsImmutable && item4.IsImmutable && item5.IsImmutable && item6.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2, T3, T4, T5, T6) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        item3.WriteElement(writer, value.Item3);
        item4.WriteElement(writer, value.Item4);
        item5.WriteElement(writer, value.Item5);
        item6.WriteElement(writer, value.Item6);
        writer.EndBlock(block);
    }

    public override (T1, T2, T3, T4, T5, T6) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader), item3.ReadElement(ref reader), item4.ReadElement(ref reader), item5.ReadElement(ref reader), item6.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2, T3, T4, T5, T6) Copy((T1, T2, T3, T4, T5, T6) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2), item3.CopyElement(value.Item3), item4.CopyElement(value.Item4), item5.CopyElement(value.Item5), item6.CopyElement(value.Item6));
}

/// <summary>The codec of a tuple of seven.</summary>
public sealed class TupleCodec<T1, T2, T3, T4, T5, T6, T7>(Codec<T1> item1, Codec<T2> item2, Codec<T3> item3, Codec<T4> item4, Codec<T5> item5, Codec<T6> item6, Codec<T7> item7) : Codec<(T1, T2, T3, T4, T5, T6, T7)>
{
    public override WireType WireType => WireType.Length;
    public override bool IsImmutable => item1.IsImmutable && item2.IsImmutable && item3.IsImmutable && item4.IsImmutable && item5.IsImmutable && item6.IsImmutable && item7.IsImmutable;

    public override void Write(WireWriter writer, (T1, T2, T3, T4, T5, T6, T7) value)
    {
        var block = writer.BeginBlock();
        item1.WriteElement(writer, value.Item1);
        item2.WriteElement(writer, value.Item2);
        item3.WriteElement(writer, value.Item3);
        item4.WriteElement(writer, value.Item4);
        item5.WriteElement(writer, value.Item5);
        item6.WriteElement(writer, value.Item6);
        item7.WriteElement(writer, value.Item7);
        writer.EndBlock(block);
    }

    public override (T1, T2, T3, T4, T5, T6, T7) Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var value = (item1.ReadElement(ref reader), item2.ReadElement(ref reader), item3.ReadElement(ref reader), item4.ReadElement(ref reader), item5.ReadElement(ref reader), item6.ReadElement(ref reader), item7.ReadElement(ref reader));
        reader.LeaveBlock(after);
        return value;
    }

    public override (T1, T2, T3, T4, T5, T6, T7) Copy((T1, T2, T3, T4, T5, T6, T7) value) =>
        (item1.CopyElement(value.Item1), item2.CopyElement(value.Item2), item3.CopyElement(value.Item3), item4.CopyElement(value.Item4), item5.CopyElement(value.Item5), item6.CopyElement(value.Item6), item7.CopyElement(value.Item7));
}
