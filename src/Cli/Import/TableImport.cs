using System.Globalization;
using Auie.Client.Http;

namespace Auie.Cli.Import;

/// <summary>Sends checked tables: items first, then users, all that is known of one user together.</summary>
internal sealed class TableImport(CheckedTables tables, AuieHttpClient engine, ImportOptions options, BulkSender sender)
{
    /// <summary>Longer lists are told by several events.</summary>
    private const int LongestList = 20_000;

    public async Task SendItems(CancellationToken cancellationToken)
    {
        using var batch = new BatchWriter(sender, "items", options.BatchBytes, engine.ImportItems);
        await using (var events = await tables.Reopen(Layout.Events, (file, quality) => new EventsTable(file, quality), cancellationToken))
        {
            while (await events.Next(cancellationToken))
            {
                Write(batch, events);
                await batch.EndEvent();
                await batch.EndSubject(facts: 1);
            }
        }

        await using var attendees = await tables.Reopen(Layout.Attendees, (file, quality) => new AttendeesTable(file, quality), cancellationToken);
        while (await attendees.Next(cancellationToken))
        {
            await Write(batch, attendees);
            await batch.EndSubject(facts: 1 + attendees.Answers);
        }

        await batch.Finish();
    }

    public async Task SendUsers(CancellationToken cancellationToken)
    {
        using var batch = new BatchWriter(sender, "events", options.BatchBytes, engine.ImportUsers);
        await using (var friends = await tables.Reopen(Layout.Friends, (file, quality) => new FriendsTable(file, quality), cancellationToken))
        {
            while (await friends.Next(cancellationToken))
            {
                // Everybody with a row was met when it was checked, so this is another table.
                var person = tables.People.Find(friends.Id) ?? throw tables.Changed(Layout.Friends);
                await Write(batch, person, friends.Friends);
            }
        }

        foreach (var person in tables.People.All)
        {
            if (!person.HasFriendsRow) await Write(batch, person, null);
        }

        await batch.Finish();
    }

    private static void Write(BatchWriter batch, EventsTable row)
    {
        batch.BeginEvent("itemId"u8, row.Event, Layout.Events, BatchWriter.Undated);
        batch.Json.WriteStartObject("traits"u8);
        batch.Json.WriteString("kind"u8, "event"u8);
        if (row.Creator is { } creator) batch.Id("creator"u8, creator);
        if (row.Start is { } start) batch.Json.WriteString("start"u8, start);
        foreach (var (name, value) in row.Traits) batch.Json.WriteString(name, value);
        batch.Json.WriteEndObject();
    }

    private static async ValueTask Write(BatchWriter batch, AttendeesTable row)
    {
        var part = 0;
        for (var kind = 0; kind < row.Lists.Length; kind++)
        {
            foreach (var some in row.Lists[kind].Chunk(LongestList))
            {
                batch.BeginEvent("itemId"u8, row.Id, Part(Layout.Attendees, part++), BatchWriter.Undated);
                batch.Ids(AttendeesTable.Kinds[kind], some);
                await batch.EndEvent();
            }
        }
    }

    private static async ValueTask Write(BatchWriter batch, Person person, List<ulong>? friends)
    {
        var joined = person.Profile?.JoinedAt ?? BatchWriter.Undated;
        if (person.Profile is { } profile)
        {
            Begin(batch, person, Layout.Users, "identify", joined);
            Write(batch, profile);
            await batch.EndEvent();
        }

        if (friends is not null) await WriteFriends(batch, person, friends, joined);
        await WriteShowings(batch, person);
        foreach (var answer in person.Answers)
        {
            var kind = AttendeesTable.Kinds[answer.Kind];
            Begin(batch, person, $"{Layout.Attendees}:{answer.Event}:{kind}", kind, BatchWriter.Undated);
            batch.Id("item"u8, answer.Event);
            await batch.EndEvent();
        }

        // Answers are facts of their items, and counted there.
        await batch.EndSubject((person.Profile is null ? 0 : 1) + person.Showings.Count + (friends is null ? 0 : 1 + friends.Count));
    }

    private static void Write(BatchWriter batch, Profile profile)
    {
        batch.Json.WriteStartObject("traits"u8);
        if (profile.BirthYear is { } year) batch.Json.WriteString("birthyear"u8, year.ToString(CultureInfo.InvariantCulture));
        if (profile.Gender is { } gender) batch.Json.WriteString("gender"u8, gender);
        if (profile.Locale is { } locale) batch.Json.WriteString("locale"u8, locale);
        if (profile.Location is { } location) batch.Json.WriteString("location"u8, location);
        if (profile.Timezone is { } minutes) batch.Json.WriteString("timezone"u8, minutes.ToString(CultureInfo.InvariantCulture));
        if (profile.JoinedAt is { } joinedAt) batch.Json.WriteString("joinedAt"u8, joinedAt);
        batch.Json.WriteEndObject();
    }

    private static async ValueTask WriteFriends(BatchWriter batch, Person person, List<ulong> friends, DateTimeOffset joined)
    {
        var part = 0;
        foreach (var some in friends.Chunk(LongestList))
        {
            Begin(batch, person, Part(Layout.Friends, part++), "friends", joined);
            batch.Ids("friendsAdded", some);
            await batch.EndEvent();
        }
    }

    // An invitation is one however often the event was shown with it, and whether the list of the invited has it too.
    private static async ValueTask WriteShowings(BatchWriter batch, Person person)
    {
        if (person.Showings.Count == 0) return;
        var offset = TimeSpan.FromMinutes(person.Profile?.Timezone ?? 0);
        var invited = person.Answers.Where(answer => AttendeesTable.Kinds[answer.Kind] == "invited").Select(answer => answer.Event).ToHashSet();
        foreach (var showing in person.Showings.OrderBy(one => one.Ticks).ThenBy(one => one.Event))
        {
            var at = new DateTimeOffset(showing.Ticks, TimeSpan.Zero).ToOffset(offset);
            await WriteShowing(batch, person, showing, "shown", at);
            if (showing.Interested) await WriteShowing(batch, person, showing, "interested", at);
            if (showing.NotInterested) await WriteShowing(batch, person, showing, "not_interested", at);
            if (showing.Invited && invited.Add(showing.Event)) await WriteShowing(batch, person, showing, "invited", at);
        }
    }

    private static ValueTask WriteShowing(BatchWriter batch, Person person, Showing showing, string kind, DateTimeOffset at)
    {
        Begin(batch, person, $"{Layout.Train}:{showing.Event}:{showing.Ticks}:{kind}", kind, at);
        batch.Id("item"u8, showing.Event);
        return batch.EndEvent();
    }

    private static void Begin(BatchWriter batch, Person person, string messageId, string kind, DateTimeOffset at)
    {
        batch.BeginEvent("userId"u8, person.Id, messageId, at);
        batch.Json.WriteString("kind"u8, kind);
    }

    private static string Part(string table, int part) => part == 0 ? table : $"{table}:{part + 1}";
}
