namespace Auie.Silo.Demo;

/// <summary>A city: its name as people write it, where it is, and its minutes from UTC.</summary>
internal sealed record DemoCity(string Name, double Latitude, double Longitude, int Timezone);

/// <summary>The locales by their shares in the Event Recommendation Engine Challenge, and the cities in which each is met.</summary>
internal static class DemoPlaces
{
    private static readonly (string Locale, double Share, int[] Cities)[] Locales =
    [
        ("en_US", .4468, [0, 1, 2, 3, 4, 10, 5]), ("id_ID", .3093, [5, 6, 7, 8, 9]), ("es_LA", .0523, [12, 13]), ("en_GB", .0457, [11, 3]),
        ("es_ES", .0257, [14]), ("fa_IR", .0177, [15]), ("ar_AR", .0153, [16]), ("hu_HU", .0142, [17]), ("fr_FR", .0138, [18]),
        ("pt_BR", .0124, [19]), ("ka_GE", .0107, [20]), ("zh_CN", .0080, [21]), ("ru_RU", .0065, [22]), ("ja_JP", .0060, [23]),
        ("de_DE", .0056, [24]), ("tr_TR", .0050, [25]), ("ko_KR", .0050, [26]),
    ];

    private static readonly DiscreteDistribution LocaleShares = new(Locales.Select(locale => locale.Share));

    public static IReadOnlyList<DemoCity> Cities { get; } =
    [
        new("Los Angeles  California", 34.05, -118.24, -480), new("San Francisco  California", 37.77, -122.42, -480),
        new("New York  New York", 40.71, -74.01, -300), new("Toronto  Ontario", 43.65, -79.38, -300),
        new("Phoenix  Arizona", 33.45, -112.07, -420), new("Medan  Indonesia", 3.59, 98.67, 420),
        new("Yogyakarta", -7.80, 110.36, 420), new("Jakarta  Indonesia", -6.21, 106.85, 420),
        new("Surabaya  Indonesia", -7.25, 112.75, 420), new("Bandung  Indonesia", -6.92, 107.61, 420),
        new("Phnom Penh", 11.56, 104.92, 420), new("London", 51.51, -0.13, 0),
        new("Santo Domingo  Dominican Republic", 18.49, -69.93, -240), new("Mexico City", 19.43, -99.13, -360),
        new("Madrid  Spain", 40.42, -3.70, 60), new("Tehran  Iran", 35.69, 51.39, 210),
        new("Cairo  Egypt", 30.04, 31.24, 120), new("Miskolc  Hungary", 48.10, 20.78, 60),
        new("Paris  France", 48.86, 2.35, 60), new("Porto Alegre", -30.03, -51.23, -180),
        new("Tbilisi  Georgia", 41.72, 44.79, 240), new("Beijing  China", 39.90, 116.41, 480),
        new("Moscow  Russia", 55.76, 37.62, 240), new("Tokyo  Japan", 35.68, 139.69, 540),
        new("Berlin  Germany", 52.52, 13.41, 60), new("Istanbul  Turkey", 41.01, 28.98, 120),
        new("Seoul  Korea", 37.57, 126.98, 540),
    ];

    // Whole kilometres, so that a last bit of sine or cosine cannot move a pair of cities into another band.
    private static readonly int[,] Kilometres = AllDistances();

    public static int Distance(int city, int other) => Kilometres[city, other];

    public static (string Locale, int City) DrawHome(ref DemoRandom random)
    {
        var (name, _, cities) = Locales[LocaleShares.Draw(ref random)];
        return (name, cities[random.Below(cities.Length)]);
    }

    private static int[,] AllDistances()
    {
        var distances = new int[Cities.Count, Cities.Count];
        for (var a = 0; a < Cities.Count; a++)
            for (var b = 0; b < Cities.Count; b++)
                distances[a, b] = (int)Math.Round(GreatCircle(Cities[a], Cities[b]));
        return distances;
    }

    private static double GreatCircle(DemoCity a, DemoCity b)
    {
        const double radians = Math.PI / 180, earth = 6371;
        var north = Math.Sin((b.Latitude - a.Latitude) * radians / 2);
        var east = Math.Sin((b.Longitude - a.Longitude) * radians / 2);
        var h = (north * north) + (Math.Cos(a.Latitude * radians) * Math.Cos(b.Latitude * radians) * east * east);
        return 2 * earth * Math.Asin(Math.Sqrt(Math.Min(1, h)));
    }
}
