using System.Diagnostics;
using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>
/// How events get in. Calls wait in a queue; what waits while a commit is under way goes into the next one together, whoever sent it. The queue
/// is bounded: a call that finds it full is refused at once.
/// </summary>
public sealed partial class PartitionGrain
{
    private readonly Queue<IntakeCall> _waiting = [];
    private int _eventsInside;
    private int _deliveredInside;
    private long _bytesInside;
    private bool _committing;
    private Task _pump = Task.CompletedTask;
    private bool _steppedDown;

    public Task<AppendResult> Append(UserEvent[] events, bool segments, CancellationToken cancellationToken)
    {
        var call = Read(events, isImport: false, segments);
        return TakeInAsync(call, cancellationToken);
    }

    public Task<AppendResult> Deliver(Delivery[] deliveries, CancellationToken cancellationToken)
    {
        var call = new IntakeCall { IsDelivery = true };
        foreach (var delivery in deliveries)
        {
            call.Bytes += delivery.Entries.Length;
            foreach (var entry in EntryCodec.Decode(delivery.Entries))
            {
                var (sender, message) = new OutgoingMessage(delivery.UserId, entry, delivery.Sender).Identity;
                // When an alias was sent and received is not what it says.
                var key = new MessageKey(sender, message, MessageIdentity.Digest(entry, entry.Kind == EntryKind.Link ? DateTimeOffset.MinValue : null), Today + options.Value.MessageWindowDays);
                call.Incoming.Add(new Incoming(call, call.Incoming.Count, delivery.UserId, entry, delivery.Sender, key));
            }
        }

        return TakeInAsync(call, cancellationToken);
    }

    /// <summary>What can be committed of a call's events; the others are among its refusals.</summary>
    private IntakeCall Read(UserEvent[] events, bool isImport, bool segments)
    {
        if (events.Length > options.Value.MaxEventsPerAppend)
            throw new InvalidRequestException("events", $"{events.Length} in one call; at most {options.Value.MaxEventsPerAppend}");

        var call = new IntakeCall { IsImport = isImport, Segments = segments };
        var forgetAfter = isImport ? 0 : Today + options.Value.MessageWindowDays;
        for (var i = 0; i < events.Length; i++)
        {
            var sent = events[i];
            if (EventMapping.ToEntry(sent, isImport, out var entry) is { } error)
                call.Refused.Add(new Refusal(i, error.Field, error.Reason));
            else if (Partitioning.PartitionOf(_tenant, sent.UserId, store.Partitions) != _partition.Number)
                call.Refused.Add(new Refusal(i, "userId", $"does not belong to partition {_partition.Number}"));
            else
            {
                call.Incoming.Add(new Incoming(call, i, sent.UserId, entry, sent.UserId, KeyOf(entry, sent, forgetAfter)));
                call.Bytes += BytesOf(entry);
            }
        }

        return call;
    }

    private static MessageKey KeyOf(Entry entry, UserEvent sent, int forgetAfter)
    {
        var (sender, message) = MessageIdentity.Of(sent.UserId, entry.MessageId);
        return new MessageKey(sender, message, MessageIdentity.Digest(entry, sent.Stamped), forgetAfter);
    }

    /// <summary>About how many bytes of memory an entry takes while it waits.</summary>
    private static long BytesOf(Entry entry)
    {
        var bytes = 300L + 2 * entry.MessageId.Length;
        foreach (var (name, value) in entry.Traits ?? NoTraits)
            bytes += 60 + 2 * (name.Length + value.Length);
        foreach (var friend in entry.FriendsAdded ?? [])
            bytes += 30 + 2 * friend.Length;
        foreach (var friend in entry.FriendsRemoved ?? [])
            bytes += 30 + 2 * friend.Length;
        return bytes;
    }

    private static readonly Dictionary<string, string> NoTraits = [];

    private async Task<AppendResult> TakeInAsync(IntakeCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (call.Incoming.Count > 0)
        {
            if (_steppedDown)
                throw new UnavailableException($"Partition {_partition.Number} is changing hands.");
            if (call.IsBounded && _eventsInside > 0
                && (_eventsInside + call.Incoming.Count > options.Value.MaxEventsInside || _bytesInside + call.Bytes > options.Value.MaxBytesInside))
                throw new OverloadedException($"{_eventsInside} events wait in partition {_partition.Number}; at most {options.Value.MaxEventsInside} may.");
            // Whoever delivers has it on disk, and tries again.
            if (call.IsDelivery && _deliveredInside >= options.Value.MaxEventsInside)
                throw new UnavailableException($"{_deliveredInside} entries from other partitions wait in partition {_partition.Number}.");
            if (call.IsBounded)
            {
                _eventsInside += call.Incoming.Count;
                _bytesInside += call.Bytes;
            }
            else if (call.IsDelivery)
            {
                _deliveredInside += call.Incoming.Count;
            }

            _waiting.Enqueue(call);
            Pump();
            try
            {
                await call.Done.Task;
            }
            finally
            {
                if (call.IsBounded)
                {
                    _eventsInside -= call.Incoming.Count;
                    _bytesInside -= call.Bytes;
                }
                else if (call.IsDelivery)
                {
                    _deliveredInside -= call.Incoming.Count;
                }
            }
        }

        return new AppendResult(_partition.Number, _lastOffset, [.. call.Refused.OrderBy(refusal => refusal.Index)])
        {
            Known = call.Known,
            PassedOn = [.. call.PassedOn],
            Segments = [.. call.Changes],
        };
    }

    /// <summary>Begins to commit what waits, unless that is under way or nothing may be committed now.</summary>
    private void Pump()
    {
        if (!_committing && MayCommit)
            _pump = CommitWaitingAsync();
    }

    private bool MayCommit => _gate switch
    {
        Gate.Open => _waiting.Count > 0,
        Gate.Emptying => _waiting.Any(call => call.IsDelivery),
        _ => false,
    };

    private async Task CommitWaitingAsync()
    {
        _committing = true;
        try
        {
            while (MayCommit && !_steppedDown)
                await CommitSomeAsync(TakeSome());
        }
        finally
        {
            _committing = false;
        }

        if (_steppedDown)
            FailWaiting();
    }

    /// <summary>Calls of one kind, in their order, up to what one commit takes; at least one.</summary>
    private List<IntakeCall> TakeSome()
    {
        if (_gate == Gate.Emptying)
            return TakeDeliveries();
        var calls = new List<IntakeCall>();
        var events = 0;
        while (_waiting.TryPeek(out var next) && (calls.Count == 0
            || (next.IsImport == calls[0].IsImport && events + next.Incoming.Count <= options.Value.MaxEventsPerCommit)))
        {
            calls.Add(_waiting.Dequeue());
            events += next.Incoming.Count;
        }

        return calls;
    }

    private async Task CommitSomeAsync(List<IntakeCall> calls)
    {
        using var activity = GrainTelemetry.StartCommit(calls.Select(call => call.Caller));
        GrainTelemetry.Committed(calls.Sum(call => call.Incoming.Count));
        try
        {
            await CommitAsync(calls);
        }
        catch (Exception e)
        {
            foreach (var call in calls)
                call.Done.TrySetException(e);
        }
    }

    /// <summary>Ends this activation: another one owns the partition, or it is not known what became of a write.</summary>
    private void StepDown()
    {
        _steppedDown = true;
        _ended.TrySetResult();
        DeactivateOnIdle();
    }

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void FailWaiting()
    {
        _steppedDown = true;
        while (_waiting.TryDequeue(out var call))
            call.Done.TrySetException(new UnavailableException($"Partition {_partition.Number} is changing hands."));
    }

    /// <summary>A call and what came of it.</summary>
    private sealed class IntakeCall
    {
        public bool IsImport { get; init; }

        public bool IsDelivery { get; init; }

        /// <summary>
        /// Whether it counts among what may be inside. What other partitions deliver was taken in there already, and of imports there is one at a time.
        /// </summary>
        public bool IsBounded => !IsImport && !IsDelivery;

        public bool Segments { get; init; }

        public List<Incoming> Incoming { get; } = [];

        public List<Refusal> Refused { get; } = [];

        public int Known { get; set; }

        /// <summary>Whether any of it came before, of late.</summary>
        public bool HasKnown { get; set; }

        public long Bytes { get; set; }

        /// <summary>What the call is a part of, for whoever traces it.</summary>
        public ActivityContext Caller { get; } = Activity.Current?.Context ?? default;

        public List<string> PassedOn { get; } = [];

        public List<SegmentChange> Changes { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>An entry that waits: whose call and where in it, the user it is about, who sent it, and what its message is known by.</summary>
    private sealed record Incoming(IntakeCall Call, int Index, string User, Entry Entry, string Sender, MessageKey Key)
    {
        /// <summary>Why it was refused, if it was.</summary>
        public Refusal? Refused { get; private set; }

        public void Refuse(string field, string reason) => Call.Refused.Add(Refused = new Refusal(Index, field, reason));

        /// <summary>The digest that it came before with, if it did.</summary>
        public long? KnownAs { get; private set; }

        public void IsKnownAs(long digest)
        {
            KnownAs = digest;
            if (digest == Key.Digest)
                Call.Known++;
            else
                Refuse("messageId", "came before with another content");
        }
    }
}
