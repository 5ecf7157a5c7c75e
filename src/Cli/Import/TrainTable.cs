namespace Auie.Cli.Import;

/// <summary>train: which event was shown to whom and when, and whether they cared.</summary>
internal sealed class TrainTable(TableFile file, TableQuality quality) : TableReader(file, quality)
{
    private const int User = 0, Event = 1, Invited = 2, Timestamp = 3, Interested = 4, NotInterested = 5;

    private readonly HashSet<(ulong User, ulong Event, long Ticks)> _seen = [];

    public ulong UserId { get; private set; }

    public Showing Showing { get; private set; }

    protected override bool Take()
    {
        if (!NeedsId(User, out var user) || !NeedsId(Event, out var item) || !Needs(Timestamp, out var cell)) return false;
        if (!Cells.TryInstant(cell, out var at))
        {
            Quality.RejectRow(Timestamp, cell, Cells.NoInstant);
            return false;
        }

        if (!NeedsFlag(Invited, out var invited) || !NeedsFlag(Interested, out var interested) || !NeedsFlag(NotInterested, out var notInterested)) return false;
        if (interested && notInterested)
        {
            Quality.RejectRow("1,1"u8, "is both interested and not interested");
            return false;
        }

        if (!_seen.Add((user, item, at.UtcTicks)))
        {
            Quality.RejectRow(System.Text.Encoding.UTF8.GetBytes($"{user},{item}"), "is a repeated row: this event was shown to this user at this instant in an earlier one");
            return false;
        }

        UserId = user;
        Showing = new Showing(item, at.UtcTicks, invited, interested, notInterested);
        return true;
    }

    private bool NeedsFlag(int column, out bool flag)
    {
        flag = false;
        if (!Needs(column, out var cell)) return false;
        if (Cells.TryFlag(cell, out flag)) return true;
        Quality.RejectRow(column, cell, "is neither 0 nor 1");
        return false;
    }
}

/// <summary>An event as it was shown to a user.</summary>
/// <param name="Ticks">When, in ticks of UTC.</param>
internal readonly record struct Showing(ulong Event, long Ticks, bool Invited, bool Interested, bool NotInterested);
