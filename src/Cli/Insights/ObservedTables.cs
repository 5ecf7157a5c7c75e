using Auie.Abstractions;
using Auie.Cli.Import;
using Auie.Core.Insights;

namespace Auie.Cli.Insights;

/// <summary>
/// The five tables of an event challenge as insights are drawn from them: who there is, what was shown to whom, when events are, and who knows whom. Rows and
/// cells that cannot be used are left out, as an import leaves them out.
/// </summary>
internal sealed class ObservedTables
{
    private const int LongestRow = 16 << 20;

    private readonly Dictionary<ulong, Profile> _profiles = [];
    private readonly List<(ulong User, Showing Showing)> _showings = [];
    private readonly Dictionary<ulong, List<ulong>> _shownTo = [];
    private readonly Dictionary<ulong, ulong[]> _friends = [];
    private readonly Dictionary<ulong, (DateTimeOffset? Start, ulong? Creator)> _events = [];
    private readonly Dictionary<ulong, long[]> _answers = [];
    private readonly Dictionary<(ulong User, ulong Event), (int FriendsYes, int FriendsInvited, int OwnKind)> _related = [];
    private readonly Dictionary<DateOnly, List<PeakMaker>> _makers = [];
    private readonly List<TableReport> _quality = [];

    private ObservedTables()
    {
    }

    /// <summary>The last showing: the tables tell of nothing after it.</summary>
    public DateTimeOffset AsOf { get; private set; }

    public TableReport[] Quality => [.. _quality];

    /// <summary>Everybody with a profile.</summary>
    public Audience Audience { get; } = new();

    public Showings Showings { get; private set; } = null!;

    /// <summary>When things were shown, each on its user's own clock.</summary>
    public Activity Shown { get; } = new();

    /// <summary>For events with a known start, how many marks its lists of answers and invitations have, when the event starts, in UTC: who was invited and said yes has two.</summary>
    public Activity Attendance { get; } = new();

    /// <summary>Answers and invitations of all events, with a known start or not.</summary>
    public long Answers => _answers.Values.Sum(counts => counts.Sum());

    public long FriendLinks => _friends.Values.Sum(list => (long)list.Length);

    public int FriendLists => _friends.Count;

    /// <summary>Reads a folder.</summary>
    /// <exception cref="CliException">A table is missing, is damaged, or nothing is shown in it; where, and what.</exception>
    public static async Task<ObservedTables> Read(string path, CancellationToken cancellationToken)
    {
        var folder = TableFolder.Find(path);
        var tables = new ObservedTables();
        await tables.Each(folder, Layout.Train, (file, quality) => new TrainTable(file, quality), row => tables.TakeShowing(row.UserId, row.Showing), cancellationToken);
        if (tables._showings.Count == 0) throw new CliException(ExitCodes.Failed, $"{folder[Layout.Train].FullName} shows nothing to anybody: there is nothing to learn of interest.");
        await tables.Each(folder, Layout.Users, (file, quality) => new UsersTable(file, quality), row => tables._profiles[row.User] = row.Profile, cancellationToken);
        await tables.Each(folder, Layout.Friends, (file, quality) => new FriendsTable(file, quality), row => tables._friends[row.Id] = [.. row.Friends], cancellationToken);
        await tables.Each(folder, Layout.Events, (file, quality) => new EventsTable(file, quality), row => tables._events[row.Event] = (row.Start, row.Creator), cancellationToken);
        await tables.Each(folder, Layout.Attendees, (file, quality) => new AttendeesTable(file, quality), tables.TakeAnswers, cancellationToken);
        foreach (var (id, profile) in tables._profiles) tables.Audience.Add(tables.MemberOf(id, profile));
        tables.Showings = tables.ToShowings();
        return tables;
    }

    /// <summary>What made a day of <see cref="Attendance"/>.</summary>
    public IEnumerable<PeakMaker> MadeBy(DateOnly day) => _makers.GetValueOrDefault(day) ?? [];

    /// <summary>Everybody whom a list of friends is of or names, and who of them has a profile.</summary>
    public (FriendGraph Graph, ulong[] Ids, Func<ulong, Profile?> Profile) Friendships()
    {
        var numbers = new Dictionary<ulong, int>();
        var (first, second) = (new List<int>(), new List<int>());
        foreach (var (user, friends) in _friends.OrderBy(list => list.Key))
        {
            var own = NumberOf(user);
            foreach (var friend in friends)
            {
                first.Add(own);
                second.Add(NumberOf(friend));
            }
        }

        var ids = new ulong[numbers.Count];
        foreach (var (id, number) in numbers) ids[number] = id;
        return (FriendGraph.Of(ids.Length, first.ToArray(), second.ToArray()), ids, id => _profiles.GetValueOrDefault(id));

        int NumberOf(ulong id)
        {
            if (!numbers.TryGetValue(id, out var number)) numbers[id] = number = numbers.Count;
            return number;
        }
    }

    private void TakeShowing(ulong user, Showing showing)
    {
        _showings.Add((user, showing));
        if (!_shownTo.TryGetValue(showing.Event, out var users)) _shownTo[showing.Event] = users = [];
        users.Add(user);
        var at = new DateTimeOffset(showing.Ticks, TimeSpan.Zero);
        if (at > AsOf) AsOf = at;
    }

    private void TakeAnswers(AttendeesTable row)
    {
        _answers[row.Id] = [.. row.Lists.Select(list => (long)list.Count)];
        if (_events.TryGetValue(row.Id, out var of) && of.Start is { } start)
        {
            var day = DateOnly.FromDateTime(start.UtcDateTime);
            Attendance.Add(start.UtcDateTime, row.Answers);
            if (!_makers.TryGetValue(day, out var makers)) _makers[day] = makers = [];
            makers.Add(new PeakMaker($"event {row.Id}", row.Answers));
        }

        if (!_shownTo.TryGetValue(row.Id, out var users)) return;
        var (yes, invited) = (row.Lists[0].ToHashSet(), row.Lists[2].ToHashSet());
        foreach (var user in users)
        {
            var friends = _friends.GetValueOrDefault(user) ?? [];
            _related[(user, row.Id)] = (friends.Count(yes.Contains), friends.Count(invited.Contains), Array.FindIndex(row.Lists, list => list.Contains(user)));
        }
    }

    private AudienceMember MemberOf(ulong id, Profile profile) => new()
    {
        Gender = profile.Gender,
        BirthYear = profile.BirthYear,
        Locale = profile.Locale,
        Place = profile.Location,
        JoinedAt = profile.JoinedAt,
        Friends = _friends.GetValueOrDefault(id)?.Length,
    };

    private Showings ToShowings()
    {
        // The order of the file must not matter.
        _showings.Sort((a, b) => (a.User, a.Showing.Ticks, a.Showing.Event).CompareTo((b.User, b.Showing.Ticks, b.Showing.Event)));
        var n = _showings.Count;
        var (users, pages, times) = (new int[n], new int[n], new DateTime[n]);
        for (var i = 0; i < n; i++)
        {
            var (user, showing) = _showings[i];
            var isFirst = i == 0;
            var sameUser = !isFirst && user == _showings[i - 1].User;
            users[i] = isFirst ? 0 : users[i - 1] + (sameUser ? 0 : 1);
            pages[i] = isFirst ? 0 : pages[i - 1] + (sameUser && showing.Ticks == _showings[i - 1].Showing.Ticks ? 0 : 1);
            times[i] = new DateTime(showing.Ticks).AddMinutes(_profiles.GetValueOrDefault(user)?.Timezone ?? 0);
            Shown.Add(times[i], 1);
        }

        const string others = ", others than the user, as of when the tables were made";
        return new Showings(users, pages, Column(row => row.Showing.Interested ? 1 : 0), Column(row => row.Showing.NotInterested ? 1 : 0), times,
        [
            new ShownFeature("hours_to_start", "hours from the showing to the event's start; below 0 it had begun", Column(row =>
                _events.GetValueOrDefault(row.Showing.Event).Start is { } start ? TimeSpan.FromTicks(start.UtcTicks - row.Showing.Ticks).TotalHours : double.NaN), InterestDrivers.HoursToStart),
            new ShownFeature("invited", "whether the user was invited to the event", Column(row => row.Showing.Invited ? 1 : 0)),
            new ShownFeature("friends", "friends in the user's list", Column(row => _friends.TryGetValue(row.User, out var list) ? list.Length : double.NaN)),
            new ShownFeature("age", "year of the as-of less the year of birth", Column(row => AsOf.Year - (double?)_profiles.GetValueOrDefault(row.User)?.BirthYear ?? double.NaN)),
            new ShownFeature("male", "male against female, as the profile says", Column(row => _profiles.GetValueOrDefault(row.User)?.Gender switch { "male" => 1, "female" => 0, _ => double.NaN })),
            new ShownFeature("said_yes", $"how many said yes{others}", Column(row => Others(row, 0))),
            new ShownFeature("said_maybe", $"how many said maybe{others}", Column(row => Others(row, 1))),
            new ShownFeature("were_invited", $"how many were invited{others}", Column(row => Others(row, 2))),
            new ShownFeature("said_no", $"how many said no{others}", Column(row => Others(row, 3))),
            new ShownFeature("friends_yes", "how many of the user's friends said yes", Column(row => Related(row)?.FriendsYes ?? double.NaN)),
            new ShownFeature("friends_invited", "how many of the user's friends were invited", Column(row => Related(row)?.FriendsInvited ?? double.NaN)),
            new ShownFeature("by_a_friend", "whether a friend of the user made the event", Column(row =>
                _events.GetValueOrDefault(row.Showing.Event).Creator is { } creator && _friends.TryGetValue(row.User, out var list) ? list.Contains(creator) ? 1 : 0 : double.NaN)),
        ],
        [
            new ShownCategory("locale", "language and country of the user's profile", [.. _showings.Select(row => _profiles.GetValueOrDefault(row.User)?.Locale ?? "")]),
        ]);

        double[] Column(Func<(ulong User, Showing Showing), double> of) => [.. _showings.Select(of)];

        (int FriendsYes, int FriendsInvited, int OwnKind)? Related((ulong User, Showing Showing) row) =>
            _friends.ContainsKey(row.User) && _related.TryGetValue((row.User, row.Showing.Event), out var related) ? related : null;

        double Others((ulong User, Showing Showing) row, int kind) =>
            _answers.TryGetValue(row.Showing.Event, out var counts) ? counts[kind] - (_related[(row.User, row.Showing.Event)].OwnKind == kind ? 1 : 0) : double.NaN;
    }

    private async Task Each<TReader>(
        TableFolder folder, string table, Func<TableFile, TableQuality, TReader> make, Action<TReader> take, CancellationToken cancellationToken)
        where TReader : TableReader
    {
        var quality = new TableQuality(table, folder[table].Name, rejects: null);
        await using var reader = make(await TableFile.Open(folder[table], quality, LongestRow, _ => { }, cancellationToken), quality);
        while (await reader.Next(cancellationToken)) take(reader);
        if (reader is UsersTable users) users.SuspectSpikes();
        _quality.Add(quality.ToReport());
    }
}
