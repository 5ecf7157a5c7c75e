using System.Diagnostics;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Hosting;

/// <summary>
/// The message of a call: fields for the grain's class and key, the numbers of interface and method, what travels with the call, and as the last one
/// the block of the arguments.
/// </summary>
internal static class CallMessage
{
    private const uint ClassField = 0, KeyField = 1, MethodField = 2, ContextField = 3, ParentField = 4, ArgumentsField = 5;

    private static readonly Codec<Dictionary<string, object>> ContextCodec = new DictionaryCodec<string, object>(ScalarCodecs.String, new ContextValueCodec());

    public readonly record struct Header(InboundReference Target, ulong Method, Dictionary<string, object>? Context, ActivityContext Parent)
    {
        /// <summary>An empty call of the method.</summary>
        /// <exception cref="WireFormatException">There is no such method here.</exception>
        public GrainCall NewCall(GrainHost host) => host.Methods.TryGetValue(Method, out var method)
            ? method.NewCall()
            : throw new WireFormatException($"No grain method has the number {Method:X16} here.");
    }

    public static void Write(WireWriter writer, GrainCall call)
    {
        var target = call.Target!.GrainId;
        writer.WriteField(ClassField, ScalarCodecs.String, target.Type);
        writer.WriteField(KeyField, ScalarCodecs.String, target.Key);
        writer.WriteTag(MethodField, WireType.Fixed64);
        writer.WriteFixed64(call.Method.WireId);
        if (call.Context is { } context)
            writer.WriteField(ContextField, ContextCodec, context);
        if (call.Parent != default)
            writer.WriteField(ParentField, ScalarCodecs.String, $"00-{call.Parent.TraceId}-{call.Parent.SpanId}-{(int)call.Parent.TraceFlags:x2}");
        writer.WriteTag(ArgumentsField, WireType.Length);
        var block = writer.BeginBlock();
        call.Write(writer);
        writer.EndBlock(block);
    }

    /// <summary>Reads up to the arguments.</summary>
    /// <exception cref="WireFormatException">The bytes are not the message of a call.</exception>
    public static Header ReadHeader(ref WireReader reader, InboundReferences references)
    {
        ReadOnlySpan<byte> grainClass = default, key = default;
        var keyed = false;
        ulong? method = null;
        Dictionary<string, object>? context = null;
        ActivityContext parent = default;
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case ClassField when type == WireType.Length: grainClass = reader.ReadBytes(); break;
                case KeyField when type == WireType.Length:
                    key = reader.ReadBytes();
                    keyed = true;
                    break;
                case MethodField when type == WireType.Fixed64: method = reader.ReadFixed64(); break;
                case ContextField: context = reader.ReadField(type, ContextCodec); break;
                case ParentField: _ = ActivityContext.TryParse(reader.ReadField(type, ScalarCodecs.String), null, out parent); break;
                case ArgumentsField when type == WireType.Length && !grainClass.IsEmpty && keyed && method is { } known:
                    return new(references.Find(grainClass, key), known, context, parent);
                case ArgumentsField: throw new WireFormatException("The message of a call does not say which grain and method are meant.");
                default: reader.Skip(type); break;
            }
        }

        throw new WireFormatException("The message of a call has no arguments.");
    }

    public static void ReadArguments(ref WireReader reader, GrainCall call)
    {
        var after = reader.EnterBlock();
        call.Read(ref reader);
        reader.LeaveBlock(after);
    }

    /// <summary>The codec of what a <see cref="RequestContext"/> may hold.</summary>
    private sealed class ContextValueCodec : Codec<object>
    {
        public override WireType WireType => WireType.Length;

        public override void Write(WireWriter writer, object value)
        {
            var block = writer.BeginBlock();
            switch (value)
            {
                case string text: writer.WriteField(0, ScalarCodecs.String, text); break;
                case bool truth: writer.WriteField(1, ScalarCodecs.Boolean, truth); break;
                case int number: writer.WriteField(2, ScalarCodecs.Int32, number); break;
                case long number: writer.WriteField(3, ScalarCodecs.Int64, number); break;
                case double number: writer.WriteField(4, ScalarCodecs.Double, number); break;
                case Guid guid: writer.WriteField(5, ScalarCodecs.Guid, guid); break;
                case DateTimeOffset instant: writer.WriteField(6, ScalarCodecs.DateTimeOffset, instant); break;
                default: throw new NotSupportedException($"A {value.GetType()} cannot travel in the RequestContext.");
            }

            writer.EndBlock(block);
        }

        public override object Read(ref WireReader reader)
        {
            var after = reader.EnterBlock();
            if (!reader.TryReadTag(out var number, out var type))
                throw new WireFormatException("A value of the RequestContext is missing.");
            object value = number switch
            {
                0 => reader.ReadField(type, ScalarCodecs.String),
                1 => reader.ReadField(type, ScalarCodecs.Boolean),
                2 => reader.ReadField(type, ScalarCodecs.Int32),
                3 => reader.ReadField(type, ScalarCodecs.Int64),
                4 => reader.ReadField(type, ScalarCodecs.Double),
                5 => reader.ReadField(type, ScalarCodecs.Guid),
                6 => reader.ReadField(type, ScalarCodecs.DateTimeOffset),
                _ => throw new WireFormatException($"There is no kind {number} of value in the RequestContext."),
            };
            reader.LeaveBlock(after);
            return value;
        }
    }
}
