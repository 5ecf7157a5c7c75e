using System.Runtime.InteropServices;
using Auie.Core.Features;

namespace Auie.Core.Insights;

/// <summary>
/// Counts over users: kept as users come and change, and merged over parts, in any order; nobody is looked at twice to make them.
/// </summary>
public sealed class UserCounts
{
    private const string Male = "male", Female = "female", Unknown = "unknown";

    /// <summary>The facts that are summed over users.</summary>
    private static readonly Fact[] Summed =
        [Fact.Shown, Fact.Viewed, Fact.Invited, Fact.Purchased, Fact.Interested, Fact.NotInterested, Fact.Yes, Fact.Maybe, Fact.No, Fact.Impressions, Fact.Came, Fact.ImpressionsInterested];

    private readonly Dictionary<string, long> _genders = new() { [Male] = 0, [Female] = 0, [Unknown] = 0 };
    private readonly Dictionary<int, long> _birthYears = [];
    private readonly Dictionary<string, long> _locales = [];
    private readonly long[] _sums = new long[Summed.Length];

    /// <summary>The counts of nobody.</summary>
    public UserCounts()
    {
    }

    /// <summary>Counts that were made elsewhere.</summary>
    public UserCounts(
        long users, IReadOnlyDictionary<string, long> genders, IReadOnlyDictionary<int, long> birthYears, IReadOnlyDictionary<string, long> locales,
        long friendLinks, long withFriends, IReadOnlyDictionary<string, long> sums, double lastEvent)
    {
        (Users, FriendLinks, WithFriends, LastEvent) = (users, friendLinks, withFriends, lastEvent);
        Add(_genders, genders);
        Add(_birthYears, birthYears);
        Add(_locales, locales);
        for (var i = 0; i < Summed.Length; i++) _sums[i] = sums.GetValueOrDefault(FactCatalogue.Of(Summed[i]).Name);
    }

    public long Users { get; private set; }

    /// <summary>How many are male, female and unknown.</summary>
    public IReadOnlyDictionary<string, long> Genders => _genders;

    /// <summary>For each year of birth how many; those without one are in no year.</summary>
    public IReadOnlyDictionary<int, long> BirthYears => _birthYears;

    /// <summary>For each locale, and "" for none, how many.</summary>
    public IReadOnlyDictionary<string, long> Locales => _locales;

    /// <summary>Friends of all.</summary>
    public long FriendLinks { get; private set; }

    /// <summary>How many have a friend at all.</summary>
    public long WithFriends { get; private set; }

    /// <summary>For events and answers, by the name of the fact, how many in all.</summary>
    public IReadOnlyDictionary<string, long> Sums => Summed.Select((fact, i) => (fact, i)).ToDictionary(one => FactCatalogue.Of(one.fact).Name, one => _sums[one.i]);

    /// <summary>The latest instant at which anybody was ever seen, in Unix seconds; NaN for none.</summary>
    public double LastEvent { get; private set; } = double.NaN;

    /// <summary>Counts a user in.</summary>
    public void Add(IFacts user, string? locale) => Change(user, locale, 1);

    /// <summary>Takes a user out who was counted in with the same facts. When anybody was last seen stays (<see cref="LastEventIs"/>).</summary>
    public void Remove(IFacts user, string? locale) => Change(user, locale, -1);

    /// <summary>Finds anew when anybody was last seen, of all who are counted: after somebody was taken out who does not come back.</summary>
    public void LastEventIs(IEnumerable<double> lastSeen)
    {
        LastEvent = double.NaN;
        foreach (var at in lastSeen)
            See(at);
    }

    /// <summary>Adds the counts of others.</summary>
    public void Merge(UserCounts others)
    {
        Users += others.Users;
        FriendLinks += others.FriendLinks;
        WithFriends += others.WithFriends;
        Add(_genders, others._genders);
        Add(_birthYears, others._birthYears);
        Add(_locales, others._locales);
        for (var i = 0; i < Summed.Length; i++) _sums[i] += others._sums[i];
        See(others.LastEvent);
    }

    private void Change(IFacts user, string? locale, int by)
    {
        Users += by;
        FriendLinks += by * (long)user[Fact.Friends];
        if (user[Fact.Friends] > 0)
            WithFriends += by;
        _genders[user[Fact.GenderMale] switch { 1 => Male, 0 => Female, _ => Unknown }] += by;
        if (user[Fact.BirthYear] is var year && !double.IsNaN(year))
            Add(_birthYears, (int)year, by);
        Add(_locales, locale ?? "", by);
        for (var i = 0; i < Summed.Length; i++)
            _sums[i] += by * (long)user[Summed[i]];
        See(user[Fact.LastSeen]);
    }

    private void See(double at)
    {
        if (double.IsNaN(LastEvent) || at > LastEvent)
            LastEvent = at;
    }

    private static void Add<TKey>(Dictionary<TKey, long> counts, IReadOnlyDictionary<TKey, long> others) where TKey : notnull
    {
        foreach (var (key, count) in others)
            CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _) += count;
    }

    /// <summary>What nobody has any more is not kept, or a value that changes often would leave them all behind.</summary>
    private static void Add<TKey>(Dictionary<TKey, long> counts, TKey key, int by) where TKey : notnull
    {
        var count = counts.GetValueOrDefault(key) + by;
        if (count == 0)
            counts.Remove(key);
        else
            counts[key] = count;
    }
}
