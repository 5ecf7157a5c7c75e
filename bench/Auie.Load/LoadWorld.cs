using Auie.Abstractions;

namespace Auie.Load;

/// <summary>
/// The messages of a load: each follows from its number alone, so that whoever has the numbers of those that were acknowledged knows what the
/// server has to hold.
/// </summary>
public sealed class LoadWorld(LoadOptions options)
{
    private const int Items = 2_000;
    private const string Visitor = "anonymous:";

    private static readonly DateTimeOffset Begin = new(2026, 1, 5, 8, 0, 0, TimeSpan.Zero);

    /// <summary>Of a hundred events how many are of which kind.</summary>
    private static readonly (string Kind, int Share)[] Mix =
    [
        ("viewed", 30), ("shown", 25), ("interested", 14), ("purchased", 6), ("not_interested", 5), ("yes", 4), ("identify", 4), ("friends", 4),
        ("invited", 2), ("maybe", 2), ("no", 2), ("other", 2),
    ];

    private static readonly string[] Kinds = [.. Mix.SelectMany(kind => Enumerable.Repeat(kind.Kind, kind.Share))];

    private static readonly int[] UtcOffsets = [-480, -300, 0, 60, 120, 330];

    /// <summary>The id of a user by number.</summary>
    public string UserId(int user) => $"{options.Prefix}{user:D6}";

    /// <summary>The id under which a user was seen before they were known.</summary>
    public string AnonymousId(int user) => $"{options.Prefix}v{user:D6}";

    /// <summary>The id of the user that what a visitor did is kept under while nobody knows who they are.</summary>
    public string VisitorId(int user) => Visitor + AnonymousId(user);

    /// <summary>The message of a number.</summary>
    public UserEvent EventOf(long number)
    {
        var draw = new Draw(options.Seed, number);
        var user = draw.Below(options.Users);
        var kind = draw.Of<string>(Kinds);
        var anonymous = draw.Share() < options.Anonymous;
        // Late ones and early ones, and now and then several of one instant.
        var at = Begin.AddSeconds(number / 50).AddMilliseconds(draw.Below(4) == 0 ? 0 : draw.Below(1_000)).AddMinutes(draw.Below(20) == 0 ? -draw.Below(10_000) : 0);
        var @event = new UserEvent
        {
            UserId = anonymous && kind is not ("identify" or "friends") ? VisitorId(user) : UserId(user),
            MessageId = $"{options.Prefix}{options.Seed}-{number:x}",
            Kind = kind,
            At = at.ToOffset(TimeSpan.FromMinutes(UtcOffsets[user % UtcOffsets.Length])),
            Platform = draw.Below(10) switch { < 4 => "web", < 6 => "ios", < 8 => "android", 8 => "email", _ => null },
            Channel = draw.Below(3) switch { 0 => "browser", 1 => "mobile", _ => null },
        };
        if (options.Requests == Requests.Tracking)
        {
            // There a browser's channel says which platform it is, and nothing else of ours does.
            var (channel, platform) = draw.Of<(string?, string?)>([("browser", "web"), ("email", "email"), (null, null)]);
            @event = @event with { Channel = channel, Platform = platform };
        }

        return kind switch
        {
            "identify" => @event with { Traits = TraitsOf(user, ref draw), AnonymousId = anonymous ? AnonymousId(user) : null },
            "friends" => WithFriends(@event, user, ref draw),
            "viewed" when draw.Below(5) == 0 => @event,
            "purchased" => @event with { Item = Item(ref draw), Amount = draw.Below(2_000_000) },
            "other" => @event with { Name = draw.Of<string>(["Song Played", "Form Sent", "Search"]), Item = draw.Below(2) == 0 && options.Requests != Requests.Tracking ? Item(ref draw) : null },
            _ => @event with { Item = Item(ref draw) },
        };
    }

    /// <summary>Another message under the id of a message: of another time.</summary>
    public UserEvent ImpostorOf(long number)
    {
        var @event = EventOf(number);
        return @event with { At = @event.At.AddMinutes(1) };
    }

    private UserEvent WithFriends(UserEvent @event, int user, ref Draw draw)
    {
        var friends = new HashSet<int>();
        for (var many = 1 + draw.Below(6); many > 0; many--)
        {
            // Near ones, so that what is added is now and then removed again, and the other way round.
            if ((user + 1 + draw.Below(40)) % options.Users is var friend && friend != user)
                friends.Add(friend);
        }

        string[] ids = [.. friends.Select(UserId)];
        var removed = draw.Below(4) > 0 ? 0 : options.Requests == Requests.Tracking ? ids.Length : ids.Length / 2;
        return @event with
        {
            FriendsAdded = ids.Length > removed ? ids[removed..] : null,
            FriendsRemoved = removed > 0 ? ids[..removed] : null,
            OneSided = !options.Mutual && options.Requests != Requests.Tracking,
        };
    }

    private static Dictionary<string, string> TraitsOf(int user, ref Draw draw)
    {
        var traits = new Dictionary<string, string>
        {
            ["birthyear"] = $"{1940 + user % 61}",
            ["locale"] = draw.Of<string>(["en_GB", "de_DE", "id_ID"]),
        };
        if (draw.Below(2) == 0)
            traits["gender"] = draw.Of<string>(["female", "male"]);
        if (draw.Below(2) == 0)
            traits["plan"] = draw.Of<string>(["free", "basic", "full", ""]);
        if (draw.Below(4) == 0)
            traits["joinedAt"] = $"20{10 + draw.Below(15)}-05-0{1 + draw.Below(9)}";
        return traits;
    }

    private static string Item(ref Draw draw) => $"item-{draw.Below(Items):D4}";
}
