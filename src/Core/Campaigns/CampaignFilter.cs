namespace Auie.Core.Campaigns;

/// <summary>Says of somebody that they are not in a campaign, or that they may be: four bytes for each member, looked up without reading who they are.</summary>
public sealed class CampaignFilter
{
    private readonly uint[] _hashes;

    private CampaignFilter(uint[] hashes) => _hashes = hashes;

    /// <summary>Of how many members it is.</summary>
    public int Count => _hashes.Length;

    public static CampaignFilter Of(IReadOnlyCollection<CampaignMember> members)
    {
        uint[] hashes = [.. members.Select(member => HashOf(member.User))];
        Array.Sort(hashes);
        return new CampaignFilter(hashes);
    }

    /// <summary>Never false of a member; of one in some ten thousand others true, too, where there are half a million members.</summary>
    public bool MayHave(string user) => Array.BinarySearch(_hashes, HashOf(user)) >= 0;

    private static uint HashOf(string user) => (uint)(StableHash.OfKey(user) >> 32);
}
