using System.CommandLine;
using System.Globalization;

namespace Auie.Silo.Tables;

/// <summary>`tables`: writes tables to import, in the layout of the Event Recommendation Engine Challenge.</summary>
public static class TablesCommand
{
    public static Command Create()
    {
        var original = new TablesOptions();
        var folder = new Argument<string>("DIR") { Description = "The folder to write to; it must hold none of the tables." };
        var users = Count("--users", "Rows of users.csv.", original.Users);
        var events = Count("--events", "Rows of events.csv.", original.Events);
        var answers = Count("--answers", "Ids in the lists of event_attendees.csv.", original.Answers);
        var links = Count("--friend-links", "Ids in the lists of user_friends.csv.", original.FriendLinks);
        var rows = Count("--train-rows", "Rows of train.csv.", original.TrainRows);
        var seed = Count("--seed", "The same seed makes the same tables.", original.Seed);
        var scale = new Option<double>("--scale") { Description = "Every count times this.", DefaultValueFactory = _ => 1, HelpName = "FACTOR" };
        scale.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var factor) && !(factor is > 0 and <= 1_000))
                result.AddError("--scale is a number above 0, up to 1,000.");
        });
        var plain = new Option<bool>("--plain") { Description = "Write CSV as it is, not gzipped." };
        var command = new Command("tables", """
            Writes five tables of made-up people to import, as large as the original ones unless told otherwise (1.3 GB plain).

            Examples:
              dotnet run -c Release --project src/Silo -- tables ./tables
              dotnet run -c Release --project src/Silo -- tables ./small --scale 0.01
            """) { folder, users, events, answers, links, rows, seed, scale, plain };
        command.SetAction((parsed, cancellationToken) => RunCommand.Guard(async () =>
        {
            var options = new TablesOptions
            {
                Users = parsed.GetValue(users),
                Events = parsed.GetValue(events),
                Answers = parsed.GetValue(answers),
                FriendLinks = parsed.GetValue(links),
                TrainRows = parsed.GetValue(rows),
                Seed = parsed.GetValue(seed),
                Plain = parsed.GetValue(plain),
            };
            var tables = new EventChallengeTables(options.Scaled(parsed.GetValue(scale)));
            await tables.WriteAsync(parsed.GetRequiredValue(folder), (path, count) => Console.WriteLine($"{path}: {count:N0} rows, {new FileInfo(path).Length / 1e6:N1} MB"),
                cancellationToken);
            return 0;
        }));
        return command;
    }

    private static Option<long> Count(string name, string description, long otherwise) =>
        new(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = "N" };
}
