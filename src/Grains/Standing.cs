using Auie.Abstractions;

namespace Auie.Grains;

/// <summary>What a partition has to know of a user before it commits anything of theirs; kept for those who were last heard of.</summary>
internal sealed class Standing(string user, IUserGrain grain)
{
    /// <summary>The user's id: the one text of it that the partition keeps, whatever number of messages bring their own.</summary>
    public string User => user;

    public IUserGrain Grain => grain;

    /// <summary>The user to whom this id belongs, who gets what comes; null for one who is their own.</summary>
    public string? Owner { get; set; }

    /// <summary>Whether the user forbade to keep what they do.</summary>
    public bool TrackingDenied { get; set; }

    /// <summary>When that was said, in ticks of UTC.</summary>
    public long TrackingSaidAt { get; set; }

    /// <summary>Whether the user was erased: nothing of theirs is taken in any more.</summary>
    public bool IsErased { get; init; }

    /// <summary>The offset of the user's last record; 0 for none.</summary>
    public long LastOffset { get; set; }
}
