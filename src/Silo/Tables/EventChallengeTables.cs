using System.Globalization;
using Auie.Silo.Demo;

namespace Auie.Silo.Tables;

/// <summary>
/// Writes five tables in the layout of the Event Recommendation Engine Challenge (Kaggle, 2013) about people of the demo's planted kinds,
/// with the gaps and the garbage of the original, row after row.
/// </summary>
internal sealed class EventChallengeTables
{
    // Shares and forms as in the original tables.
    private const double MeanAnswers = 464, KnownFriends = .039, KnownAnswers = .021, Invited = .042;
    private const double SaidYes = .073, SaidMaybe = .043, SaidNo = .037;
    private const double NoStart = .1, NoCity = .5, NoCountry = .2, NoZip = .85;
    private const double SpreadOfAnswers = 1.7, LongestTail = 75;
    private const int MentionsOfReference = 10, RowsOfShown = 4, WordColumns = 100, MostOtherWords = 60;

    private static readonly string[] Names = ["users.csv", "user_friends.csv", "events.csv", "event_attendees.csv", "train.csv"];

    private readonly TablesOptions _options;
    private readonly DemoObservations _observations;
    private readonly DemoCalendar _calendar = new(new DemoTruth { KindOfUser = [] });
    private readonly TablePeople _people;
    private readonly int _users, _attended;
    private readonly long _friendWeights, _answerWeights;
    private readonly uint _eventKey;

    /// <exception cref="InvalidDataException">A count is out of its limits.</exception>
    public EventChallengeTables(TablesOptions options)
    {
        options.Check();
        _options = options;
        _users = (int)options.Users;
        _observations = new(new DemoOptions { Users = _users, Seed = options.Seed });
        _attended = (int)Math.Clamp(Math.Ceiling(options.Answers / MeanAnswers), 1, options.Events);
        _eventKey = (uint)new DemoRandom(options.Seed, DemoStream.Item, -1).NextBits();

        long heaviestFriends = 0, heaviestAnswers = 0;
        for (var user = 0; user < _users; user++)
        {
            _friendWeights += FriendWeight(user);
            heaviestFriends = Math.Max(heaviestFriends, FriendWeight(user));
        }

        for (var item = 0; item < _attended; item++)
        {
            _answerWeights += AnswerWeight(item);
            heaviestAnswers = Math.Max(heaviestAnswers, AnswerWeight(item));
        }

        var longest = 1 + Math.Max(Longest("--friend-links", options.FriendLinks, heaviestFriends, _friendWeights),
            Longest("--answers", options.Answers, heaviestAnswers, _answerWeights));
        _people = new(options.Seed, _users, (int)Math.Max(longest, Math.Min(int.MaxValue / 2, (options.FriendLinks + options.Answers) / MentionsOfReference)));
    }

    /// <summary>Writes the tables to a folder, which is made if it is not there and must hold none of them.</summary>
    /// <param name="told">Told of each table: its path and its rows.</param>
    /// <exception cref="InvalidDataException">The folder holds such a table.</exception>
    public async Task WriteAsync(string folder, Action<string, long> told, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in Names)
        {
            // A table in either form is one that whoever reads the folder may take for one of these.
            foreach (var path in new[] { TableFile.PathOf(folder, name, plain: true), TableFile.PathOf(folder, name, plain: false) })
            {
                if (File.Exists(path)) throw new InvalidDataException($"'{path}' is there already; name another folder, or remove it.");
            }
        }

        var next = 0;
        await Write(Users, "user_id", "locale", "birthyear", "gender", "joinedAt", "location", "timezone");
        await Write(Friends, "user", "friends");
        await Write(Events,
        [
            "event_id", "user_id", "start_time", "city", "state", "zip", "country", "lat", "lng",
            .. Enumerable.Range(1, WordColumns).Select(word => $"c_{word}"), "c_other",
        ]);
        await Write(Attendees, "event", "yes", "maybe", "invited", "no");
        await Write(Train, "user", "event", "invited", "timestamp", "interested", "not_interested");

        async Task Write(Func<TableFile, CancellationToken, Task> rows, params string[] columns)
        {
            await using var table = new TableFile(folder, Names[next++], _options.Plain, columns);
            await rows(table, cancellationToken);
            var (path, count) = await table.Keep(cancellationToken);
            told(path, count);
        }
    }

    private async Task Users(TableFile table, CancellationToken cancellationToken)
    {
        for (var user = 0; user < _users; user++)
        {
            var traits = ProfileOf(user).Traits;
            table.Csv.Number(_people.IdOf(user));
            foreach (var trait in (string[])["locale", "birthyear", "gender", "joinedAt", "location", "timezone"])
                table.Csv.Text(traits.GetValueOrDefault(trait));
            await table.EndRow(cancellationToken);
        }
    }

    private async Task Friends(TableFile table, CancellationToken cancellationToken)
    {
        var lengths = new Apportionment(_options.FriendLinks, _friendWeights);
        var list = new uint[TablesOptions.LongestList];
        for (var user = 0; user < _users; user++)
        {
            var count = lengths.Next(FriendWeight(user));
            if (count == 0) continue;
            var random = new DemoRandom(_options.Seed, DemoStream.Links, user);
            _people.Fill(list.AsSpan(0, count), KnownFriends, user, ref random);
            table.Csv.Number(_people.IdOf(user));
            table.Ids(list.AsSpan(0, count));
            await table.EndRow(cancellationToken);
        }
    }

    private async Task Events(TableFile table, CancellationToken cancellationToken)
    {
        for (var item = 0; item < _options.Events; item++)
        {
            WriteEvent(table, item);
            await table.EndRow(cancellationToken);
        }
    }

    private void WriteEvent(TableFile table, int item)
    {
        var random = new DemoRandom(_options.Seed, DemoStream.Item, item);
        var creator = new uint[1];
        _people.Fill(creator, KnownFriends, -1, ref random);
        table.Csv.Number(EventId(item));
        table.Csv.Number(creator[0]);
        var start = DemoCalendar.TicksAt(random.Below(DemoCalendar.EventDays), random.Below(96) * (TimeSpan.TicksPerHour / 4));
        table.Csv.Text(random.Chance(NoStart) ? null : new DateTime(start, DateTimeKind.Utc).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));

        var (_, home) = DemoPlaces.DrawHome(ref random);
        var place = DemoPlaces.Cities[home];
        var parts = place.Name.Split("  ");
        var hasCity = !random.Chance(NoCity);
        table.Csv.Text(hasCity ? parts[0] : null);
        table.Csv.Text(null);
        table.Csv.Text(hasCity && !random.Chance(NoZip) ? random.Below(100_000).ToString("D5", CultureInfo.InvariantCulture) : null);
        table.Csv.Text(hasCity && !random.Chance(NoCountry) ? parts[^1] : null);
        table.Csv.Number(hasCity ? Math.Round(place.Latitude, 3) : double.NaN);
        table.Csv.Number(hasCity ? Math.Round(place.Longitude, 3) : double.NaN);

        // Most words don't occur: four bits decide on each, sixteen words a draw.
        var bits = 0UL;
        for (var word = 0; word < WordColumns; word++)
        {
            bits = word % 16 == 0 ? random.NextBits() : bits >> 4;
            table.Csv.Number((bits & 15) switch { 0 => 2, 1 or 2 => 1, _ => 0L });
        }

        table.Csv.Number(random.Below(MostOtherWords));
    }

    private async Task Attendees(TableFile table, CancellationToken cancellationToken)
    {
        var lengths = new Apportionment(_options.Answers, _answerWeights);
        var list = new uint[TablesOptions.LongestList];
        for (var item = 0; item < _attended; item++)
        {
            var count = lengths.Next(AnswerWeight(item));
            var random = new DemoRandom(_options.Seed, DemoStream.Attendance, item);
            _people.Fill(list.AsSpan(0, count), KnownAnswers, -1, ref random);
            // Around the mean, from none to twice it.
            var yes = (int)(count * SaidYes * 2 * random.NextDouble());
            var maybe = yes + (int)(count * SaidMaybe * 2 * random.NextDouble());
            var no = maybe + (int)(count * SaidNo * 2 * random.NextDouble());
            table.Csv.Number(EventId(item));
            table.Ids(list.AsSpan(0, yes));
            table.Ids(list.AsSpan(yes..maybe));
            table.Ids(list.AsSpan(no..count));
            table.Ids(list.AsSpan(maybe..no));
            await table.EndRow(cancellationToken);
        }
    }

    private async Task Train(TableFile table, CancellationToken cancellationToken)
    {
        var left = _options.TrainRows;
        for (var user = 0; user < _users && left > 0; user++)
        {
            var observed = _observations.Of(user);
            var profile = ProfileOf(user);
            var random = new DemoRandom(_options.Seed, DemoStream.Impressions, user);
            var rows = (int)Math.Min(left, Math.Min(_options.Events, observed.Shown / RowsOfShown));
            left -= rows;
            var (shown, interested, notInterested) = (observed.Shown, observed.Interested, observed.NotInterested);
            var items = new Walk((int)Math.Max(rows, Math.Min(_options.Events, _attended)), ref random);
            var timestamp = "";
            for (var (row, onPage) = (0, 0); row < rows; row++, onPage--)
            {
                if (onPage == 0)
                {
                    var at = new DateTime(_calendar.DrawActivity(ref random, profile.Joined, profile.OffsetMinutes), DateTimeKind.Utc);
                    timestamp = at.ToString("yyyy-MM-dd HH:mm:ss.ffffff'+00:00'", CultureInfo.InvariantCulture);
                    onPage = 4 + random.Below(3);
                }

                // Drawn without putting back from what the user answered to all that was shown.
                var answer = random.Below(shown--);
                var (likes, dislikes) = (answer < interested, answer >= interested && answer < interested + notInterested);
                if (likes) interested--;
                if (dislikes) notInterested--;
                table.Csv.Number(_people.IdOf(user));
                table.Csv.Number(EventId(items.Next()));
                table.Csv.Number(random.Chance(Invited) ? 1L : 0);
                table.Csv.Text(timestamp);
                table.Csv.Number(likes ? 1L : 0);
                table.Csv.Number(dislikes ? 1L : 0);
                await table.EndRow(cancellationToken);
            }
        }
    }

    private DemoProfile ProfileOf(int user) => DemoProfile.Draw(_options.Seed, user, _observations.Of(user).BirthYear, _calendar);

    private uint EventId(int item) => TablePeople.Scramble((uint)item, _eventKey);

    private long FriendWeight(int user) => _observations.FriendsOf(user, _observations.KindOf(user));

    // Log-normal but for its ends: twelve uniform draws come near enough to a normal one, and are the same on every machine.
    private long AnswerWeight(int item)
    {
        var random = new DemoRandom(_options.Seed, DemoStream.Attendance, -1 - (long)item);
        var normal = -6.0;
        for (var i = 0; i < 12; i++) normal += random.NextDouble();
        return 1 + (long)(1_000 * Math.Min(LongestTail, PortableMath.Exp(SpreadOfAnswers * normal)));
    }

    private static long Longest(string option, long whole, long heaviest, long weights)
    {
        var longest = (long)((Int128)whole * heaviest / Math.Max(1, weights)) + 1;
        return longest <= TablesOptions.LongestList
            ? longest
            : throw new InvalidDataException($"{option} of {whole:N0} makes a list of {longest:N0} ids; the longest may have {TablesOptions.LongestList:N0}.");
    }
}
