using System.Globalization;
using System.Text.Json;
using Auie.Abstractions;

namespace Auie.Api.Tracking;

/// <summary>Makes events of the engine of messages of the protocol. Pure: the same messages give the same events.</summary>
/// <param name="mostAhead">How far past its receipt what is known of an item may be of: its time is kept as it was sent.</param>
/// <param name="newMessageId">Draws an id for a message without one.</param>
internal sealed class EventMapper(TrackingMapping mapping, TimeSpan longestLag, TimeSpan mostAhead, DateTimeOffset receivedAt, DateTimeOffset? sentAt, Func<string> newMessageId)
{
    /// <summary>The types of messages, for complaints.</summary>
    public const string Types = "identify, track, page, screen, group and alias";

    private readonly MappedEvents _mapped = new();

    private TrackedMessage _message;
    private DateTimeOffset _at;
    private string _messageId = "";

    /// <summary>All that was added.</summary>
    public MappedEvents Mapped => _mapped;

    /// <summary>Adds what a message becomes, or its refusal.</summary>
    public void Add(JsonElement message, string? type, JsonElement batchContext = default)
    {
        var (users, items, leftOut) = (_mapped.Users.Count, _mapped.Items.Count, _mapped.LeftOut);
        Fault? fault;
        try
        {
            fault = TrackedMessage.Read(message, type, batchContext, out _message) ?? Map();
        }
        catch (InvalidOperationException)
        {
            // What JsonElement says of a name that is half a surrogate pair, or no UTF-8.
            fault = new Fault("", "holds a name that is not valid text");
        }

        if (fault is { } wrong)
        {
            _mapped.LeftOut = leftOut;
            _mapped.Refuse(wrong.At(_mapped.Count, _message.MessageId), users, items);
        }

        _mapped.Count++;
    }

    /// <summary>Adds a message's refusal.</summary>
    public void Refuse(Fault fault, string? messageId = null)
    {
        _mapped.Refuse(fault.At(_mapped.Count, messageId), _mapped.Users.Count, _mapped.Items.Count);
        _mapped.Count++;
    }

    private Fault? Map()
    {
        _messageId = _message.MessageId ?? newMessageId();
        _at = _message.Corrected is { } corrected
            ? MessageTimes.At(corrected, null, receivedAt, longestLag)
            : MessageTimes.At(_message.Stamped, sentAt, receivedAt, longestLag);
        var context = _message.Context;
        if (context.Tracking is not null || context.Personalisation is not null)
            Emit("consent", _messageId + ":consent", tracking: context.Tracking, personalisation: context.Personalisation);
        return _message.Type switch
        {
            "track" => Track(),
            "identify" => Identify(),
            "page" or "screen" => Page(),
            "group" => Group(),
            "alias" => Alias(),
            _ => new("type", $"'{Shortened(_message.Type)}' is none; there are {Types}"),
        };
    }

    private Fault? Identify()
    {
        if (IdentifiedTraits.Read(_message.Traits, _message.Context, _at, out var traits) is { } fault) return fault;
        return Emit("identify", _messageId, traits: traits, anonymousId: _message.AnonymousId);
    }

    private Fault? Page()
    {
        string? item = null;
        if (mapping.PageItem?.Find(_message.Properties, out var path) is { } value && Values.Id(value, $"properties.{path}", TrackingLimits.Id, out item) is { } fault)
            return fault;
        return Emit("viewed", _messageId, item);
    }

    private Fault? Group()
    {
        if (Values.Id(_message.GroupId, "groupId", TrackingLimits.Id, out var group) is { } fault) return fault;
        if (group is null) return new("groupId", "is missing");
        var traits = Flattened.Whole();
        if ((traits.Set("group", group, "groupId") ?? traits.Add(_message.Traits, "traits", "group.")) is { } misfit) return misfit;
        return Emit("identify", _messageId, traits: traits.Traits);
    }

    private Fault? Alias()
    {
        if (Values.Id(_message.PreviousId, "previousId", TrackingLimits.AnonymousId, out var previous) is { } fault) return fault;
        if (previous is null) return new("previousId", "is missing");
        // A browser gives the visitor's id here as it is.
        if (previous == _message.AnonymousId) previous = TrackingLimits.Anonymous + previous;
        return previous == _message.User
            ? new("previousId", "is the userId itself")
            : Emit("alias", _messageId, previousId: previous);
    }

    private Fault? Track()
    {
        if (_message.Event is not { } name) return new("event", "is missing: a track has a name");
        if (mapping.Find(name) is not { } rule || rule.Kind == "other") return Other(name);
        if (rule.Each is { } each) return Each(rule, each);
        return rule.Kind switch
        {
            "friends" => Friends(rule),
            "consent" => Consent(rule),
            "item" => Item(rule),
            _ => About(rule, _message.Properties, "properties", _messageId),
        };
    }

    private Fault? Other(string name)
    {
        var properties = Flattened.AsFits();
        properties.Add(_message.Properties, "properties");
        _mapped.LeftOut += properties.LeftOut;
        return Emit("other", _messageId, name: name, traits: properties.Traits);
    }

    private Fault? Each(EventRule rule, PropertyPaths each)
    {
        var list = each.Find(_message.Properties, out var path);
        var field = $"properties.{path}";
        if (list.IsAbsent()) return new(field, $"is missing; it has to be an array of at least one object");
        if (list.ValueKind != JsonValueKind.Array) return new(field, "must be an array");
        var count = list.GetArrayLength();
        if (count is 0 or > TrackingLimits.Products) return new(field, $"holds {count}; it has to hold from 1 to {TrackingLimits.Products}");
        var place = 0;
        foreach (var one in list.EnumerateArray())
        {
            if (one.ValueKind != JsonValueKind.Object) return new($"{field}[{place}]", "must be an object");
            if (About(rule, one, $"{field}[{place}]", $"{_messageId}#{place}") is { } fault) return fault;
            place++;
        }

        return null;
    }

    /// <summary>An event that is about an item.</summary>
    private Fault? About(EventRule rule, JsonElement properties, string field, string messageId)
    {
        if (ItemId(rule, properties, field, out var item) is { } fault) return fault;
        if (Amount(rule, properties, field, out var amount) is { } badAmount) return badAmount;
        return Emit(rule.Kind, messageId, item, amount);
    }

    private static Fault? ItemId(EventRule rule, JsonElement properties, string field, out string? item)
    {
        if (Values.Id(rule.Item!.Find(properties, out var path), $"{field}.{path}", TrackingLimits.Id, out item) is { } fault) return fault;
        return item is null ? new($"{field}.{path}", $"is missing: the id of the item, in one of {rule.Item}") : null;
    }

    /// <summary>Price times quantity, in ten-thousandths.</summary>
    private static Fault? Amount(EventRule rule, JsonElement properties, string field, out long? amount)
    {
        amount = null;
        if (rule.Price is null) return null;
        if (Decimal(rule.Price, properties, field, out var price, out var priceField) is { } badPrice) return badPrice;
        decimal? quantity = null;
        if (rule.Quantity is not null && Decimal(rule.Quantity, properties, field, out quantity, out _) is { } badQuantity) return badQuantity;
        if (price is not { } one) return null;
        try
        {
            var whole = decimal.Round(one * (quantity ?? 1) * 10_000, MidpointRounding.ToEven);
            if (whole <= TrackingLimits.Amount)
            {
                amount = (long)whole;
                return null;
            }
        }
        catch (OverflowException)
        {
            // Told as any other amount that is too large.
        }

        return new(priceField, $"comes to more than {TrackingLimits.Amount / 10_000} with its quantity");
    }

    private static Fault? Decimal(PropertyPaths paths, JsonElement properties, string field, out decimal? number, out string place)
    {
        number = null;
        var value = paths.Find(properties, out var path);
        place = $"{field}.{path}";
        if (value.IsAbsent()) return null;
        if (value.ValueKind != JsonValueKind.Number) return new(place, "must be a number");
        if (!value.TryGetDecimal(out var read)) return new(place, "is out of range");
        if (read < 0) return new(place, "must not be negative");
        number = read;
        return null;
    }

    private Fault? Friends(EventRule rule)
    {
        if ((Ids(rule.Added, out var added) ?? Ids(rule.Removed, out _)) is { } fault) return fault;
        Ids(rule.Removed, out var removed);
        if (added is null && removed is null)
            return new($"properties.{(rule.Added ?? rule.Removed)!.First}", $"is missing: an id or an array of ids, in one of {rule.Added ?? rule.Removed}");
        return Emit("friends", _messageId, added: added, removed: removed);
    }

    private Fault? Ids(PropertyPaths? paths, out string[]? ids)
    {
        ids = null;
        if (paths is null) return null;
        var value = paths.Find(_message.Properties, out var path);
        if (value.IsAbsent()) return null;
        var field = $"properties.{path}";
        var read = new List<string>();
        if (value.ValueKind != JsonValueKind.Array)
        {
            if (Friend(value, field, read) is { } fault) return fault;
        }
        else
        {
            var place = 0;
            foreach (var one in value.EnumerateArray())
            {
                if (Friend(one, $"{field}[{place++}]", read) is { } fault) return fault;
            }
        }

        if (read.Count == 0) return new(field, "must not be empty");
        ids = [.. read];
        return null;
    }

    private Fault? Friend(JsonElement value, string field, List<string> ids)
    {
        if (Values.Id(value, field, TrackingLimits.Id, out var id) is { } fault) return fault;
        if (id is null) return new(field, "must not be null");
        if (id == _message.User) return new(field, "is the user itself");
        ids.Add(id);
        return null;
    }

    private Fault? Consent(EventRule rule)
    {
        if ((Truth(rule.Tracking, out var tracking) ?? Truth(rule.Personalisation, out _)) is { } fault) return fault;
        Truth(rule.Personalisation, out var personalisation);
        if (tracking is null && personalisation is null)
            return new("properties", $"lack a truth value in one of {string.Join(", ", new[] { rule.Tracking, rule.Personalisation }.Where(paths => paths is not null))}");
        return Emit("consent", _messageId, tracking: tracking, personalisation: personalisation);
    }

    private Fault? Truth(PropertyPaths? paths, out bool? truth)
    {
        truth = null;
        return paths is null ? null : Values.Truth(paths.Find(_message.Properties, out var path), $"properties.{path}", out truth);
    }

    /// <summary>What was learnt of an item. It is nothing that the user did.</summary>
    private Fault? Item(EventRule rule)
    {
        if (ItemId(rule, _message.Properties, "properties", out var item) is { } fault) return fault;
        var traits = Flattened.Whole();
        if (traits.Add(_message.Properties, "properties", except: name => rule.Item!.Names.Contains(name) || mapping.IsItemTrait(name)) is { } misfit) return misfit;
        foreach (var trait in mapping.ItemTraits.Values)
        {
            if (ItemTrait(trait, rule.Needs.Contains(trait.Name), out var text) is { } wrong) return wrong;
            if (text is not null && traits.Set(trait.Name, text, "properties") is { } full) return full;
        }

        foreach (var (name, value) in rule.Set)
        {
            if (traits.Set(name, value, "properties") is { } full) return full;
        }

        var at = _message.Corrected ?? _message.Stamped ?? receivedAt;
        if (EventClock.Problem(at, receivedAt, mostAhead) is { } ahead) return new("timestamp", ahead);
        _mapped.Add(new ItemEvent { ItemId = item!, MessageId = _messageId, At = at, Traits = traits.Traits, Stamped = _message.Stamped ?? DateTimeOffset.MinValue }, _mapped.Count, _message.MessageId);
        return null;
    }

    private Fault? ItemTrait(ItemTrait trait, bool needed, out string? text)
    {
        text = null;
        var value = trait.From.Find(_message.Properties, out var path, nulls: true);
        var field = $"properties.{path}";
        if (value.ValueKind == JsonValueKind.Null && !needed)
        {
            text = "";
            return null;
        }

        if (value.IsAbsent()) return needed ? new(field, $"is missing: it is looked for in {trait.From}") : null;
        switch (trait.Type)
        {
            case "instant":
                if (Values.Instant(value, field, out var at) is { } badInstant) return badInstant;
                text = Values.Written(at!.Value);
                return null;
            case "truth":
                if (Values.Truth(value, field, out var truth) is { } badTruth) return badTruth;
                text = truth is true ? "true" : "false";
                return null;
            case "count":
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var count) || count < 0) return new(field, "must be a whole number that is not negative");
                text = count.ToString(CultureInfo.InvariantCulture);
                return null;
            default:
                if (value.ValueKind != JsonValueKind.Number || !value.TryGetDecimal(out var number)) return new(field, "must be a number, and not out of range");
                text = number.ToString(CultureInfo.InvariantCulture);
                return null;
        }
    }

    private Fault? Emit(
        string kind, string messageId, string? item = null, long? amount = null, Dictionary<string, string>? traits = null, string? anonymousId = null, string? name = null,
        string[]? added = null, string[]? removed = null, bool? tracking = null, bool? personalisation = null, string? previousId = null)
    {
        var made = new UserEvent
        {
            UserId = _message.User,
            MessageId = messageId,
            Kind = kind,
            At = _at,
            // What tells a message that is sent again from another with its id must not depend on when it was sent or received.
            Stamped = _message.Stamped ?? DateTimeOffset.MinValue,
            AnonymousId = anonymousId,
            Item = item,
            Platform = _message.Context.Platform,
            Amount = amount,
            Traits = traits,
            FriendsAdded = added,
            FriendsRemoved = removed,
            Channel = _message.Context.Channel,
            Name = name,
            Tracking = tracking,
            Personalisation = personalisation,
            PreviousId = previousId,
        };
        _mapped.Add(made, _mapped.Count, _message.MessageId);
        return null;
    }

    private static string Shortened(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
