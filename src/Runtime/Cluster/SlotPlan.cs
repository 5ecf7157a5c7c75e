namespace Auie.Runtime.Cluster;

/// <summary>
/// Who should own each slot. It follows from the table alone, so that all silos come to the same without talking about it: the active ones whose lease runs, and whom the others
/// reach (<see cref="CutOff"/>), share the slots evenly, and only what that takes is moved.
/// </summary>
/// <remarks>
/// While slots are on their way the plan stays what it was: who gets one more than others is settled by who has one more already, and the slots to be given are dealt in
/// their order.
/// </remarks>
internal sealed class SlotPlan
{
    private readonly ClusterView _view;
    private readonly SiloId?[] _targets;
    private readonly HashSet<SiloId> _living;

    public SlotPlan(ClusterView view)
    {
        _view = view;
        _living = [.. view.Silos.Where(silo => !silo.Expired).Select(silo => silo.Id)];
        _targets = [.. view.Owners.Select(owner => owner is { } id && _living.Contains(id) ? owner : null)];
        Spread(view);
    }

    /// <summary>Who should own each slot; null where nobody can.</summary>
    public IReadOnlyList<SiloId?> Targets => _targets;

    /// <summary>Whether any slot is not where it should be.</summary>
    public bool InMotion => !_targets.AsSpan().SequenceEqual(_view.Owners.ToArray());

    /// <summary>The slots that a silo owns and another should.</summary>
    public int[] ReleasedBy(SiloId silo) => Where(slot => _view.Owners[slot] == silo && _targets[slot] != silo);

    /// <summary>The slots that a silo should own and may take: nobody has them, or nobody whose lease runs.</summary>
    public int[] ClaimedBy(SiloId silo) => Where(slot => _targets[slot] == silo && !(_view.Owners[slot] is { } owner && _living.Contains(owner)));

    private void Spread(ClusterView view)
    {
        // With nobody to take them, those who are to give their slots away keep them.
        var cutOff = CutOff.Of(view);
        SiloId[] takers = [.. view.Silos.Where(silo => !silo.Expired && silo.Status == SiloStatus.Active && !cutOff.Contains(silo.Id)).Select(silo => silo.Id).OrderBy(id => id.Generation)];
        if (takers.Length == 0)
            return;

        var owned = takers.ToDictionary(id => id, id => _targets.Count(target => target == id));
        var (share, rest) = Math.DivRem(_targets.Length, takers.Length);
        var quota = takers.OrderByDescending(id => owned[id] > share).ThenBy(id => id.Generation).Select((id, i) => (id, Slots: i < rest ? share + 1 : share)).ToDictionary();

        var left = new Dictionary<SiloId, int>(quota);
        for (var slot = 0; slot < _targets.Length; slot++)
        {
            if (_targets[slot] is not { } owner)
                continue;
            if (left.TryGetValue(owner, out var more) && more > 0)
                left[owner] = more - 1;
            else
                _targets[slot] = null;
        }

        var taker = 0;
        for (var slot = 0; slot < _targets.Length; slot++)
        {
            if (_targets[slot] is not null)
                continue;
            while (left[takers[taker]] == 0)
                taker++;
            _targets[slot] = takers[taker];
            left[takers[taker]]--;
        }
    }

    private int[] Where(Func<int, bool> matches) => [.. Enumerable.Range(0, _targets.Length).Where(matches)];
}
