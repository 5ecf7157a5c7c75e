using System.Buffers;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>What comes in. One loop reads as much as there is, and goes through the frames in place.</summary>
internal sealed partial class Connection
{
    private const int ReferencePlaces = 4096;

    private readonly InboundReferences _references;
    private readonly Dictionary<ulong, CancellableCall> _cancellable = [];
    private int _unanswered;
    private int _callsRead;
    private string? _goodbye;

    private readonly record struct CancellableCall(GrainCall Call, int Use, CancellationTokenSource Source, bool HasCaller);

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                if (IsNextWriteNeeded(HasTooManyAnswers, out var written))
                    await LetAnswersOutAsync(written).ConfigureAwait(false);
                var read = await _link.Input.ReadAsync().ConfigureAwait(false);
                if (read.Buffer.IsEmpty)
                {
                    End(_goodbye ?? "The other end closed it.", null);
                    return;
                }

                if (_ended && !read.IsCompleted)
                {
                    // What is under way to the other end still goes there; nothing more is taken from it.
                    _link.Input.AdvanceTo(read.Buffer.End);
                    continue;
                }

                BeginReading();
                var taken = Take(read.Buffer);
                EndReading();
                _endpoint.Metrics.Received(taken, _callsRead);
                _callsRead = 0;
                if (_goodbye is not null || read.IsCompleted)
                {
                    End(_goodbye ?? "The other end closed it.", null);
                    return;
                }

                _link.Input.AdvanceTo(read.Buffer.GetPosition(taken), read.Buffer.End);
            }
        }
        catch (WireFormatException garbage)
        {
            End($"What it sent makes no sense: {garbage.Message}", garbage);
        }
        catch (Exception failure)
        {
            End($"Reading failed: {failure.Message}", failure);
        }
        finally
        {
            await _link.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Goes through all frames that are there in full. A frame that begins in one block and ends in another is put together first.</summary>
    /// <returns>How many bytes they had.</returns>
    private long Take(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> header = stackalloc byte[Frame.HeaderSize];
        var left = bytes;
        while (_goodbye is null && !left.IsEmpty)
        {
            var inBlock = Take(left.FirstSpan);
            left = left.Slice(inBlock);
            if (inBlock > 0)
                continue;
            if (left.IsSingleSegment || left.Length < Frame.HeaderSize)
                break;
            left.Slice(0, Frame.HeaderSize).CopyTo(header);
            Frame.TryRead(header, _endpoint.Options.MaxMessageBytes, out _, out var size);
            if (left.Length < size)
                break;
            var whole = ArrayPool<byte>.Shared.Rent(size);
            left.Slice(0, size).CopyTo(whole);
            Take(whole.AsSpan(0, size));
            ArrayPool<byte>.Shared.Return(whole);
            left = left.Slice(size);
        }

        return bytes.Length - left.Length;
    }

    private static bool HasTooManyAnswers(Connection connection) =>
        connection._filledAnswers + (long)connection._beingWrittenAnswers > connection._endpoint.Options.MaxUnsentBytes;

    /// <summary>Reads no further calls while their answers pile up. Where both ends do that to each other, nothing would ever go on: it ends when no write did for as long as a call may take.</summary>
    private async Task LetAnswersOutAsync(Task written)
    {
        do
        {
            try
            {
                await written.WaitAsync(_host.Options.ResponseTimeout, _host.Time).ConfigureAwait(false);
            }
            catch (TimeoutException late)
            {
                throw new IOException($"The other end took none of the {_endpoint.Options.MaxUnsentBytes} bytes of answers that wait for it in {_host.Options.ResponseTimeout}.", late);
            }
        }
        while (IsNextWriteNeeded(HasTooManyAnswers, out written));
    }

    /// <summary>Goes through all frames that are there in full.</summary>
    /// <returns>How many bytes they had.</returns>
    private int Take(ReadOnlySpan<byte> bytes)
    {
        var taken = 0;
        while (_goodbye is null && Frame.TryRead(bytes[taken..], _endpoint.Options.MaxMessageBytes, out var frame, out var size))
        {
            Take(frame);
            taken += size;
        }

        return taken;
    }

    private void Take(in Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Call:
                TakeCall(frame);
                break;
            case FrameKind.Answer:
                TakeOut(frame.Number)?.TakeAnswer(frame.AfterNumber);
                break;
            case FrameKind.NotHere:
                if (TakeOut(frame.Number) is { } call)
                    GiveBack(call);
                break;
            case FrameKind.Cancel:
                TakeCancel(frame.Number);
                break;
            case FrameKind.View:
                _owner.ViewReceived(this, frame.Body);
                break;
            case FrameKind.Goodbye:
                _goodbye = $"It said: {Handshake.Printable(frame.Body)}";
                break;
            case FrameKind.Hello or FrameKind.Proof:
                throw new WireFormatException($"A frame of the kind {frame.Kind} came after the greeting.");
        }
    }

    private void TakeCall(in Frame frame)
    {
        var (number, left, isCancellable) = (frame.Number, frame.TimeLeft, frame.IsCancellable);
        _callsRead++;
        Interlocked.Increment(ref _unanswered);
        GrainCall? call = null;
        CallMessage.Header header;
        try
        {
            var reader = new WireReader(frame.Message);
            header = CallMessage.ReadHeader(ref reader, _references);
            call = header.NewCall(_host);
            CallMessage.ReadArguments(ref reader, call);
        }
        catch (Exception unreadable)
        {
            // It is this call's fault alone: its frame was whole.
            call?.Drop();
            var writer = WireWriter.Rent();
            GrainCall.WriteFailure(writer, unreadable);
            SendAnswer(number, writer.Written);
            WireWriter.Return(writer);
            return;
        }

        (call.Remote, call.RemoteNumber) = (this, number);
        call.IsOfHandingOver = frame.IsOfHandingOver;
        (call.Context, call.Parent) = (header.Context, header.Parent);
        var source = isCancellable ? new CancellationTokenSource() : null;
        if (source is not null)
            call.Token = source.Token;
        call.Begin(header.Target, WaiterKind.Remote, call.Method.OneWay ? long.MaxValue : _host.Now + left.Ticks);
        if (source is not null)
        {
            lock (_cancellable)
                _cancellable[number] = new(call, call.Use, source, !call.Method.OneWay);
            if (call.IsAbandoned)
                ForgetCancellable(number); // it was overdue on arrival, and answered before it was there to be forgotten
            else if (_ended)
                TakeCancel(number);
        }

        if (!_owner.TryDeliver(call, header.Target.GrainId))
            ((IRemoteParty)this).Return(call);
    }

    private void TakeCancel(ulong number)
    {
        CancellableCall cancelled;
        lock (_cancellable)
        {
            if (!_cancellable.Remove(number, out cancelled))
                return;
        }

        cancelled.Call.CancelUse(cancelled.Use, cancelled.Source.Token);
        // What the application hangs on its token must not hold up reading.
        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), cancelled.Source, preferLocal: true);
    }

    void IRemoteParty.Expire(GrainCall call)
    {
        CancellableCall expired;
        lock (_cancellable)
        {
            if (!_cancellable.Remove(call.RemoteNumber, out expired))
                return;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static source => source.Cancel(), expired.Source, preferLocal: true);
    }

    /// <summary>The callers are gone: what they asked for begins no more, and what has begun is told. What nobody waits for goes on.</summary>
    private void CancelAll()
    {
        ulong[] asked;
        lock (_cancellable)
            asked = [.. _cancellable.Where(call => call.Value.HasCaller).Select(call => call.Key)];
        foreach (var number in asked)
            TakeCancel(number);
    }

    private void ForgetCancellable(ulong number)
    {
        lock (_cancellable)
            _cancellable.Remove(number);
    }

    /// <summary>The call that is answered. Its place is free for another.</summary>
    private GrainCall? TakeOut(ulong number)
    {
        lock (_gate)
            return _ended ? null : _calls.Remove(number);
    }
}
