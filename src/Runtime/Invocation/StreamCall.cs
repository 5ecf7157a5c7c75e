using Auie.Runtime.Serialization;

namespace Auie.Runtime.Invocation;

/// <summary>What a call on a stream of results asks for.</summary>
public enum StreamStep : byte
{
    /// <summary>Begin it, with the method's arguments, and give the first items.</summary>
    Open,

    /// <summary>Give further items.</summary>
    Next,

    /// <summary>End it: nobody wants more.</summary>
    Close,
}

/// <summary>
/// A call of a method that returns a stream. The caller pulls: each pull is a call that gives what is ready, up to a limit, and never holds the grain's
/// turn; while nothing is ready it is answered empty now and then, so that a stream may be silent for longer than a call may take. The method runs on
/// the grain's turn scheduler, interleaved with its calls.
/// </summary>
public abstract class StreamCall<TItem> : GrainCall<StreamBatch<TItem>>
{
    private const uint StreamField = 0, StepField = 1, LimitField = 2, ArgumentsField = 3;

    internal Guid StreamId;
    internal StreamStep Step;
    internal int Limit;

    internal override Interleaving Interleaving => Interleaving.Always;

    protected sealed override bool ResultIsImmutable => true; // items are copied one by one

    /// <summary>Another call of the method, with copies of the same arguments.</summary>
    protected abstract StreamCall<TItem> Again();

    /// <summary>Calls the method.</summary>
    protected abstract IAsyncEnumerable<TItem> Open(object grain, CancellationToken token);

    /// <summary>Makes an item one's own, where it is handed over as an object.</summary>
    protected abstract TItem CopyItem(TItem item);

    internal StreamCall<TItem> Repeat() => Again();

    internal IAsyncEnumerable<TItem> OpenOn(object grain, CancellationToken token) => Open(grain, token);

    internal TItem CopyOf(TItem item) => CopyItem(item);

    protected abstract void WriteMethodArguments(WireWriter writer);

    protected abstract void ReadMethodArguments(ref WireReader reader);

    protected sealed override void Invoke(object grain) => Complete(Activation!.Streams.Pull(this));

    protected sealed override void WriteArguments(WireWriter writer)
    {
        writer.WriteField(StreamField, ScalarCodecs.Guid, StreamId);
        writer.WriteField(StepField, ScalarCodecs.Byte, (byte)Step);
        writer.WriteField(LimitField, ScalarCodecs.Int32, Limit);
        if (Step != StreamStep.Open)
            return;
        writer.WriteTag(ArgumentsField, WireType.Length);
        var block = writer.BeginBlock();
        WriteMethodArguments(writer);
        writer.EndBlock(block);
    }

    protected sealed override void ReadArguments(ref WireReader reader)
    {
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case StreamField: StreamId = reader.ReadField(type, ScalarCodecs.Guid); break;
                case StepField: Step = (StreamStep)reader.ReadField(type, ScalarCodecs.Byte); break;
                case LimitField: Limit = reader.ReadField(type, ScalarCodecs.Int32); break;
                case ArgumentsField when type == WireType.Length:
                    var after = reader.EnterBlock();
                    ReadMethodArguments(ref reader);
                    reader.LeaveBlock(after);
                    break;
                default: reader.Skip(type); break;
            }
        }
    }
}

/// <summary>What a pull gave: some items, perhaps none yet, and whether the stream has ended.</summary>
public readonly record struct StreamBatch<TItem>(TItem[] Items, bool Ended);

/// <summary>The codec of <see cref="StreamBatch{TItem}"/>.</summary>
public sealed class StreamBatchCodec<TItem>(Codec<TItem> item) : Codec<StreamBatch<TItem>>
{
    private readonly ArrayCodec<TItem> _items = new(item);

    public override WireType WireType => WireType.Length;

    public override void Write(WireWriter writer, StreamBatch<TItem> value)
    {
        var block = writer.BeginBlock();
        writer.WriteByte(value.Ended ? (byte)1 : (byte)0);
        _items.Write(writer, value.Items);
        writer.EndBlock(block);
    }

    public override StreamBatch<TItem> Read(ref WireReader reader)
    {
        var after = reader.EnterBlock();
        var ended = reader.ReadByte() != 0;
        var items = _items.Read(ref reader);
        reader.LeaveBlock(after);
        return new(items, ended);
    }
}
