namespace Auie.Api;

/// <summary>
/// Has bodies of events taken in in the order in which they had come, a few at a time. All at once they would lie in memory read and half done, keep one another waiting, and
/// have every other request wait for them. A small one does not wait: it costs little, and somebody looks at the answer. A turn that lasts long counts no more: whoever waits for a partition that nobody serves keeps nobody else from theirs.
/// </summary>
/// <param name="atOnce">How many bytes of events may be at work at a time; a body that is larger has its turn alone.</param>
/// <param name="longest">After how long a turn counts no more.</param>
/// <param name="time">The clock.</param>
internal sealed class IntakeTurns(long atOnce, TimeSpan longest, TimeProvider time)
{
    /// <summary>A body of no more than this part of what may be at work waits for no other.</summary>
    private const int SmallShare = 64;

    private readonly Lock _lock = new();
    private readonly Queue<Turn> _waiting = [];

    /// <summary>Those that count, and some that have ended, in the order in which they began.</summary>
    private readonly Queue<Turn> _begun = [];
    private long _atWork;
    private ITimer? _look;
    private bool _looks;

    /// <summary>Waits for the turn of so many bytes; it ends when what is returned is disposed of.</summary>
    public async ValueTask<Turn> TakeAsync(long bytes, CancellationToken cancellationToken)
    {
        var turn = new Turn(this, bytes);
        lock (_lock)
        {
            if (bytes <= atOnce / SmallShare || (_waiting.Count == 0 && HasRoomFor(turn)))
            {
                Begin(turn);
                return turn;
            }

            turn.Began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(turn);
            LookLater();
        }

        try
        {
            await turn.Began.Task.WaitAsync(cancellationToken);
            return turn;
        }
        catch
        {
            turn.Dispose();
            throw;
        }
    }

    private bool HasRoomFor(Turn turn) => _atWork == 0 || _atWork + turn.Bytes <= atOnce;

    private void Begin(Turn turn)
    {
        turn.State = TurnState.Counts;
        turn.BeganAt = time.GetTimestamp();
        _atWork += turn.Bytes;
        _begun.Enqueue(turn);
        while (_begun.TryPeek(out var oldest) && oldest.State != TurnState.Counts)
            _begun.Dequeue();
    }

    private void End(Turn turn)
    {
        lock (_lock)
        {
            if (turn.State == TurnState.Counts)
                _atWork -= turn.Bytes;
            turn.State = TurnState.Over;
            LetIn();
        }
    }

    private void LetIn()
    {
        while (_waiting.TryPeek(out var next) && (next.State == TurnState.Over || HasRoomFor(next)))
        {
            _waiting.Dequeue();
            if (next.State == TurnState.Over)
                continue;
            Begin(next);
            next.Began!.SetResult();
        }
    }

    /// <summary>Has turns that last too long found, as long as somebody waits.</summary>
    private void LookLater()
    {
        if (_looks)
            return;
        _looks = true;
        _look ??= time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _look.Change(longest, Timeout.InfiniteTimeSpan);
    }

    private void Look()
    {
        lock (_lock)
        {
            _looks = false;
            while (_begun.TryPeek(out var oldest) && (oldest.State != TurnState.Counts || time.GetElapsedTime(oldest.BeganAt) >= longest))
            {
                _begun.Dequeue();
                if (oldest.State != TurnState.Counts)
                    continue;
                oldest.State = TurnState.Lapsed;
                _atWork -= oldest.Bytes;
            }

            LetIn();
            if (_waiting.Count > 0)
                LookLater();
        }
    }

    internal enum TurnState
    {
        Waits,
        Counts,
        Lapsed,
        Over,
    }

    /// <summary>A body's turn.</summary>
    internal sealed class Turn(IntakeTurns turns, long bytes) : IDisposable
    {
        internal long Bytes => bytes;

        internal TaskCompletionSource? Began { get; set; }

        internal long BeganAt { get; set; }

        internal TurnState State { get; set; }

        public void Dispose() => turns.End(this);
    }
}
