using System.Globalization;

namespace Auie.Silo.Demo;

/// <summary>Makes the items and finds those that are of interest on a given day. Events come first, then products.</summary>
internal sealed class DemoCatalogue
{
    private static readonly string[] EventWords = ["Evening of", "Open-air", "Festival of", "Workshop:", "Meet-up:", "Best of"];
    private static readonly string[] ProductWords = ["Starter set:", "Season pass:", "Handbook of", "Gift box:", "Membership:"];

    private readonly int[] cities;
    private readonly int[] categories;
    private readonly int[][] eventsByDay;
    private readonly DemoItem[] items;

    public DemoCatalogue(DemoOptions options, DemoTruth truth, Func<int, string> userId)
    {
        EventCount = Math.Max(400, options.Users / 10);
        var products = Math.Max(120, options.Users / 40);
        items = new DemoItem[EventCount + products];
        cities = new int[EventCount];
        categories = new int[items.Length];
        for (var item = 0; item < items.Length; item++)
        {
            var random = new DemoRandom(options.Seed, DemoStream.Item, item);
            categories[item] = random.Below(truth.Categories.Count);
            items[item] = item < EventCount
                ? MakeEvent(item, truth.Categories[categories[item]], ref random, userId(random.Below(options.Users)))
                : MakeProduct(item - EventCount, truth.Categories[categories[item]], ref random);
        }

        eventsByDay = new int[DemoCalendar.EventDays + 1][];
        var byDay = Enumerable.Range(0, EventCount).ToLookup(item => DemoCalendar.DayOf(items[item].Start!.Value.UtcTicks));
        for (var day = 0; day < eventsByDay.Length; day++) eventsByDay[day] = [.. byDay[day]];
    }

    public IReadOnlyList<DemoItem> Items => items;

    public int EventCount { get; }

    public int CategoryOf(int item) => categories[item];

    /// <summary>How far an item is from a city, in km; null for a product.</summary>
    public int? DistanceFrom(int item, int city) => item < EventCount ? DemoPlaces.Distance(cities[item], city) : null;

    public int DrawProduct(ref DemoRandom random) => EventCount + random.Below(items.Length - EventCount);

    /// <summary>An event that starts on the day, or on the next one that has events; of a few, the nearest to the city.</summary>
    public int DrawEvent(ref DemoRandom random, int day, int city)
    {
        day = Math.Clamp(day, 0, eventsByDay.Length - 1);
        while (eventsByDay[day].Length == 0) day = day + 1 < eventsByDay.Length ? day + 1 : 0;
        var best = -1;
        for (var tried = 0; tried < 4; tried++)
        {
            var item = eventsByDay[day][random.Below(eventsByDay[day].Length)];
            if (best < 0 || DemoPlaces.Distance(cities[item], city) < DemoPlaces.Distance(cities[best], city)) best = item;
        }

        return best;
    }

    private DemoItem MakeEvent(int number, string category, ref DemoRandom random, string creator)
    {
        (_, cities[number]) = DemoPlaces.DrawHome(ref random);
        var city = DemoPlaces.Cities[cities[number]];
        var local = TimeSpan.FromMinutes(30 * (16 + random.Below(28)));
        var offset = TimeSpan.FromMinutes(city.Timezone);
        var utc = Math.Max(DemoCalendar.TicksAt(0, 0), DemoCalendar.TicksAt(random.Below(DemoCalendar.EventDays), (local - offset).Ticks));
        var free = random.Chance(.55);
        return new()
        {
            Id = "event-" + number.ToString(CultureInfo.InvariantCulture),
            Type = DemoItemType.Event,
            Title = $"{EventWords[random.Below(EventWords.Length)]} {category} in {city.Name.Split("  ")[0]}",
            Category = category,
            Price = free ? 0 : 10_000 * (5 + random.Below(76)),
            Stock = free ? null : 20 + random.Below(481),
            Place = city.Name,
            Latitude = city.Latitude,
            Longitude = city.Longitude,
            Start = new DateTimeOffset(utc + offset.Ticks, offset),
            Creator = creator,
        };
    }

    private static DemoItem MakeProduct(int number, string category, ref DemoRandom random) => new()
    {
        Id = "product-" + number.ToString(CultureInfo.InvariantCulture),
        Type = DemoItemType.Product,
        Title = $"{ProductWords[random.Below(ProductWords.Length)]} {category}",
        Category = category,
        Price = (10_000 * (2 + random.Below(150))) - 100,
        Stock = 1 + random.Below(500),
    };
}
