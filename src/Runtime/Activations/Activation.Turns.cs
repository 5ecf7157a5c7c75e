using Auie.Runtime.Invocation;

namespace Auie.Runtime.Activations;

/// <summary>Which turns may begin, and those that have to wait.</summary>
internal sealed partial class Activation
{
    private TurnQueue? _waiting;
    private int _waitingCount;
    private int _running, _blocking, _readers;

    /// <summary>Begins a turn that has arrived, or lets it wait.</summary>
    public void Admit(Turn turn)
    {
        if (turn.IsAbandoned)
        {
            turn.Discard();
        }
        else if (_revoked || (_handingOver && _state <= State.Draining && !IsServed(turn)))
        {
            PassOn(turn);
        }
        else if (MayWork && (_running == 0 || MayBegin(KindOf(turn))))
        {
            Begin(turn);
        }
        else if (_state == State.Ended)
        {
            PassOn(turn);
        }
        else
        {
            (_waiting ??= new()).Add(turn, KindOf(turn));
            _waitingCount++;
            if (_state == State.New)
                Activate();
        }
    }

    /// <summary>Whether turns may begin. An activation that hands over still works for those that end with it.</summary>
    private bool MayWork => _state == State.Active || (_state == State.Draining && _handingOver);

    private bool IsServed(Turn turn) => turn is not GrainCall call || Host.Cluster is not { } cluster || cluster.Serves(GrainId, call);

    /// <summary>A turn has ended. What waits for it begins when the loop gets to it, not inside the turn's own stack.</summary>
    public void EndTurn(Turn turn)
    {
        _running--;
        Count(turn.Interleaving, -1);
        if (turn.KeepsAlive)
            _lastUsed = Host.Now;
    }

    private Interleaving KindOf(Turn turn) =>
        Class.Reentrant || (Class.MayInterleave is { } may && turn is GrainCall call && may(call)) ? Interleaving.Always : turn.Interleaving;

    private bool MayBegin(Interleaving kind) => kind switch
    {
        Interleaving.Always => true,
        Interleaving.ReadOnly => _blocking == 0,
        _ => _blocking == 0 && _readers == 0,
    };

    private void Begin(Turn turn)
    {
        _running++;
        _callsRun++;
        Count(turn.Interleaving, 1);
        try
        {
            turn.Run(this);
        }
        catch (Exception exception)
        {
            turn.Fail(exception);
        }
    }

    private void Count(Interleaving kind, int change)
    {
        if (kind == Interleaving.None)
            _blocking += change;
        else if (kind == Interleaving.ReadOnly)
            _readers += change;
    }

    /// <summary>Begins those that wait and may begin now, each kind in the order in which it came.</summary>
    private void BeginWaiting()
    {
        while (MayWork && _waiting!.Take(readers: _blocking == 0, others: _blocking == 0 && _readers == 0) is { } turn)
        {
            _waitingCount--;
            if (turn.IsAbandoned)
                turn.Discard();
            else
                Begin(turn);
        }

        // Most grains let nobody wait but while they are made.
        if (_waitingCount == 0)
            _waiting = null;
    }

    /// <summary>The turns that wait, a queue for each kind.</summary>
    private sealed class TurnQueue
    {
        private readonly (Turn? First, Turn? Last)[] _queues = new (Turn?, Turn?)[3];
        private long _arrivals;

        public void Add(Turn turn, Interleaving kind)
        {
            ref var queue = ref _queues[(int)kind];
            turn.Arrival = _arrivals++;
            turn.Next = null;
            if (queue.First is null)
                queue.First = turn;
            else
                queue.Last!.Next = turn;
            queue.Last = turn;
        }

        /// <summary>Takes the one that came first of the kinds that may begin.</summary>
        public Turn? Take(bool readers, bool others)
        {
            var from = Interleaving.Always;
            var first = _queues[(int)from].First;
            if (readers)
                Consider(Interleaving.ReadOnly, ref first, ref from);
            if (others)
                Consider(Interleaving.None, ref first, ref from);
            if (first is null)
                return null;
            _queues[(int)from].First = (Turn?)first.Next;
            first.Next = null;
            return first;
        }

        private void Consider(Interleaving kind, ref Turn? first, ref Interleaving from)
        {
            if (_queues[(int)kind].First is { } turn && (first is null || turn.Arrival < first.Arrival))
                (first, from) = (turn, kind);
        }
    }
}
