using System.Globalization;
using Auie.Core.Clustering;
using Auie.Core.Features;
using Auie.Core.Segments;

namespace Auie.Core.Insights;

/// <summary>Whom an insight is about; null for anybody.</summary>
/// <param name="Segment">A segment's number in the model that is asked for.</param>
/// <param name="Gender">male, female or unknown.</param>
/// <param name="Platform">web, mobile or email.</param>
/// <param name="BornFrom">The earliest year of birth.</param>
/// <param name="BornTo">The latest.</param>
public sealed record AudienceFilter(int? Segment = null, string? Locale = null, string? Gender = null, string? Platform = null, int? BornFrom = null, int? BornTo = null);

/// <summary>A user as a shard's columns have them: what insights tell users apart by. The same object is used for one row after another, and reads only what is asked of it.</summary>
public sealed class AudienceRow : IFacts
{
    /// <summary>What users are told apart by. A segment's value is its number.</summary>
    public const string Segment = "segment", AgeBand = "age";

    /// <summary>As many as there can be segments.</summary>
    private static readonly string[] Numbers = [.. Enumerable.Range(0, KMeansOptions.MaxK).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private static readonly string[] PlatformNames = ["web", "mobile", "email"];

    /// <summary>The platforms of every set of them, by its bits.</summary>
    private static readonly string[][] PlatformSets =
        [.. Enumerable.Range(0, 1 << PlatformNames.Length).Select(bits => PlatformNames.Where((_, place) => (bits >> place & 1) == 1).ToArray())];

    private readonly LiveUsers _users;
    private int _row;

    private AudienceRow(LiveUsers users) => _users = users;

    /// <summary>All that users can be told apart by.</summary>
    public static IReadOnlyList<string> Names { get; } = [Audience.Locale, Audience.Gender, AgeBand, Audience.Platform, Segment];

    public IFacts Facts => this;

    public double this[Fact fact] => _users.Value(_row, fact);

    /// <summary>Empty for none.</summary>
    public string Locale => _users.Locale(_row);

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
        for (var row = 0; row < users.RowCount; row++)
        {
            if (!users.IsTaken(row)) continue;
            one._row = row;
            one.SegmentNumber = segmentOf?.Invoke(row) ?? LiveSegments.None;
            if (one.Passes(filter)) yield return one;
        }
    }

    /// <summary>The values that the user has of one of <see cref="Names"/>: none where it is not known, several of platforms.</summary>
    /// <param name="year">The year at which ages are told.</param>
    public IReadOnlyList<string> Values(string name, int year) => name switch
    {
        Audience.Locale => Known(Locale),
        Audience.Gender => Known(Gender),
        AgeBand => Born is { } born ? [AudienceProfile.AgeBandOf(year - born)] : [],
        Audience.Platform => Platforms,
        Segment => SegmentNumber == LiveSegments.None ? [] : [NameOf(SegmentNumber)],
        _ => throw new ArgumentOutOfRangeException(nameof(name), $"Users are not told apart by '{name}'; they are by {string.Join(", ", Names)}."),
    };

    /// <summary>A segment's value.</summary>
    internal static string NameOf(int segment) => Numbers[segment];

    internal static string[] PlatformsOf(int set) => PlatformSets[set];

    private static string[] Known(string value) => value.Length == 0 ? [] : [value];

    private bool Passes(AudienceFilter filter) =>
        (filter.Segment is not { } segment || segment == SegmentNumber)
        && (filter.Locale is not { } locale || locale == Locale)
        && (filter.Gender is not { } gender || gender == (Gender.Length == 0 ? "unknown" : Gender))
        && (filter.BornFrom is not { } from || Born >= from)
        && (filter.BornTo is not { } to || Born <= to)
        && (filter.Platform is not { } platform || Platforms.Contains(platform));
}
