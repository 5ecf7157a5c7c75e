using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Auie.Runtime.Hosting;

namespace Auie.Runtime.Serialization;

/// <summary>An exception whose own type is not known on this side; <see cref="TypeName"/> says which it was.</summary>
public sealed class UnavailableExceptionFallbackException(string typeName, string message) : Exception(message)
{
    public string TypeName { get; } = typeName;
}

/// <summary>
/// The codec of exceptions: type, message, stack, result code, inner exception, and the members with [Id] of one that is marked with
/// [GenerateSerializer]. A type is only ever looked for among the assemblies that are loaded, and only as an exception; what is not found
/// arrives as <see cref="UnavailableExceptionFallbackException"/>. <see cref="UnansweredException"/> is sent as the <see cref="TimeoutException"/> that it is to who does not know it, with a
/// field that says so to who does.
/// </summary>
internal sealed class ExceptionCodec : Codec<Exception>
{
    private const uint TypeField = 0, AssemblyField = 1, MessageField = 2, StackField = 3, CodeField = 4, InnerField = 5, MembersField = 6, AllInnerField = 7, UnansweredField = 8;

    private static readonly Codec<Exception[]> Many = new ArrayCodec<Exception>(new ExceptionCodec());

    public override WireType WireType => WireType.Length;

    public override void Write(WireWriter writer, Exception value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var type = value is UnansweredException ? typeof(TimeoutException) : value.GetType();
        var generated = CodecRegistry.Find(type);
        var block = writer.BeginBlock();
        writer.WriteField(TypeField, ScalarCodecs.String, generated?.Alias ?? (value as UnavailableExceptionFallbackException)?.TypeName ?? type.FullName ?? type.Name);
        if (generated is null)
            writer.WriteField(AssemblyField, ScalarCodecs.String, type.Assembly.GetName().Name ?? "");
        writer.WriteField(MessageField, ScalarCodecs.String, value.Message);
        writer.WriteField(StackField, ScalarCodecs.String!, value.StackTrace);
        writer.WriteField(CodeField, ScalarCodecs.Int32, value.HResult);
        if (value is AggregateException aggregate)
            writer.WriteField(AllInnerField, Many, [.. aggregate.InnerExceptions]);
        else
            writer.WriteField(InnerField, this!, value.InnerException);
        if (value is UnansweredException)
            writer.WriteField(UnansweredField, ScalarCodecs.Boolean, true);
        if (generated is not null)
        {
            writer.WriteTag(MembersField, WireType.Length);
            var members = writer.BeginBlock();
            generated.WriteMembersOf(writer, value);
            writer.EndBlock(members);
        }

        writer.EndBlock(block);
    }

    public override Exception Read(ref WireReader reader)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        string typeName = "", message = "";
        string? assembly = null, stack = null;
        int? code = null;
        Exception? inner = null, made = null;
        Exception[]? all = null;
        var isUnanswered = false;

        var after = reader.EnterBlock();
        while (reader.TryReadTag(out var number, out var type))
        {
            switch (number)
            {
                case TypeField: typeName = reader.ReadField(type, ScalarCodecs.String); break;
                case AssemblyField: assembly = reader.ReadField(type, ScalarCodecs.String); break;
                case MessageField: message = reader.ReadField(type, ScalarCodecs.String); break;
                case StackField: stack = reader.ReadField(type, ScalarCodecs.String); break;
                case CodeField: code = reader.ReadField(type, ScalarCodecs.Int32); break;
                case InnerField: inner = reader.ReadField(type, this); break;
                case AllInnerField: all = reader.ReadField(type, Many); break;
                case UnansweredField: isUnanswered = reader.ReadField(type, ScalarCodecs.Boolean); break;
                case MembersField when type == WireType.Length && CodecRegistry.Find(typeName) is { } generated && generated.Type.IsAssignableTo(typeof(Exception)):
                    var members = reader.EnterBlock();
                    made = (Exception)generated.ReadNew(ref reader);
                    reader.LeaveBlock(members);
                    break;
                default: reader.Skip(type); break;
            }
        }

        reader.LeaveBlock(after);
        made ??= isUnanswered ? new UnansweredException(message ?? "", inner) : Make(typeName ?? "", assembly, message ?? "", inner, all);
        Message(made) = message;
        InnerException(made) ??= inner;
        if (code is { } known)
            made.HResult = known;
        return stack is null ? made : ExceptionDispatchInfo.SetRemoteStackTrace(made, stack);
    }

    private static Exception Make(string typeName, string? assembly, string message, Exception? inner, Exception[]? all)
    {
        var type = typeName.Length == 0 || assembly is null
            ? null
            : AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(a => a.GetName().Name == assembly)?.GetType(typeName, throwOnError: false);
        if (type is null || !type.IsAssignableTo(typeof(Exception)) || type.IsAbstract || type.ContainsGenericParameters)
            return new UnavailableExceptionFallbackException(typeName, message);
        if (all is not null && type == typeof(AggregateException))
            return new AggregateException(message, all.Where(e => e is not null));

        const BindingFlags any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        try
        {
            if (type.GetConstructor(any, [typeof(string), typeof(Exception)]) is { } withInner)
                return (Exception)withInner.Invoke([message, inner]);
            if (type.GetConstructor(any, [typeof(string)]) is { } withMessage)
                return (Exception)withMessage.Invoke([message]);
        }
        catch (TargetInvocationException)
        {
            // Its constructor refuses such a message: make the object without one, as for a type that has neither.
        }

        return (Exception)RuntimeHelpers.GetUninitializedObject(type);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? InnerException(Exception exception);
}

/// <summary>The codec of an exception that is declared as one kind of exception.</summary>
public sealed class ExceptionCodecOf<TException> : Codec<TException> where TException : Exception
{
    public override WireType WireType => WireType.Length;

    public override void Write(WireWriter writer, TException value) => ScalarCodecs.Exception.Write(writer, value);

    public override TException Read(ref WireReader reader) =>
        ScalarCodecs.Exception.Read(ref reader) as TException ?? throw new WireFormatException($"The exception is not a {typeof(TException)}.");
}
