using System.Collections.Frozen;
using Auie.Core.Features;

namespace Auie.Core.Insights;

/// <summary>What a user's zone is known from.</summary>
public enum ZoneSource
{
    /// <summary>Nothing is known: UTC.</summary>
    None,

    /// <summary>The country of the user's locale.</summary>
    Locale,

    /// <summary>The user's own profile.</summary>
    Profile,
}

/// <summary>
/// A user's offset from UTC: what their profile says; else what the country of their locale has by default, which is its standard time, of a country of many zones that where
/// most people live; else UTC.
/// </summary>
/// <param name="Minutes">From UTC, east of it positive.</param>
public readonly record struct UserZone(int Minutes, ZoneSource Source)
{
    /// <summary>Standard time, in minutes from UTC, by ISO 3166 country.</summary>
    public static FrozenDictionary<string, int> ByCountry { get; } = new Dictionary<string, int>
    {
        ["AE"] = 240, ["AR"] = -180, ["AT"] = 60, ["AU"] = 600, ["BD"] = 360, ["BE"] = 60, ["BG"] = 120, ["BR"] = -180, ["CA"] = -300, ["CH"] = 60, ["CL"] = -240,
        ["CN"] = 480, ["CO"] = -300, ["CZ"] = 60, ["DE"] = 60, ["DK"] = 60, ["EE"] = 120, ["EG"] = 120, ["ES"] = 60, ["FI"] = 120, ["FR"] = 60, ["GB"] = 0, ["GE"] = 240,
        ["GR"] = 120, ["HK"] = 480, ["HR"] = 60, ["HU"] = 60, ["ID"] = 420, ["IE"] = 0, ["IL"] = 120, ["IN"] = 330, ["IR"] = 210, ["IT"] = 60, ["JP"] = 540, ["KE"] = 180,
        ["KH"] = 420, ["KR"] = 540, ["LT"] = 120, ["LV"] = 120, ["MK"] = 60, ["MX"] = -360, ["MY"] = 480, ["NG"] = 60, ["NL"] = 60, ["NO"] = 60, ["NZ"] = 720, ["PE"] = -300,
        ["PH"] = 480, ["PK"] = 300, ["PL"] = 60, ["PT"] = 0, ["RO"] = 120, ["RS"] = 60, ["RU"] = 180, ["SA"] = 180, ["SE"] = 60, ["SG"] = 480, ["SI"] = 60, ["SK"] = 60,
        ["TH"] = 420, ["TR"] = 180, ["TW"] = 480, ["UA"] = 120, ["US"] = -300, ["VE"] = -240, ["VN"] = 420, ["ZA"] = 120,
    }.ToFrozenDictionary();

    private static readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Countries = ByCountry.GetAlternateLookup<ReadOnlySpan<char>>();

    public static UserZone Of(IFacts facts, string locale)
    {
        if (facts[Fact.Timezone] is var minutes && !double.IsNaN(minutes)) return new UserZone((int)minutes, ZoneSource.Profile);
        var country = locale.LastIndexOf('_');
        return country >= 0 && Countries.TryGetValue(locale.AsSpan(country + 1), out var known) ? new UserZone(known, ZoneSource.Locale) : default;
    }
}
