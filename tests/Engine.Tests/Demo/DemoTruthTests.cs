using Auie.Abstractions;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Demo;

/// <summary>What is said to be planted can be found in the events.</summary>
public sealed class DemoTruthTests
{
    private static readonly DemoWorld World = new(new() { Users = 4_000, Seed = 2 });
    private static readonly Dictionary<string, DemoItem> Items = World.Items.ToDictionary(item => item.Id);
    private static readonly Lazy<UserEvent[][]> Events = new(() => [.. Enumerable.Range(0, World.Users).Select(World.EventsOf)]);
    private static readonly Lazy<Row[]> Rows = new(() => [.. Enumerable.Range(0, World.Users).SelectMany(RowsOf)]);

    [Fact]
    public void A_kind_is_interested_more_often_in_what_it_has_a_taste_for()
    {
        var butterflies = Rows.Value.Where(row => World.KindOf(row.User).Name == "Social Butterflies").ToArray();

        InterestIn(butterflies.Where(row => row.Item.Category == "music"))
            .ShouldBeGreaterThan(1.5 * InterestIn(butterflies.Where(row => row.Item.Category == "tech")));
    }

    [Fact]
    public void Interest_is_lowest_between_a_day_and_a_week_before_an_event()
    {
        var events = Rows.Value.Where(row => row.Item.Start is not null).ToArray();
        double Between(double from, double to) => InterestIn(events.Where(row => Days(row) > from && Days(row) <= to));

        Between(1, 7).ShouldBeLessThan(.85 * Between(-5, 0));
        Between(1, 7).ShouldBeLessThan(.85 * Between(7, 30));
    }

    [Fact]
    public void Dear_items_interest_less_than_cheap_ones()
    {
        var products = Rows.Value.Where(row => row.Item.Type == DemoItemType.Product).ToArray();

        InterestIn(products.Where(row => row.Item.Price > 1_000_000)).ShouldBeLessThan(.8 * InterestIn(products.Where(row => row.Item.Price < 300_000)));
    }

    [Fact]
    public void Events_far_from_home_interest_less_than_those_near()
    {
        var placed = Rows.Value.Where(row => row.Item.Place is not null && HomeOf(row.User) is not null).ToArray();

        InterestIn(placed.Where(row => row.Item.Place != HomeOf(row.User)))
            .ShouldBeLessThan(.85 * InterestIn(placed.Where(row => row.Item.Place == HomeOf(row.User))));
    }

    [Fact]
    public void An_invitation_is_accepted_more_often_where_friends_have_said_yes_before()
    {
        var firstYes = new Dictionary<(int User, string Item), DateTimeOffset>();
        for (var user = 0; user < World.Users; user++)
            foreach (var sent in Events.Value[user].Where(sent => sent.Kind == "yes"))
                firstYes[(user, sent.Item!)] = sent.At;

        var replies = new List<(bool Influenced, bool Yes)>();
        for (var user = 0; user < World.Users; user++)
        {
            var invited = Events.Value[user].Where(sent => sent.Kind == "invited").Select(sent => sent.Item).ToHashSet();
            foreach (var reply in Events.Value[user].Where(sent => sent.Kind is "yes" or "maybe" or "no" && invited.Contains(sent.Item)))
            {
                var influenced = World.KnownFriends(user).ToArray().Any(friend =>
                    firstYes.TryGetValue((friend, reply.Item!), out var at) && at < reply.At && (Items[reply.Item!].Start - at)?.TotalDays > 30);
                replies.Add((influenced, reply.Kind == "yes"));
            }
        }

        double Accepted(bool influenced) => replies.Where(reply => reply.Influenced == influenced).Average(reply => reply.Yes ? 1.0 : 0);
        Accepted(true).ShouldBeGreaterThan(Accepted(false) + .08);
        Accepted(false).ShouldBe(1 / (1 + Math.Exp(-World.Truth.YesLogOdds)), .04);
    }

    [Fact]
    public void People_are_more_active_in_peak_weeks()
    {
        // The week of 29 October against that of 5 November: about as many have joined.
        int ShownFrom(DateOnly monday) => Rows.Value.Count(row => Week(row) == monday);
        World.Truth.PeakWeeks.ShouldContain(new DateOnly(2012, 10, 29));

        ((double)ShownFrom(new(2012, 10, 29))).ShouldBeGreaterThan(1.7 * ShownFrom(new(2012, 11, 5)));
    }

    private static IEnumerable<Row> RowsOf(int user)
    {
        var interested = Events.Value[user].Where(sent => sent.Kind == "interested").Select(sent => sent.Item).ToHashSet();
        return Events.Value[user].Where(sent => sent.Kind == "shown").Select(sent => new Row(user, Items[sent.Item!], sent.At, interested.Contains(sent.Item)));
    }

    private static double InterestIn(IEnumerable<Row> rows) => rows.Average(row => row.Interested ? 1.0 : 0);

    private static double Days(Row row) => (row.Item.Start!.Value - row.At).TotalDays;

    private static DateOnly Week(Row row)
    {
        var date = DateOnly.FromDateTime(row.At.UtcDateTime);
        return date.AddDays(-(((int)date.DayOfWeek + 6) % 7));
    }

    private static string? HomeOf(int user) =>
        Events.Value[user].Single(sent => sent.Kind == "identify").Traits!.GetValueOrDefault("location") is { } home && home.Trim().Length > 0 && home[0] != 'u'
            ? home
            : null;

    private sealed record Row(int User, DemoItem Item, DateTimeOffset At, bool Interested);
}
