using Auie.Abstractions;
using Auie.Core.Users;
using Auie.Storage;

namespace Auie.Grains;

/// <summary>A user's head as it is shown to people and programs.</summary>
internal static class UserViews
{
    /// <summary>The token of a user's state: where its last record is.</summary>
    public static string Version(PartitionId partition, long offset) => $"{partition.Number}.{offset}";

    public static UserView Of(string user, string version, UserHead head) => new()
    {
        Id = user,
        Version = version,
        BirthYear = head.Traits.BirthYear,
        Gender = head.Traits.Gender,
        Locale = head.Traits.Locale,
        Location = head.Traits.Location,
        TimezoneMinutes = head.Traits.TimezoneMinutes,
        JoinedAt = head.Traits.JoinedAt,
        Traits = head.Traits.Others(),
        Friends = head.Friends,
        Events = EntryKinds.All.Where(kind => head.Count(kind) > 0).ToDictionary(kind => kind.Name(), head.Count),
        Answers = new Dictionary<string, long>
        {
            [EntryKind.Interested.Name()] = head.Interested,
            [EntryKind.NotInterested.Name()] = head.NotInterested,
            [EntryKind.Yes.Name()] = head.Yes,
            [EntryKind.Maybe.Name()] = head.Maybe,
            [EntryKind.No.Name()] = head.No,
        },
        Platforms = head.Platforms.ToDictionary(platform => platform.Name, platform => platform.Count),
        Spent = head.Spent,
        FirstSeen = head.FirstSeen,
        LastSeen = head.LastSeen,
        AnonymousIds = [.. head.AnonymousIds],
        MergedIds = [.. head.Sources],
        Channels = head.Channels.ToDictionary(channel => channel.Name, channel => channel.Count),
        OtherEvents = head.Names.ToDictionary(name => name.Name, name => name.Count),
        Tracking = head.Tracking,
        Personalisation = head.Personalisation,
    };
}
