namespace Auie.Cli.Import;

/// <summary>A table of lists of people, separated by spaces, one list or several a row, of an event or a user that comes once.</summary>
internal abstract class ListTable(TableFile file, TableQuality quality) : TableReader(file, quality)
{
    private const int Owner = 0;

    private readonly IdSet _owners = new();

    /// <summary>Whose row it is.</summary>
    public ulong Id { get; private set; }

    protected override bool Take()
    {
        if (!NeedsId(Owner, out var id)) return false;
        if (!_owners.Add(id))
        {
            Quality.RejectRow(Owner, Cell(Owner), Repeated);
            return false;
        }

        Id = id;
        TakeLists();
        return true;
    }

    protected abstract void TakeLists();

    /// <summary>Reads a list; who is in <paramref name="seen"/> already is rejected as <paramref name="twice"/> says.</summary>
    protected void Read(int column, List<ulong> list, IdSet seen, string twice)
    {
        list.Clear();
        if (!IsThere(column, out var cell)) return;
        foreach (var range in cell.Split((byte)' '))
        {
            var one = cell[range];
            if (one.IsEmpty) continue;
            if (!Cells.TryId(one, out var id)) Quality.Reject(column, one, Cells.NoId);
            else if (!seen.Add(id)) Quality.Reject(column, one, twice);
            else list.Add(id);
        }
    }

    /// <summary>The list in the cell is no longer than this.</summary>
    protected int Longest(int column) => Cell(column).Count((byte)' ') + 1;
}

/// <summary>user_friends: whom each user knows.</summary>
internal sealed class FriendsTable(TableFile file, TableQuality quality) : ListTable(file, quality)
{
    private const int List = 1;

    private readonly IdSet _seen = new();

    public List<ulong> Friends { get; } = [];

    /// <summary>Counts users whose list is missing because they have no row.</summary>
    public void MissRows(long users) => Quality.Missing(List, users);

    protected override void TakeLists()
    {
        _seen.Clear(Longest(List));
        _seen.Add(Id);
        Read(List, Friends, _seen, "is in the list already, or the user's own id");
    }
}

/// <summary>event_attendees: who answered yes, maybe or no to each event, and who was invited.</summary>
internal sealed class AttendeesTable(TableFile file, TableQuality quality) : ListTable(file, quality)
{
    private readonly IdSet _answered = new(), _invited = new();

    /// <summary>The kinds of lists, by the names that events about users have.</summary>
    public static readonly string[] Kinds = ["yes", "maybe", "invited", "no"];

    private const int Invited = 2;

    /// <summary>The list of each of <see cref="Kinds"/>.</summary>
    public List<ulong>[] Lists { get; } = [[], [], [], []];

    public long Answers => Lists.Sum(list => (long)list.Count);

    protected override void TakeLists()
    {
        _answered.Clear(Longest(1) + Longest(2) + Longest(4));
        _invited.Clear(Longest(3));
        for (var kind = 0; kind < Kinds.Length; kind++)
        {
            if (kind == Invited) Read(kind + 1, Lists[kind], _invited, "is in the list already");
            else Read(kind + 1, Lists[kind], _answered, "answered this event already, in this list or in one before it");
        }
    }
}
