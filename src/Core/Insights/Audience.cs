using System.Runtime.InteropServices;

namespace Auie.Core.Insights;

/// <summary>What is asked of a person to say who there is; null where it is not known.</summary>
public sealed record AudienceMember
{
    public string? Gender { get; init; }
    public int? BirthYear { get; init; }
    public string? Locale { get; init; }
    public string? Place { get; init; }
    public DateTimeOffset? JoinedAt { get; init; }
    public int? Friends { get; init; }

    /// <summary>Where the person was seen: web, mobile, email. Empty where nothing is known of it.</summary>
    public IReadOnlyList<string> Platforms { get; init; } = [];
}

/// <summary>
/// Who there is, counted: kept as people come, change and go, and merged over parts in any order. Nothing in it is relative to now, so that
/// it tells ages and tenures at any instant.
/// </summary>
public sealed class Audience
{
    public const string Gender = "gender", Locale = "locale", Place = "place", Platform = "platform", BirthYear = "birthyear", JoinedMonth = "joined", Friends = "friends", Timezone = "timezone";

    /// <summary>The value that stands for all that are not told by themselves.</summary>
    public const string Rest = "";

    private static readonly string[] CountedTexts = [Gender, Locale, Place, Platform], CountedNumbers = [BirthYear, JoinedMonth, Friends, Timezone];

    private readonly Dictionary<string, Dictionary<string, long>> _texts = CountedTexts.ToDictionary(name => name, _ => new Dictionary<string, long>());
    private readonly Dictionary<string, Dictionary<int, long>> _numbers = CountedNumbers.ToDictionary(name => name, _ => new Dictionary<int, long>());

    /// <summary>Of nobody.</summary>
    public Audience()
    {
    }

    /// <summary>Counts that were made elsewhere.</summary>
    public Audience(long users, long onPlatforms, IReadOnlyDictionary<string, Dictionary<string, long>> texts, IReadOnlyDictionary<string, Dictionary<int, long>> numbers)
    {
        (Users, OnPlatforms) = (users, onPlatforms);
        foreach (var (name, counts) in texts) Merge(_texts[name], counts);
        foreach (var (name, counts) in numbers) Merge(_numbers[name], counts);
    }

    /// <summary>Whether one user may have several values of what users are told apart by: the groups of these add up to more than all users, and more than all that they did.</summary>
    public static bool Overlaps(string? name) => name == Platform;

    public long Users { get; private set; }

    /// <summary>How many have each value, by what is counted, and <see cref="Rest"/> any other; who has none is in none. On platforms somebody may be in several.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, long>> Texts => _texts;

    /// <summary>The same of whole numbers; of when people joined, the months since year 0; of their own clocks, the minutes from UTC.</summary>
    public IReadOnlyDictionary<string, Dictionary<int, long>> Numbers => _numbers;

    /// <summary>How many were seen on any platform.</summary>
    public long OnPlatforms { get; private set; }

    public void Add(AudienceMember person) => Change(person, 1);

    /// <summary>Takes out somebody who was added with the same values.</summary>
    public void Remove(AudienceMember person) => Change(person, -1);

    public void Merge(Audience others)
    {
        Users += others.Users;
        OnPlatforms += others.OnPlatforms;
        foreach (var (name, counts) in others._texts) Merge(_texts[name], counts);
        foreach (var (name, counts) in others._numbers) Merge(_numbers[name], counts);
    }

    private void Change(AudienceMember person, int by)
    {
        Users += by;
        OnPlatforms += person.Platforms.Count > 0 ? by : 0;
        Count(_texts[Gender], person.Gender, by);
        Count(_texts[Locale], person.Locale, by);
        Count(_texts[Place], person.Place, by);
        foreach (var platform in person.Platforms) Count(_texts[Platform], platform, by);
        Count(_numbers[BirthYear], person.BirthYear, by);
        Count(_numbers[JoinedMonth], person.JoinedAt is { } at ? AudienceRow.MonthOf(at.UtcDateTime) : null, by);
        Count(_numbers[Friends], person.Friends, by);
    }

    private static void Merge<TKey>(Dictionary<TKey, long> counts, Dictionary<TKey, long> others) where TKey : notnull
    {
        foreach (var (key, count) in others) CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += count;
    }

    private static void Count(Dictionary<string, long> counts, string? value, int by)
    {
        if (!string.IsNullOrEmpty(value)) Add(counts, value, by);
    }

    private static void Count(Dictionary<int, long> counts, int? value, int by)
    {
        if (value is { } number) Add(counts, number, by);
    }

    /// <summary>What nobody has any more is not kept.</summary>
    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key, int by) where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0) counts.Remove(key);
        else counts[key] = count;
    }
}
