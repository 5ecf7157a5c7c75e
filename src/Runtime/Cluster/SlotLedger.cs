namespace Auie.Runtime.Cluster;

/// <summary>What a slot is to this silo.</summary>
internal enum SlotState : byte
{
    /// <summary>Not this silo's, as far as it knows.</summary>
    None,

    /// <summary>Served.</summary>
    Owned,

    /// <summary>Still this silo's by the table, and no longer served; its grains are ending.</summary>
    Draining,

    /// <summary>To be released with the next heartbeat.</summary>
    Drained,
}

/// <summary>
/// What one life of a silo knows and decides about its slots. It serves a slot from the view that says it is its own until it begins to drain it, and releases it only when
/// that has ended. It does no I/O and knows no time; all but <see cref="Owns"/> is for one thread at a time.
/// </summary>
/// <remarks>
/// A view is the answer to this silo's latest heartbeat, and makes all earlier ones void: so what it says of this silo's slots is settled, whatever became of heartbeats that
/// were never answered.
/// </remarks>
internal sealed class SlotLedger
{
    // Of bytes, for these can be read and written as volatile.
    private readonly byte[] _slots;
    private bool _stopping;

    public SlotLedger(SiloId silo, int slots)
        : this(silo, new SlotState[slots], [], false)
    {
    }

    /// <summary>A ledger as it was.</summary>
    public SlotLedger(SiloId silo, IEnumerable<SlotState> slots, int[] claims, bool stopping) => (Silo, _slots, Claims, _stopping) = (silo, [.. slots.Select(state => (byte)state)], claims, stopping);

    public SiloId Silo { get; }

    public IEnumerable<SlotState> Slots => _slots.Select(state => (SlotState)state);

    /// <summary>What the next heartbeat claims.</summary>
    public int[] Claims { get; private set; }

    /// <summary>What the next heartbeat releases.</summary>
    public int[] Releases => Where(SlotState.Drained);

    /// <summary>Whether no slot is this silo's, as far as it knows.</summary>
    public bool IsEmpty => !_slots.AsSpan().ContainsAnyExcept((byte)SlotState.None);

    /// <summary>How many slots are this silo's by the table, served or not.</summary>
    public int Held => _slots.Length - _slots.AsSpan().Count((byte)SlotState.None);

    /// <summary>Whether grains of any slot are still ending.</summary>
    public bool IsDraining => _slots.AsSpan().Contains((byte)SlotState.Draining);

    /// <summary>How many slots are served here.</summary>
    public int Owned => _slots.AsSpan().Count((byte)SlotState.Owned);

    /// <summary>Whether a slot is served here, as long as the lease runs. For any thread.</summary>
    public bool Owns(int slot) => Volatile.Read(ref _slots[slot]) == (byte)SlotState.Owned;

    /// <summary>Takes in the answer to the latest heartbeat.</summary>
    /// <param name="spares">Whether slots are left for now to an owner whose lease has run out.</param>
    /// <returns>The slots to drain; they are no longer served.</returns>
    /// <exception cref="InvalidOperationException">A slot that this silo serves or drains is another's, which only this silo could have brought about.</exception>
    public int[] Accept(ClusterView view, bool spares = false)
    {
        if (view.Owners.Count != _slots.Length)
            throw new InvalidOperationException($"The membership table has {view.Owners.Count} slots; silo {Silo} knows of {_slots.Length}.");
        for (var slot = 0; slot < _slots.Length; slot++)
        {
            var own = view.Owners[slot] == Silo;
            switch ((SlotState)_slots[slot])
            {
                case SlotState.None when own:
                    // Nothing of it was ever served by a silo that is about to end.
                    Set(slot, _stopping ? SlotState.Drained : SlotState.Owned);
                    break;
                case SlotState.Drained when !own:
                    Set(slot, SlotState.None);
                    break;
                case SlotState.Owned or SlotState.Draining when !own:
                    throw new InvalidOperationException($"The membership table says that slot {slot} is not owned by silo {Silo}, which has not released it.");
            }
        }

        var plan = new SlotPlan(view);
        Claims = _stopping ? [] : [.. plan.ClaimedBy(Silo).Where(slot => !spares || view.Owners[slot] is null)];
        return Drain(plan.ReleasedBy(Silo));
    }

    /// <summary>The grains of these slots have ended, or may no longer be answered for.</summary>
    public void Drained(IEnumerable<int> slots)
    {
        foreach (var slot in slots)
        {
            if (_slots[slot] == (byte)SlotState.Draining)
                Set(slot, SlotState.Drained);
        }
    }

    /// <summary>The silo is to end: it gives up all that it has, and takes no more.</summary>
    /// <returns>The slots to drain.</returns>
    public int[] Stop()
    {
        _stopping = true;
        Claims = [];
        return Drain(Where(SlotState.Owned));
    }

    /// <summary>The silo was put out: nothing is its own.</summary>
    public void Clear()
    {
        Claims = [];
        for (var slot = 0; slot < _slots.Length; slot++)
            Set(slot, SlotState.None);
    }

    private int[] Drain(int[] slots)
    {
        int[] begun = [.. slots.Where(Owns)];
        foreach (var slot in begun)
            Set(slot, SlotState.Draining);
        return begun;
    }

    private int[] Where(SlotState state) => [.. Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot] == (byte)state)];

    private void Set(int slot, SlotState state) => Volatile.Write(ref _slots[slot], (byte)state);
}
