using System.Globalization;
using Auie.Abstractions;

namespace Auie.Silo.Demo;

/// <summary>
/// A world to try the engine on: users of five overlapping kinds with friends, a catalogue, and what the users did in 2012, as the events
/// that a platform would send. A user's part is made when it is asked for, and does not depend on what was asked for before; any number
/// of threads may ask. The same options give the same world, byte for byte, on every machine.
/// </summary>
public sealed class DemoWorld
{
    private readonly DemoOptions options;
    private readonly DemoObservations observations;
    private readonly DemoCalendar calendar;
    private readonly Lazy<DemoCatalogue> catalogue;
    private readonly Lazy<DemoProfile[]> profiles;
    private readonly Lazy<DemoFriends> friends;
    private readonly Lazy<DemoInteractions> interactions;

    /// <exception cref="ArgumentException">There are no users, or no kind has the name to leave out.</exception>
    public DemoWorld(DemoOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Users, 1);
        if (options.Without is not null && DemoKind.All.All(kind => kind.Name != options.Without))
            throw new ArgumentException($"There is no kind '{options.Without}' to leave out.", nameof(options));
        this.options = options;
        observations = new(options);
        Truth = new() { KindOfUser = [.. Enumerable.Range(0, options.Users).Select(observations.KindOf)] };
        calendar = new(Truth);
        catalogue = new(() => new(options, Truth, UserId));
        profiles = new(() => [.. Enumerable.Range(0, options.Users).Select(user =>
            DemoProfile.Draw(options.Seed, user, observations.Of(user).BirthYear, calendar))]);
        friends = new(() => new(options.Seed, [.. Enumerable.Range(0, options.Users).Select(FriendsOf)]));
        interactions = new(() => new(
            options, Truth, catalogue.Value, calendar, friends.Value, new(options, Truth, catalogue.Value, observations, profiles.Value)));
    }

    /// <summary>How many users have a profile; their numbers are 0 to this less 1.</summary>
    public int Users => options.Users;

    /// <summary>What is planted.</summary>
    public DemoTruth Truth { get; }

    /// <summary>Events and products; what <see cref="UserEvent.Item"/> names.</summary>
    public IReadOnlyList<DemoItem> Items => catalogue.Value.Items;

    /// <summary>What is known of every item, as a platform would send it before anybody sees one.</summary>
    public IEnumerable<ItemEvent> ItemEvents() => Items.Select(item =>
    {
        var traits = new Dictionary<string, string>
        {
            ["kind"] = item.Type == DemoItemType.Event ? "event" : "product",
            ["title"] = item.Title,
            ["category"] = item.Category,
            ["price"] = (item.Price / 10_000m).ToString(CultureInfo.InvariantCulture),
        };
        Add("stock", item.Stock?.ToString(CultureInfo.InvariantCulture));
        Add("city", item.Place);
        Add("lat", item.Latitude?.ToString(CultureInfo.InvariantCulture));
        Add("lng", item.Longitude?.ToString(CultureInfo.InvariantCulture));
        Add("start", item.Start?.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture));
        Add("creator", item.Creator);
        return new ItemEvent { ItemId = item.Id, MessageId = "traits", At = new DateTimeOffset(DemoCalendar.TicksAt(0, 0), TimeSpan.Zero), Traits = traits };

        void Add(string name, string? value)
        {
            if (value is not null) traits.Add(name, value);
        }
    });

    /// <summary>The id under which a user is sent. Friends without a profile have ids of another form.</summary>
    public static string UserId(int user) => "u" + user.ToString("D6", CultureInfo.InvariantCulture);

    public DemoKind KindOf(int user) => Truth.Kinds[Truth.KindOfUser[user]];

    /// <summary>What the user's events add up to.</summary>
    public DemoObservation Observe(int user) => observations.Of(user);

    /// <summary>The friends of a user who are users of the world themselves; each has the other in the list.</summary>
    public ReadOnlySpan<int> KnownFriends(int user) => friends.Value.Known(user);

    /// <summary>
    /// Everything that the user sends, in the order of time: the profile, all friends at once, and the interactions. A user who was seen
    /// before they were known has events with an anonymous id first; the profile that follows carries it too and so links them.
    /// </summary>
    public UserEvent[] EventsOf(int user)
    {
        var observed = observations.Of(user);
        var profile = profiles.Value[user];
        var id = UserId(user);
        var anonymousId = profile.SeenAnonymously ? "anonymous-" + user.ToString(CultureInfo.InvariantCulture) : null;
        var done = interactions.Value.Of(user, Truth.KindOfUser[user], observed, profile);
        var events = new List<UserEvent>(done.Count + 2);

        string NextMessageId() => id + "-" + events.Count.ToString(CultureInfo.InvariantCulture);
        void AddInteraction(in DemoInteraction interaction, string? anonymous) => events.Add(new()
        {
            UserId = id,
            MessageId = NextMessageId(),
            Kind = interaction.Kind,
            At = At(interaction.Ticks, profile),
            AnonymousId = anonymous,
            Item = Items[interaction.Item].Id,
            Platform = interaction.Platform,
            Amount = interaction.Amount,
        });

        // A stable sort: what happens at one instant stays in the order in which it was drawn.
        var ordered = done.OrderBy(interaction => interaction.Ticks).ToArray();
        var before = Array.FindIndex(ordered, interaction => interaction.Ticks >= profile.Joined);
        if (before < 0) before = ordered.Length;
        foreach (var interaction in ordered.AsSpan(0, before)) AddInteraction(interaction, anonymousId);
        events.Add(new()
        {
            UserId = id,
            MessageId = NextMessageId(),
            Kind = "identify",
            At = At(profile.Joined, profile),
            AnonymousId = anonymousId,
            Traits = profile.Traits,
        });
        events.Add(new()
        {
            UserId = id,
            MessageId = NextMessageId(),
            Kind = "friends",
            At = At(profile.Joined + TimeSpan.TicksPerMinute, profile),
            FriendsAdded = friends.Value.Listed(user, observed.Friends, UserId),
            OneSided = true,
        });
        foreach (var interaction in ordered.AsSpan(before)) AddInteraction(interaction, null);
        return [.. events];
    }

    /// <summary>
    /// For every user the kind that is likeliest, by Bayes' rule over the planted densities, given only what <see cref="Observe"/> gives:
    /// no method that sees no more than that can agree better with the planted kinds, on average.
    /// </summary>
    public int[] BayesAssignment() => [.. Enumerable.Range(0, Users).Select(user => observations.LikeliestKind(observations.Of(user)))];

    /// <summary>What clustering sees of this world.</summary>
    public DemoTable FeatureTable()
    {
        string[] columns = ["birthyear", "friends_count", "interested", "not_interested"];
        var values = new double[Users * columns.Length];
        for (var user = 0; user < Users; user++)
        {
            var observed = observations.Of(user);
            var row = values.AsSpan(user * columns.Length);
            row[0] = observed.BirthYear ?? double.NaN;
            row[1] = observed.Friends;
            row[2] = observed.Interested / (double)observed.Shown;
            row[3] = observed.NotInterested / (double)observed.Shown;
        }

        return new(columns, values, [.. Truth.KindOfUser]);
    }

    private int FriendsOf(int user) => observations.FriendsOf(user, Truth.KindOfUser[user]);

    private static DateTimeOffset At(long ticks, DemoProfile profile)
    {
        var offset = TimeSpan.FromMinutes(profile.OffsetMinutes);
        return new(ticks + offset.Ticks, offset);
    }
}
