using Auie.Core.Items;
using Auie.Core.Recommendation.Training;
using Auie.Core.Users;

namespace Auie.Core.Tests.Recommendation;

/// <summary>
/// People who come again and again, are shown some things, and want those of the word that they like once they are shown them again, the same for a seed. Those of a low number are learnt from; of the others only what
/// they do counts.
/// </summary>
internal sealed class SomePast
{
    public const ulong Seed = 3;
    public static readonly DateTimeOffset Begin = new(2026, 1, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly string[] Words = ["music", "film", "food", "sport"];

    private readonly List<(string User, List<Entry> Entries)> _users = [];
    private readonly Dictionary<string, ItemFacts> _items = [];

    public SomePast(int seed, int learners = 40, int crowd = 10, int items = 80, int visits = 8)
    {
        var random = new Random(seed);
        for (var i = 0; i < items; i++)
            _items.Add($"i{i:D3}", new ItemFacts { Kind = "product", Words = [Words[i % Words.Length]], Price = 1 + i });
        var ids = Enumerable.Range(0, learners + crowd).Select(i => $"p{i}").OrderBy(id => StableHash.Derive(Seed, StableHash.OfKey(id))).ToArray();
        Limits = new TrainingLimits { Learners = learners, LeastOccasions = 20 };
        for (var person = 0; person < ids.Length; person++)
        {
            var (liked, entries, seen) = (Words[random.Next(Words.Length)], new List<Entry>(), new HashSet<string>());
            for (var visit = 0; visit < visits; visit++)
            {
                var at = Begin.AddDays(6 * visit).AddMinutes(random.Next(4_000));
                foreach (var item in Enumerable.Range(0, items).Select(i => $"i{i:D3}").OrderBy(_ => random.Next()).Take(8))
                {
                    at = at.AddSeconds(20);
                    entries.Add(Did(EntryKind.Shown, item, at));
                    if (_items[item].Words[0] == liked && seen.Contains(item) ? random.Next(6) > 0 : random.Next(16) == 0)
                        entries.Add(Did(random.Next(3) == 0 ? EntryKind.Purchased : EntryKind.Interested, item, at.AddSeconds(7)));
                    else if (random.Next(4) == 0)
                        entries.Add(Did(EntryKind.Viewed, item, at.AddSeconds(7)));
                    seen.Add(item);
                }
            }

            _users.Add((ids[person], entries));
        }
    }

    public TrainingLimits Limits { get; init; }

    /// <summary>Those who are learnt from come first.</summary>
    public IReadOnlyList<(string User, List<Entry> Entries)> Users => _users;

    public IReadOnlyDictionary<string, ItemFacts> Items => _items;

    public Entry Did(EntryKind kind, string item, DateTimeOffset at) => new() { MessageId = $"m{_messages++}", Kind = kind, Item = item, At = at };

    /// <summary>Since when items are known of that are not so ever since; others than <see cref="Items"/> are added.</summary>
    public Dictionary<string, DateTimeOffset?> Since { get; } = [];

    private int _messages;

    /// <param name="kept">Of each user how many of the last entries the journal still has, each a record.</param>
    public Past Make(Func<int, int>? kept = null, bool reversed = false)
    {
        var past = new Past(Limits, Seed);
        var order = Enumerable.Range(0, _users.Count);
        foreach (var place in reversed ? order.Reverse() : order)
        {
            var (user, entries) = _users[place];
            var state = new UserState();
            state.Apply([.. entries]);
            past.Add(user, state, entries.TakeLast(kept?.Invoke(place) ?? entries.Count).Select(entry => new UserRecord([entry])), null);
        }

        foreach (var (item, facts) in reversed ? _items.Reverse() : _items)
            past.AddItem(item, facts, Since.GetValueOrDefault(item));
        foreach (var (item, since) in Since.Where(one => !_items.ContainsKey(one.Key)))
            past.AddItem(item, new ItemFacts { Kind = "product", Words = [.. Words] }, since);
        return past;
    }

    public Examples Examples(Func<int, int>? kept = null, bool reversed = false) => ExampleReplay.Run(Make(kept, reversed), Limits, Seed, out _).ShouldNotBeNull();
}
