namespace Auie.Silo.Demo;

/// <summary>Something that a user did to an item, in UTC ticks.</summary>
internal readonly record struct DemoInteraction(long Ticks, string Kind, int Item, string Platform, long? Amount);

/// <summary>Draws what a user is shown and how they react, by the effects of <see cref="DemoTruth"/>.</summary>
internal sealed class DemoInteractions(
    DemoOptions options, DemoTruth truth, DemoCatalogue catalogue, DemoCalendar calendar, DemoFriends friends, DemoOpenings openings)
{
    private const double ProductShare = .2;
    private const double ShownForFriends = .25;
    private const double InvitedByFriends = .2;
    private const double Invited = .064;
    private const double AnswersInvitation = .8;
    private const double Comes = .7;

    // Where the time from a showing to the start lies, in days; the first has already begun.
    private static readonly (double From, double To)[] Leads = [(-2, 0), (0, 1), (1, 3), (3, 7), (7, 30)];
    private static readonly DiscreteDistribution LeadShares = new([.15, .15, .2, .2, .3]);

    /// <summary>What the user does, in no order.</summary>
    public List<DemoInteraction> Of(int user, int kind, in DemoObservation observed, DemoProfile profile)
    {
        var done = new List<DemoInteraction>(observed.Shown * 2);
        var saidYes = openings.AmongFriends(friends.Known(user));
        var seen = new HashSet<int>();
        if (openings.Of(user) is { } opening)
        {
            seen.Add(opening.Item);
            done.Add(new(opening.Ticks - TimeSpan.TicksPerMinute, "shown", opening.Item, DemoPlatforms.Web, null));
            done.Add(new(opening.Ticks, "yes", opening.Item, DemoPlatforms.Web, null));
        }

        var rows = Show(user, observed.Shown - done.Count(row => row.Kind == "shown"), profile, saidYes, seen);
        var random = new DemoRandom(options.Seed, DemoStream.Reaction, user);
        var odds = rows.ConvertAll(row => OddsOfInterest(row, kind, profile.City)).ToArray();
        var answers = ChooseAnswers(ref random, odds, observed.Interested, observed.NotInterested);
        var views = new DemoViews(options.Seed, user, truth.Kinds[kind]);
        for (var i = 0; i < rows.Count; i++)
        {
            var later = rows[i].Ticks + ((3 + random.Below(600)) * TimeSpan.TicksPerSecond);
            done.Add(rows[i]);
            views.Add(rows[i], later - (2 * TimeSpan.TicksPerSecond), answers[i] > 0, done);
            React(ref random, rows[i], later, answers[i], saidYes.GetValueOrDefault(rows[i].Item), done);
        }

        Come(user, done);
        return done;
    }

    /// <summary>Of what somebody said yes to they come to most, once it begins, where that is before the last day.</summary>
    private void Come(int user, List<DemoInteraction> done)
    {
        var random = new DemoRandom(options.Seed, DemoStream.Coming, user);
        foreach (var row in done.Where(row => row.Kind == "yes").ToArray())
        {
            var begins = catalogue.Items[row.Item].Start!.Value.UtcTicks;
            var at = begins + (random.Below(40) * TimeSpan.TicksPerMinute);
            if (random.Chance(Comes) && row.Ticks < begins && at < DemoCalendar.TicksAt(DemoCalendar.ActiveDays - 1, 0)) done.Add(row with { Ticks = at, Kind = "came" });
        }
    }

    private List<DemoInteraction> Show(int user, int count, DemoProfile profile, Dictionary<int, int> saidYes, HashSet<int> seen)
    {
        var random = new DemoRandom(options.Seed, DemoStream.Timeline, user);
        var rows = new List<DemoInteraction>(count);
        var friendsItems = saidYes.Keys.Order().ToArray();
        while (rows.Count < count)
        {
            // Somebody who was seen before they were known has their first page before they join.
            var ticks = rows.Count == 0 && profile.SeenAnonymously
                ? profile.Joined - ((10 + random.Below(4_000)) * TimeSpan.TicksPerMinute)
                : calendar.DrawActivity(ref random, profile.Joined + (5 * TimeSpan.TicksPerMinute), profile.OffsetMinutes);
            var platform = DemoPlatforms.Draw(ref random);
            for (var onPage = Math.Min(4 + random.Below(3), count - rows.Count); onPage > 0; onPage--)
            {
                var item = DrawItem(ref random, ticks, profile.City, friendsItems);
                while (!seen.Add(item)) item = item + 1 == catalogue.Items.Count ? 0 : item + 1;
                rows.Add(new(ticks, "shown", item, platform, null));
            }
        }

        return rows;
    }

    private int DrawItem(ref DemoRandom random, long ticks, int city, int[] friendsItems)
    {
        if (friendsItems.Length > 0 && random.Chance(ShownForFriends))
        {
            var item = friendsItems[random.Below(friendsItems.Length)];
            var lead = LeadDays(item, ticks);
            if (lead >= Leads[0].From && lead <= Leads[^1].To) return item;
        }

        if (random.Chance(ProductShare)) return catalogue.DrawProduct(ref random);
        var (from, to) = Leads[LeadShares.Draw(ref random)];
        var start = ticks + (long)((from + (random.NextDouble() * (to - from))) * TimeSpan.TicksPerDay);
        return catalogue.DrawEvent(ref random, DemoCalendar.DayOf(start), city);
    }

    private double LeadDays(int item, long ticks) =>
        (catalogue.Items[item].Start!.Value.UtcTicks - ticks) / (double)TimeSpan.TicksPerDay;

    private double OddsOfInterest(in DemoInteraction row, int kind, int city)
    {
        var odds = truth.Taste[kind][catalogue.CategoryOf(row.Item)] * truth.PriceFactorOf(catalogue.Items[row.Item].Price);
        return catalogue.DistanceFrom(row.Item, city) is { } km
            ? odds * truth.DistanceFactorOf(km) * truth.TimeFactorOf(LeadDays(row.Item, row.Ticks))
            : odds;
    }

    // Drawing without replacement in proportion to the odds: the smallest of exponential waiting times with the odds as rates.
    // 1: interested, -1: not interested, 0: no answer.
    private static int[] ChooseAnswers(ref DemoRandom random, double[] odds, int interested, int notInterested)
    {
        var answers = new int[odds.Length];
        var waits = new double[odds.Length];
        var rows = new int[odds.Length];
        for (var i = 0; i < odds.Length; i++) (rows[i], waits[i]) = (i, random.NextExponential() / odds[i]);
        Array.Sort(waits, rows);
        for (var i = 0; i < interested; i++) answers[rows[i]] = 1;

        var rest = rows[interested..];
        var restWaits = new double[rest.Length];
        for (var i = 0; i < rest.Length; i++) restWaits[i] = random.NextExponential() * odds[rest[i]];
        Array.Sort(restWaits, rest);
        for (var i = 0; i < notInterested; i++) answers[rest[i]] = -1;
        return answers;
    }

    private void React(
        ref DemoRandom random, in DemoInteraction row, long later, int answer, int friendsWhoSaidYes, List<DemoInteraction> done)
    {
        var item = catalogue.Items[row.Item];
        if (answer != 0)
        {
            done.Add(row with { Ticks = later, Kind = answer > 0 ? "interested" : "not_interested" });
            if (answer > 0 && item.Price > 0 && random.Chance(.4 * truth.PriceFactorOf(item.Price)))
            {
                var bought = random.Chance(.9) ? 1 : Math.Min(2, item.Stock!.Value);
                var paid = later + (random.Below(900) * TimeSpan.TicksPerSecond);
                done.Add(row with { Ticks = paid, Kind = "purchased", Amount = item.Price * bought });
            }
        }
        else if (item.Type == DemoItemType.Event && random.Chance(friendsWhoSaidYes > 0 ? InvitedByFriends : Invited))
        {
            done.Add(row with { Ticks = later, Kind = "invited" });
            if (!random.Chance(AnswersInvitation)) return;
            var reply = random.Chance(truth.YesProbability(friendsWhoSaidYes)) ? "yes" : random.Chance(.5) ? "maybe" : "no";
            done.Add(row with { Ticks = later + ((1 + random.Below(600)) * TimeSpan.TicksPerMinute), Kind = reply });
        }
    }
}
