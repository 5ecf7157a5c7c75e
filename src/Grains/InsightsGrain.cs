using System.Globalization;
using Auie.Abstractions;
using Auie.Core.Features;
using Auie.Core.Insights;
using Auie.Core.Segments;
using Auie.Core.Statistics;
using Auie.Core.Strategies;
using Auie.Core.Users;
using Auie.Storage;
using Microsoft.Extensions.Options;

namespace Auie.Grains;

/// <summary>Asks every feature shard for its part, and says what all of them together mean. No user is asked.</summary>
public sealed class InsightsGrain(IEngineStore store, PublishedModels models, StrategyLibrary strategies, Archetypes archetypes, Influence influence, InterestEffects effects, HeavyInsights heavy, ComputePool pool, IOptions<EngineOptions> options) : Grain, IInsightsGrain
{
    private const string Persona = "persona";
    private const int MostInfluencers = 1_000;

    /// <summary>Of how many locales or places funnels, and of how many places rates, are told by themselves, and how many a shard tells of when it is asked for those with most users.</summary>
    private const int MostGroups = 100, GroupsOfShard = 1_000;

    /// <summary>Of how many groups rates are told: those with most showings.</summary>
    private const int MostRates = 1_000;

    /// <summary>Among how many users' rows it is seen whether the same personas come out again.</summary>
    private const int StabilityRows = 2_000;

    public async Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken)
    {
        var model = await ModelOf(request, needed: request.Segment is not null, cancellationToken);
        var asOf = await AsOf(request, cancellationToken);
        var all = Task.WhenAll(Shards.Select(shard => shard.GetInfo(cancellationToken)));
        var profile = AudienceProfile.Of((await Scan(request, model, asOf, cancellationToken)).Audience, asOf);
        return new AudienceView(
            profile.Users, (await all).Sum(shard => shard.Users), asOf, request.Segment is null ? 0 : model!.Version,
            [.. profile.Breakdowns.Select(View)], [.. profile.Numbers.Select(View)]) { Nobody = Nobody(request, profile.Users) };
    }

    public async Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken)
    {
        var model = await ModelOf(request, needed: true, cancellationToken);
        var asOf = await AsOf(request, cancellationToken);
        var scan = await Scan(request, model, asOf, cancellationToken);
        // One user may be on several platforms, of which none is told to be ahead.
        var ranked = Math.Max(1, scan.Groups.Count(group => group.Key != Audience.Platform && group.Value.Keys.Count(IsGroup) > 1));
        var groups = new List<GroupRates>
        {
            Rates(Audience.Locale, "language and country of the user's profile", scan, scan.Groups[Audience.Locale], value => value, ranked),
            Rates(Audience.Place, "where the user's profile says that they live, as written", scan, scan.Groups[Audience.Place], value => value, ranked, MostGroups, options.Value.LeastPlaceUsers),
            Rates(Audience.Gender, "as the user's profile says", scan, scan.Groups[Audience.Gender], value => value, ranked),
            Rates(AudienceRow.AgeBand, string.Create(CultureInfo.InvariantCulture, $"{asOf.UtcDateTime.Year} less the year of birth"), scan, scan.Groups[AudienceRow.AgeBand], value => value, ranked),
            Rates(Audience.Platform, "where the user was ever seen; one user may be on several, so that groups add up to more than all", scan, scan.Groups[Audience.Platform], value => value, ranked),
        };
        if (model is not null)
        {
            groups.Add(Rates(Persona, "of the published segmentation, as of now; where it was found by interest, its rates say no more than that",
                scan, scan.Groups[AudienceRow.Segment], value => model.Segments[int.Parse(value, CultureInfo.InvariantCulture)].Persona, ranked));
        }

        var interest = scan.Interest;
        return new InterestView(
            interest.Users, interest.Shown, asOf, model?.Version ?? 0, View(interest.Rate), View(interest.TurnedDown), [.. groups.Where(one => one.Groups.Length > 0 || one.Others is not null || one.Unknown is not null).Select(View)])
        {
            Nobody = Nobody(request, scan.Audience.Users), NoSegmentation = AudienceWords.NoSegmentation(model?.Version),
        };
    }

    public Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken) => heavy.RunAsync(() => EffectsAsync(request, cancellationToken));

    public async Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken)
    {
        CheckTo(request.To, request.Steps);
        if (request.Steps.Length == 0) request = request with { Steps = await StepsTaken(request.To, cancellationToken) };
        CheckOnce(request.Steps);
        FunnelStep[] steps = [.. request.Steps.Select(name => FunnelStep.Find(name)
            ?? throw new InvalidRequestException("steps", $"there is no step '{name}'; there are {string.Join(", ", FunnelStep.All.Select(step => step.Name))}"))];
        var isByPersona = CheckBy(request.By);
        var model = await ModelOf(request.Audience, isByPersona || request.Audience.Segment is not null, cancellationToken);
        if (isByPersona && model is null) throw new InvalidRequestException("by", "personas cannot be told apart: no segmentation is published yet") { Unknown = InvalidRequestException.Segmentation };
        var asOf = await AsOf(request.Audience, cancellationToken);
        var query = Query(request.Audience, model, asOf);
        var told = await ToldOf(request.By, query, cancellationToken);
        var scan = AudienceParts.Merge(await Task.WhenAll(Shards.Select(shard => shard.GetFunnel(query, request.Steps, isByPersona ? AudienceRow.Segment : request.By, told, cancellationToken))));
        return new FunnelView(asOf, model?.Version ?? 0, request.By, [.. steps.Select(step => new FunnelStepView(step.Name, step.Definition))],
        [
            .. InOrder(scan.Groups, tally => tally.Users).Select(group => View(NameOf(group.Key, isByPersona ? model : null), group.Value, scan.Groups[FunnelScan.Everybody].Users) with { IsRest = group.Key == AudienceRow.Others, IsUnknown = group.Key == AudienceRow.Unknown }),
        ]) { Overlaps = Audience.Overlaps(request.By), Nobody = Nobody(request.Audience, scan.Groups[FunnelScan.Everybody].Users) };
    }

    public async Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken)
    {
        var model = await ModelOf(request, needed: true, cancellationToken);
        var asOf = await AsOf(request, cancellationToken);
        var query = Query(request, model, asOf);
        var firstDay = RhythmScan.FirstDay(asOf);
        var scan = await Rhythms.ReadAsync([.. Shards], query, firstDay, cancellationToken);
        return new WhenView(asOf, scan.Zones.Sum(), model?.Version ?? 0, Rhythms.Zones(scan.Zones), [.. RhythmProfile.Of(scan).Select(group => new GroupRhythmView(
            group.Category == AudienceRow.Segment ? Persona : group.Category, Name(group.Category, group.Value),
            group.Tally.ActiveUsers, group.Tally.Activity, group.Tally.Hours(), group.Tally.Weekdays(), [.. group.Windows.Select(Rhythms.View)], Rhythms.View(group.Best)) { BusiestHours = group.Tally.BusiestHours(), BusiestWeekdays = group.Tally.BusiestWeekdays() })],
            Rhythms.Days(scan, firstDay, RhythmProfile.DaysOf(scan, firstDay, asOf, Name))) { Nobody = Nobody(request, scan.Zones.Sum()), NoSegmentation = AudienceWords.NoSegmentation(model?.Version) };

        string Name(string category, string value) => category == AudienceRow.Segment ? model!.Segments[int.Parse(value, CultureInfo.InvariantCulture)].Persona : value;
    }

    public Task<InfluencersView> GetInfluencers(AudienceRequest request, int count, CancellationToken cancellationToken) => heavy.RunAsync(() => InfluencersAsync(request, count, cancellationToken));

    public Task<PersonasView?> GetPersonas(CancellationToken cancellationToken) => heavy.RunAsync(() => PersonasAsync(cancellationToken));

    private async Task<EffectsView> EffectsAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        var model = await ModelOf(request, needed: true, cancellationToken);
        var asOf = await AsOf(request, cancellationToken);
        var (sample, shownTo, kept) = await effects.ReadAsync(Tenant, [.. Shards], Query(request, model, asOf), cancellationToken);
        if (sample.Showings == 0)
            return EffectViews.OfNothing(asOf, model?.Version ?? 0, shownTo, kept) with { Nobody = await NobodyAsync(request, model, asOf, shownTo, cancellationToken) };
        var (drivers, since) = await effects.OfAsync(sample, asOf, cancellationToken);
        return EffectViews.Of(drivers, model?.Version ?? 0, shownTo, kept, since);
    }

    private async Task<InfluencersView> InfluencersAsync(AudienceRequest request, int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > MostInfluencers)
            throw new InvalidRequestException("count", $"{count} is not in 1 to {MostInfluencers}");
        var model = await ModelOf(request, needed: request.Segment is not null, cancellationToken);
        var asOf = await AsOf(request, cancellationToken);
        var how = new InfluenceOptions { Count = count };
        var among = await influence.ReadAsync([.. Shards], Query(request, model, asOf), null, cancellationToken);
        var chosen = await influence.ChooseAsync(among, how, one => new[] { one.Choose(), one.ByDegree(), one.ByPageRank() }, cancellationToken) ?? [];
        return new InfluencersView(asOf, among.People.Length, among.Graph.Pairs, model?.Version ?? 0, (long)how.Seed, how.MostPerLink, Array.ConvertAll(chosen, one => new InfluencersChoiceView(
            one.Method, new EstimateView(one.Reach, one.ReachInterval.Low, one.ReachInterval.High), one.Guarantee,
            [.. one.People.Select(person => new InfluencerView(among.People[person.Person], person.Friends, person.Alone, person.Added))])))
        {
            Nobody = await NobodyAsync(request, model, asOf, among.People.Length, cancellationToken),
        };
    }

    private async Task<PersonasView?> PersonasAsync(CancellationToken cancellationToken)
    {
        if (await models.CurrentAsync(Tenant, cancellationToken) is not { } model)
            return null;
        var previous = model.Version > 1 ? await models.GetAsync(Tenant, model.Version - 1, cancellationToken) : null;
        var parts = await Task.WhenAll(Shards.Select(shard => shard.GetPersonas(model.Version, previous?.Version ?? 0, StabilityRows, cancellationToken)));
        var scan = new PersonaScan(model, previous?.Segments.Length ?? 0);
        var columns = model.Features.Count;
        foreach (var part in parts)
            scan.Merge(part.Sizes, part.Border, part.Flows, part.Rows, part.Sums, [.. part.Hashes.Select((hash, i) => (hash, part.Values[(i * columns)..((i + 1) * columns)], part.Segments[i]))], StabilityRows);
        var sample = scan.Sample;
        var stability = await PersonaStability.OfAsync(
            [.. sample.Select(one => one.Row)], [.. sample.Select(one => one.Segment)], model.Segments.Length, (ulong)model.Seed, drawing => pool.Run(drawing, cancellationToken), cancellationToken);
        var drift = Drift.Of(model, scan);
        var k = model.Segments.Length;
        return new PersonasView(
            model.Version, model.AsOf, await AsOf(new AudienceRequest(), cancellationToken), scan.Sizes.Sum(), previous?.Version ?? 0,
            [.. model.Segments.Select((segment, i) => new PersonaView(i, segment.Persona, scan.Sizes[i], segment.Profile.Size, Rhythms.Rate(Rate.Of(scan.Border[i], scan.Sizes[i])),
                [.. model.Contrasts(i).Select(one => new FeatureContrast(one.Feature, one.Mean, one.Overall, one.Deviations))]))],
            previous is null ? [] : [.. scan.Flows.Select((users, at) => (users, from: at / k, to: at % k)).Where(flow => flow.users > 0).OrderByDescending(flow => flow.users).ThenBy(flow => (flow.from, flow.to))
                .Select(flow => new PersonaFlowView(flow.from < previous.Segments.Length ? previous.Segments[flow.from].Persona : null, model.Segments[flow.to].Persona, flow.users))],
            new DriftView([.. drift.Columns.Select((moved, i) => new FeatureDriftView(model.Features.Features[i].Name, moved)).OrderByDescending(one => Math.Abs(one.Deviations))],
                drift.Stability, Drift.ColumnTrigger, Drift.StabilityTrigger, drift.IsFar),
            new StabilityView(stability.Rows, stability.Seeds, stability.Bootstraps)) { FeaturesAsOf = parts.Max(part => part.AsOf) };
    }

    public async Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken)
    {
        var kinds = EntryKinds.Sent.Where(Trail.Keeps).Select(kind => kind.Name()).ToArray();
        CheckTo(request.To, request.Steps);
        if (request.Steps.Length == 0) request = request with { Steps = await StepsKept(request.To, cancellationToken) };
        if (request.Steps.FirstOrDefault(name => !kinds.Contains(name)) is { } unknown)
            throw new InvalidRequestException("steps", $"there is no step '{unknown}'; there are {string.Join(", ", kinds)}");
        CheckOnce(request.Steps);
        if (!(request.WindowSeconds > 0 && request.WindowSeconds <= TimeSpan.MaxValue.TotalSeconds / 2))
            throw new InvalidRequestException("hours", "has to be more than nothing, and no more than a calendar holds");
        var isByPersona = CheckBy(request.By);
        var model = await ModelOf(request.Audience, isByPersona || request.Audience.Segment is not null, cancellationToken);
        if (isByPersona && model is null) throw new InvalidRequestException("by", "personas cannot be told apart: no segmentation is published yet") { Unknown = InvalidRequestException.Segmentation };
        var asOf = await AsOf(request.Audience, cancellationToken);
        // What is asked for moves ages; what came is known up to the last event.
        var known = await AsOf(request.Audience with { AsOf = null }, cancellationToken);
        var (query, window) = (Query(request.Audience, model, asOf), TimeSpan.FromSeconds(request.WindowSeconds));
        var told = await ToldOf(request.By, query, cancellationToken);
        var parts = await Task.WhenAll(Shards.Select(shard => shard.GetOrderedFunnel(query, request.Steps, window, known, isByPersona ? AudienceRow.Segment : request.By, told, cancellationToken)));
        var groups = new Dictionary<string, OrderedTally>();
        foreach (var part in parts)
        {
            foreach (var (group, reached) in part.Reached)
            {
                if (!groups.TryGetValue(group, out var of)) groups.Add(group, of = OrderedTally.Empty(request.Steps.Length));
                of.Add(new OrderedTally(reached, part.Waits[group], part.Waiting[group], part.Over[group]) { Spent = part.Spent[group], SpentToEnd = part.SpentToEnd[group] });
            }
        }

        var since = parts.Where(part => part.Since > 0).Select(part => part.Since).DefaultIfEmpty().Min();
        return new OrderedFunnelView(
            asOf, since == 0 ? null : new DateTimeOffset(since, TimeSpan.Zero), parts.Sum(part => part.Events), model?.Version ?? 0, request.Steps, request.WindowSeconds,
            [
                .. InOrder(groups, tally => tally.Reached[0]).Select(group => View(NameOf(group.Key, isByPersona ? model : null), group.Value, groups[FunnelScan.Everybody].Reached[0], request.WindowSeconds) with { IsRest = group.Key == AudienceRow.Others, IsUnknown = group.Key == AudienceRow.Unknown }),
            ])
        {
            Overlaps = Audience.Overlaps(request.By),
            Nobody = Nobody(request.Audience, parts.Sum(part => part.Users)),
            Meant = parts.Sum(part => part.Users),
            FirstNotKept = parts.Sum(part => part.FirstNotKept),
        };
    }

    private async Task<string[]> StepsTaken(string? to, CancellationToken cancellationToken)
    {
        var counts = Censuses.Merge(await Task.WhenAll(Shards.Select(shard => shard.GetCensus(cancellationToken)))).Counts;
        // What a step is told by is another sum than that of its name: an answer is of something that was shown, though nothing was sent of that.
        return FunnelStep.Taken(step => counts.GetValueOrDefault(FactCatalogue.Of(step.Fact).Name) > 0, to);
    }

    /// <summary>The same of steps of which it is known when they were: what was taken without a date cannot be in order.</summary>
    private async Task<string[]> StepsKept(string? to, CancellationToken cancellationToken)
    {
        var kept = (await Task.WhenAll(Shards.Select(shard => shard.GetStepsKept(cancellationToken)))).SelectMany(part => part.Keys).ToHashSet();
        return FunnelStep.Taken(step => kept.Contains(step.Name), to);
    }

    /// <summary>A step that is named twice would count the same users again, and in order one event would be both.</summary>
    private static void CheckOnce(string[] steps)
    {
        if (steps.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidRequestException("steps", $"has '{twice.Key}' twice: each step can be one of them once");
    }

    private static void CheckTo(string? to, string[] steps)
    {
        if (to is null) return;
        if (steps.Length > 0) throw new InvalidRequestException("to", "says which steps are meant where none are named, and some are");
        if (!FunnelStep.Goals.Contains(to)) throw new InvalidRequestException("to", $"there is no usual way to '{to}'; there are those to {string.Join(" and ", FunnelStep.Goals)}");
    }

    /// <summary>The locales or places that most users have, for there may be as many as users; null for what there are few of.</summary>
    private async Task<string[]?> ToldOf(string? by, AudienceQuery query, CancellationToken cancellationToken) => by is not (Audience.Locale or Audience.Place) ? null
        : AudienceParts.Largest(await Task.WhenAll(Shards.Select(shard => shard.GetSizes(query, by, GroupsOfShard, cancellationToken))), MostGroups, by == Audience.Place ? options.Value.LeastPlaceUsers : 1);

    /// <summary>Everybody, then the largest groups, what is not told by itself, and last those of whom it is not known.</summary>
    private static IEnumerable<KeyValuePair<string, T>> InOrder<T>(IReadOnlyDictionary<string, T> groups, Func<T, long> users) => groups
        .OrderByDescending(group => group.Key == FunnelScan.Everybody).ThenBy(group => group.Key == AudienceRow.Unknown).ThenBy(group => group.Key == AudienceRow.Others).ThenByDescending(group => users(group.Value)).ThenBy(group => group.Key, StringComparer.Ordinal);

    /// <param name="personas">The model whose segments groups are; null where they are something else.</param>
    private static string NameOf(string group, SegmentModel? personas) => group == AudienceRow.Others ? "other" : group == AudienceRow.Unknown ? "unknown"
        : personas is null || group == FunnelScan.Everybody ? group : personas.Segments[int.Parse(group, CultureInfo.InvariantCulture)].Persona;

    /// <summary>Whether users are told apart by persona.</summary>
    private static bool CheckBy(string? by) => by is null || by == Persona || (by != AudienceRow.Segment && AudienceRow.Names.Contains(by)) ? by == Persona
        : throw new InvalidRequestException("by", $"users are not told apart by '{by}'; they are by {string.Join(", ", AudienceRow.Names.Where(name => name != AudienceRow.Segment).Append(Persona))}");

    private static OrderedFunnelGroupView View(string value, OrderedTally tally, long all, double window) => new(value, tally.Reached[0],
        [.. tally.Reached.Select((users, step) => new OrderedFunnelReachedView(
            users, View(Rate.Of(tally.Over[step], tally.Over[0])), View(Rate.Of(tally.Over[step], tally.Over[Math.Max(0, step - 1)])),
            step == 0 ? null : Wait(tally.Waits[step - 1], 0.5, window), step == 0 ? null : Wait(tally.Waits[step - 1], 0.9, window)) { NotYet = tally.Waiting[step] })])
    {
        Spent = tally.Spent, SpentToEnd = tally.SpentToEnd, OfAll = View(Rate.Of(tally.Reached[0], all)),
    };

    /// <summary>To the next power of two of a second, which may be past the window that all of it lies within.</summary>
    private static double? Wait(long[] waits, double share, double window) => OrderedFunnel.Quantile(waits, share) is { } wait ? Math.Min(wait.TotalSeconds, window) : null;

    public async Task<QualityView> GetQuality(CancellationToken cancellationToken)
    {
        var everybody = new AudienceRequest();
        var asOf = await AsOf(everybody, cancellationToken);
        var (scan, censuses, imports) = (Scan(everybody, null, asOf, cancellationToken), Task.WhenAll(Shards.Select(shard => shard.GetCensus(cancellationToken))), GrainFactory.GetGrain<IImportLogGrain>(Tenant).List(cancellationToken));
        await Task.WhenAll(scan, censuses, imports);
        var audience = (await scan).Audience;
        return new QualityView(asOf, audience.Users,
            [.. ProfileQuality.Of(audience, asOf).Select(one => new FieldQualityView(
                one.Field, one.Definition, one.Known, View(Rate.Of(one.Missing, audience.Users)), [.. one.Suspicious.Select(why => new Finding(why.Reason, why.Count, why.Examples))]))],
            // Impressions are rows made of the others.
            Censuses.Merge(await censuses).Counts.Where(count => !count.Key.StartsWith("impressions", StringComparison.Ordinal)).ToDictionary(), await imports);
    }

    public async Task<StrategiesView> GetStrategies(CancellationToken cancellationToken)
    {
        var model = await models.CurrentAsync(Tenant, cancellationToken);
        return new StrategiesView(strategies.Version, model?.Version ?? 0, model?.AsOf, [.. strategies.All.Select(View)],
            model is null ? [] : [.. strategies.Match(model, archetypes).Select(match => View(match, model.Segments[match.Segment]))]) { NoSegmentation = AudienceWords.NoSegmentation(model?.Version) };
    }

    private async Task<AudienceScan> Scan(AudienceRequest request, SegmentModel? model, DateTimeOffset asOf, CancellationToken cancellationToken)
    {
        var query = Query(request, model, asOf);
        return AudienceParts.Merge(await Task.WhenAll(Shards.Select(shard => shard.GetAudience(query, cancellationToken))));
    }

    private static string? Nobody(AudienceRequest request, long users) => users > 0 ? null : AudienceWords.Nobody(request);

    /// <summary>The same where somebody may be meant of whom there is nothing to tell: shards are asked only then.</summary>
    private async Task<string?> NobodyAsync(AudienceRequest request, SegmentModel? model, DateTimeOffset asOf, long told, CancellationToken cancellationToken) =>
        told > 0 ? null : Nobody(request, (await Scan(request, model, asOf, cancellationToken)).Audience.Users);

    private static AudienceQuery Query(AudienceRequest request, SegmentModel? model, DateTimeOffset asOf)
    {
        var (year, month) = (asOf.UtcDateTime.Year, AudienceRow.MonthOf(asOf.UtcDateTime));
        return new AudienceQuery
        {
            Version = model?.Version ?? 0,
            Segment = request.Segment,
            Locale = request.Locale,
            Gender = request.Gender,
            Platform = request.Platform,
            BornFrom = year - request.AgeTo,
            // Who is born after it is of no age yet.
            BornTo = request.AgeFrom == 0 ? int.MaxValue : year - request.AgeFrom,
            Year = year,
            Place = request.Place,
            JoinedFrom = month - request.TenureTo,
            // Who joined after the instant has been there for no month yet.
            JoinedTo = request.TenureFrom == 0 ? int.MaxValue : month - request.TenureFrom,
            FriendsFrom = request.FriendsFrom,
            FriendsTo = request.FriendsTo,
        };
    }

    /// <summary>The published model where segments matter; the request's segment is one of its own.</summary>
    private async Task<SegmentModel?> ModelOf(AudienceRequest request, bool needed, CancellationToken cancellationToken)
    {
        var model = needed ? await models.CurrentAsync(Tenant, cancellationToken) : null;
        if (request.Segment is not { } segment) return model;
        if (model is null) throw new InvalidRequestException("segment", "cannot be asked for: no segmentation is published yet") { Unknown = InvalidRequestException.Segmentation };
        return segment >= 0 && segment < model.Segments.Length
            ? model
            : throw new InvalidRequestException("segment", $"{segment} is none of version {model.Version}, which has 0 to {model.Segments.Length - 1}") { Unknown = "segment" };
    }

    private async Task<DateTimeOffset> AsOf(AudienceRequest request, CancellationToken cancellationToken) =>
        request.AsOf is { } asOf && (asOf < EntryValidation.Earliest || asOf >= EntryValidation.Latest)
            ? throw new InvalidRequestException("asOf", $"must lie from {EntryValidation.Earliest:yyyy} and before {EntryValidation.Latest:yyyy}")
            : request.AsOf ?? await GrainFactory.GetGrain<IEngineGrain>(Tenant).GetAsOf(cancellationToken);

    /// <param name="ranked">Of how many categories it is told together which group is ahead.</param>
    /// <param name="least">Of how many users a group is at the least that is told by itself.</param>
    private static GroupRates Rates(string category, string definition, AudienceScan scan, Dictionary<string, InterestTally> tallies, Func<string, string> name, int ranked, int most = MostRates, int least = 1) =>
        GroupRates.Of(category, definition, [.. tallies.Where(one => IsGroup(one.Key)).Select(one => (name(one.Key), one.Value))], scan.Interest.Shown, most, least,
            tallies.GetValueOrDefault(Audience.Rest), tallies.GetValueOrDefault(AudienceRow.Unknown), ranked);

    /// <summary>Whether a value is one that users have.</summary>
    private static bool IsGroup(string value) => value is not (Audience.Rest or AudienceRow.Unknown);

    private static RateView View(Rate rate) => Rhythms.Rate(rate);

    private static BreakdownView View(Breakdown one) =>
        new(one.Name, one.Definition, one.Known, one.Missing, [.. one.Shares.Select(share => new ShareView(share.Value, View(share.Rate)))], one.Others) { Overlaps = one.Overlaps };

    private static NumberSummaryView View(NumberSummary one) => new(one.Name, one.Definition, one.N, one.Mean, one.LowerQuartile, one.Median, one.UpperQuartile);

    private static GroupRatesView View(GroupRates rates) => new(rates.Category, rates.Definition, Array.ConvertAll(rates.Groups, View), rates.MostShown)
    {
        FirstIsAhead = rates.FirstIsAhead, LeftOut = rates.LeftOut, Overlaps = rates.Overlaps, Others = rates.Others is { } others ? View(others) : null, Unknown = rates.Unknown is { } unknown ? View(unknown) : null,
    };

    private static GroupRateView View(GroupRate one) => new(one.Value, View(one.Rate), one.Volume, one.Shrunk, one.ShrunkInterval.Low, one.ShrunkInterval.High) { Users = one.Users, MayBeAsHigh = one.MayBeAsHigh };

    private static FunnelGroupView View(string value, FunnelTally tally, long all) => new(value, tally.Users,
        [.. tally.Reached.Select((users, step) => new FunnelReachedView(users, View(Rate.Of(users, tally.Reached[0])), View(Rate.Of(users, step == 0 ? tally.Users : tally.Reached[step - 1]))))],
        tally.Spent) { SpentToEnd = tally.SpentToEnd, OfAll = View(Rate.Of(tally.Users, all)) };

    private static StrategyView View(Strategy one) => new(
        one.Name, one.Summary, one.Archetype, one.Goal, one.Offer, one.Channel, one.Timing, one.Most, one.Days, one.Influencers, one.Holdout, one.Measure) { Items = one.Items.InWords, Channels = one.Channels.InWords, Times = one.Times.InWords };

    private static StrategyMatchView View(StrategyMatch match, Segment segment) => new(
        match.Strategy.Name, match.Segment, segment.Persona, segment.Profile.Size, match.Fits,
        [.. match.Conditions.Select(condition => new StrategyConditionView(condition.Says, condition.Found, condition.Holds))]);

    private string Tenant => this.GetPrimaryKeyString();

    private IEnumerable<IFeatureShardGrain> Shards => Enumerable.Range(0, store.Partitions)
        .Select(number => GrainFactory.GetGrain<IFeatureShardGrain>(GrainKeys.Shard(Tenant, DataSets.Users, number)));
}
