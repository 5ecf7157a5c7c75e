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

/// <summary>A user as a shard's columns have them: what insights tell users apart by. The same object is used for one row after another.</summary>
public sealed class AudienceRow
{
    /// <summary>What users are told apart by. A segment's value is its number.</summary>
    public const string Segment = "segment", AgeBand = "age";

    /// <summary>As many as there can be segments.</summary>
    private static readonly string[] Numbers = [.. Enumerable.Range(0, KMeansOptions.MaxK).Select(number => number.ToString(CultureInfo.InvariantCulture))];

    private readonly List<string> _platforms = new(3);

    private readonly LiveUsers _users;
    private int _row;

    private AudienceRow(LiveUsers users) => _users = users;

    /// <summary>All that users can be told apart by.</summary>
    public static IReadOnlyList<string> Names { get; } = [Audience.Locale, Audience.Gender, AgeBand, Audience.Platform, Segment];

    public IFacts Facts { get; private set; } = null!;

    /// <summary>Empty for none.</summary>
    public string Locale { get; private set; } = "";

    /// <summary>male or female; empty where it is unknown.</summary>
    public string Gender { get; private set; } = "";

    public int? Born { get; private set; }

    /// <summary>Where the user was seen: web, mobile, email.</summary>
    public IReadOnlyList<string> Platforms => _platforms;

    /// <summary>Who it is.</summary>
    public string User => _users.User(_row);

    /// <summary>When they are active, as <see cref="Rhythm"/> encodes it.</summary>
    public ReadOnlySpan<byte> Rhythm => _users.Rhythm(_row);

    /// <summary>The segment's number, or <see cref="LiveSegments.None"/>.</summary>
    public int SegmentNumber { get; private set; }

    /// <summary>The users whom a filter lets pass.</summary>
    /// <param name="segmentOf">The segment of a row; null where there are none.</param>
    public static IEnumerable<AudienceRow> Of(LiveUsers users, Func<int, int>? segmentOf, AudienceFilter filter)
    {
        var one = new AudienceRow(users);
        foreach (var row in users.Rows)
        {
            one.Read(row, segmentOf?.Invoke(row) ?? LiveSegments.None);
            if (one.Passes(filter)) yield return one;
        }
    }

    /// <summary>The values that the user has of one of <see cref="Names"/>: none where it is not known, several of platforms.</summary>
    /// <param name="year">The year at which ages are told.</param>
    public IEnumerable<string> Values(string name, int year) => name switch
    {
        Audience.Locale => Known(Locale),
        Audience.Gender => Known(Gender),
        AgeBand => Born is { } born ? [AudienceProfile.AgeBandOf(year - born)] : [],
        Audience.Platform => _platforms,
        Segment => SegmentNumber == LiveSegments.None ? [] : [Numbers[SegmentNumber]],
        _ => throw new ArgumentOutOfRangeException(nameof(name), $"Users are not told apart by '{name}'; they are by {string.Join(", ", Names)}."),
    };

    private static string[] Known(string value) => value.Length == 0 ? [] : [value];

    private void Read(int row, int segment)
    {
        _row = row;
        Facts = _users.Facts(row);
        SegmentNumber = segment;
        Locale = _users.Locale(row);
        Gender = Facts[Fact.GenderMale] switch { 1 => "male", 0 => "female", _ => "" };
        Born = Facts[Fact.BirthYear] is var born && double.IsNaN(born) ? null : (int)born;
        _platforms.Clear();
        if (Facts[Fact.WebEvents] > 0) _platforms.Add("web");
        if (Facts[Fact.MobileEvents] > 0) _platforms.Add("mobile");
        if (Facts[Fact.EmailEvents] > 0) _platforms.Add("email");
    }

    private bool Passes(AudienceFilter filter) =>
        (filter.Segment is not { } segment || segment == SegmentNumber)
        && (filter.Locale is not { } locale || locale == Locale)
        && (filter.Gender is not { } gender || gender == (Gender.Length == 0 ? "unknown" : Gender))
        && (filter.BornFrom is not { } from || Born >= from)
        && (filter.BornTo is not { } to || Born <= to)
        && (filter.Platform is not { } platform || _platforms.Contains(platform));
}
