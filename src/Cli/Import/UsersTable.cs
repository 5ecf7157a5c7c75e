using System.Globalization;
using System.Runtime.InteropServices;
using Auie.Core.Insights;

namespace Auie.Cli.Import;

/// <summary>users: who there is, and what is known of them.</summary>
internal sealed class UsersTable(TableFile file, TableQuality quality) : TableReader(file, quality)
{
    private const int Id = 0, Locale = 1, BirthYear = 2, Gender = 3, JoinedAt = 4, Location = 5, Timezone = 6;
    private const int FarthestTimezone = 840, EarliestBirth = 1900, LatestBirth = 2000;

    private readonly IdSet _ids = new();
    private readonly Dictionary<int, long> _births = [];

    public ulong User { get; private set; }

    public Profile Profile { get; private set; } = new();

    /// <summary>
    /// Calls years suspicious that far more users were born in than in the years beside: 1 January 1910 is what a form says of those who
    /// did not choose.
    /// </summary>
    public void SuspectSpikes()
    {
        foreach (var (year, count) in ProfileQuality.Spikes(_births))
            Quality.Suspect(BirthYear, System.Text.Encoding.UTF8.GetBytes(year.ToString(CultureInfo.InvariantCulture)), ProfileQuality.Spike, count);
    }

    protected override bool Take()
    {
        if (!NeedsId(Id, out var id)) return false;
        if (!_ids.Add(id))
        {
            Quality.RejectRow(Id, Cell(Id), Repeated);
            return false;
        }

        User = id;
        var timezone = Minutes();
        var joinedAt = Instant(JoinedAt);
        Profile = new Profile
        {
            Locale = LocaleOf(),
            BirthYear = Year(),
            Gender = GenderOf(),
            JoinedAt = timezone is { } minutes ? joinedAt?.ToOffset(TimeSpan.FromMinutes(minutes)) : joinedAt,
            Location = Text(Location),
            Timezone = timezone,
        };
        return true;
    }

    private int? Year()
    {
        if (!IsThere(BirthYear, out var cell)) return null;
        if (cell.Length == 4 && Cells.TryWhole(cell, out var year) && year is >= EarliestBirth and <= LatestBirth)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_births, year, out _)++;
            return year;
        }

        Quality.Reject(BirthYear, cell, $"is not a year from {EarliestBirth} to {LatestBirth}");
        return null;
    }

    private int? Minutes()
    {
        if (!IsThere(Timezone, out var cell)) return null;
        if (Cells.TryWhole(cell, out var minutes) && minutes is >= -FarthestTimezone and <= FarthestTimezone) return minutes;
        Quality.Reject(Timezone, cell, $"is not whole minutes from UTC, from -{FarthestTimezone} to {FarthestTimezone}");
        return null;
    }

    private string? LocaleOf()
    {
        var locale = Text(Locale);
        if (locale is not null && !ProfileQuality.IsUsualLocale(locale))
            Quality.Suspect(Locale, Cell(Locale), "is no locale as in en_US");
        return locale;
    }

    private string? GenderOf()
    {
        var gender = Text(Gender);
        if (gender is not null && !gender.Equals("male", StringComparison.OrdinalIgnoreCase) && !gender.Equals("female", StringComparison.OrdinalIgnoreCase))
            Quality.Suspect(Gender, Cell(Gender), "is neither male nor female");
        return gender;
    }
}

/// <summary>What is known of a user; only what is valid. The instant has the user's own offset.</summary>
internal sealed record Profile
{
    public string? Locale { get; init; }
    public int? BirthYear { get; init; }
    public string? Gender { get; init; }
    public DateTimeOffset? JoinedAt { get; init; }
    public string? Location { get; init; }
    public int? Timezone { get; init; }
}
