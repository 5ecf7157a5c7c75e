namespace Auie.Cli.Import;

/// <summary>
/// Everybody of whom the tables say something of their own: a profile, a showing or a list of friends; with what fits in memory of them. Ids that
/// only others mention are not here, so memory grows with users and not with links.
/// </summary>
internal sealed class People
{
    private readonly Dictionary<ulong, Person> _byId = [];

    public IReadOnlyCollection<Person> All => _byId.Values;

    public Person? Find(ulong id) => _byId.GetValueOrDefault(id);

    public Person FindOrAdd(ulong id)
    {
        if (!_byId.TryGetValue(id, out var person)) _byId[id] = person = new Person(id);
        return person;
    }
}

/// <summary>Somebody of whom the tables say something of their own.</summary>
internal sealed class Person(ulong id)
{
    private List<Showing>? _showings;
    private List<GivenAnswer>? _answers;

    public ulong Id { get; } = id;

    /// <summary>Null where the table of users has no row.</summary>
    public Profile? Profile { get; set; }

    /// <summary>Whether their row of friends was among those that could be used.</summary>
    public bool HasFriendsRow { get; set; }

    public IReadOnlyList<Showing> Showings => _showings ?? [];

    public IReadOnlyList<GivenAnswer> Answers => _answers ?? [];

    public void Add(Showing showing) => (_showings ??= []).Add(showing);

    public void Add(GivenAnswer answer) => (_answers ??= []).Add(answer);
}

/// <summary>What a person said of an event, or that they were invited.</summary>
/// <param name="Kind">A place in <see cref="AttendeesTable.Kinds"/>.</param>
internal readonly record struct GivenAnswer(ulong Event, byte Kind);
