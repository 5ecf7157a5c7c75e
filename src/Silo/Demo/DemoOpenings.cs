namespace Auie.Silo.Demo;

/// <summary>
/// Users who are the first to say yes to an event, more than 30 days before it: earlier than it is shown to anybody, so that friends who
/// are shown it can be influenced. Everybody's opening is known before anybody's reactions are drawn. It is one of the items that the user
/// was shown and leaves neither interested nor turned down.
/// </summary>
internal sealed class DemoOpenings
{
    private const double Openers = .35;
    private readonly (int Item, long Ticks)?[] openings;

    public DemoOpenings(
        DemoOptions options, DemoTruth truth, DemoCatalogue catalogue, DemoObservations observations, IReadOnlyList<DemoProfile> profiles)
    {
        openings = new (int, long)?[options.Users];
        var last = DemoCalendar.TicksAt(DemoCalendar.ActiveDays - 1, 0);
        for (var user = 0; user < options.Users; user++)
        {
            var random = new DemoRandom(options.Seed, DemoStream.Opening, user);
            var observed = observations.Of(user);
            if (!random.Chance(Openers) || observed.Interested + observed.NotInterested == observed.Shown) continue;
            var taste = truth.Taste[truth.KindOfUser[user]];
            for (var tried = 0; tried < 12 && openings[user] is null; tried++)
            {
                var item = random.Below(catalogue.EventCount);
                var minutesBefore = (31 * 24 * 60) + random.Below(10 * 24 * 60);
                var ticks = catalogue.Items[item].Start!.Value.UtcTicks - (minutesBefore * TimeSpan.TicksPerMinute);
                var liked = random.Chance(taste[catalogue.CategoryOf(item)] / taste.Max());
                if (liked && ticks > profiles[user].Joined + TimeSpan.TicksPerHour && ticks < last) openings[user] = (item, ticks);
            }
        }
    }

    /// <summary>The event that the user was among the first to say yes to, and when; null for most.</summary>
    public (int Item, long Ticks)? Of(int user) => openings[user];

    /// <summary>For each event that friends opened, how many of them.</summary>
    public Dictionary<int, int> AmongFriends(ReadOnlySpan<int> friends)
    {
        var counts = new Dictionary<int, int>();
        foreach (var friend in friends)
            if (openings[friend] is { } opening)
                counts[opening.Item] = counts.GetValueOrDefault(opening.Item) + 1;
        return counts;
    }
}
