using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Api.Tracking;

/// <summary>What the messages of one body became: events of users and of items, each with its message's place, and the messages that were refused.</summary>
internal sealed class MappedEvents
{
    private readonly List<(int Index, string? MessageId)> _ofUsers = [];
    private readonly List<(int Index, string? MessageId)> _ofItems = [];
    private readonly List<TrackingRefusal> _refused = [];

    public List<UserEvent> Users { get; } = [];

    public List<ItemEvent> Items { get; } = [];

    /// <summary>How many messages there were.</summary>
    public int Count { get; set; }

    /// <summary>How many properties did not fit and were left out.</summary>
    public int LeftOut { get; set; }

    public void Add(UserEvent user, int index, string? messageId)
    {
        Users.Add(user);
        _ofUsers.Add((index, messageId));
    }

    public void Add(ItemEvent item, int index, string? messageId)
    {
        Items.Add(item);
        _ofItems.Add((index, messageId));
    }

    /// <summary>Refuses a message, and takes back what was made of it.</summary>
    public void Refuse(TrackingRefusal refusal, int users, int items)
    {
        Users.RemoveRange(users, Users.Count - users);
        _ofUsers.RemoveRange(users, _ofUsers.Count - users);
        Items.RemoveRange(items, Items.Count - items);
        _ofItems.RemoveRange(items, _ofItems.Count - items);
        _refused.Add(refusal);
    }

    /// <summary>One refusal for each message that was refused here, or of which the engine refused something, in the order of the body.</summary>
    public TrackingRefusal[] AllRefused(IEnumerable<Refusal> ofUsers, IEnumerable<Refusal> ofItems) =>
    [
        .. _refused
            .Concat(ofUsers.Select(refusal => Of(refusal, _ofUsers[refusal.Index], UserFields)))
            .Concat(ofItems.Select(refusal => Of(refusal, _ofItems[refusal.Index], ItemFields)))
            .OrderBy(refusal => refusal.Index).DistinctBy(refusal => refusal.Index),
    ];

    private static TrackingRefusal Of(Refusal refusal, (int Index, string? MessageId) of, Func<string, string> field) =>
        new(of.Index, of.MessageId, field(refusal.Field), refusal.Reason);

    /// <summary>The engine's names of fields as senders know them.</summary>
    private static string UserFields(string field) => field switch
    {
        "at" => "timestamp",
        "item" or "amount" or "friendsAdded" or "friendsRemoved" => "properties",
        "kind" => "type",
        "name" => "event",
        _ => field,
    };

    private static string ItemFields(string field) => field switch
    {
        "at" => "timestamp",
        "messageId" => field,
        _ => "properties",
    };
}
