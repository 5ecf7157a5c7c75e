using Auie.Core.Items;
using Auie.Core.Users;

namespace Auie.Core.Insights;

/// <summary>
/// Some of the latest showings of a running engine, each with what could be known at its instant: users in the order of their ids' hashes, until there are enough showings. Users are taken in first, then
/// the items that these name; items may be taken in by several threads at once.
/// </summary>
/// <param name="most">How many showings.</param>
public sealed class ShowingSample(int most)
{
    /// <summary>How many categories and tags are taken into account, those of most showings: what is liked more is said yes to by more, and how many did is not to pass for what is liked.</summary>
    private const int MostWords = 16;

    private readonly List<SampledUser> _users = [];
    private readonly Dictionary<string, SampledItem> _items = [];

    public int Users => _users.Count;

    public int Showings { get; private set; }

    /// <summary>The instant of the first showing, in ticks.</summary>
    public long Since { get; private set; } = long.MaxValue;

    public bool IsFull => Showings >= most;

    /// <summary>What was shown, and what was wanted.</summary>
    public IReadOnlyCollection<string> Items => _items.Keys;

    /// <summary>Takes in the next user; of the last as much as fits. Who was shown nothing is left out.</summary>
    public void Add(SampledUser user)
    {
        var taken = user.Showings.AsSpan(Math.Max(0, user.Showings.Length - (most - Showings)));
        if (taken.IsEmpty) return;
        foreach (var (item, _) in user.Wants) _items.TryAdd(item, new SampledItem());
        foreach (var showing in taken)
        {
            if (!_items.TryGetValue(showing.Item, out var item)) _items.Add(showing.Item, item = new SampledItem());
            item.Shown.Add((user, showing));
        }

        _users.Add(user);
        Showings += taken.Length;
        Since = Math.Min(Since, taken[0].Ticks);
    }

    /// <summary>Takes in one of <see cref="Items"/>.</summary>
    public void Add(string item, ItemState state)
    {
        var of = _items[item];
        of.Facts = ItemFacts.Of(state.Head.Traits);
        if (of.Shown.Count > 0) of.TakeAnswers(state);
    }

    /// <summary>Of each user who was shown any, how many products they were shown and how many of these they bought; or how many other things, and to how many of these they said yes.</summary>
    public IEnumerable<(long TakenUp, long Shown)> TakenUp(bool products) => _items.Values.Where(item => item.Facts.Kind == "product" == products).SelectMany(item => item.Shown)
        .GroupBy(shown => shown.User, (_, of) => of.Aggregate((TakenUp: 0L, Shown: 0L), (sum, shown) => (sum.TakenUp + ((products ? shown.Showing.Bought : shown.Showing.SaidYes) ? 1 : 0), sum.Shown + 1)));

    /// <summary>Every showing, with its features.</summary>
    public Showings ToShowings()
    {
        var places = PlacesOfItems();
        var rows = _items.SelectMany(item => item.Value.Shown.Select(shown => (shown.User, shown.Showing, item.Value.Facts)))
            .OrderBy(row => row.User.Hash).ThenBy(row => row.Showing.Ticks).ThenBy(row => row.Showing.Item, StringComparer.Ordinal).ToArray();
        var (users, pages, n) = (new int[rows.Length], new int[rows.Length], rows.Length);
        for (var i = 1; i < n; i++)
        {
            var same = rows[i].User == rows[i - 1].User;
            users[i] = users[i - 1] + (same ? 0 : 1);
            pages[i] = pages[i - 1] + (same && rows[i].Showing.Ticks == rows[i - 1].Showing.Ticks ? 0 : 1);
        }

        var words = rows.SelectMany(row => row.Facts.Words).CountBy(word => word).OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Take(MostWords).Select(word => word.Key);
        const string others = ", others than the user, before it was shown";
        var showings = new Showings(users, pages, Flags(row => row.Showing.Interested), Flags(row => row.Showing.NotInterested),
            [.. rows.Select(row => new DateTime(row.Showing.Ticks).AddMinutes(row.User.ZoneMinutes))],
            [
                new ShownFeature("hours_to_start", "hours from the showing to the event's start; below 0 it had begun", Column(row => (row.Facts.Start?.UtcTicks - row.Showing.Ticks) / (double)TimeSpan.TicksPerHour), InterestDrivers.HoursToStart),
                new ShownFeature("price", "what it costs, in currency units", Column(row => row.Facts.Price)),
                new ShownFeature("product", "whether it is a product, not an event", Column(row => row.Facts.Kind switch { "product" => 1, "event" => 0, _ => null })),
                new ShownFeature("distance", "km from where the user is to where it takes place", Column(row => row.Facts.Point is { } at ? PointOf(row.User)?.DistanceTo(at) : null)),
                new ShownFeature("like_before", "of what the user was interested in, said yes to or bought before, the share that has a category or tag in common with it", LikeBefore(rows)),
                new ShownFeature("invited", "whether the user had been invited to it", Flags(row => row.Showing.IsInvited)),
                new ShownFeature("said_yes", $"how many had said yes{others}", Column(row => row.Showing.Others.Yes)),
                new ShownFeature("said_maybe", $"how many had said maybe{others}", Column(row => row.Showing.Others.Maybe)),
                new ShownFeature("were_invited", $"how many had been invited{others}", Column(row => row.Showing.Others.Invited)),
                new ShownFeature("said_no", $"how many had said no{others}", Column(row => row.Showing.Others.No)),
                new ShownFeature("friends_yes", "how many of the user's friends had said yes before it was shown", Column(row => row.User.Friends.Count == 0 ? null : row.Showing.OfFriends.Yes)),
                new ShownFeature("friends_invited", "how many of the user's friends had been invited before it was shown", Column(row => row.User.Friends.Count == 0 ? null : row.Showing.OfFriends.Invited)),
                new ShownFeature("by_a_friend", "whether who made it was a friend of the user before it was shown", Column(row =>
                    row.User.Friends.Count > 0 && row.Facts.Creator is { } creator ? row.User.Friends.TryGetValue(StableHash.OfKey(creator), out var since) && since < row.Showing.Ticks ? 1 : 0 : null)),
                new ShownFeature("friends", "friends in the user's list, as it is now", Column(row => row.User.Friends.Count)),
                new ShownFeature("age", "year of the showing less the year of birth", Column(row => new DateTime(row.Showing.Ticks).Year - row.User.BirthYear)),
                new ShownFeature("male", "male against female, as the profile says", Column(row => row.User.Gender switch { "male" => 1, "female" => 0, _ => null })),
                new ShownFeature("tenure", "days since the user joined", Column(row => row.Showing.Ticks < row.User.JoinedAt ? null : (row.Showing.Ticks - row.User.JoinedAt) / (double)TimeSpan.TicksPerDay)),
            ], [])
        {
            Marks = [.. words.Select(word => new ShownFeature(word, "whether it has this category or tag", Flags(row => row.Facts.Words.Contains(word))))],
            Outcomes =
            [
                new ShownFeature("viewed", "whether the user looked at it afterwards", Flags(row => row.Showing.Viewed)),
                new ShownFeature("yes", "whether the user said yes afterwards", Flags(row => row.Showing.SaidYes)),
                new ShownFeature("bought", "whether the user bought it afterwards", Flags(row => row.Showing.Bought)),
            ],
        };
        return _users.Exists(user => user.Segment >= 0) ? SegmentLiking.AddTo(showings, [.. rows.DistinctBy(row => row.User).Select(row => row.User.Segment)]) : showings;

        double[] Column(Func<(SampledUser User, SampledShowing Showing, ItemFacts Facts), double?> of) => Array.ConvertAll(rows, row => of(row) ?? double.NaN);

        double[] Flags(Func<(SampledUser User, SampledShowing Showing, ItemFacts Facts), bool> of) => Array.ConvertAll(rows, row => of(row) ? 1.0 : 0);

        GeoPoint? PointOf(SampledUser user) => user.Point ?? (ItemIndex.PlaceNames(user.Place).FirstOrDefault(places.ContainsKey) is { } name ? places[name] : null);
    }

    /// <summary>Where cities are, by items that take place there.</summary>
    private Dictionary<string, GeoPoint> PlacesOfItems()
    {
        var places = new Dictionary<string, GeoPoint>();
        foreach (var (_, item) in _items.OrderBy(item => item.Key, StringComparer.Ordinal))
        {
            if (item.Facts is { City: { Length: > 0 } city, Point: { } point }) places.TryAdd(ItemIndex.PlaceName(city), point);
        }

        return places;
    }

    private double[] LikeBefore((SampledUser User, SampledShowing Showing, ItemFacts Facts)[] rows) => Array.ConvertAll(rows, row =>
    {
        if (row.Facts.Words.Count == 0) return double.NaN;
        var (like, all) = (0, 0);
        foreach (var (item, ticks) in row.User.Wants)
        {
            if (ticks >= row.Showing.Ticks || item == row.Showing.Item || _items[item].Facts.Words is not { Count: > 0 } words) continue;
            all++;
            if (words.Any(row.Facts.Words.Contains)) like++;
        }

        return all == 0 ? double.NaN : (double)like / all;
    });

    private sealed class SampledItem
    {
        public ItemFacts Facts { get; set; } = ItemFacts.Unknown;

        public List<(SampledUser User, SampledShowing Showing)> Shown { get; } = [];

        /// <summary>Counts for each showing who had answered before. Of each person the latest answer is known: one who had said something else before is not counted then.</summary>
        public void TakeAnswers(ItemState state)
        {
            var answers = new Dictionary<ulong, DatedAnswer>();
            var (yes, maybe, no, invited) = (new List<long>(), new List<long>(), new List<long>(), new List<long>());
            foreach (var (answer, answeredAt, invitedAt) in state.AnswersDated())
            {
                answers[StableHash.OfKey(answer.Person)] = new DatedAnswer(answer.Answer, answeredAt?.UtcTicks ?? 0, answer.Invited, invitedAt?.UtcTicks ?? 0);
                (answer.Answer switch { EntryKind.Yes => yes, EntryKind.Maybe => maybe, EntryKind.No => no, _ => null })?.Add(answeredAt?.UtcTicks ?? 0);
                if (answer.Invited) invited.Add(invitedAt?.UtcTicks ?? 0);
            }

            foreach (var ticks in (ReadOnlySpan<List<long>>)[yes, maybe, no, invited]) ticks.Sort();
            foreach (var (user, showing) in Shown)
            {
                var own = answers.GetValueOrDefault(user.Hash);
                showing.Others = (
                    Before(yes, showing.Ticks) - Own(EntryKind.Yes), Before(maybe, showing.Ticks) - Own(EntryKind.Maybe), Before(no, showing.Ticks) - Own(EntryKind.No),
                    Before(invited, showing.Ticks) - (own.HadBeenInvited(showing.Ticks) ? 1 : 0));
                showing.OfFriends = OfFriends(user.Friends, answers, showing.Ticks);

                int Own(EntryKind kind) => own.Had(kind, showing.Ticks) ? 1 : 0;
            }
        }

        private static (int Yes, int Invited) OfFriends(Dictionary<ulong, long> friends, Dictionary<ulong, DatedAnswer> answers, long ticks)
        {
            var (yes, invited) = (0, 0);
            if (friends.Count < answers.Count)
            {
                foreach (var (friend, since) in friends)
                {
                    if (since < ticks && answers.TryGetValue(friend, out var answer)) Count(answer);
                }
            }
            else
            {
                foreach (var (person, answer) in answers)
                {
                    if (friends.TryGetValue(person, out var since) && since < ticks) Count(answer);
                }
            }

            return (yes, invited);

            void Count(DatedAnswer answer)
            {
                if (answer.Had(EntryKind.Yes, ticks)) yes++;
                if (answer.HadBeenInvited(ticks)) invited++;
            }
        }

        /// <summary>How many of ascending instants are before one.</summary>
        private static int Before(List<long> instants, long ticks)
        {
            var at = instants.BinarySearch(ticks);
            if (at < 0) return ~at;
            while (at > 0 && instants[at - 1] == ticks) at--;
            return at;
        }
    }

    /// <summary>What somebody said of an item last, and whether they were invited, with when, in ticks; 0 where nobody knows.</summary>
    private readonly record struct DatedAnswer(EntryKind? Answer, long AnsweredAt, bool Invited, long InvitedAt)
    {
        public bool Had(EntryKind kind, long ticks) => Answer == kind && AnsweredAt < ticks;

        public bool HadBeenInvited(long ticks) => Invited && InvitedAt < ticks;
    }
}
