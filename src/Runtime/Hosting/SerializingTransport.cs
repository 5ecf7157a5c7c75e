using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Hosting;

/// <summary>
/// Carries calls by bytes within the process: each is written as a message and read again, and so is its answer. What works here works across a wire.
/// </summary>
internal sealed class SerializingTransport(GrainHost host) : ITransport
{
    private readonly InboundReferences _references = new(host, places: 0);

    public void Send(GrainCall call)
    {
        using var writer = new WireWriter();
        try
        {
            CallMessage.Write(writer, call);
            Receive(writer.Written, call);
        }
        catch (Exception exception)
        {
            call.Reject(exception);
        }
    }

    /// <summary>Takes a message that came in.</summary>
    private void Receive(ReadOnlySpan<byte> message, GrainCall outbound)
    {
        var reader = new WireReader(message);
        var header = CallMessage.ReadHeader(ref reader, _references);
        var call = header.NewCall(host);
        CallMessage.ReadArguments(ref reader, call);
        var party = new LocalParty(this, outbound, call);
        call.Remote = party;
        call.Context = header.Context;
        call.Parent = header.Parent;
        call.Token = party.Token;
        call.Begin(header.Target, WaiterKind.Remote, call.Method.OneWay ? long.MaxValue : outbound.Deadline);
        party.Use = call.Use;
        outbound.Remote = party;
        Interlocked.MemoryBarrier();
        if (outbound.IsAbandoned)
            party.Cancel(outbound);
        host.Deliver(header.Target, call);
    }

    /// <summary>Both ends of a call.</summary>
    private sealed class LocalParty(SerializingTransport transport, GrainCall outbound, GrainCall inbound) : IRemoteParty
    {
        private readonly CancellationTokenSource? _cancelled = outbound.Token.CanBeCanceled ? new() : null;

        public CancellationToken Token => _cancelled?.Token ?? default;

        public int Use { get; set; }

        public void Answer(GrainCall call, WireWriter response) => outbound.TakeAnswer(response.Written);

        public void Return(GrainCall call)
        {
            if (!call.TryFinish())
            {
                call.Drop();
                return;
            }

            call.Recycle();
            transport.Send(outbound);
        }

        public void Expire(GrainCall call) => _ = _cancelled?.CancelAsync();

        public void Cancel(GrainCall call)
        {
            _cancelled?.Cancel();
            inbound.CancelUse(Use, Token); // if it has not begun, it does not begin
        }
    }
}
