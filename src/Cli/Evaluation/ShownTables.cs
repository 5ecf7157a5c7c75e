using Auie.Cli.Import;
using Auie.Core.Ranking;

namespace Auie.Cli.Evaluation;

/// <summary>The five tables of an event challenge as rows to rank: each event that was shown to a user, with its features.</summary>
public static class ShownTables
{
    private const int LongestRow = 16 << 20;

    /// <summary>Reads a folder. Rows and cells that cannot be used are left out, as an import leaves them out; how many rows these are is told.</summary>
    /// <exception cref="CliException">A table is missing, is damaged, or nothing is shown in it; where, and what.</exception>
    public static async Task<(ShownRows Shown, long LeftOut)> Read(string path, CancellationToken cancellationToken)
    {
        var (shown, leftOut, _) = await Read(path, null, cancellationToken);
        return (shown, leftOut);
    }

    /// <summary>Reads a folder, and beside it another table of what was shown, to other users. Of users of both only what the other table says is taken.</summary>
    /// <param name="judged">A file like train.csv; null for none. All of its rows have to be usable: one that is not is refused with its line.</param>
    /// <returns>The rows of both, and which users are the other table's.</returns>
    /// <exception cref="CliException">A table is missing, is damaged, or nothing is shown in it; where, and what.</exception>
    public static async Task<(ShownRows Shown, long LeftOut, HashSet<ulong> Judged)> Read(string path, FileInfo? judged, CancellationToken cancellationToken)
    {
        var folder = TableFolder.Find(path);
        var shown = new ShownEvents();
        var leftOut = 0L;
        var others = new HashSet<ulong>();
        if (judged is not null)
        {
            var quality = new TableQuality(Layout.Train, judged.Name, rejects: null);
            await using var reader = new TrainTable(await TableFile.Open(judged, quality, LongestRow, _ => { }, cancellationToken), quality);
            while (await reader.Next(cancellationToken))
            {
                Refuse();
                others.Add(reader.UserId);
                Add(reader);
            }

            Refuse();
            if (others.Count == 0) throw new CliException(ExitCodes.Failed, $"{judged.FullName} shows nothing to anybody: there is nobody to judge by.");

            void Refuse()
            {
                if (quality.FirstRejected is { } wrong)
                    throw new CliException(ExitCodes.Failed, $"{judged.FullName}, line {wrong.Line}{(wrong.Column.Length == 0 ? "" : $", column {wrong.Column}")}: '{wrong.Value}' {wrong.Reason}.");
            }
        }

        var before = shown.Count;
        leftOut += await Each(folder, Layout.Train, (file, quality) => new TrainTable(file, quality), row =>
        {
            if (!others.Contains(row.UserId)) Add(row);
        }, cancellationToken);
        if (shown.Count == before) throw new CliException(ExitCodes.Failed, $"{folder[Layout.Train].FullName} shows nothing to anybody{(judged is null ? ": there is nothing to rank" : $" who is not in {judged.Name}: there is nothing to learn from")}.");
        leftOut += await Each(folder, Layout.Users, (file, quality) => new UsersTable(file, quality), row =>
        {
            if (shown.IsShownTo(row.User)) shown.AddUser(row.User, UserOf(row.Profile));
        }, cancellationToken);
        leftOut += await Each(folder, Layout.Friends, (file, quality) => new FriendsTable(file, quality), row =>
        {
            if (shown.IsShownTo(row.Id)) shown.AddFriends(row.Id, row.Friends);
        }, cancellationToken);
        leftOut += await Each(folder, Layout.Events, (file, quality) => new EventsTable(file, quality), row => shown.AddEvent(row.Event, EventOf(row), row.Creator), cancellationToken);
        leftOut += await Each(folder, Layout.Attendees, (file, quality) => new AttendeesTable(file, quality), row =>
            shown.AddAnswers(row.Id, row.Lists[0], row.Lists[1], row.Lists[2], row.Lists[3]), cancellationToken);
        return (shown.Build(), leftOut, others);

        void Add(TrainTable row) =>
            shown.AddShowing(row.UserId, row.Showing.Event, new DateTimeOffset(row.Showing.Ticks, TimeSpan.Zero), row.Showing.Invited, row.Showing.Interested, row.Showing.NotInterested);
    }

    private static RankedUser UserOf(Profile profile) => new()
    {
        Locale = profile.Locale ?? "",
        BirthYear = profile.BirthYear,
        Gender = profile.Gender ?? "",
        Timezone = profile.Timezone,
        Location = profile.Location ?? "",
    };

    private static RankedEvent EventOf(EventsTable row)
    {
        var traits = row.Traits.ToDictionary(trait => trait.Name, trait => trait.Value);
        return new RankedEvent
        {
            Start = row.Start,
            City = traits.GetValueOrDefault("city", ""),
            State = traits.GetValueOrDefault("state", ""),
            Country = traits.GetValueOrDefault("country", ""),
        };
    }

    private static async Task<long> Each<TReader>(
        TableFolder folder, string table, Func<TableFile, TableQuality, TReader> make, Action<TReader> take, CancellationToken cancellationToken)
        where TReader : TableReader
    {
        var quality = new TableQuality(table, folder[table].Name, rejects: null);
        await using var reader = make(await TableFile.Open(folder[table], quality, LongestRow, _ => { }, cancellationToken), quality);
        while (await reader.Next(cancellationToken)) take(reader);
        return quality.RejectedRows;
    }
}
