using System.Collections.Immutable;
using System.Globalization;
using Auie.Core.Campaigns;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Recommendation;
using Auie.Core.Segments;

namespace Auie.Core.Strategies;

/// <summary>A condition of a strategy, what the segment has, and whether it holds.</summary>
public sealed record StrategyCondition(string Says, string Found, bool Holds);

/// <summary>A strategy beside a segment: it fits where every condition holds.</summary>
/// <param name="Segment">The segment's number in its model.</param>
public sealed record StrategyMatch(Strategy Strategy, int Segment, ImmutableArray<StrategyCondition> Conditions)
{
    public bool Fits => Conditions.All(condition => condition.Holds);
}

/// <summary>The strategies of strategies.json beside this file, or of a file that an installation puts in its place.</summary>
public sealed class StrategyLibrary
{
    private const int LongestDays = 366, MostInfluencers = 1_000, MostItems = 20, MostTop = 100;
    private const double HalfWayRound = 20_100, MostPrice = 1e12;

    private StrategyLibrary(int version, ImmutableArray<Strategy> all) => (Version, All) = (version, all);

    public static StrategyLibrary BuiltIn { get; } = Parse("strategies.json", EmbeddedFile.Read("strategies.json"));

    /// <summary>The number that its author gives it; a plan says which it was made of.</summary>
    public int Version { get; }

    public ImmutableArray<Strategy> All { get; }

    /// <summary>Every strategy beside every segment of a model, in the order of segments and then of the file.</summary>
    public ImmutableArray<StrategyMatch> Match(SegmentModel model, Archetypes archetypes) =>
    [
        .. model.Segments.SelectMany((segment, number) => All.Select(strategy => new StrategyMatch(strategy, number, Conditions(strategy, model, segment, archetypes)))),
    ];

    /// <summary>Reads a file of strategies.</summary>
    /// <param name="file">The file's name, for complaints.</param>
    /// <param name="json">Its text.</param>
    /// <exception cref="DefinitionException">The file is not of the form; the message says file, strategy, field and what is allowed.</exception>
    public static StrategyLibrary Parse(string file, string json)
    {
        var root = Definition.Parse(file, json);
        root.AllowOnly("version", "strategies");
        var version = Whole(root, "version", 1, int.MaxValue);
        var all = ImmutableArray.CreateBuilder<Strategy>();
        foreach (var definition in root.Items("strategies", "strategy"))
        {
            var strategy = ParseStrategy(definition);
            if (all.Any(earlier => earlier.Name == strategy.Name)) throw definition.Wrong("name", "is used by an earlier strategy");
            all.Add(strategy);
        }

        return new StrategyLibrary(version, all.ToImmutable());
    }

    private static Strategy ParseStrategy(Definition definition)
    {
        var name = definition.Text("name");
        definition.Called($"strategy '{name}'").AllowOnly(
            "name", "summary", "archetype", "resemblance", "fewest", "bounds", "goal", "offer", "items", "channel", "channels", "timing", "times", "frequency", "influencers", "holdout", "measure");
        var frequency = definition.OptionalObject("frequency") ?? throw definition.Wrong("frequency", "is missing; it has to have most and days");
        frequency.AllowOnly("most", "days");
        return new Strategy
        {
            Name = name,
            Summary = definition.Text("summary"),
            Archetype = definition.Text("archetype"),
            Resemblance = definition.OptionalNumber("resemblance", -1, 1),
            Fewest = Whole(definition, "fewest", 1, int.MaxValue),
            Bounds = Bounds(definition),
            Goal = definition.Text("goal"),
            Offer = definition.Text("offer"),
            Items = Items(definition),
            Channel = definition.Text("channel"),
            Channels = Channels(definition),
            Timing = definition.Text("timing"),
            Times = Times(definition),
            Most = Whole(frequency, "most", 1, LongestDays),
            Days = Whole(frequency, "days", 1, LongestDays),
            Influencers = Whole(definition, "influencers", 0, MostInfluencers),
            Holdout = definition.Number("holdout", 0, 0.5),
            Measure = definition.Text("measure") is var measure && CampaignMeasures.Names.Contains(measure)
                ? measure
                : throw definition.Wrong("measure", $"has to be one of {string.Join(", ", CampaignMeasures.Names)}, not {measure}"),
        };
    }

    private static OfferedItems Items(Definition definition)
    {
        if (definition.OptionalObject("items") is not { } items) return new OfferedItems();
        items.AllowOnly("kind", "category", "priceAtMost", "startsFromDays", "startsWithinDays", "nearKm", "withFriends", "familiar", "first", "top", "count");
        var usual = new OfferedItems();
        var (startsFrom, startsWithin) = (OptionalWhole(items, "startsFromDays", 1, LongestDays), OptionalWhole(items, "startsWithinDays", 1, LongestDays));
        if (startsFrom is not null && !(startsFrom < startsWithin)) throw items.Wrong("startsFromDays", "has to be fewer than startsWithinDays, which has to be there, too");
        return new OfferedItems
        {
            StartsFromDays = startsFrom,
            Kind = items.OptionalText("kind") is var kind && kind is null or "event" or "product" ? kind : throw items.Wrong("kind", $"has to be event or product, not {kind}"),
            Category = items.OptionalText("category")?.ToLowerInvariant(),
            PriceAtMost = items.OptionalNumber("priceAtMost", 0, MostPrice),
            StartsWithinDays = startsWithin,
            NearKm = items.OptionalNumber("nearKm", 0, HalfWayRound),
            WithFriends = items.OptionalFlag("withFriends") ?? false,
            Familiar = items.OptionalFlag("familiar") ?? false,
            First = items.OptionalText("first") switch
            {
                null or "best" => OfferOrder.Best,
                "wanted" => OfferOrder.Wanted,
                "new" => OfferOrder.New,
                var first => throw items.Wrong("first", $"has to be best, wanted or new, not {first}"),
            },
            Top = OptionalWhole(items, "top", 1, MostTop) ?? usual.Top,
            Count = OptionalWhole(items, "count", 1, MostItems) ?? usual.Count,
        };
    }

    private static ChannelRule Channels(Definition definition)
    {
        if (definition.OptionalObject("channels") is not { } channels) return ChannelRule.Usual;
        channels.AllowOnly("allowed", "first", "otherwise");
        var allowed = channels.OptionalText("allowed") is { } listed ? [.. listed.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)] : ChannelRule.All;
        if (allowed.Length == 0 || allowed.Distinct().Count() < allowed.Length || !allowed.All(ChannelRule.All.Contains))
            throw channels.Wrong("allowed", $"has to be one or several of {string.Join(", ", ChannelRule.All)} after one another, each once");
        return new ChannelRule(
            allowed,
            channels.OptionalText("first") switch { null or "used" => true, "listed" => false, var first => throw channels.Wrong("first", $"has to be used or listed, not {first}") },
            channels.OptionalText("otherwise") is var otherwise && (otherwise is null || ChannelRule.All.Contains(otherwise)) ? otherwise ?? "" : throw channels.Wrong("otherwise", $"has to be one of {string.Join(", ", ChannelRule.All)}, not {otherwise}"));
    }

    private static TimingRule Times(Definition definition)
    {
        if (definition.OptionalObject("times") is not { } times) return new TimingRule();
        times.AllowOnly("by", "fromHour", "toHour", "anyDay");
        var (from, to) = (OptionalWhole(times, "fromHour", 0, Activity.HoursOfDay) ?? 0, OptionalWhole(times, "toHour", 0, Activity.HoursOfDay) ?? Activity.HoursOfDay);
        if (from % RhythmTally.WindowHours != 0 || to % RhythmTally.WindowHours != 0 || from >= to)
            throw times.Wrong("toHour", $"has to be later than fromHour, and both have to be multiples of {RhythmTally.WindowHours}");
        return new TimingRule(
            times.OptionalText("by") switch
            {
                null or "segment" => TimedBy.Segment,
                "locale" => TimedBy.Locale,
                "member" => TimedBy.Member,
                var by => throw times.Wrong("by", $"has to be segment, locale or member, not {by}"),
            },
            from, to, times.OptionalFlag("anyDay") ?? false);
    }

    private static ImmutableArray<Bound> Bounds(Definition definition)
    {
        if (definition.OptionalObject("bounds") is not { } ranges) return [];
        var bounds = ImmutableArray.CreateBuilder<Bound>();
        foreach (var feature in ranges.Fields)
        {
            var range = ranges.OptionalObject(feature)!;
            range.AllowOnly("minimum", "maximum");
            var bound = new Bound(feature, range.OptionalNumber("minimum") ?? double.NegativeInfinity, range.OptionalNumber("maximum") ?? double.PositiveInfinity);
            if (bound.Minimum > bound.Maximum || (double.IsInfinity(bound.Minimum) && double.IsInfinity(bound.Maximum)))
                throw range.Wrong("", "has to have a minimum, a maximum, or both, the minimum not above the maximum");
            bounds.Add(bound);
        }

        return bounds.ToImmutable();
    }

    private static ImmutableArray<StrategyCondition> Conditions(Strategy strategy, SegmentModel model, Segment segment, Archetypes archetypes)
    {
        var conditions = ImmutableArray.CreateBuilder<StrategyCondition>();
        var (archetype, needed) = (archetypes.Find(strategy.Archetype), strategy.Resemblance ?? archetypes.Minimum);
        var resemblance = archetype is null ? double.NaN : archetypes.Resemblance(archetype, model.Features, segment.Profile);
        conditions.Add(new StrategyCondition(
            Text($"resembles {strategy.Archetype} by {needed:0.00} at least"),
            archetype is null ? "there is no such archetype" : double.IsNaN(resemblance) ? "is not of that kind, or hardly differs from everybody" : Text($"{resemblance:0.00}"), resemblance >= needed));
        if (model.NamesWithheld is { } withheld) conditions.Add(new StrategyCondition("the segments are of kinds that can be told", withheld, Holds: false));
        var size = segment.Profile.Size;
        conditions.Add(new StrategyCondition(Text($"has {strategy.Fewest:N0} members at least"), Text($"{size:N0}"), size >= strategy.Fewest));
        foreach (var bound in strategy.Bounds)
        {
            var feature = Enumerable.Range(0, model.Features.Count).FirstOrDefault(i => model.Features.Features[i].Name == bound.Feature, -1);
            var range = double.IsInfinity(bound.Minimum) ? Text($"up to {bound.Maximum:0.###}") : double.IsInfinity(bound.Maximum) ? Text($"from {bound.Minimum:0.###}") : Text($"from {bound.Minimum:0.###} to {bound.Maximum:0.###}");
            conditions.Add(new StrategyCondition($"has a mean {bound.Feature} {range}", feature < 0 ? "the segments were not found by it" : Text($"{segment.Profile.Means[feature]:0.###}"),
                feature >= 0 && segment.Profile.Means[feature] >= bound.Minimum && segment.Profile.Means[feature] <= bound.Maximum));
        }

        return conditions.ToImmutable();
    }

    private static int? OptionalWhole(Definition definition, string field, int minimum, int maximum) =>
        definition.OptionalNumber(field, minimum, maximum) is null ? null : Whole(definition, field, minimum, maximum);

    private static int Whole(Definition definition, string field, int minimum, int maximum) =>
        definition.Number(field, minimum, maximum) is var number && number == Math.Floor(number) ? (int)number : throw definition.Wrong(field, $"has to be a whole number, not {number.ToString(CultureInfo.InvariantCulture)}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
