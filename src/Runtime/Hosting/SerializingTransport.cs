using System.Collections.Frozen;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Hosting;

/// <summary>
/// Carries calls by bytes within the process: each is written as a message and read again, and so is its answer. What works here works across a wire.
/// </summary>
internal sealed class SerializingTransport(GrainHost host, FrozenDictionary<ulong, GrainMethod> methods) : ITransport
{
    public void Send(GrainCall call)
    {
        using var writer = new WireWriter();
        try
        {
            CallMessage.Write(writer, call);
            Receive(writer.Written, new LocalParty(call));
        }
        catch (Exception exception)
        {
            call.Reject(exception);
        }
    }

    /// <summary>Takes a message that came in.</summary>
    private void Receive(ReadOnlySpan<byte> message, LocalParty party)
    {
        var reader = new WireReader(message);
        var header = CallMessage.ReadHeader(ref reader);
        if (!methods.TryGetValue(header.Method, out var method))
            throw new WireFormatException($"No grain method has the number {header.Method:X16} here.");
        var call = method.NewCall();
        CallMessage.ReadArguments(ref reader, call);
        var target = new InboundReference(host, header.Target);
        party.Inbound = call;
        call.Remote = party;
        call.Context = header.Context;
        call.Parent = header.Parent;
        call.Token = party.Token;
        call.Begin(target, method.OneWay ? WaiterKind.Nobody : WaiterKind.Remote, party.Outbound.Deadline);
        party.Outbound.Remote = party;
        if (method.OneWay)
            party.Outbound.Sent();
        else if (party.Outbound.IsAbandoned)
            party.Cancel();
        host.Deliver(target, call);
    }

    /// <summary>Both ends of a call.</summary>
    private sealed class LocalParty(GrainCall outbound) : IRemoteParty
    {
        private readonly CancellationTokenSource? _cancelled = outbound.Token.CanBeCanceled ? new() : null;

        public GrainCall Outbound => outbound;

        public GrainCall? Inbound { get; set; }

        public CancellationToken Token => _cancelled?.Token ?? default;

        public void Answer(GrainCall call, WireWriter response) => outbound.TakeAnswer(response.Written);

        public void Cancel()
        {
            _cancelled?.Cancel();
            Inbound?.Cancel(Token); // if it has not begun, it does not begin
        }
    }
}
