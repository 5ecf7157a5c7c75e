using Auie.Runtime.Cluster;

namespace Auie.Runtime.Tests.Cluster;

/// <summary>What can happen in a model, and which rules it keeps: a rule that is broken has to be found out.</summary>
/// <param name="Lease">Its length in ticks.</param>
/// <param name="Margin">By how many ticks a silo ends its lease before the table does.</param>
/// <param name="Drift">Whether a silo's clock may miss one tick in a lease.</param>
/// <param name="Faults">How many times a silo may crash, give up a heartbeat, which may yet arrive, or lose an answer. Pausing is no fault, however long.</param>
/// <param name="Orders">How many times a silo may be told to stop, to give its slots away, or to take some again.</param>
/// <param name="NumbersBeats">Whether a heartbeat that arrives after a later one is void.</param>
/// <param name="LooksAgain">Whether the table looks at the lease of a slot's owner when the slot is claimed, and not only the one who claims it did.</param>
/// <param name="CountsFromSending">Whether the lease counts from when the heartbeat was sent, and not from its answer.</param>
internal sealed record LeaseRules(
    int Silos,
    int Slots,
    int Lease = 3,
    int Margin = 1,
    bool Drift = true,
    int Faults = 0,
    int Orders = 0,
    bool NumbersBeats = true,
    bool LooksAgain = true,
    bool CountsFromSending = true);

/// <summary>One thing that happens.</summary>
internal enum Move : byte
{
    Restart, Crash, Join, JoinUnanswered, Send, Arrive, Answer, AnswerSparing, GiveUp, ArriveLate, DrainEnds, SetDraining, SetActive, Stop, Leave, Tick,
}

internal enum Life : byte
{
    Down, Out, In, Stopping,
}

/// <summary>
/// Silos, their table and all that is under way between them, at one moment. The silos' decisions are those of <see cref="SlotLedger"/>, <see cref="SlotPlan"/> and
/// <see cref="LeaseClock"/> themselves; the table is a model of its rules, to which the compliance suite holds the tables that there are.
/// </summary>
/// <remarks>
/// A silo that pauses is one that does nothing while others do. A drain that ends and one that is cut off look alike from here. Calls need no state of their own: one that is
/// under way in a slot that is served or drained may be answered at any moment in which the lease is valid, and so the slot must be the silo's in each of them. Lives of one silo
/// have one id here, for what is left of an earlier one is out of the table when the next begins.
/// </remarks>
internal sealed class LeaseModel(LeaseRules rules)
{
    private const long Now = 1000;

    private int _faults = rules.Faults;
    private int _orders = rules.Orders;

    private readonly Dictionary<UInt128, (SlotState[] Slots, int Claims)> _decided = [];

    // The table.
    private readonly int[] _owner = new int[rules.Slots];
    private readonly Row[] _rows = new Row[rules.Silos];

    // The silos, and what they have sent.
    private readonly Silo[] _silos = [.. Enumerable.Range(0, rules.Silos).Select(_ => new Silo(rules.Slots))];

    private static SiloId IdOf(int silo) => new("s", silo + 1);

    private enum Beat : byte
    {
        None, Sent, Answered,
    }

    private enum Seen : byte
    {
        Gone, Active, Draining, Expired,
    }

    /// <summary>Two silos would answer for a slot, or one whose slot it is not; null while all is well.</summary>
    public string? Violation()
    {
        for (var slot = 0; slot < rules.Slots; slot++)
        {
            var answers = -1;
            for (var i = 0; i < rules.Silos; i++)
            {
                if (!Valid(i) || _silos[i].Slots[slot] is not (SlotState.Owned or SlotState.Draining))
                    continue;
                if (answers >= 0)
                    return $"silos {answers} and {i} answer for slot {slot}";
                answers = i;
            }

            if (answers >= 0 && _owner[slot] != answers + 1)
                return $"silo {answers} answers for slot {slot}, which is not its own";
        }

        return null;
    }

    /// <summary>Whether every slot is served.</summary>
    public bool AllServed => Enumerable.Range(0, rules.Slots).All(slot => Enumerable.Range(0, rules.Silos).Any(i => Valid(i) && _silos[i].Slots[slot] == SlotState.Owned));

    /// <summary>What can happen next: what, to which silo, and to which slot or with which silos' clocks missing the tick.</summary>
    public IEnumerable<(Move Move, int Silo, int Detail)> Moves()
    {
        for (var i = 0; i < rules.Silos; i++)
        {
            var silo = _silos[i];
            if (silo.Life == Life.Down)
            {
                yield return (Move.Restart, i, 0);
            }
            else if (_faults > 0)
            {
                yield return (Move.Crash, i, 0);
            }

            if (silo.Life == Life.Out)
            {
                yield return (Move.Join, i, 0);
                if (_faults > 0)
                    yield return (Move.JoinUnanswered, i, 0);
            }

            if (silo.Life is Life.In or Life.Stopping && silo.Beat == Beat.None)
                yield return silo.Life == Life.Stopping && silo.IsEmpty ? (Move.Leave, i, 0) : (Move.Send, i, 0);
            if (silo.Beat == Beat.Sent)
                yield return (Move.Arrive, i, 0);
            if (silo.Beat == Beat.Answered)
            {
                yield return (Move.Answer, i, 0);
                // Whether it spares others, and for how long, makes no difference to who may answer: it may do so at any time.
                if (Array.Exists(silo.SeenOwner, owner => owner > 0 && (Seen)((silo.Seen >> (2 * (owner - 1))) & 3) == Seen.Expired))
                    yield return (Move.AnswerSparing, i, 0);
            }

            if (silo.Beat != Beat.None && _faults > 0)
                yield return (Move.GiveUp, i, 0);
            if (silo.IsLate)
                yield return (Move.ArriveLate, i, 0);
            for (var slot = 0; slot < rules.Slots; slot++)
            {
                if (silo.Slots[slot] == SlotState.Draining)
                    yield return (Move.DrainEnds, i, slot);
            }

            if (_orders > 0 && silo.Life == Life.In)
                yield return (Move.Stop, i, 0);
            if (_orders > 0 && _rows[i].Present)
                yield return _rows[i].Draining ? (Move.SetActive, i, 0) : (Move.SetDraining, i, 0);
        }

        for (var missing = 0; missing < (rules.Drift ? 1 << rules.Silos : 1); missing++)
        {
            if (Enumerable.Range(0, rules.Silos).All(i => (missing & (1 << i)) == 0 || (_silos[i].Steady == 0 && _silos[i].Life >= Life.In)))
                yield return (Move.Tick, 0, missing);
        }
    }

    public void Do(Move move, int i, int detail)
    {
        var silo = _silos[i];
        if (move is Move.Crash or Move.JoinUnanswered or Move.GiveUp)
            _faults--;
        if (move is Move.Stop or Move.SetDraining or Move.SetActive)
            _orders--;
        switch (move)
        {
            case Move.Restart:
                silo.Life = Life.Out;
                break;
            case Move.Crash:
                End(i, Life.Down);
                break;
            case Move.Join:
                Enter(i);
                silo.Life = Life.In;
                Renew(silo, 0);
                break;
            case Move.JoinUnanswered:
                Enter(i);
                break;
            case Move.Send:
                (silo.Beat, silo.Age) = (Beat.Sent, 0);
                (silo.Release, silo.Claim) = (Mask(Ledger(i).Releases), silo.Claims);
                break;
            case Move.Arrive:
                silo.Beat = Beat.Answered;
                if (rules.NumbersBeats)
                    silo.DropLate();
                Arrive(i, silo.Release, silo.Claim);
                See(i);
                break;
            case Move.Answer or Move.AnswerSparing:
                Take(i, spares: move == Move.AnswerSparing);
                break;
            case Move.GiveUp:
                Forget(silo);
                break;
            case Move.ArriveLate:
                Arrive(i, silo.LateRelease, silo.LateClaim);
                silo.DropLate();
                break;
            case Move.DrainEnds:
                With(i, ledger => ledger.Drained([detail]));
                break;
            case Move.SetDraining or Move.SetActive:
                _rows[i].Draining = move == Move.SetDraining;
                break;
            case Move.Stop:
                silo.Life = Life.Stopping;
                With(i, ledger => ledger.Stop());
                break;
            case Move.Leave:
                Remove(i);
                End(i, Life.Down);
                break;
            case Move.Tick:
                Tick(detail);
                break;
        }
    }

    /// <summary>What happens within a tick when nothing goes wrong.</summary>
    public void RunSmoothly()
    {
        Do(Move.Tick, 0, 0);
        var up = Enumerable.Range(0, rules.Silos).Where(i => _silos[i].Life is Life.Out or Life.In).ToArray();
        if (up.Length == 0 && _silos.All(silo => silo.Life == Life.Down))
            Do(Move.Restart, 0, 0);
        if (up.Length > 0 && up.All(i => _rows[i].Present && _rows[i].Draining))
            _rows[up[0]].Draining = false;
        for (var i = 0; i < rules.Silos; i++)
        {
            var silo = _silos[i];
            if (silo.IsLate)
                Do(Move.ArriveLate, i, 0);
            if (silo.Life == Life.Out)
                Do(Move.Join, i, 0);
            if (silo.Beat == Beat.Sent)
                Do(Move.Arrive, i, 0);
            if (silo.Beat == Beat.Answered)
                Do(Move.Answer, i, 0);
            for (var slot = 0; slot < rules.Slots; slot++)
                Do(Move.DrainEnds, i, slot);
            if (silo.Life == Life.Stopping && silo.IsEmpty)
            {
                Do(Move.Leave, i, 0);
            }
            else if (silo.Life >= Life.In)
            {
                Do(Move.Send, i, 0);
                Do(Move.Arrive, i, 0);
                Do(Move.Answer, i, 0);
            }
        }
    }

    private bool Valid(int i) => Clock(_silos[i]).IsValid(Now);

    /// <summary>A heartbeat takes effect in the table, where the silo's life is in it.</summary>
    private void Arrive(int i, int release, int claim)
    {
        if (!_rows[i].Present || _silos[i].Life == Life.Out)
            return;
        _rows[i].Left = rules.Lease;
        for (var slot = 0; slot < rules.Slots; slot++)
        {
            if ((release & (1 << slot)) != 0 && _owner[slot] == i + 1)
                _owner[slot] = 0;
        }

        for (var slot = 0; slot < rules.Slots; slot++)
        {
            if ((claim & (1 << slot)) == 0)
                continue;
            if (_owner[slot] != 0 && _owner[slot] != i + 1 && (!rules.LooksAgain || _rows[_owner[slot] - 1].Left == 0))
                Remove(_owner[slot] - 1);
            if (_owner[slot] == 0)
                _owner[slot] = i + 1;
        }
    }

    private void Enter(int i)
    {
        Remove(i);
        _rows[i] = new() { Present = true, Left = rules.Lease };
    }

    private void Remove(int i)
    {
        _rows[i] = default;
        _silos[i].DropLate();
        for (var slot = 0; slot < rules.Slots; slot++)
            _owner[slot] = _owner[slot] == i + 1 ? 0 : _owner[slot];
    }

    /// <summary>The table's answer: itself at this moment.</summary>
    private void See(int i)
    {
        var silo = _silos[i];
        (silo.Release, silo.Claim) = (0, 0);
        if (!_rows[i].Present)
            return;
        _owner.CopyTo(silo.SeenOwner, 0);
        for (var j = 0; j < rules.Silos; j++)
            silo.Seen |= (int)(!_rows[j].Present ? Seen.Gone : _rows[j].Left == 0 ? Seen.Expired : _rows[j].Draining ? Seen.Draining : Seen.Active) << (2 * j);
    }

    private void Take(int i, bool spares)
    {
        var silo = _silos[i];
        if ((Seen)((silo.Seen >> (2 * i)) & 3) == Seen.Gone)
        {
            End(i, silo.Life == Life.Stopping ? Life.Down : Life.Out);
            return;
        }

        Renew(silo, rules.CountsFromSending ? silo.Age : 0);
        // A ledger decides the same from the same, and so each case is put to it once.
        var bits = new Bits();
        bits.Put(i, 2);
        bits.Put((int)silo.Life, 2);
        bits.Put(spares ? 1 : 0, 1);
        bits.Put(silo.Seen, 2 * rules.Silos);
        foreach (var owner in silo.SeenOwner)
            bits.Put(owner, 2);
        foreach (var state in silo.Slots)
            bits.Put((int)state, 2);
        if (!_decided.TryGetValue(bits.Value, out var decision))
        {
            var ledger = Ledger(i);
            ledger.Accept(View(silo), spares);
            _decided[bits.Value] = decision = ([.. ledger.Slots], Mask(ledger.Claims));
        }

        decision.Slots.CopyTo(silo.Slots, 0);
        silo.Claims = decision.Claims;
        silo.DropBeat();
    }

    private ClusterView View(Silo silo)
    {
        var silos = new List<SiloInfo>();
        for (var j = 0; j < rules.Silos; j++)
        {
            var seen = (Seen)((silo.Seen >> (2 * j)) & 3);
            if (seen != Seen.Gone)
                silos.Add(new(IdOf(j), "", "", seen == Seen.Draining ? SiloStatus.Draining : SiloStatus.Active, seen == Seen.Expired, default));
        }

        return new(0, silos, [.. silo.SeenOwner.Select(owner => owner == 0 ? (SiloId?)null : IdOf(owner - 1))]);
    }

    /// <summary>A life ends. What it had sent may be under way still.</summary>
    private void End(int i, Life next)
    {
        var silo = _silos[i];
        Forget(silo);
        Array.Clear(silo.Slots);
        (silo.Life, silo.Claims, silo.Left, silo.Steady) = (next, 0, 0, 0);
        if (!_rows[i].Present || next == Life.Out)
            silo.DropLate();
    }

    private void Forget(Silo silo)
    {
        if (silo.Beat == Beat.Sent)
            (silo.IsLate, silo.LateRelease, silo.LateClaim) = (true, silo.Release, silo.Claim);
        silo.DropBeat();
    }

    private void Tick(int missing)
    {
        for (var i = 0; i < rules.Silos; i++)
        {
            var silo = _silos[i];
            _rows[i].Left = Math.Max(0, _rows[i].Left - 1);
            if ((missing & (1 << i)) != 0)
            {
                silo.Steady = rules.Lease - 1;
                continue;
            }

            silo.Steady = Math.Max(0, silo.Steady - 1);
            silo.Left = Math.Max(0, silo.Left - 1);
            if (silo.Beat != Beat.None)
                silo.Age = Math.Min(rules.Lease - rules.Margin, silo.Age + 1);
        }
    }

    private void Renew(Silo silo, int age)
    {
        var clock = Clock(silo);
        clock.Renew(Now - age);
        silo.Left = (int)Math.Max(0, clock.Deadline - Now);
    }

    private LeaseClock Clock(Silo silo) => new(rules.Lease - rules.Margin, Now + silo.Left);

    private SlotLedger Ledger(int i) =>
        new(IdOf(i), _silos[i].Slots, [.. Enumerable.Range(0, rules.Slots).Where(slot => (_silos[i].Claims & (1 << slot)) != 0)], _silos[i].Life == Life.Stopping);

    private void With(int i, Action<SlotLedger> act)
    {
        var ledger = Ledger(i);
        act(ledger);
        ledger.Slots.ToArray().CopyTo(_silos[i].Slots, 0);
        _silos[i].Claims = Mask(ledger.Claims);
    }

    private static int Mask(int[] slots) => slots.Sum(slot => 1 << slot);

    /// <summary>All of it as one number; equal ones have the same future. What makes no difference any more is left out.</summary>
    public UInt128 Pack()
    {
        for (var i = 0; i < rules.Silos; i++)
        {
            var silo = _silos[i];
            if (!Array.Exists(silo.Slots, slot => slot is SlotState.Owned or SlotState.Draining))
                silo.Left = 0;
            if (silo.Left == 0 && silo.Beat == Beat.None)
                silo.Steady = 0;
            if (!_rows[i].Present)
                (silo.Release, silo.Claim) = (0, 0);
        }

        var bits = new Bits();
        bits.Put(_faults, 2);
        bits.Put(_orders, 2);
        foreach (var owner in _owner)
            bits.Put(owner, 2);
        for (var i = 0; i < rules.Silos; i++)
        {
            var (row, silo) = (_rows[i], _silos[i]);
            bits.Put(row.Present ? row.Draining ? 2 : 1 : 0, 2);
            bits.Put(row.Left, 2);
            bits.Put((int)silo.Life, 2);
            foreach (var slot in silo.Slots)
                bits.Put((int)slot, 2);
            bits.Put(silo.Claims, rules.Slots);
            bits.Put(silo.Left, 2);
            bits.Put(silo.Steady, 2);
            bits.Put((int)silo.Beat, 2);
            bits.Put(silo.Age, 2);
            if (silo.Beat == Beat.Sent)
            {
                bits.Put(silo.Release, rules.Slots);
                bits.Put(silo.Claim, rules.Slots);
            }
            else if (silo.Beat == Beat.Answered)
            {
                foreach (var owner in silo.SeenOwner)
                    bits.Put(owner, 2);
                bits.Put(silo.Seen, 2 * rules.Silos);
            }

            bits.Put(silo.IsLate ? 1 : 0, 1);
            if (!silo.IsLate)
                continue;
            bits.Put(silo.LateRelease, rules.Slots);
            bits.Put(silo.LateClaim, rules.Slots);
        }

        return bits.Value;
    }

    public void Unpack(UInt128 packed)
    {
        var bits = new Bits { Value = packed };
        (_faults, _orders) = (bits.Take(2), bits.Take(2));
        for (var slot = 0; slot < rules.Slots; slot++)
            _owner[slot] = bits.Take(2);
        for (var i = 0; i < rules.Silos; i++)
        {
            var silo = _silos[i];
            var row = bits.Take(2);
            _rows[i] = new() { Present = row > 0, Draining = row == 2, Left = bits.Take(2) };
            silo.Life = (Life)bits.Take(2);
            for (var slot = 0; slot < rules.Slots; slot++)
                silo.Slots[slot] = (SlotState)bits.Take(2);
            (silo.Claims, silo.Left, silo.Steady) = (bits.Take(rules.Slots), bits.Take(2), bits.Take(2));
            silo.DropBeat();
            (silo.Beat, silo.Age) = ((Beat)bits.Take(2), bits.Take(2));
            if (silo.Beat == Beat.Sent)
            {
                (silo.Release, silo.Claim) = (bits.Take(rules.Slots), bits.Take(rules.Slots));
            }
            else if (silo.Beat == Beat.Answered)
            {
                for (var slot = 0; slot < rules.Slots; slot++)
                    silo.SeenOwner[slot] = bits.Take(2);
                silo.Seen = bits.Take(2 * rules.Silos);
            }

            silo.DropLate();
            silo.IsLate = bits.Take(1) == 1;
            if (silo.IsLate)
                (silo.LateRelease, silo.LateClaim) = (bits.Take(rules.Slots), bits.Take(rules.Slots));
        }
    }

    private struct Bits
    {
        private int _at;

        public UInt128 Value;

        public void Put(int value, int width)
        {
            Value |= (UInt128)(uint)value << _at;
            _at += width;
        }

        public int Take(int width)
        {
            var value = (int)(uint)(Value >> _at) & ((1 << width) - 1);
            _at += width;
            return value;
        }
    }

    private struct Row
    {
        public bool Present;
        public bool Draining;
        public int Left;
    }

    private sealed class Silo(int slots)
    {
        public readonly SlotState[] Slots = new SlotState[slots];
        public readonly int[] SeenOwner = new int[slots];
        public Life Life;
        public Beat Beat;
        public bool IsLate;

        /// <summary>How long its clock has yet to keep step before it may miss a tick.</summary>
        public int Steady;

        public int Claims, Left, Age, Release, Claim, Seen, LateRelease, LateClaim;

        public bool IsEmpty => Array.TrueForAll(Slots, slot => slot == SlotState.None);

        public void DropBeat()
        {
            (Beat, Age, Release, Claim, Seen) = (Beat.None, 0, 0, 0, 0);
            Array.Clear(SeenOwner);
        }

        public void DropLate() => (IsLate, LateRelease, LateClaim) = (false, 0, 0);
    }
}
