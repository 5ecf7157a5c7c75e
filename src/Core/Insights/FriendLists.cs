using System.Diagnostics.CodeAnalysis;

namespace Auie.Core.Insights;

/// <summary>
/// Whom users list as friends, by the hashes of their ids: kept once it was read, until it changes. Of more links than may be kept, the rest is read anew each time.
/// Not safe for several threads at once; a list that is given out is never written.
/// </summary>
/// <param name="most">How many links are kept, at eight bytes each.</param>
public sealed class FriendLists(long most)
{
    private readonly Dictionary<string, ulong[]> _lists = [];

    /// <summary>How many links are kept.</summary>
    public long Links { get; private set; }

    /// <summary>Grows with each list that changes: one that was being read meanwhile may be the old one.</summary>
    public long Changes { get; private set; }

    public bool TryGet(string user, [NotNullWhen(true)] out ulong[]? friends) => _lists.TryGetValue(user, out friends);

    /// <summary>Keeps a list that was read while <see cref="Changes"/> was this.</summary>
    public void Keep(string user, ulong[] friends, long changes)
    {
        if (changes != Changes || Links + friends.Length > most || !_lists.TryAdd(user, friends))
            return;
        Links += friends.Length;
    }

    /// <summary>Forgets a list that is another now.</summary>
    public void Changed(string user)
    {
        Changes++;
        if (_lists.Remove(user, out var friends))
            Links -= friends.Length;
    }
}
