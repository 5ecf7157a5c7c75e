using System.Globalization;

namespace Auie.Core.Users;

/// <summary>A user's traits, and what the engine reads in the usual ones.</summary>
public sealed class UserTraits : Traits
{
    private static readonly string[][] AddressParts =
        [["address.city", "city"], ["address.region", "region", "address.state", "state"], ["address.country", "country"]];

    internal UserTraits()
    {
    }

    private UserTraits(UserTraits other) : base(other)
    {
    }

    /// <summary>The traits that no property of this class reads.</summary>
    public Dictionary<string, string> Others() => All.Where(trait => trait.Value.Length > 0 && !IsUsual(trait.Name))
        .ToDictionary(trait => trait.Name, trait => trait.Value);

    /// <summary>A year from 1900 to 2000, as given; anything else (a day of May, "None") is missing.</summary>
    public int? BirthYear =>
        int.TryParse(this["birthyear"], NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 2000 ? year : null;

    /// <summary>"male", "female", or the text as given.</summary>
    public string? Gender => this["gender"] is not { } text ? null
        : text.Equals("male", StringComparison.OrdinalIgnoreCase) ? "male"
        : text.Equals("female", StringComparison.OrdinalIgnoreCase) ? "female"
        : text;

    public string? Locale => this["locale"];

    public string? Location => this["location"];

    /// <summary>Where the user lives, as written: the location, or else what there is of city, region and country, of an address or by themselves. Null where there is nothing.</summary>
    public string? Place
    {
        get
        {
            if (Location is { } location && !string.IsNullOrWhiteSpace(location))
                return location.Trim();
            var place = string.Join(", ", AddressParts.Select(names => names.Select(name => this[name]).FirstOrDefault(part => !string.IsNullOrWhiteSpace(part))?.Trim()).OfType<string>());
            return place.Length == 0 ? null : place;
        }
    }

    /// <summary>Minutes from UTC, within 14 hours either way.</summary>
    public int? TimezoneMinutes =>
        int.TryParse(this["timezone"], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minutes) && minutes is >= -840 and <= 840
            ? minutes : null;

    /// <summary>An ISO 8601 date or instant from 1900 to 2200; without an offset it is in UTC.</summary>
    public DateTimeOffset? JoinedAt => Instant("joinedAt");

    internal UserTraits Copy() => new(this);

    private static bool IsUsual(string name) => name is "birthyear" or "gender" or "locale" or "location" or "timezone" or "joinedAt";
}
