using System.Text.Json;
using Auie.Api.Answers;

namespace Auie.Api.Tracking;

/// <summary>What the events of senders mean to the engine: read from a file of rules, of which one is built in (docs/tracking.md).</summary>
public sealed class TrackingMapping
{
    private static readonly string[] ItemKinds = ["shown", "viewed", "interested", "not_interested", "invited", "yes", "maybe", "no", "purchased", "came"];
    private static readonly string[] Kinds = [.. ItemKinds, "friends", "consent", "other", "item"];
    private static readonly string[] Types = ["instant", "number", "count", "truth"];

    private readonly Dictionary<string, EventRule> _rules = new(StringComparer.OrdinalIgnoreCase);
    private readonly PropertyPaths _itemId;
    private readonly HashSet<string> _itemTraitNames;

    private TrackingMapping(string name, MappingFile file)
    {
        var traits = file.ItemTraits ?? [];
        foreach (var (trait, rule) in traits) Check(name, trait, rule);
        ItemTraits = traits.ToDictionary(trait => trait.Key, trait => new ItemTrait(trait.Key, new PropertyPaths(trait.Value.From), trait.Value.Type));
        _itemTraitNames = [.. ItemTraits.Values.SelectMany(trait => trait.From.Names)];
        _itemId = Paths(name, "itemId", file.ItemId);
        if (file.PageItem is { } page) PageItem = Paths(name, "pageItem", page);
        for (var i = 0; i < file.Events.Length; i++) Add(name, $"events[{i}]", file.Events[i]);
    }

    /// <summary>The rules that are built in.</summary>
    public static TrackingMapping BuiltIn { get; } = Parse("the built-in mapping", ReadBuiltIn());

    internal PropertyPaths? PageItem { get; }

    internal Dictionary<string, ItemTrait> ItemTraits { get; }

    /// <summary>Reads a file of rules.</summary>
    /// <exception cref="FormatException">It is none; the message says which file, where in it, and what is wrong.</exception>
    public static TrackingMapping Load(string path) => Parse(path, File.ReadAllText(path));

    /// <summary>Reads rules.</summary>
    /// <param name="name">What the rules are called in complaints: their file.</param>
    /// <exception cref="FormatException">They cannot be used; the message says where, and what is wrong.</exception>
    public static TrackingMapping Parse(string name, string json)
    {
        try
        {
            var file = JsonSerializer.Deserialize(json, MappingJson.Default.MappingFile);
            return new TrackingMapping(name, file ?? throw Wrong(name, "", "must be an object"));
        }
        catch (JsonException exception)
        {
            var (field, reason) = JsonFailures.Describe(exception);
            var line = exception.LineNumber is { } number && !reason.Contains("(line ", StringComparison.Ordinal) ? $" (line {number + 1})" : "";
            throw Wrong(name, field, reason + line);
        }
    }

    /// <summary>Whether a property at the top is where a trait of items is looked for.</summary>
    internal bool IsItemTrait(string property) => _itemTraitNames.Contains(property);

    internal EventRule? Find(string eventName) => _rules.GetValueOrDefault(eventName);

    private void Add(string file, string where, MappingRule rule)
    {
        if (!Kinds.Contains(rule.Kind)) throw Wrong(file, $"{where}.kind", $"'{rule.Kind}' is none; there are {string.Join(", ", Kinds)}");
        var ofItem = ItemKinds.Contains(rule.Kind) || rule.Kind == "item";
        Belongs(rule.Item, "item", ofItem);
        Belongs(rule.Each, "each", ItemKinds.Contains(rule.Kind));
        Belongs(rule.Price, "price", rule.Kind == "purchased");
        Belongs(rule.Quantity, "quantity", rule.Kind == "purchased" && rule.Price is not null);
        Belongs(rule.Added, "added", rule.Kind == "friends");
        Belongs(rule.Removed, "removed", rule.Kind == "friends");
        Belongs(rule.Tracking, "tracking", rule.Kind == "consent");
        Belongs(rule.Personalisation, "personalisation", rule.Kind == "consent");
        Belongs(rule.Set, "set", rule.Kind == "item");
        Belongs(rule.Needs, "needs", rule.Kind == "item");
        if (rule.Kind == "friends" && rule.Added is null && rule.Removed is null) throw Wrong(file, where, "a rule of kind friends has added, removed or both");
        if (rule.Kind == "consent" && rule.Tracking is null && rule.Personalisation is null)
            throw Wrong(file, where, "a rule of kind consent has tracking, personalisation or both");
        if (rule.Needs?.FirstOrDefault(need => !ItemTraits.ContainsKey(need)) is { } unknown)
            throw Wrong(file, $"{where}.needs", $"'{unknown}' is not in itemTraits; there are {string.Join(", ", ItemTraits.Keys)}");
        if (rule.Names.Length == 0) throw Wrong(file, $"{where}.names", "must not be empty");

        var compiled = new EventRule(rule.Kind)
        {
            Each = Optional("each", rule.Each is null ? null : [rule.Each]),
            Item = ofItem ? Optional("item", rule.Item) ?? _itemId : null,
            Price = Optional("price", rule.Price),
            Quantity = Optional("quantity", rule.Quantity),
            Added = Optional("added", rule.Added),
            Removed = Optional("removed", rule.Removed),
            Tracking = Optional("tracking", rule.Tracking),
            Personalisation = Optional("personalisation", rule.Personalisation),
            Set = rule.Set ?? [],
            Needs = rule.Needs ?? [],
        };
        foreach (var name in rule.Names)
        {
            if (string.IsNullOrWhiteSpace(name)) throw Wrong(file, $"{where}.names", "must not hold an empty name");
            if (!_rules.TryAdd(name, compiled)) throw Wrong(file, $"{where}.names", $"'{name}' has a rule already");
        }

        PropertyPaths? Optional(string field, string[]? paths) => paths is null ? null : Paths(file, $"{where}.{field}", paths);

        void Belongs(object? given, string field, bool does)
        {
            if (given is not null && !does) throw Wrong(file, $"{where}.{field}", $"says nothing in a rule of kind {rule.Kind}");
        }
    }

    private static void Check(string file, string trait, MappingTrait rule)
    {
        if (!Types.Contains(rule.Type)) throw Wrong(file, $"itemTraits.{trait}.type", $"'{rule.Type}' is none; there are {string.Join(", ", Types)}");
        Paths(file, $"itemTraits.{trait}.from", rule.From);
    }

    private static PropertyPaths Paths(string file, string where, string[] paths)
    {
        if (paths.Length == 0) throw Wrong(file, where, "must not be empty");
        if (paths.FirstOrDefault(path => path is null || path.Split('.').Contains("")) is { } wrong) throw Wrong(file, where, $"'{wrong}' is no path of names and dots");
        return new PropertyPaths(paths);
    }

    private static FormatException Wrong(string file, string where, string reason) => new(where.Length == 0 ? $"{file}: {reason}" : $"{file}: {where}: {reason}");

    private static string ReadBuiltIn()
    {
        using var reader = new StreamReader(typeof(TrackingMapping).Assembly.GetManifestResourceStream("tracking.json")!);
        return reader.ReadToEnd();
    }
}

/// <summary>A rule that can be used.</summary>
internal sealed record EventRule(string Kind)
{
    public PropertyPaths? Each { get; init; }
    public PropertyPaths? Item { get; init; }
    public PropertyPaths? Price { get; init; }
    public PropertyPaths? Quantity { get; init; }
    public PropertyPaths? Added { get; init; }
    public PropertyPaths? Removed { get; init; }
    public PropertyPaths? Tracking { get; init; }
    public PropertyPaths? Personalisation { get; init; }
    public required Dictionary<string, string> Set { get; init; }
    public required string[] Needs { get; init; }
}

/// <summary>A trait of items that the engine reads.</summary>
internal sealed record ItemTrait(string Name, PropertyPaths From, string Type);
