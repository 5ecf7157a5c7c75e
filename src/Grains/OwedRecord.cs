using Auie.Core.Users;

namespace Auie.Grains;

/// <summary>A record whose messages are to be delivered, to users and items or to items alone.</summary>
internal sealed class OwedRecord(long offset, string user, UserRecord record, bool toUsers)
{
    public long Offset => offset;

    public string User => user;

    public UserRecord Record => record;

    /// <summary>Whether any of it goes to a user.</summary>
    public bool ToUsers => toUsers;

    /// <summary>The delivery that is under way, if any goes to a user.</summary>
    public Task<string?>? UnderWay { get; set; }

    /// <summary>How many loads are on their way with what it tells items.</summary>
    public int Loads { get; set; }

    /// <summary>Ends, and never fails, with the last of them.</summary>
    public Task Told { get; private set; } = Task.CompletedTask;

    /// <summary>Why not everything of it was delivered by the loads that have ended.</summary>
    public Exception? Failure { get; set; }

    public bool IsUnderWay => UnderWay is not null || Loads > 0;

    /// <summary>Goes with a load; once, whatever it has to say to its shard.</summary>
    public void GoWith(ItemLoad load)
    {
        if (!load.Take(this))
            return;
        Told = Loads == 0 ? load.Ended : Task.WhenAll(Told, load.Ended);
        Loads++;
    }
}
