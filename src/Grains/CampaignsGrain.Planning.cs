using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Campaigns;
using Auie.Core.Insights;
using Auie.Core.Strategies;
using Auie.Core.Users;
using ItemFacts = Auie.Core.Items.ItemFacts;

namespace Auie.Grains;

/// <summary>How a plan is made: whom, when and through what by the columns, what by what recommending gives, who carries it by friendships.</summary>
public sealed partial class CampaignsGrain
{
    /// <summary>How many members are asked what would be recommended to them.</summary>
    private const int ItemsSample = 25, PlacesAsked = 10;

    private const int MostItems = 20, AskedAtOnce = 100;

    private const double MostHoldout = 0.5;

    private const string Product = "product";

    private async Task<(Campaign Plan, CampaignMember[] Members)> PlanAsync(CampaignRequest request, CancellationToken cancellationToken)
    {
        Check(request);
        var strategy = strategies.All.FirstOrDefault(one => one.Name.Equals(request.Strategy, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidRequestException("strategy", $"there is no strategy '{request.Strategy}'; there are {string.Join(", ", strategies.All.Select(one => one.Name))}");
        var model = await models.CurrentAsync(_tenant, cancellationToken) ?? throw new InvalidRequestException("segment", "cannot be asked for: no segmentation is published yet") { Unknown = InvalidRequestException.Segmentation };
        if (request.Segment < 0 || request.Segment >= model.Segments.Length)
            throw new InvalidRequestException("segment", $"{request.Segment} is none of version {model.Version}, which has 0 to {model.Segments.Length - 1}") { Unknown = "segment" };
        var match = strategies.Match(model, archetypes).First(one => one.Segment == request.Segment && one.Strategy == strategy);
        if (!match.Fits && !request.Anyway)
            throw new InvalidRequestException("strategy", $"'{strategy.Name}' does not fit segment {request.Segment}: {string.Join("; ", match.Conditions.Where(one => !one.Holds).Select(one => $"it {one.Says}: {one.Found}"))}; 'anyway' plans it all the same");

        var asOf = await GrainFactory.GetGrain<IEngineGrain>(_tenant).GetAsOf(cancellationToken);
        // Of a recording the time that runs on may be behind what it tells last.
        var now = models.Now(_tenant, model);
        if (now < asOf)
            now = asOf;
        if (request.From < now)
            throw new InvalidRequestException("from", $"{Text(request.From.Value)} is past: for the engine it is {Text(now)}; name a later instant, or none to begin now");

        var named = request.Items is { } items ? await NamedAsync(items, request.From ?? now, cancellationToken) : null;
        // What is sent decides what may come of it.
        string?[] kinds = [.. named?.Values.Select(item => item.Kind).Distinct() ?? [request.Kind ?? strategy.Items.Kind]];
        // Its members are as of the last flush, like all that columns tell.
        var query = new AudienceQuery { Version = model.Version, Segment = request.Segment };
        var (measure, most, times) = (CampaignMeasures.Of(strategy.Measure).For(kinds is [var kind] ? kind : null), options.Value.MaxCampaignMembers, strategy.Times);
        var parts = await Task.WhenAll(Shards.Select(shard => shard.GetCampaignCandidates(query, measure.Name(), times.FromHour, times.By == TimedBy.Member ? times.ToHour : 0, most, cancellationToken)));
        if (parts.Sum(part => part.Users.Length) is var size && size > most)
            throw new InvalidRequestException("segment", $"has {size:N0} members, more than a campaign may be for, {most:N0} (Engine:{nameof(EngineOptions.MaxCampaignMembers)})");
        var rhythms = RhythmProfile.Of(await Rhythms.ReadAsync(Shards, query, RhythmScan.FirstDay(asOf), cancellationToken));
        SendingTime TimeOf(GroupRhythm group) => SendingTime.Of(group.Tally, group.Windows, times.FromHour, times.ToHour);
        var draft = new Campaign
        {
            Number = _last + 1,
            Strategy = strategy.Name,
            LibraryVersion = strategies.Version,
            ModelVersion = model.Version,
            Segment = request.Segment,
            Persona = model.Segments[request.Segment].Persona,
            MadeAt = time.GetUtcNow(),
            AsOf = asOf,
            From = request.From ?? now,
            Measure = measure,
            Most = strategy.Most,
            Days = strategy.Days,
            Holdout = request.Holdout ?? strategy.Holdout,
            Excluded = new CampaignExclusions(0, 0, 0),
            Time = TimeOf(rhythms[0]),
            Channels = strategy.Channels.InWords,
            Times = times.InWords,
            Expected = new CampaignExpectation(default, 0, default, 0, 0),
            Counts = CampaignCounts.None,
        };
        CampaignCandidate[] candidates = [.. parts.SelectMany(part => CampaignViews.Candidates(part, asOf)).Where(one => !_tombstones.Holds(one.User))];
        var (reached, aside) = await ByOthersAsync(draft, cancellationToken);
        // Of a locale of whose hours nothing is known the segment's are the better guess.
        var ofLocales = rhythms.Where(group => group.Category == Audience.Locale).Select(group => (group.Value, Time: TimeOf(group))).Where(one => one.Time.Basis != SendingBasis.Default);
        var rules = new CampaignRules(strategy.Channels, times, ofLocales.ToDictionary(one => one.Value, one => one.Time));
        var (plan, members) = CampaignPlan.Of(draft, candidates, rules, reached, aside);
        var places = candidates.ToDictionary(one => one.User, one => one.Place);
        (plan, members, var products) = await WithItemsAsync(plan, members, user => places[user], strategy, request, named, cancellationToken);
        plan = await WithOutcomesAsync(plan, members, products, query, cancellationToken);
        plan = await WithInfluencersAsync(plan, members, strategy.Influencers, query, cancellationToken);
        // Somebody may have been erased while others were asked; what is written from here on is found by the erasure.
        var erased = members.Select(member => member.User).Where(_tombstones.Holds).ToHashSet();
        return erased.Count > 0 && CampaignPlan.Without(plan, members, erased) is var (without, left) ? (without, left) : (plan, members);
    }

    private static void Check(CampaignRequest request)
    {
        if (request.Holdout is { } holdout && !(holdout is >= 0 and <= MostHoldout))
            throw new InvalidRequestException("holdout", $"{holdout} is not from 0 to {MostHoldout}");
        if (request.Count is < 1 or > MostItems)
            throw new InvalidRequestException("count", $"{request.Count} is not from 1 to {MostItems}");
        if (request.From is { } from && (from < EntryValidation.Earliest || from >= EntryValidation.Latest))
            throw new InvalidRequestException("from", $"must lie from {EntryValidation.Earliest:yyyy} and before {EntryValidation.Latest:yyyy}");
        if (request.Items is { Length: 0 or > MostItems })
            throw new InvalidRequestException("items", $"are {request.Items.Length}; there may be 1 to {MostItems}, or none named");
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>When those of the campaigns whose days overlap this one's are sent something by them, and whom they leave alone.</summary>
    private async Task<(Func<string, IReadOnlyList<DateTimeOffset>> Reached, Func<string, bool> Aside)> ByOthersAsync(Campaign draft, CancellationToken cancellationToken)
    {
        var (sends, aside) = (new Dictionary<string, List<DateTimeOffset>>(), new HashSet<string>());
        var margin = TimeSpan.FromDays(draft.Days + Activity.DaysOfWeek + 1);
        foreach (var plan in _plans.Values.ToArray())
        {
            var (near, counts) = (
                plan.Counts.FirstSend < draft.From + margin && plan.Counts.LastSend > draft.From - margin,
                plan.Counts.FirstSend < draft.From + margin && plan.Counts.LastSend + TimeSpan.FromDays(plan.Days) > draft.From);
            if ((!near && !counts) || NothingSent.Why(plan) is not null)
                continue;
            foreach (var member in (await ReadableMembersAsync(plan.Number, cancellationToken)).Members)
            {
                if (counts && !member.Treated)
                    aside.Add(member.User);
                if (!near || !member.IsSent)
                    continue;
                if (!sends.TryGetValue(member.User, out var of))
                    sends.Add(member.User, of = []);
                of.Add(member.SendAt);
            }
        }

        return (user => sends.TryGetValue(user, out var of) ? of : [], aside.Contains);
    }

    /// <summary>
    /// The items that are named; else of the strategy's offer those that suit each of those treated, or, where these are many, those that suit most of a sample of them, at each place where many of them live. What the request says
    /// holds over the offer.
    /// </summary>
    /// <returns>With them, which of all that is sent are products.</returns>
    private async Task<(Campaign Plan, CampaignMember[] Members, IReadOnlySet<string> Products)> WithItemsAsync(
        Campaign plan, CampaignMember[] members, Func<string, string> placeOf, Strategy strategy, CampaignRequest request, Dictionary<string, ItemFacts>? named, CancellationToken cancellationToken)
    {
        plan = plan with { Offer = strategy.Offer };
        if (named is not null)
            return (plan with { OfferedItems = "the items that were named", Items = [.. named.Select(item => new CampaignItem(item.Key, item.Value.Title ?? "", 0))] }, members,
                named.Where(item => item.Value.Kind == Product).Select(item => item.Key).ToHashSet());
        var offer = strategy.Items with { Kind = request.Kind ?? strategy.Items.Kind, Category = request.Category?.ToLowerInvariant() ?? strategy.Items.Category, Count = request.Count ?? strategy.Items.Count };
        // As of the last message: what is over before it goes out is sent to nobody.
        var at = plan.Counts.LastSend ?? plan.From;
        await CheckAsync(request.Category?.ToLowerInvariant(), request.Place, at, cancellationToken);
        RecommendationRequest Order(DateTimeOffset when) => new()
        {
            Count = offer.Top,
            Kind = offer.Kind,
            Category = offer.Category,
            Place = request.Place,
            At = when,
            From = offer.StartsFromDays is { } least ? when.AddDays(least) : offer.StartsWithinDays is null ? null : when,
            To = offer.StartsWithinDays is { } days ? when.AddDays(days) : null,
            Offer = offer.ToMessage(),
            Record = false,
        };
        var isEachAsked = plan.Counts.Treated <= options.Value.MaxCampaignRecommendations;
        var groups = isEachAsked ? [] : CampaignPlan.ByPlace(members, placeOf, ItemsSample, PlacesAsked);
        // Each their own as of their own message; else of samples what none of them is sent too late.
        var sample = isEachAsked
            ? [.. members.Where(member => member.Treated).Select(member => (member.User, member.SendAt))]
            : groups.SelectMany(group => CampaignPlan.SampleOf(plan.Number, group, ItemsSample)).Select(user => (User: user, SendAt: at)).ToArray();
        var asked = new Dictionary<string, RecommendedItem[]>();
        foreach (var some in sample.Chunk(AskedAtOnce))
        {
            var answers = await Task.WhenAll(some.Select(one => GrainFactory.GetGrain<IUserGrain>(GrainKeys.User(_tenant, one.User)).Recommend(Order(one.SendAt), cancellationToken)));
            foreach (var (one, answer) in some.Zip(answers).Where(one => one.Second is not null)) asked.Add(one.User, answer!.Items);
        }

        var all = asked.Values.SelectMany(items => items).ToArray();
        var products = all.Where(item => item.Kind == Product).Select(item => item.Id).ToHashSet();
        plan = plan with { OfferedItems = offer.InWords, ItemsSample = sample.Length, HasOwnItems = isEachAsked || groups.Length > 1 };
        if (!plan.HasOwnItems)
            return (plan with { Items = [.. SuitMost(asked.Values).Take(offer.Count)] }, members, products);
        var own = isEachAsked ? asked.ToDictionary(one => one.Key, one => one.Value.Take(offer.Count).Select(item => item.Id).ToArray()) : [];
        foreach (var group in groups)
        {
            string[] items = [.. SuitMost(group.Where(member => asked.ContainsKey(member.User)).Select(member => asked[member.User])).Take(offer.Count).Select(item => item.Id)];
            foreach (var member in group) own.Add(member.User, items);
        }

        var titles = all.GroupBy(item => item.Id).ToDictionary(of => of.Key, of => of.First().Title ?? "");
        members = Array.ConvertAll(members, member => member.Treated ? member with { Items = own.GetValueOrDefault(member.User, []) } : member);
        return (plan.Sending(members) with
        {
            Items = [.. own.Values.SelectMany(items => items).CountBy(item => item).OrderByDescending(item => item.Value).ThenBy(item => item.Key, StringComparer.Ordinal).Take(MostItems).Select(item => new CampaignItem(item.Key, titles[item.Key], item.Value))],
        }, members, products);

        // Of how many each is among the first, and then how far in front.
        static IEnumerable<CampaignItem> SuitMost(IEnumerable<RecommendedItem[]> asked) => asked.SelectMany(of => of.Select((item, rank) => (item.Id, item.Title, Weight: 1.0 / (rank + 1)))).GroupBy(one => one.Id)
            .OrderByDescending(item => item.Count()).ThenByDescending(item => item.Sum(one => one.Weight)).ThenBy(item => item.Key, StringComparer.Ordinal)
            .Select(item => new CampaignItem(item.Key, item.First().Title ?? "", item.Count()));
    }

    /// <summary>
    /// What is to be expected by the kind of what is sent, by what came of things of the kind that the journal still has as shown to the segment's members: columns do not have what was shown by kind. Where it has none
    /// of a kind that is sent, what columns tell of all kinds together stays.
    /// </summary>
    private async Task<Campaign> WithOutcomesAsync(Campaign plan, CampaignMember[] members, IReadOnlySet<string> products, AudienceQuery query, CancellationToken cancellationToken)
    {
        if (plan.Measure.Outcomes().Length == 0 || NothingSent.Why(plan) is not null)
            return plan;
        var sample = (await effects.ReadAsync(_tenant, Shards, query, cancellationToken)).Sample;
        string[] toAll = [.. plan.Items.Select(item => item.Id)];
        return plan.Expecting([.. plan.Measure.Outcomes()
            .Select(outcome => ExpectedOutcome.Of(outcome, members.LongCount(member => member.IsSent && (member.Items ?? toAll).Any(item => products.Contains(item) == (outcome == CampaignMeasure.Purchased))),
                [.. sample.TakenUp(products: outcome == CampaignMeasure.Purchased)]))
            .Where(one => one.Sent > 0)]);
    }

    /// <exception cref="InvalidRequestException">No item has the category, or is at the place.</exception>
    private async Task CheckAsync(string? category, string? place, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var shards = Enumerable.Range(0, store.Partitions).Select(number => GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, number))).ToArray();
        if (category is not null)
        {
            var anybody = new CandidateRequest
            {
                At = at, Friends = [], Neighbours = [], Weights = [], Audience = new AudienceMessage("", "", "", -1, 0), Words = [category], Viewed = [], Excluded = [], Category = category,
            };
            if ((await Task.WhenAll(shards.Select(shard => shard.FindCandidates(anybody, cancellationToken)))).All(found => found.Candidates.Length == 0))
                throw new InvalidRequestException("category", $"no item that may be shown by {at:yyyy-MM-dd} has the category or tag '{category}'");
        }

        if (place is not null && (await Task.WhenAll(shards.Select(shard => shard.Describe([], place, cancellationToken)))).All(described => described.Latitude is null))
            throw new InvalidRequestException("place", $"no item is in '{place}', so that nothing is known to be near it");
    }

    /// <summary>What is known of items that are named, in their order.</summary>
    /// <exception cref="InvalidRequestException">There is no such item, or nobody can take it up any more when the first message may go.</exception>
    private async Task<Dictionary<string, ItemFacts>> NamedAsync(string[] items, DateTimeOffset from, CancellationToken cancellationToken)
    {
        var named = new Dictionary<string, ItemFacts>();
        foreach (var id in items.Distinct())
        {
            var shard = GrainFactory.GetGrain<IItemShardGrain>(GrainKeys.ItemShard(_tenant, Partitioning.PartitionOf(_tenant, id, store.Partitions)));
            if (await shard.Get(id, cancellationToken) is null)
                throw new InvalidRequestException("items", $"there is no item '{id}'");
            var facts = (await shard.Describe([id], "", cancellationToken)).Items is [var described] ? described.Item.ToCore() : ItemFacts.Unknown;
            if (!facts.IsOpen(from.UtcTicks))
                throw new InvalidRequestException("items", $"'{id}' cannot be taken up any more by {Text(from)}: it {(facts.IsCancelled ? "is cancelled" : facts.Stock is <= 0 ? "is sold out" : "has begun")}");
            named.Add(id, facts);
        }

        return named;
    }

    /// <summary>Those who carry it are among those who are sent something: who is left alone must not hear of it from the engine, and whom nothing fits has nothing to pass on.</summary>
    private async Task<Campaign> WithInfluencersAsync(Campaign plan, CampaignMember[] members, int count, AudienceQuery query, CancellationToken cancellationToken)
    {
        if (count == 0 || NothingSent.Why(plan) is not null)
            return plan;
        var sent = members.Where(member => member.IsSent).Select(member => member.User).ToHashSet();
        var among = await influence.ReadAsync(Shards, query, sent.Contains, cancellationToken);
        var chosen = await influence.ChooseAsync(among, new InfluenceOptions { Count = count, Seed = (ulong)plan.Number }, one => one.Choose(), cancellationToken);
        return chosen is null ? plan : plan with
        {
            Influencers = [.. chosen.People.Select(one => new CampaignInfluencer(among.People[one.Person], one.Friends, one.Alone, one.Added))],
            Reach = chosen.Reach,
            ReachInterval = chosen.ReachInterval,
        };
    }
}
