using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/insights: who there is, and who is interested in what is shown to them; of all, a segment, or any filter. /api/funnels: how far they get. /api/strategies: what to do for whom.</summary>
public static class InsightsApi
{
    private const int DefaultInfluencers = 20, MostInfluencers = 1_000;
    private const double DefaultHours = 168;
    private const string UsualSteps = "steps left out are those that anybody ever took (in order: of which it is known when) of the way to buying (shown, viewed, interested, purchased), or with to=came of that to coming (shown, viewed, interested, yes, came); "
        + "with neither steps nor to it is the way to buying where anybody bought something. ";

    private const string Overlapping = "By platform one user may be in several groups (overlaps), in each with every step that they took: groups add up to more than everybody. What was spent counts on the platform of the purchase, and what was spent on none that is known in the unknown group. ";

    public static RouteGroupBuilder MapInsightsApi(this RouteGroupBuilder api)
    {
        var insights = api.MapGroup("/insights").WithTags("Insights").RequireScope(Scopes.Read);
        insights.MapGet("/who", GetWho).WithName("GetWho").WithSummary("Who there is: gender, age, locale, place, tenure, friends, platforms")
            .WithDescription(AudienceParameters.Meaning).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        insights.MapGet("/drivers", GetDrivers).WithName("GetDrivers").WithSummary("Who is interested in what is shown to them, by locale, place, gender, age, platform and persona")
            .WithDescription("Of more than 1,000 groups, or 100 places, those with most showings are told, of places those of Engine:LeastPlaceUsers (5) users at the least; leftOut is how many are not. firstIsAhead is of those that are told; volume is of all that was shown. Of platforms one user may have several (overlaps), so that groups add up to more than all. " + AudienceParameters.Meaning).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        insights.MapGet("/effects", GetEffects).WithName("GetEffects").WithSummary("What drives interest in what is shown: each effect over all and within the page, by itself and after the others are taken into account, and a matrix of correlations")
            .WithDescription("Of a sample that is stated: showings that the journal still has, of users in the order of their ids' hashes, up to Engine:EffectShowings (10,000); each with what was known at its instant. "
                + "q is p corrected for many tests. " + AudienceParameters.Meaning).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).WithMetadata(MayTake.As<IInsightsGrain>(nameof(IInsightsGrain.GetEffects)));
        insights.MapGet("/when", GetWhen).WithName("GetWhen").WithSummary("When users are active and interested: by hour and weekday on their own clocks, and when to send")
            .WithDescription("Counted as events arrive, in UTC, and told in each user's own zone: of the profile, else of the locale's country, else UTC. asOf also says which day is the last of the 400 that are told. " + AudienceParameters.Meaning)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
        insights.MapGet("/influencers", GetInfluencers).WithName("GetInfluencers").WithSummary("Who carries a word among these: by influence maximisation, beside most friends and PageRank")
            .WithDescription("count: how many, from 1 to 1,000 (left out: 20). Of lists of friends as of the last flush, among those who did not forbid that what they do is kept; of too many people or links it is refused. " + AudienceParameters.Meaning)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).WithMetadata(MayTake.As<IInsightsGrain>(nameof(IInsightsGrain.GetInfluencers)));
        insights.MapGet("/personas", GetPersonas).WithName("GetPersonas").WithSummary("Personas in depth: what sets each apart, flows from the version before, who is at the border, stability, drift")
            .WithDescription("As of now, by the published segmentation. It looks for the personas again among a sample of users, so it takes a second or so.").ProducesProblem(StatusCodes.Status404NotFound).WithMetadata(MayTake.As<IInsightsGrain>(nameof(IInsightsGrain.GetPersonas)));
        insights.MapGet("/quality", GetQuality).WithName("GetQuality").WithSummary("How good the data is: what profiles lack and what in them looks wrong, events by kind, what was refused and why, and what imports reported")
            .WithDescription("From counters and columns, as of the last flush. received is what the process that answers was sent since it started (since); where several serve the API, each tells of its own. What senders wrote is not kept: refused has no examples; imports has those of the latest import of each source.");
        api.MapGet("/funnels", GetFunnel).WithTags("Insights").WithName("GetFunnel").WithSummary("How many users took every step of a list up to each")
            .WithDescription("steps are names joined by commas, each once, of invited, shown, viewed, interested, maybe, yes, came, purchased: each counts users who ever took it and all before it, in whatever order and of whatever item. "
                + UsualSteps + "by is locale, place, gender, age, platform or persona; of locales and places the 100 with most users are told by themselves, of places those of Engine:LeastPlaceUsers (5) at the least, the rest together (isRest). spent is what all of a group spent, spentToEnd what of that those who took every step, ofAll the group's share of users. "
                + Overlapping + AudienceParameters.Meaning).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound)
            .RequireScope(Scopes.Read);
        api.MapGet("/funnels/ordered", GetOrderedFunnel).WithTags("Insights").WithName("GetOrderedFunnel").WithSummary("How many users took steps in order and within a window, and how long they took")
            .WithDescription("steps are kinds of events joined by commas, each once; hours is how long after the first the others may come (left out: 168, a week). Of each user's latest 64 steps, "
                + "of whatever kind; " + UsualSteps + "Since when that is the answer says. Who may still go on by the last event is told apart (notYet), and rates are only of first steps whose window is over; spent is what all who took the first step paid within the window, spentToEnd what of that those who came to the last, ofAll the group's share of those who took the first. meant is how many users the filters mean; the first group's are those who took the first step so that it is known when, and of the others firstNotKept took it, but when is not kept. " + Overlapping + AudienceParameters.Meaning).ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        api.MapGet("/strategies", GetStrategies).WithTags("Insights").WithName("GetStrategies").WithSummary("What to do for whom: strategies, and which segments each fits")
            .WithDescription("The library that is installed, by its version, and each strategy beside each segment of the published segmentation: every condition with what was found.")
            .RequireScope(Scopes.Read);
        return api;
    }

    private static async Task<Ok<AudienceView>> GetWho(
        [AsParameters] AudienceParameters audience, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetWho(audience.Read(), cancellationToken));

    private static async Task<Ok<InterestView>> GetDrivers(
        [AsParameters] AudienceParameters audience, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetDrivers(audience.Read(), cancellationToken));

    private static async Task<Ok<EffectsView>> GetEffects(
        [AsParameters] AudienceParameters audience, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetEffects(audience.Read(), cancellationToken));

    private static async Task<Ok<WhenView>> GetWhen(
        [AsParameters] AudienceParameters audience, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetWhen(audience.Read(), cancellationToken));

    private static async Task<Ok<InfluencersView>> GetInfluencers(
        int? count, [AsParameters] AudienceParameters audience, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetInfluencers(audience.Read(), Input.Count(count, DefaultInfluencers, MostInfluencers), cancellationToken));

    private static async Task<Results<Ok<PersonasView>, ProblemHttpResult>> GetPersonas(EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.GetPersonas(cancellationToken) is { } personas ? TypedResults.Ok(personas) : SegmentsApi.NoSegmentation.ToResult(context);

    private static async Task<Ok<QualityView>> GetQuality(EngineClient engine, ReceivedEvents received, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetQuality(cancellationToken) with { Received = received.View() });

    private static async Task<Ok<FunnelView>> GetFunnel(
        string? steps, string? to, string? by, [AsParameters] AudienceParameters audience, EngineClient engine,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetFunnel(new FunnelRequest(Steps(steps), by?.ToLowerInvariant(), audience.Read()) { To = to?.ToLowerInvariant() }, cancellationToken));

    private static async Task<Ok<OrderedFunnelView>> GetOrderedFunnel(
        string? steps, string? to, double? hours, string? by, [AsParameters] AudienceParameters audience, EngineClient engine,
        CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetOrderedFunnel(new OrderedFunnelRequest(
            Steps(steps), (hours ?? DefaultHours) * 3600, by?.ToLowerInvariant(), audience.Read()) { To = to?.ToLowerInvariant() }, cancellationToken));

    private static async Task<Ok<StrategiesView>> GetStrategies(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.GetStrategies(cancellationToken));

    private static string[] Steps(string? steps) => steps?.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries) ?? [];
}
