namespace Auie.Runtime.Cluster;

/// <summary>What holds the grains of the slots that this silo owns.</summary>
internal interface ISlotHost
{
    /// <summary>The load that the next heartbeat tells.</summary>
    SiloLoad Load { get; }

    /// <summary>Those of the view that this silo has not been connected to for a while, by their lives.</summary>
    IReadOnlyCollection<long> Unreachable { get; }

    /// <summary>The table has changed, whose lease runs, what this silo serves, or whether the table is waited for at all. Called by one thread at a time; must not block.</summary>
    void ViewChanged(ClusterView view);

    /// <summary>
    /// These slots are to be given up and are no longer served: ends when no grain of theirs is active any more, or, soon after the token was cancelled, when
    /// what still runs will not be answered for. Other slots may be draining at the same time. Must not block.
    /// </summary>
    Task DrainAsync(IReadOnlyCollection<int> slots, CancellationToken cancellationToken);

    /// <summary>This silo was put out: nothing of what it holds is its own any more, and nothing of it may be answered for, even while it drains. Ends when all that is given up.</summary>
    Task AbandonAsync();
}
