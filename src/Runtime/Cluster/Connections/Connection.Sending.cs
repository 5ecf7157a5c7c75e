using System.Buffers.Binary;
using Auie.Runtime.Hosting;
using Auie.Runtime.Invocation;
using Auie.Runtime.Serialization;

namespace Auie.Runtime.Cluster;

/// <summary>
/// What goes out. Frames are put one behind the other into a buffer. Whoever writes takes all of it, and the next one fills meanwhile: the busier the connection, the more frames
/// a write has.
/// </summary>
internal sealed partial class Connection
{
    private const int SmallBuffer = 64 << 10, LargestKept = 1 << 20;

    private byte[] _filling = new byte[SmallBuffer];
    private byte[]? _spare = new byte[SmallBuffer];
    private int _filled, _filledCalls, _filledAnswers;
    private int _beingWrittenAnswers;

    // Positions among all bytes of the connection: what is in buffers or gone, what was given to the stream, and what that has taken.
    private long _queued, _handedOver, _written;
    private bool _writing, _scheduled, _reading;
    private TaskCompletionSource? _nextWrite;

    /// <summary>Sends a call that has begun. Its waiter is told whatever becomes of it, or the owner gets it back.</summary>
    public void Send(GrainCall call)
    {
        var writer = WireWriter.Rent();
        try
        {
            CallMessage.Write(writer, call);
        }
        catch (Exception unwritable)
        {
            call.Reject(unwritable);
            return;
        }

        var message = writer.Written;
        var size = Frame.CallHeaderSize + message.Length;
        if (size > _endpoint.Options.MaxMessageBytes)
        {
            call.Reject(new LimitExceededException(
                $"The call of {call.Method} on {call.Target!.GrainId} has {size} bytes, of at most {_endpoint.Options.MaxMessageBytes}; it was not sent."));
            WireWriter.Return(writer);
            return;
        }

        var isOneWay = call.Waiter == WaiterKind.Nobody;
        var left = isOneWay ? 0 : (uint)Math.Clamp((call.Deadline - _host.Now) / TimeSpan.TicksPerMillisecond, 1, uint.MaxValue);
        var isCancellable = call.Token.CanBeCanceled;
        var flags = (byte)((isCancellable ? Frame.Cancellable : 0) | (call.IsOfHandingOver || _owner.IsHandingOver(call) ? Frame.HandingOver : 0));
        bool ended, full;
        var write = When.NotNeeded;
        lock (_gate)
        {
            ended = _ended;
            full = _queued - _written is > 0 and var unsent && unsent + size > _endpoint.Options.MaxUnsentBytes;
            if (!ended && !full)
            {
                var number = _calls.Add(call, _queued);
                (call.Remote, call.RemoteNumber) = (this, number);
                var frame = Reserve(FrameKind.Call, size);
                Frame.WriteCallHeader(frame, number, left, flags);
                message.CopyTo(frame[Frame.CallHeaderSize..]);
                _filledCalls++;
                if (isCancellable)
                {
                    // Whoever cancels it from here on finds where it went; who did before, did not.
                    Interlocked.MemoryBarrier();
                    if (call.IsAbandoned)
                        WriteNumber(FrameKind.Cancel, number);
                }

                // Alone on the connection it need not wait for others.
                write = PlanWrite(now: _calls.Count == 1);
            }
        }

        // From here on the call may have been answered, and be another one.
        WireWriter.Return(writer);
        Write(write);
        if (ended)
            GiveBack(call);
        else if (full)
            call.Reject(new LimitExceededException(
                $"{_endpoint.Options.MaxUnsentBytes} bytes wait to be sent to {this} already; {call.Method} on {call.Target!.GrainId} was not called."));
    }

    /// <summary>Tells the other end what this one knows of the cluster.</summary>
    public void SendView(ReadOnlySpan<byte> view) => Send(FrameKind.View, view);

    void IRemoteParty.Cancel(GrainCall call)
    {
        When write;
        lock (_gate)
        {
            // It may have been answered, or have gone to another connection.
            if (_ended || _calls.Find(call.RemoteNumber) != call)
                return;
            WriteNumber(FrameKind.Cancel, call.RemoteNumber);
            write = PlanWrite(now: false);
        }

        Write(write);
    }

    void IRemoteParty.Answer(GrainCall call, WireWriter response)
    {
        if (call.Token.CanBeCanceled)
            ForgetCancellable(call.RemoteNumber);
        if (Frame.NumberSize + response.Written.Length > _endpoint.Options.MaxMessageBytes)
        {
            var size = response.Written.Length;
            response.BackTo(default);
            GrainCall.WriteFailure(response, new TimeoutException(
                $"The answer of {call.Method} on {call.Target!.GrainId} has {size} bytes, of at most {_endpoint.Options.MaxMessageBytes}; the call took effect."));
        }

        if (IsFullOfAnswers(response.Written.Length))
        {
            response.BackTo(default);
            GrainCall.WriteFailure(response, new TimeoutException(
                $"{_endpoint.Options.MaxUnsentAnswerBytes} bytes of answers wait to be sent to {this} already; that of {call.Method} on {call.Target!.GrainId} was dropped, and the call took effect."));
        }

        SendAnswer(call.RemoteNumber, response.Written);
    }

    /// <summary>
    /// Whether there is no room for an answer behind those that wait. Where none waits there is room for any. Without the gate, which every answer would take once more: read in this
    /// order what is handed over meanwhile is at worst not counted.
    /// </summary>
    private bool IsFullOfAnswers(int size) =>
        Volatile.Read(ref _beingWrittenAnswers) + (long)Volatile.Read(ref _filledAnswers) is > 0 and var waiting && waiting + size > _endpoint.Options.MaxUnsentAnswerBytes;

    void IRemoteParty.Return(GrainCall call)
    {
        if (!call.TryFinish())
        {
            call.Drop();
            return;
        }

        var number = call.RemoteNumber;
        if (call.Token.CanBeCanceled)
            ForgetCancellable(number);
        call.Recycle();
        _endpoint.Metrics.SentElsewhere();
        When write;
        lock (_gate)
        {
            if (_ended)
                return;
            WriteNumber(FrameKind.NotHere, number);
            write = PlanWrite(now: Interlocked.Decrement(ref _unanswered) == 0);
        }

        Write(write);
    }

    private void SendAnswer(ulong number, ReadOnlySpan<byte> response)
    {
        When write;
        lock (_gate)
        {
            if (_ended)
                return;
            var size = Frame.NumberSize + response.Length;
            var frame = Reserve(FrameKind.Answer, size);
            BinaryPrimitives.WriteUInt64LittleEndian(frame, number);
            response.CopyTo(frame[Frame.NumberSize..]);
            _filledAnswers += size;
            // The last of those that came in together takes the others' answers along.
            write = PlanWrite(now: Interlocked.Decrement(ref _unanswered) == 0);
        }

        Write(write);
    }

    private void Send(FrameKind kind, ReadOnlySpan<byte> body)
    {
        When write;
        lock (_gate)
        {
            if (_ended)
                return;
            body.CopyTo(Reserve(kind, body.Length));
            write = PlanWrite(now: false);
        }

        Write(write);
    }

    private void WriteNumber(FrameKind kind, ulong number) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(kind, Frame.NumberSize), number);

    /// <summary>Puts the header of a frame into the buffer, and gives the place of its body. Under the gate.</summary>
    private Span<byte> Reserve(FrameKind kind, int bodyLength)
    {
        var size = Frame.HeaderSize + bodyLength;
        if (_filling.Length - _filled < size)
            Array.Resize(ref _filling, (int)Math.Min(Math.Max((long)_filling.Length * 2, (long)_filled + size), Array.MaxLength));
        var frame = _filling.AsSpan(_filled, size);
        Frame.WriteHeader(frame, kind, bodyLength);
        _filled += size;
        _queued += size;
        return frame[Frame.HeaderSize..];
    }

    /// <summary>When the buffer is to be written; under the gate. Who writes does so until there is no more.</summary>
    private When PlanWrite(bool now)
    {
        if (_writing || (!now && (_scheduled || _reading)))
            return When.NotNeeded;
        if (now)
            _writing = true;
        else
            _scheduled = true;
        return now ? When.Now : When.Later;
    }

    private void Write(When when)
    {
        if (when == When.Now)
            _ = WriteAsync();
        else if (when == When.Later)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false); // behind what this thread has to do, which may have more to send
    }

    void IThreadPoolWorkItem.Execute()
    {
        lock (_gate)
        {
            _scheduled = false;
            if (_writing || _filled == 0)
                return;
            _writing = true;
        }

        _ = WriteAsync();
    }

    /// <summary>What came in together is gone through: what it gave rise to is written together.</summary>
    private void BeginReading()
    {
        Interlocked.Increment(ref _unanswered);
        lock (_gate)
            _reading = true;
    }

    private void EndReading()
    {
        When write;
        lock (_gate)
        {
            _reading = false;
            write = Interlocked.Decrement(ref _unanswered) == 0 && _filledAnswers > 0 ? PlanWrite(now: true)
                : _filled > 0 ? PlanWrite(now: false)
                : When.NotNeeded;
        }

        Write(write);
    }

    /// <summary>Writes until there is nothing more to write. Never fails: what goes wrong ends the connection.</summary>
    private async Task WriteAsync()
    {
        try
        {
            while (true)
            {
                byte[] buffer;
                int length, calls;
                lock (_gate)
                {
                    if (_ended)
                        break;
                    if (_filled == 0)
                    {
                        _writing = false;
                        return;
                    }

                    (buffer, length, calls) = (_filling, _filled, _filledCalls);
                    _filling = _spare ?? new byte[SmallBuffer];
                    _spare = null;
                    var answers = _filledAnswers;
                    (_filled, _filledCalls, _filledAnswers) = (0, 0, 0);
                    Volatile.Write(ref _beingWrittenAnswers, answers);
                    _handedOver += length;
                }

                var flushed = await _link.Output.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                if (flushed.IsCompleted)
                    throw new IOException("The other end takes nothing more.");
                _endpoint.Metrics.Sent(length, calls);
                TaskCompletionSource? waiting;
                lock (_gate)
                {
                    _written += length;
                    _beingWrittenAnswers = 0;
                    if (buffer.Length <= LargestKept)
                        _spare = buffer;
                    waiting = _nextWrite;
                    _nextWrite = null;
                }

                waiting?.TrySetResult();
            }

            _link.Finish();
        }
        catch (Exception failure)
        {
            End($"Writing failed: {failure.Message}", failure);
        }

        _lastWritten.TrySetResult();
    }

    /// <summary>Gives what is done when something more was written, or the connection has ended; false where there is no need to wait for that.</summary>
    private bool IsNextWriteNeeded(Func<Connection, bool> isNeeded, out Task written)
    {
        lock (_gate)
        {
            var needed = !_ended && isNeeded(this);
            written = needed ? (_nextWrite ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
            return needed;
        }
    }

    private enum When : byte
    {
        NotNeeded,
        Now,
        Later,
    }
}
