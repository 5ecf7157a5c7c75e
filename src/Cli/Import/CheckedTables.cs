using Auie.Abstractions;

namespace Auie.Cli.Import;

/// <summary>
/// The tables after their first reading: every row and cell was validated, what is wrong was counted, and nothing was sent. Of what was read only
/// <see cref="People"/> stays in memory.
/// </summary>
internal sealed class CheckedTables
{
    private readonly TableFolder _folder;
    private readonly ImportOptions _options;
    private readonly List<TableReport> _reports = [];
    private readonly IdSet _ids = new();
    private long _knownUsers, _links, _knownLinks, _answers, _knownAnswers;

    private CheckedTables(TableFolder folder, ImportOptions options)
    {
        _folder = folder;
        _options = options;
    }

    public People People { get; } = new();

    /// <summary>Facts of items, and facts of users: rows, answers and invitations of the ones, rows and links of the others.</summary>
    public long ItemFacts { get; private set; }

    public long UserFacts { get; private set; }

    public static async Task<CheckedTables> Read(
        TableFolder folder, ImportOptions options, RejectsFile? rejects, ImportProgress progress, CancellationToken cancellationToken)
    {
        var tables = new CheckedTables(folder, options);
        // Whose answers are kept is known only when everybody with something of their own is: the lists of attendees come last.
        await tables.Check(Layout.Users, rejects, progress, (file, quality) => new UsersTable(file, quality), tables.TakeUser, cancellationToken);
        await tables.Check(Layout.Train, rejects, progress, (file, quality) => new TrainTable(file, quality), tables.TakeShowing, cancellationToken);
        await tables.Check(Layout.Friends, rejects, progress, (file, quality) => new FriendsTable(file, quality), tables.TakeFriends, cancellationToken);
        await tables.Check(Layout.Events, rejects, progress, (file, quality) => new EventsTable(file, quality), _ => tables.ItemFacts++, cancellationToken);
        await tables.Check(Layout.Attendees, rejects, progress, (file, quality) => new AttendeesTable(file, quality), tables.TakeAnswers, cancellationToken);
        return tables;
    }

    /// <summary>Reads a table again, of which everything wrong is told already.</summary>
    public async Task<TReader> Reopen<TReader>(string table, Func<TableFile, TableQuality, TReader> make, CancellationToken cancellationToken)
        where TReader : TableReader
    {
        var quality = new TableQuality(table, _folder[table].Name, rejects: null);
        return make(await TableFile.Open(_folder[table], quality, _options.RowBytes, _ => { }, cancellationToken), quality);
    }

    public void CheckUnchanged(bool isSent) => _folder.CheckUnchanged(isSent);

    /// <summary>What was sent of a table is not what was checked.</summary>
    public CliException Changed(string table) => TableFolder.Changed(_folder[table], isSent: true);

    public ImportReport ToReport(DateTimeOffset endedAt, TimeSpan took, long added, long known) => new()
    {
        Source = Layout.Source,
        EndedAt = endedAt,
        Seconds = took.TotalSeconds,
        Ids = _ids.Count,
        KnownUsers = _knownUsers,
        FriendLinks = _links,
        KnownFriendLinks = _knownLinks,
        Answers = _answers,
        KnownAnswers = _knownAnswers,
        Facts = ItemFacts + UserFacts,
        Added = added,
        Known = known,
        Tables = [.. _reports],
    };

    private async Task Check<TReader>(
        string table, RejectsFile? rejects, ImportProgress progress, Func<TableFile, TableQuality, TReader> make, Action<TReader> take,
        CancellationToken cancellationToken)
        where TReader : TableReader
    {
        var file = _folder[table];
        progress.Begin($"checking {file.Name}", file.Length, "bytes");
        var quality = new TableQuality(table, file.Name, rejects);
        await using var reader = make(await TableFile.Open(file, quality, _options.RowBytes, progress.Add, cancellationToken), quality);
        while (await reader.Next(cancellationToken)) take(reader);
        if (reader is UsersTable users) users.SuspectSpikes();
        if (reader is FriendsTable friends) friends.MissRows(People.All.Count(person => person is { Profile: not null, HasFriendsRow: false }));
        _reports.Add(quality.ToReport());
    }

    private void TakeUser(UsersTable row)
    {
        People.FindOrAdd(row.User).Profile = row.Profile;
        _ids.Add(row.User);
        _knownUsers++;
        UserFacts++;
    }

    private void TakeShowing(TrainTable row)
    {
        People.FindOrAdd(row.UserId).Add(row.Showing);
        _ids.Add(row.UserId);
        UserFacts++;
    }

    private void TakeFriends(FriendsTable row)
    {
        People.FindOrAdd(row.Id).HasFriendsRow = true;
        _ids.Add(row.Id);
        foreach (var friend in row.Friends)
        {
            _ids.Add(friend);
            if (People.Find(friend)?.Profile is not null) _knownLinks++;
        }

        _links += row.Friends.Count;
        UserFacts += 1 + row.Friends.Count;
    }

    private void TakeAnswers(AttendeesTable row)
    {
        for (byte kind = 0; kind < row.Lists.Length; kind++)
        {
            foreach (var id in row.Lists[kind])
            {
                _ids.Add(id);
                if (People.Find(id) is not { } person) continue;
                person.Add(new GivenAnswer(row.Id, kind));
                if (person.Profile is not null) _knownAnswers++;
            }
        }

        _answers += row.Answers;
        ItemFacts += 1 + row.Answers;
    }
}
