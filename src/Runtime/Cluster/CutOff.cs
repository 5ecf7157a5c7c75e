namespace Auie.Runtime.Cluster;

/// <summary>
/// Which living silos the others cannot talk to, from what all of them say whom they cannot connect to. It follows from the table alone, so that all silos come to the same,
/// also those that are cut off: these reach the table still.
/// </summary>
/// <remarks>
/// Two silos stand apart where either says so of the other. One after the other is left out who stands apart from the most of those that remain, of equals the latest, until the
/// rest all reach each other: so a silo that is alone with its trouble is the one to go, and of two the earlier stays.
/// </remarks>
public static class CutOff
{
    /// <summary>Those who are to serve nothing, for the others do not reach them.</summary>
    public static HashSet<SiloId> Of(ClusterView view)
    {
        List<SiloInfo> rest = [.. view.Silos.Where(silo => !silo.Expired).OrderBy(silo => silo.Id.Generation)];
        var left = new HashSet<SiloId>();
        // Those of an earlier program plan without this, and plans have to be alike.
        if (rest.Exists(silo => silo.Unreachable is null) || rest.TrueForAll(silo => silo.Unreachable!.Count == 0))
            return left;
        while (true)
        {
            var last = rest.MaxBy(silo => (rest.Count(other => StandApart(silo, other)), silo.Id.Generation));
            if (last is null || !rest.Exists(other => StandApart(last, other)))
                return left;
            rest.Remove(last);
            left.Add(last.Id);
        }
    }

    private static bool StandApart(SiloInfo a, SiloInfo b) => a.Unreachable!.Contains(b.Id.Generation) || b.Unreachable!.Contains(a.Id.Generation);
}
