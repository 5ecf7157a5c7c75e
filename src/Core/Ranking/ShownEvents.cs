using System.Runtime.InteropServices;

namespace Auie.Core.Ranking;

/// <summary>
/// Collects which events were shown to whom, and who answered what, and makes of it rows to rank. Events shown to a user several times are one row:
/// relevant if the user was interested at any time, with the features of the first time. The order in which anything is added does not matter.
/// </summary>
public sealed class ShownEvents
{
    private readonly Dictionary<ulong, RankedUser> _users = [];
    private readonly Dictionary<ulong, HashSet<ulong>> _friends = [];
    private readonly Dictionary<ulong, (RankedEvent Event, ulong? Creator)> _events = [];
    private readonly Dictionary<ulong, int> _eventsOfCreators = [];
    private readonly Dictionary<(ulong User, ulong Event), Showing> _showings = [];
    private readonly Dictionary<ulong, List<ulong>> _shownTo = [];
    private readonly Dictionary<ulong, ShownAnswers> _viewers = [];
    private readonly List<(ulong User, long Ticks, ulong Event, bool IsInterested)> _pages = [];

    /// <summary>What an event's lists were; only of those that were shown.</summary>
    private readonly Dictionary<ulong, AnswerCounts> _answers = [];
    private readonly Dictionary<(ulong User, ulong Event), (AnswerCounts Friends, AnswerCounts Own)> _friendsAnswers = [];

    public void AddUser(ulong id, RankedUser user) => _users[id] = user;

    /// <summary>An event was shown to a user.</summary>
    public void AddShowing(ulong user, ulong shown, DateTimeOffset at, bool isInvited, bool isInterested, bool isNotInterested = false)
    {
        ref var answers = ref CollectionsMarshal.GetValueRefOrAddDefault(_viewers, user, out _);
        answers = new(answers.Shown + 1, answers.Interested + (isInterested ? 1 : 0), answers.NotInterested + (isNotInterested ? 1 : 0));
        _pages.Add((user, at.UtcTicks, shown, isInterested));
        ref var showing = ref CollectionsMarshal.GetValueRefOrAddDefault(_showings, (user, shown), out var known);
        if (!known)
        {
            showing = new Showing(at, isInvited, isInterested);
            if (!_shownTo.TryGetValue(shown, out var users)) _shownTo[shown] = users = [];
            users.Add(user);
            return;
        }

        var invited = at < showing.At ? isInvited : at > showing.At ? showing.IsInvited : showing.IsInvited || isInvited;
        showing = new Showing(at < showing.At ? at : showing.At, invited, showing.IsInterested || isInterested);
    }

    /// <summary>Whom a user knows; only of users to whom something is shown, and before the answers.</summary>
    public void AddFriends(ulong user, IEnumerable<ulong> friends) => _friends[user] = [.. friends];

    public void AddEvent(ulong id, RankedEvent shown, ulong? creator)
    {
        _events[id] = (shown, creator);
        if (creator is { } one) _eventsOfCreators[one] = _eventsOfCreators.GetValueOrDefault(one) + 1;
    }

    /// <summary>How many pairs of a user and an event there are.</summary>
    public int Count => _showings.Count;

    /// <summary>Whether anything was shown to a user.</summary>
    public bool IsShownTo(ulong user) => _viewers.ContainsKey(user);

    /// <summary>Who answered what to an event; after the showings and the friends. A user's own answer is no feature of what is shown to them.</summary>
    public void AddAnswers(ulong shown, IReadOnlyCollection<ulong> yes, IReadOnlyCollection<ulong> maybe, IReadOnlyCollection<ulong> invited, IReadOnlyCollection<ulong> no)
    {
        if (!_shownTo.TryGetValue(shown, out var users)) return;
        _answers[shown] = new AnswerCounts(yes.Count, maybe.Count, invited.Count, no.Count);
        foreach (var user in users)
        {
            var own = new AnswerCounts(Has(yes), Has(maybe), Has(invited), Has(no));
            var known = _friends.TryGetValue(user, out var friends);
            _friendsAnswers[(user, shown)] = (known ? new AnswerCounts(yes.Count(friends!.Contains), maybe.Count(friends.Contains), invited.Count(friends.Contains), no.Count(friends.Contains)) : default, own);

            int Has(IReadOnlyCollection<ulong> list) => list.Contains(user) ? 1 : 0;
        }
    }

    /// <summary>The rows, a group for each user, users and events in the order of their ids.</summary>
    public ShownRows Build()
    {
        var keys = _showings.Keys.ToArray();
        Array.Sort(keys);
        var columns = EventFeatures.Columns;
        var (values, labels, ids) = (new float[keys.Length * columns.Length], new float[keys.Length], new ulong[keys.Length]);
        var (starts, users, times, events, popularity) = (new List<int>(), new List<ulong>(), new DateTimeOffset[keys.Length], new ulong[keys.Length], new double[keys.Length]);
        for (var row = 0; row < keys.Length; row++)
        {
            var (user, shown) = keys[row];
            if (row == 0 || user != keys[row - 1].User)
            {
                starts.Add(row);
                users.Add(user);
            }

            var showing = _showings[keys[row]];
            var profile = _users.GetValueOrDefault(user) ?? new RankedUser();
            if (_friends.TryGetValue(user, out var friends)) profile = profile with { Friends = friends.Count };
            var (of, creator) = _events.TryGetValue(shown, out var found) ? found : (new RankedEvent(), null);
            AnswerCounts? ofFriends = null;
            if (_answers.TryGetValue(shown, out var all))
            {
                var (byFriends, own) = _friendsAnswers[(user, shown)];
                of = of with { Answers = new AnswerCounts(all.Yes - own.Yes, all.Maybe - own.Maybe, all.Invited - own.Invited, all.No - own.No) };
                if (friends is not null) ofFriends = byFriends;
                popularity[row] = of.Answers.Value.Yes;
            }

            if (creator is { } one) of = of with { EventsOfCreator = _eventsOfCreators[one] };
            var relation = new EventRelation(ofFriends, showing.IsInvited, creator is { } by && friends?.Contains(by) == true);
            EventFeatures.Write(profile, of, relation, showing.At, values.AsSpan(row * columns.Length, columns.Length));
            (labels[row], times[row], events[row], ids[row]) = (showing.IsInterested ? 1 : 0, showing.At, shown, StableHash.Derive(user, shown));
        }

        starts.Add(keys.Length);
        return new ShownRows(new RankingRows(columns, values, labels, [.. starts], ids), [.. users], [.. users.Select(LocaleOf)], [.. users.Select(user => _viewers[user])], events, times, popularity, Pages(keys));

        string LocaleOf(ulong user) => _users.GetValueOrDefault(user)?.Locale ?? "";
    }

    private ShownPages Pages((ulong User, ulong Event)[] keys)
    {
        _pages.Sort();
        var (starts, rows, times, labels) = (new List<int>(), new int[_pages.Count], new DateTimeOffset[_pages.Count], new float[_pages.Count]);
        for (var i = 0; i < _pages.Count; i++)
        {
            var one = _pages[i];
            if (i == 0 || (one.User, one.Ticks) != (_pages[i - 1].User, _pages[i - 1].Ticks)) starts.Add(i);
            rows[i] = Array.BinarySearch(keys, (one.User, one.Event));
            (times[i], labels[i]) = (new DateTimeOffset(one.Ticks, TimeSpan.Zero), one.IsInterested ? 1 : 0);
        }

        return new ShownPages([.. starts, _pages.Count], rows, times, labels);
    }

    private readonly record struct Showing(DateTimeOffset At, bool IsInvited, bool IsInterested);
}

/// <summary>Rows to rank, and of which user (a group), event and instant (a row) they are.</summary>
/// <param name="Users">The user of each group.</param>
/// <param name="Locales">The locale of each group's user; empty where it is not known.</param>
/// <param name="Answers">What each group's user answered to all that was shown to them. It is for telling who was judged only: nothing is learnt from it.</param>
/// <param name="Events">The event of each row.</param>
/// <param name="Times">When each row's event was first shown to its user.</param>
/// <param name="Popularity">How many said yes to each row's event.</param>
public sealed record ShownRows(
    RankingRows Rows, ulong[] Users, string[] Locales, ShownAnswers[] Answers, ulong[] Events, DateTimeOffset[] Times, double[] Popularity, ShownPages Pages);

/// <summary>How many showings a user had, and how many were answered with interest and with the opposite.</summary>
public readonly record struct ShownAnswers(int Shown, int Interested, int NotInterested);

/// <summary>What was shown to a user at one instant is a page. It is for measuring only: nothing is learnt from it.</summary>
/// <param name="Starts">Where each page's showings begin and, last, how many showings there are.</param>
/// <param name="Rows">The row of each showing.</param>
/// <param name="Times">The instant of each showing.</param>
/// <param name="Labels">1 where the user was interested at this showing.</param>
public sealed record ShownPages(int[] Starts, int[] Rows, DateTimeOffset[] Times, float[] Labels);
