using System.Globalization;
using System.Runtime.InteropServices;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Items;
using Auie.Core.Segments;

namespace Auie.Core.Insights;

/// <summary>Whom an insight is about; null for anybody.</summary>
/// <param name="Segment">A segment's number in the model that is asked for.</param>
/// <param name="Locale">As users have it, whatever the case of its letters.</param>
/// <param name="Gender">male, female or unknown.</param>
/// <param name="Platform">web, mobile or email.</param>
/// <param name="BornFrom">The earliest year of birth.</param>
/// <param name="BornTo">The latest.</param>
public sealed record AudienceFilter(int? Segment = null, string? Locale = null, string? Gender = null, string? Platform = null, int? BornFrom = null, int? BornTo = null)
{
    /// <summary>A place as users write it, whole or one of its parts (city, region, country), whatever the case of its letters.</summary>
    public string? Place { get; init; }

    /// <summary>The first month in which they joined, as <see cref="AudienceRow.JoinedMonth"/>.</summary>
    public int? JoinedFrom { get; init; }

    /// <summary>The last.</summary>
    public int? JoinedTo { get; init; }

    /// <summary>How many friends they have at the least.</summary>
    public int? FriendsFrom { get; init; }

    /// <summary>And at the most.</summary>
    public int? FriendsTo { get; init; }
}

/// <summary>A user as a shard's columns have them: what insights tell users apart by. The same object is used for one row after another, and reads only what is asked of it.</summary>
public sealed class AudienceRow : IFacts
{
    /// <summary>What users are told apart by. A segment's value is its number.</summary>
    public const string Segment = "segment", AgeBand = "age";

    /// <summary>The value that stands for all that are not told by themselves.</summary>
    public const string Others = "\0";

    /// <summary>The group of those of whom it is not known. No value that users write is the same.</summary>
    public const string Unknown = "\u0001";

    /// <summary>As many as there can be segments.</summary>
    private static readonly string[] Numbers = [.. Enumerable.Range(0, KMeansOptions.MaxK).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] OfUnknown = [Unknown];

    private static readonly string[] PlatformNames = ["web", "mobile", "email"];

    /// <summary>The platforms of every set of them, by its bits.</summary>
    private static readonly string[][] PlatformSets =
        [.. Enumerable.Range(0, 1 << PlatformNames.Length).Select(bits => PlatformNames.Where((_, place) => (bits >> place & 1) == 1).ToArray())];

    /// <summary>An instant beyond it cannot be told, and rounding may lead there.</summary>
    private static readonly double LatestSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly LiveUsers _users;
    private int _row;

    private AudienceRow(LiveUsers users) => _users = users;

    /// <summary>All that users can be told apart by.</summary>
    public static IReadOnlyList<string> Names { get; } = [Audience.Locale, Audience.Place, Audience.Gender, AgeBand, Audience.Platform, Segment];

    public IFacts Facts => this;

    public double this[Fact fact] => _users.Value(_row, fact);

    /// <summary>Empty for none.</summary>
    public string Locale => _users.Locale(_row);

    /// <summary>Where the user lives, as written; empty where it is not known.</summary>
    public string Place => _users.Place(_row);

    /// <summary>What users of the same place have in common, from which <see cref="PlaceOf"/> gives its name; 0 where it is not known.</summary>
    internal int PlaceCode => _users.PlaceCode(_row);

    /// <summary>What users who have the same of one of <see cref="Names"/> have in common, from 0 on, as long as no user comes, changes or goes; null where there is nothing of the kind.</summary>
    internal int? CodeOf(string name) => name switch
    {
        Audience.Locale => _users.LocaleCode(_row),
        Audience.Place => PlaceCode,
        Audience.Platform => PlatformSet,
        Segment => SegmentNumber - LiveSegments.None,
        _ => null,
    };

    /// <summary>The month in which the user joined, counted from the year 0.</summary>
    public int? JoinedMonth
    {
        get
        {
            if (this[Fact.JoinedAt] is var joined && double.IsNaN(joined)) return null;
            var at = DateTime.UnixEpoch.AddSeconds(Math.Min(joined, LatestSecond));
            return MonthOf(at);
        }
    }

    public int Friends => (int)this[Fact.Friends];

    /// <summary>male or female; empty where it is unknown.</summary>
    public string Gender => this[Fact.GenderMale] switch { 1 => "male", 0 => "female", _ => "" };

    public int? Born => this[Fact.BirthYear] is var born && double.IsNaN(born) ? null : (int)born;

    /// <summary>Where the user was seen: web, mobile, email.</summary>
    public IReadOnlyList<string> Platforms => PlatformSets[PlatformSet];

    /// <summary>The same as a number, below 8, from which <see cref="PlatformsOf"/> gives the names.</summary>
    internal int PlatformSet => (this[Fact.WebEvents] > 0 ? 1 : 0) | (this[Fact.MobileEvents] > 0 ? 2 : 0) | (this[Fact.EmailEvents] > 0 ? 4 : 0);

    /// <summary>Who it is.</summary>
    public string User => _users.User(_row);

    /// <summary>When they are active, as <see cref="Users.Rhythm"/> encodes it.</summary>
    public ReadOnlySpan<byte> Rhythm => _users.Rhythm(_row);

    /// <summary>Their latest steps, as <see cref="Users.Trail"/> encodes them.</summary>
    public ReadOnlySpan<byte> Trail => _users.Trail(_row);

    /// <summary>The segment's number, or <see cref="LiveSegments.None"/>.</summary>
    public int SegmentNumber { get; private set; }

    /// <summary>The users whom a filter lets pass.</summary>
    /// <param name="segmentOf">The segment of a row; null where there are none.</param>
    public static IEnumerable<AudienceRow> Of(LiveUsers users, Func<int, int>? segmentOf, AudienceFilter filter)
    {
        var one = new AudienceRow(users);
        var places = filter.Place is { } place ? new MeantPlaces(users, place) : null;
        for (var row = 0; row < users.RowCount; row++)
        {
            if (!users.IsTaken(row)) continue;
            one._row = row;
            one.SegmentNumber = segmentOf?.Invoke(row) ?? LiveSegments.None;
            if (one.Passes(filter) && places?.AreOf(row) != false) yield return one;
        }
    }

    /// <summary>The values that the user has of one of <see cref="Names"/>: <see cref="Unknown"/> where it is not known, several of platforms.</summary>
    /// <param name="year">The year at which ages are told.</param>
    public IReadOnlyList<string> Values(string name, int year) => name switch
    {
        Audience.Locale => Known(Locale),
        Audience.Place => Known(Place),
        Audience.Gender => Known(Gender),
        AgeBand => Born is { } born ? [AudienceProfile.AgeBandOf(year - born)] : OfUnknown,
        Audience.Platform => PlatformSet == 0 ? OfUnknown : Platforms,
        Segment => SegmentNumber == LiveSegments.None ? OfUnknown : [NameOf(SegmentNumber)],
        _ => throw new ArgumentOutOfRangeException(nameof(name), $"Users are not told apart by '{name}'; they are by {string.Join(", ", Names)}."),
    };

    /// <summary>The same, where only some are told by themselves: <see cref="Others"/> stands for any other. Null for all that there are.</summary>
    public IReadOnlyList<string> Values(string name, int year, IReadOnlySet<string>? told)
    {
        var values = Values(name, year);
        return told is null ? values : [.. values.Select(value => value == Unknown || told.Contains(value) ? value : Others).Distinct()];
    }

    /// <summary>How many of these users have each value of one of <see cref="Names"/>, of the values that most have.</summary>
    public static Dictionary<string, long> Sizes(IEnumerable<AudienceRow> rows, string name, int year, int most)
    {
        var counts = new Dictionary<string, long>();
        var groups = new AudienceGroups(name, year, told: null);
        foreach (var row in rows)
        {
            foreach (var value in groups.Of(row))
            {
                if (value != Unknown) CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
            }
        }

        return Largest(counts, most);
    }

    /// <summary>Those with most, of equal ones the first in their order.</summary>
    public static Dictionary<string, long> Largest(IEnumerable<KeyValuePair<string, long>> counts, int most) =>
        counts.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Take(most).ToDictionary(one => one.Key, one => one.Value);

    /// <summary>The months from the year 0 to that of an instant, in UTC.</summary>
    public static int MonthOf(DateTime at) => (12 * at.Year) + at.Month - 1;

    /// <summary>The name of a place that users have in common.</summary>
    internal string PlaceOf(int code) => _users.PlaceOf(code);

    /// <summary>A segment's value.</summary>
    internal static string NameOf(int segment) => Numbers[segment];

    internal static string[] PlatformsOf(int set) => PlatformSets[set];

    private static string[] Known(string value) => value.Length == 0 ? OfUnknown : [value];

    private bool Passes(AudienceFilter filter) =>
        (filter.Segment is not { } segment || segment == SegmentNumber)
        && (filter.Locale is not { } locale || locale.Equals(Locale, StringComparison.OrdinalIgnoreCase))
        && (filter.Gender is not { } gender || gender == (Gender.Length == 0 ? "unknown" : Gender))
        && (filter.BornFrom is not { } from || Born >= from)
        && (filter.BornTo is not { } to || Born <= to)
        && (filter.JoinedFrom is not { } joinedFrom || JoinedMonth >= joinedFrom)
        && (filter.JoinedTo is not { } joinedTo || JoinedMonth <= joinedTo)
        && (filter.FriendsFrom is not { } fewest || Friends >= fewest)
        && (filter.FriendsTo is not { } most || Friends <= most)
        && (filter.Platform is not { } platform || Platforms.Contains(platform));

    /// <summary>Which users are of a place: each different text is looked at once.</summary>
    private sealed class MeantPlaces(LiveUsers users, string place)
    {
        private readonly string _place = ItemIndex.PlaceName(place);
        private readonly bool?[] _byCode = new bool?[users.PlaceCodes];

        public bool AreOf(int row) => _byCode[users.PlaceCode(row)] ??= IsMeant(users.Place(row));

        private bool IsMeant(string text) => text.Contains(_place, StringComparison.OrdinalIgnoreCase) && ItemIndex.PlaceNames(text).Contains(_place);
    }
}
