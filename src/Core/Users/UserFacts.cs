using Auie.Core.Features;

namespace Auie.Core.Users;

/// <summary>The facts of a user that features are made of (<see cref="FactCatalogue"/>), read from the head alone; NaN where one is unknown.</summary>
public sealed class UserFacts(UserHead head) : IFacts
{
    private const double TenThousandths = 10_000;

    public double this[Fact fact] => fact switch
    {
        Fact.BirthYear => head.Traits.BirthYear ?? double.NaN,
        Fact.GenderMale => head.Traits.Gender switch { "male" => 1, "female" => 0, _ => double.NaN },
        Fact.Timezone => head.Traits.TimezoneMinutes ?? double.NaN,
        Fact.JoinedAt => Seconds(head.Traits.JoinedAt),
        Fact.FirstSeen => Seconds(head.FirstSeen),
        Fact.LastSeen => Seconds(head.LastSeen),
        Fact.Friends => head.Friends,
        Fact.Shown => head.Count(EntryKind.Shown),
        Fact.Viewed => head.Count(EntryKind.Viewed),
        Fact.Interested => head.Interested,
        Fact.NotInterested => head.NotInterested,
        Fact.Invited => head.Count(EntryKind.Invited),
        Fact.Yes => head.Yes,
        Fact.Maybe => head.Maybe,
        Fact.No => head.No,
        Fact.Purchased => head.Count(EntryKind.Purchased),
        Fact.Answered => head.ItemsShownOrAnswered,
        Fact.Spent => (double)head.SpentSum / TenThousandths,
        // The user's own: not what was learnt of them, nor what others did.
        Fact.Events => head.Entries - head.Count(EntryKind.Identify) - head.Count(EntryKind.Friends) - head.Count(EntryKind.Invited)
            - head.Count(EntryKind.Consent),
        Fact.Platforms => head.Platforms.Count,
        Fact.WebEvents => CountOf(PlatformKind.Web),
        Fact.MobileEvents => CountOf(PlatformKind.Mobile),
        Fact.EmailEvents => CountOf(PlatformKind.Email),
        // What was answered was shown, whether or not anybody said so.
        Fact.Impressions => Math.Max(head.Count(EntryKind.Shown), head.Count(EntryKind.Interested) + head.Count(EntryKind.NotInterested)),
        Fact.ImpressionsInterested => head.Count(EntryKind.Interested),
        Fact.ImpressionsNotInterested => head.Count(EntryKind.NotInterested),
        Fact.Tracking => head.Tracking switch { true => 1, false => 0, _ => double.NaN },
        Fact.Came => head.Count(EntryKind.Came),
        Fact.SpentWeb => SpentOn(PlatformKind.Web),
        Fact.SpentMobile => SpentOn(PlatformKind.Mobile),
        Fact.SpentEmail => SpentOn(PlatformKind.Email),
        _ => throw new ArgumentOutOfRangeException(nameof(fact), $"{fact} is no fact."),
    };

    private long CountOf(PlatformKind platform)
    {
        var count = 0L;
        foreach (var (name, times) in head.Platforms)
            count += PlatformKinds.Of(name) == platform ? times : 0;
        return count;
    }

    private double SpentOn(PlatformKind platform) => (double)head.SpentByPlatform[(int)platform] / TenThousandths;

    private static double Seconds(DateTimeOffset? instant) =>
        instant is { } at ? (at.UtcTicks - DateTime.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond : double.NaN;
}
