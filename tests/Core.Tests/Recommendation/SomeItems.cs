using Auie.Core.Items;
using Auie.Core.Recommendation;
using Auie.Core.Users;

namespace Auie.Core.Tests.Recommendation;

/// <summary>A small world of items and people, the same for a seed.</summary>
internal sealed class SomeItems
{
    public static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly string[] Words = ["music", "film", "food", "sport"];
    private static readonly (string Name, GeoPoint Point)[] Cities = [("Medan", new(3.59, 98.67)), ("London", new(51.5, -.13)), ("Bogor", new(-6.6, 106.8))];

    public SomeItems(int seed, int items = 60, int people = 40)
    {
        var random = new Random(seed);
        for (var i = 0; i < items; i++)
        {
            var (city, point) = Cities[random.Next(Cities.Length)];
            var isEvent = random.Next(3) > 0;
            Facts.Add($"i{i}", new ItemFacts
            {
                Kind = isEvent ? "event" : "product",
                Start = isEvent ? Now.AddDays(random.Next(-10, 40)).AddHours(random.Next(24)) : null,
                City = isEvent ? city : null,
                Point = isEvent ? point : null,
                Price = random.Next(3) == 0 ? null : random.Next(100),
                Stock = random.Next(8) == 0 ? 0 : random.Next(3) == 0 ? 5 : null,
                IsCancelled = random.Next(10) == 0,
                Creator = random.Next(4) == 0 ? $"p{random.Next(people)}" : null,
                Words = [.. Words.Where(_ => random.Next(3) == 0)],
            });
        }

        Audience = [.. Enumerable.Range(0, people).Select(_ => new Audience(random.Next(2) == 0 ? "en_GB" : "id_ID", "medan", "web", random.Next(3)))];
        for (var n = 0; n < items * people / 4; n++)
        {
            var kind = random.Next(5) switch { 0 => EntryKind.Interested, 1 => EntryKind.NotInterested, 2 => EntryKind.Yes, 3 => EntryKind.No, _ => EntryKind.Shown };
            Did.Add((random.Next(people), $"i{random.Next(items)}", kind, Now.AddHours(-random.Next(500))));
        }
    }

    public Dictionary<string, ItemFacts> Facts { get; } = [];

    public Audience[] Audience { get; }

    public List<(int Person, string Item, EntryKind Kind, DateTimeOffset At)> Did { get; } = [];

    public static ulong Hash(int person) => StableHash.OfKey($"p{person}");

    public ItemIndex Index()
    {
        var index = new ItemIndex { ModelVersion = 1 };
        foreach (var (item, facts) in Facts)
            index.Put(item, facts);
        for (var person = 0; person < Audience.Length; person++)
            index.Place(Hash(person), Audience[person]);
        foreach (var (person, item, kind, at) in Did)
            index.React(Hash(person), item, kind, at);
        return index;
    }

    /// <summary>The reaction of everybody to everything, counted one by one.</summary>
    public Dictionary<(int Person, string Item), Reaction> Reactions()
    {
        var reactions = new Dictionary<(int, string), Reaction>();
        foreach (var (person, item, kind, _) in Did)
            reactions[(person, item)] = Core.Items.Reactions.After(reactions.GetValueOrDefault((person, item)), kind);
        return reactions;
    }

    public CandidateQuery Query(int seed)
    {
        var random = new Random(seed);
        return new CandidateQuery
        {
            At = Now,
            Friends = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Hash(random.Next(Audience.Length))).Distinct()],
            Neighbours = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Hash(random.Next(Audience.Length))).Distinct()],
            Weights = [1, 1, 1, 1, 1],
            Audience = new Audience("en_GB", "medan", "web", random.Next(3)),
            Near = random.Next(2) == 0 ? Cities[0].Point : null,
            Words = ["music", "food"],
            Viewed = [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"i{random.Next(Facts.Count)}")],
            Excluded = [.. Enumerable.Range(0, random.Next(20)).Select(_ => $"i{random.Next(Facts.Count)}")],
            Kind = random.Next(4) switch { 0 => "event", 1 => "product", _ => null },
            Category = random.Next(4) == 0 ? "food" : null,
            From = random.Next(4) == 0 ? Now.AddDays(5) : null,
            To = random.Next(4) == 0 ? Now.AddDays(20) : null,
        };
    }
}
