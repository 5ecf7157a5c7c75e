using Auie.Abstractions;
using Auie.Core.Insights;

namespace Auie.Grains;

/// <summary>Counts of users, as messages.</summary>
internal static class Censuses
{
    public static UserCensus Of(UserCounts counts) => new()
    {
        Users = counts.Users,
        Genders = new(counts.Genders),
        BirthYears = new(counts.BirthYears),
        Locales = new(counts.Locales),
        FriendLinks = counts.FriendLinks,
        WithFriends = counts.WithFriends,
        Counts = new(counts.Sums),
        LastEvent = counts.LastEvent,
    };

    public static UserCensus Merge(IEnumerable<UserCensus> parts)
    {
        var all = new UserCounts();
        foreach (var part in parts)
            all.Merge(new UserCounts(part.Users, part.Genders, part.BirthYears, part.Locales, part.FriendLinks, part.WithFriends, part.Counts, part.LastEvent));
        return Of(all);
    }

    public static ItemCensus Merge(IReadOnlyCollection<ItemCensus> parts) => new(
        parts.Sum(part => part.Items), parts.Sum(part => part.WithStart),
        parts.Sum(part => part.Yes), parts.Sum(part => part.Maybe), parts.Sum(part => part.No), parts.Sum(part => part.Invited));
}
