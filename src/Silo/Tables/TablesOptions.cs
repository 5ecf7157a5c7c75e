namespace Auie.Silo.Tables;

/// <summary>How large the tables are to be. The defaults are the size of the original ones; two sets of equal options have the same rows.</summary>
public sealed record TablesOptions
{
    /// <summary>The longest list that a row may hold, as in what reads the tables.</summary>
    public const int LongestList = 100_000;

    /// <summary>Every user who was shown anything was shown at least so many events.</summary>
    public const int FewestShown = 6;

    private const long MostUsers = 10_000_000, MostEvents = 100_000_000, MostFriends = 20_000, MostAnswers = 5_000;

    /// <summary>Rows of users.csv.</summary>
    public long Users { get; init; } = 38_209;

    /// <summary>Rows of events.csv.</summary>
    public long Events { get; init; } = 3_137_972;

    /// <summary>Ids in the lists of event_attendees.csv: yes, maybe, invited, no.</summary>
    public long Answers { get; init; } = 11_200_000;

    /// <summary>Ids in the lists of user_friends.csv.</summary>
    public long FriendLinks { get; init; } = 30_400_000;

    /// <summary>Rows of train.csv.</summary>
    public long TrainRows { get; init; } = 15_398;

    public long Seed { get; init; } = 1;

    /// <summary>Write CSV as it is, not gzipped.</summary>
    public bool Plain { get; init; }

    /// <summary>Every count times a factor, rounded, and 1 where that would be none.</summary>
    public TablesOptions Scaled(double factor)
    {
        return this with
        {
            Users = Times(Users), Events = Times(Events), Answers = Times(Answers), FriendLinks = Times(FriendLinks), TrainRows = Times(TrainRows),
        };

        long Times(long count) => count == 0 ? 0 : (long)Math.Clamp(Math.Round(count * factor), 1, long.MaxValue / 2);
    }

    /// <exception cref="InvalidDataException">A count is out of its limits, or too large beside another.</exception>
    public void Check()
    {
        InRange("--users", Users, 1, MostUsers, "");
        InRange("--events", Events, 1, MostEvents, "");
        InRange("--answers", Answers, 0, Events * MostAnswers, $", {MostAnswers:N0} an event");
        InRange("--friend-links", FriendLinks, 0, Users * MostFriends, $", {MostFriends:N0} a user");
        InRange("--train-rows", TrainRows, 0, Users * Math.Min(FewestShown, Events), $", {Math.Min(FewestShown, Events)} a user");
    }

    private static void InRange(string name, long count, long least, long most, string because)
    {
        if (count < least || count > most)
            throw new InvalidDataException($"{name} is {count:N0}; it may be from {least:N0} to {most:N0}{because}.");
    }
}
