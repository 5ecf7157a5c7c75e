using System.Text.Json;
using System.Text.Json.Serialization;

namespace Auie.Api.Tracking;

/// <summary>A file that says what the events of senders mean to the engine, as it is written.</summary>
internal sealed record MappingFile
{
    /// <summary>What the names of track events mean. A name that no rule has is an event of kind other.</summary>
    public required MappingRule[] Events { get; init; }

    /// <summary>Which properties hold the id of the item that an event is about, unless its rule says.</summary>
    public required string[] ItemId { get; init; }

    /// <summary>Which properties of a page or a screen name the item that it is about.</summary>
    public string[]? PageItem { get; init; }

    /// <summary>What is known of the traits of items; properties that are not named here become traits as they are.</summary>
    public Dictionary<string, MappingTrait>? ItemTraits { get; init; }
}

/// <summary>What some names of track events mean. Each list of properties is searched in order; a dot leads into an object.</summary>
internal sealed record MappingRule
{
    /// <summary>The names, in any case of letters.</summary>
    public required string[] Names { get; init; }

    /// <summary>shown, viewed, interested, not_interested, invited, yes, maybe, no, purchased, friends, consent, other, or item: what was learnt of an item.</summary>
    public required string Kind { get; init; }

    /// <summary>The property with an array of objects, each of which makes an event of its own.</summary>
    public string? Each { get; init; }

    /// <summary>The item's id; left out, what the file says of all.</summary>
    public string[]? Item { get; init; }

    /// <summary>purchased: what one costs, in units of the currency.</summary>
    public string[]? Price { get; init; }

    /// <summary>purchased: how many; one unless it is said.</summary>
    public string[]? Quantity { get; init; }

    /// <summary>friends: an id or an array of ids.</summary>
    public string[]? Added { get; init; }

    /// <summary>friends: an id or an array of ids.</summary>
    public string[]? Removed { get; init; }

    /// <summary>consent: a truth value.</summary>
    public string[]? Tracking { get; init; }

    /// <summary>consent: a truth value.</summary>
    public string[]? Personalisation { get; init; }

    /// <summary>item: traits that the name alone says.</summary>
    public Dictionary<string, string>? Set { get; init; }

    /// <summary>item: traits, of those in itemTraits, without which the event says nothing.</summary>
    public string[]? Needs { get; init; }
}

/// <summary>A trait of items: the properties that say it, and what it is: instant, number, count or truth.</summary>
internal sealed record MappingTrait
{
    public required string[] From { get; init; }

    public required string Type { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(MappingFile))]
internal sealed partial class MappingJson : JsonSerializerContext;
