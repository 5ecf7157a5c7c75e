using System.Globalization;

namespace Auie.Core.Items;

/// <summary>A place on the globe, in degrees.</summary>
public readonly record struct GeoPoint(double Latitude, double Longitude)
{
    private const double EarthKm = 6371;

    /// <summary>Whether it is a place at all: NaN is none, nor is what lies beyond a pole.</summary>
    public bool IsPlace => Latitude is >= -90 and <= 90 && Longitude is >= -180 and <= 180;

    /// <summary>The great-circle distance in km.</summary>
    public double DistanceTo(GeoPoint other)
    {
        const double radians = Math.PI / 180;
        var north = Math.Sin((other.Latitude - Latitude) * radians / 2);
        var east = Math.Sin((other.Longitude - Longitude) * radians / 2);
        var h = north * north + Math.Cos(Latitude * radians) * Math.Cos(other.Latitude * radians) * east * east;
        return 2 * EarthKm * Math.Asin(Math.Sqrt(Math.Min(1, h)));
    }
}

/// <summary>
/// What recommending reads in an item's traits: kind, title, creator, start, end, city, country, lat, lng, price (currency units), stock, cancelled, and its words
/// (category, categories and tags, parted by commas). What cannot be read counts as not known.
/// </summary>
public readonly record struct ItemFacts
{
    /// <summary>An item of which only its id is known.</summary>
    public static ItemFacts Unknown => default;

    /// <summary>event, product, or null.</summary>
    public string? Kind { get; init; }

    public string? Title { get; init; }
    public string? Creator { get; init; }
    public DateTimeOffset? Start { get; init; }
    public DateTimeOffset? End { get; init; }
    public string? City { get; init; }
    public string? Country { get; init; }
    public GeoPoint? Point { get; init; }

    /// <summary>In currency units.</summary>
    public double? Price { get; init; }

    public long? Stock { get; init; }
    public bool IsCancelled { get; init; }

    /// <summary>Categories and tags in lower case, each once, in order.</summary>
    public IReadOnlyList<string> Words { get => field ?? []; init; }

    /// <summary>When it is past, in ticks of UTC: its end, or else its start; never where neither is known.</summary>
    public long PastAt => (End ?? Start)?.UtcTicks ?? long.MaxValue;

    /// <summary>Until when it may be shown, in ticks of UTC, that instant excluded; the least number there is for what is cancelled or sold out.</summary>
    public long ShownUntil => IsCancelled || Stock is <= 0 ? long.MinValue : PastAt;

    /// <summary>Whether it may be shown at an instant: not cancelled, not sold out, not past.</summary>
    public bool MayBeShown(long ticks) => ShownUntil > ticks;

    /// <summary>Whether it can still be taken up at an instant, said yes to or bought: it may be shown, and has not begun.</summary>
    public bool IsOpen(long ticks) => MayBeShown(ticks) && !(Start?.UtcTicks <= ticks);

    public static ItemFacts Of(ItemTraits traits) => new()
    {
        Kind = traits["kind"],
        Title = traits["title"] ?? traits["name"],
        Creator = traits[ItemTraits.Creator],
        Start = traits.Start,
        End = traits.End,
        City = traits["city"],
        Country = traits["country"],
        Point = Number(traits["lat"]) is { } lat && Number(traits["lng"]) is { } lng && new GeoPoint(lat, lng) is { IsPlace: true } point ? point : null,
        Price = Number(traits["price"]) is >= 0 and var price ? price : null,
        Stock = Number(traits["stock"]) is { } stock ? (long)Math.Clamp(Math.Floor(stock), 0, long.MaxValue / 2) : null,
        IsCancelled = traits["cancelled"]?.ToLowerInvariant() is "true" or "yes" or "1",
        Words = WordsOf(traits["category"], traits["categories"], traits["tags"]),
    };

    private static double? Number(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    private static string[] WordsOf(params ReadOnlySpan<string?> texts)
    {
        var words = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var text in texts)
        {
            foreach (var word in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
                words.Add(word.ToLowerInvariant());
        }

        return [.. words];
    }
}
