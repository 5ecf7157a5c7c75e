using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Users;
using Auie.Load;

namespace Auie.Engine.Tests.Processes;

/// <summary>
/// What a server has to hold of every user when messages were acknowledged: Core's fold of them, each once. What a visitor did is the user's whose identify
/// named them, and who names friends in an event that is told is named by them.
/// </summary>
internal sealed class ExpectedUsers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20), BetweenLooks = TimeSpan.FromMilliseconds(50);

    private const int Readers = 8, FriendsPerPage = 1_000, MostDifferences = 20;

    private readonly LoadWorld _world;
    private readonly Dictionary<string, UserState> _states = [];
    private readonly Dictionary<string, string> _owners = [];

    public ExpectedUsers(LoadOptions options, IEnumerable<long> acknowledged)
    {
        _world = new LoadWorld(options);
        var events = acknowledged.Select(_world.EventOf).ToList();
        foreach (var @event in events.Where(@event => @event.AnonymousId is not null))
            _owners[UserIds.AnonymousUser(@event.AnonymousId!)] = @event.UserId;
        foreach (var @event in events)
            Fold(@event);
    }

    /// <summary>How many users something is expected of.</summary>
    public int Count => _states.Count(state => state.Value.Head.Entries > 0);

    /// <summary>
    /// Reads every user, under their own id and under the anonymous one; says where what the server holds is something else, and stays so: what friends and
    /// visitors' events tell others reaches them later when the server has just started.
    /// </summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(AuieHttpClient client)
    {
        var differing = new ConcurrentDictionary<string, string>();
        string[] ids = [.. _states.Keys, .. _owners.Keys];
        for (var watch = Stopwatch.StartNew(); ;)
        {
            differing.Clear();
            await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = Readers }, async (id, cancellationToken) =>
            {
                if (await DifferenceAsync(client, id, cancellationToken) is { } found)
                    differing[id] = found;
            });
            if (differing.IsEmpty || watch.Elapsed > Patience)
                return [.. differing.Values.Order(StringComparer.Ordinal).Take(MostDifferences)];
            ids = [.. differing.Keys];
            await Task.Delay(BetweenLooks);
        }
    }

    private async Task<string?> DifferenceAsync(AuieHttpClient client, string id, CancellationToken cancellationToken)
    {
        var owner = _owners.GetValueOrDefault(id, id);
        var state = _states[owner];
        UserView view;
        try
        {
            view = await client.GetUser(id, cancellationToken: cancellationToken);
        }
        catch (AuieHttpException exception) when (exception.Status == HttpStatusCode.NotFound)
        {
            return state.Head.Entries == 0 ? null : $"{id}: not there; it should hold {state.Head.Entries} events";
        }

        var wrong = Shown(view).Zip(Shown(View(owner, state.Head))).Where(pair => pair.First != pair.Second).Select(pair => $"{pair.First} should be {pair.Second}").ToArray();
        if (wrong.Length > 0)
            return $"{id}: {string.Join("; ", wrong)}";
        string[] friends = [.. (await client.GetFriends(id, count: FriendsPerPage, cancellationToken: cancellationToken)).Friends];
        string[] expected = [.. state.FriendsAfter(null).Take(FriendsPerPage)];
        return friends.SequenceEqual(expected) ? null : $"{id}: has as friends {string.Join(' ', friends)}; it should have {string.Join(' ', expected)}";
    }

    private void Fold(UserEvent @event)
    {
        var user = _owners.GetValueOrDefault(@event.UserId, @event.UserId);
        var entry = new Entry
        {
            MessageId = @event.MessageId,
            At = @event.At,
            Kind = EntryKinds.Parse(@event.Kind),
            AnonymousId = @event.AnonymousId,
            Item = @event.Item,
            Platform = @event.Platform,
            Channel = @event.Channel,
            Name = @event.Name,
            Amount = @event.Amount,
            Traits = @event.Traits,
            FriendsAdded = @event.FriendsAdded,
            FriendsRemoved = @event.FriendsRemoved,
        };
        State(user).Apply(entry);
        if (entry.Kind != EntryKind.Friends || @event.OneSided)
            return;
        var told = new Entry { Kind = EntryKind.Friends, MessageId = entry.MessageId, At = entry.At, Other = user };
        foreach (var friend in entry.FriendsAdded ?? [])
            State(friend).Apply(told with { FriendsAdded = [user] });
        foreach (var friend in entry.FriendsRemoved ?? [])
            State(friend).Apply(told with { FriendsRemoved = [user] });
    }

    private UserState State(string user) => _states.TryGetValue(user, out var state) ? state : _states[user] = new UserState();

    private static UserView View(string user, UserHead head) => new()
    {
        Id = user,
        Version = "",
        BirthYear = head.Traits.BirthYear,
        Gender = head.Traits.Gender,
        Locale = head.Traits.Locale,
        Location = head.Traits.Location,
        TimezoneMinutes = head.Traits.TimezoneMinutes,
        JoinedAt = head.Traits.JoinedAt,
        Traits = head.Traits.Others(),
        Friends = head.Friends,
        Events = EntryKinds.All.Where(kind => head.Count(kind) > 0).ToDictionary(kind => kind.Name(), head.Count),
        Answers = new Dictionary<string, long>
        {
            ["interested"] = head.Interested, ["not_interested"] = head.NotInterested, ["yes"] = head.Yes, ["maybe"] = head.Maybe, ["no"] = head.No,
        },
        Platforms = head.Platforms.ToDictionary(platform => platform.Name, platform => platform.Count),
        Channels = head.Channels.ToDictionary(channel => channel.Name, channel => channel.Count),
        OtherEvents = head.Names.ToDictionary(name => name.Name, name => name.Count),
        Spent = head.Spent,
        FirstSeen = head.FirstSeen,
        LastSeen = head.LastSeen,
        AnonymousIds = [.. head.AnonymousIds],
    };

    /// <summary>All that is compared, in one order.</summary>
    private static string[] Shown(UserView view)
    {
        static IEnumerable<string> Map<T>(string name, Dictionary<string, T> map, params string[] known) =>
            known.Concat(map.Keys.Except(known).Order(StringComparer.Ordinal)).Select(key => $"{name}.{key} = {map.GetValueOrDefault(key)}");
        return
        [
            $"id = {view.Id}", $"birthYear = {view.BirthYear}", $"gender = {view.Gender}", $"locale = {view.Locale}", $"joinedAt = {view.JoinedAt:O}", $"friends = {view.Friends}",
            $"spent = {view.Spent}", $"firstSeen = {view.FirstSeen:O}", $"lastSeen = {view.LastSeen:O}", $"anonymousIds = {string.Join(',', view.AnonymousIds)}",
            .. Map("events", view.Events, Kinds), .. Map("answers", view.Answers), .. Map("platforms", view.Platforms, Platforms), .. Map("channels", view.Channels, Channels),
            $"other events = {string.Join(", ", Map("", view.OtherEvents))}", $"traits = {string.Join(", ", Map("", view.Traits))}",
        ];
    }

    private static readonly string[] Kinds = [.. EntryKinds.All.Select(kind => kind.Name())];

    private static readonly string[] Platforms = ["web", "ios", "android", "email"], Channels = ["browser", "mobile"];
}
