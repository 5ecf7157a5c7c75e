using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Page;
using Auie.Client;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/: the page for people, which reads the API. /report: the same page with the state of now in it, as a file to keep.</summary>
public static class PageApi
{
    private const string Html = "text/html";
    private const int Jobs = 20, Campaigns = 10, Carriers = 10;

    /// <summary>Among more people influencers are looked for only when somebody asks.</summary>
    private const int MostPeopleForCarriers = 50_000;

    private static readonly TimeSpan FunnelWindow = TimeSpan.FromDays(7);
    private static readonly string[] WaysOfFunnels = ["locale", "platform", "place"];

    public static IEndpointRouteBuilder MapPage(this IEndpointRouteBuilder routes)
    {
        // The page itself holds nothing of the engine's: what it shows it asks the API for, with a key where one is needed.
        routes.MapMethods("/", [HttpMethods.Get, HttpMethods.Head], Get).AllowAnonymous().ExcludeFromDescription();
        routes.MapGet("/report", GetReport).WithName("GetReport").WithTags("Engine")
            .WithSummary("The page with the state of now in it, as one HTML file that asks for nothing")
            .Produces<string>(StatusCodes.Status200OK, Html).RequireScope(Scopes.Read)
            .AddEndpointFilter(RepeatedReads.Pass).WithMetadata(new MayTake(
                CallLimit.Of<IInsightsGrain>(nameof(IInsightsGrain.GetEffects)) + CallLimit.Of<IInsightsGrain>(nameof(IInsightsGrain.GetPersonas))
                + CallLimit.Of<IInsightsGrain>(nameof(IInsightsGrain.GetInfluencers))));
        return routes;
    }

    private static ContentHttpResult Get(HttpResponse response, AuieApiOptions options) =>
        Answer(response, EnginePage.OfBuild.Live(needsKey: !options.Keys.IsEmpty));

    private static async Task<ContentHttpResult> GetReport(EngineClient engine, ReceivedEvents received, HttpResponse response, CancellationToken cancellationToken) =>
        Answer(response, EnginePage.OfBuild.Of(await StateOf(engine, received, cancellationToken)));

    private static ContentHttpResult Answer(HttpResponse response, string html)
    {
        response.Headers.ContentSecurityPolicy = EnginePage.OfBuild.PolicyHeader;
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return TypedResults.Content(html, Html, Encoding.UTF8);
    }

    /// <summary>What takes long is left out where as much of it is under way as may be.</summary>
    private static async Task<T?> IfThereIsRoom<T>(Func<Task<T?>> read) where T : class
    {
        try
        {
            return await read();
        }
        catch (OverloadedException)
        {
            return null;
        }
    }

    /// <summary>What the page would read, in the forms that the API answers in.</summary>
    private static async Task<string> StateOf(EngineClient engine, ReceivedEvents received, CancellationToken cancellationToken)
    {
        var (info, overview) = (engine.GetInfo(cancellationToken), engine.GetOverview(cancellationToken));
        var (jobs, segmentation) = (engine.ListJobs(Jobs, cancellationToken), await engine.GetSegmentation(cancellationToken));
        var segments = await Task.WhenAll((segmentation?.Segments ?? [])
            .Select(segment => engine.GetSegment(segment.Version, segment.Segment, cancellationToken)));
        var (when, strategies) = (engine.GetWhen(new AudienceRequest(), cancellationToken), engine.GetStrategies(cancellationToken));
        var counts = (await overview).Users;
        var funnel = await FunnelBy(segmentation is null ? null : "persona");
        var funnelToCome = await FunnelBy(segmentation is null ? null : "persona", "came");
        var funnelsBy = new JsonObject();
        foreach (var by in WaysOfFunnels) funnelsBy[by] = await FunnelBy(by) is { } told ? JsonSerializer.SerializeToNode(told, AuieJson.Lenient.OrderedFunnelView) : null;
        var quality = await engine.GetQuality(cancellationToken) with { Received = received.View() };
        var who = engine.GetWho(new AudienceRequest(), cancellationToken);
        var (drivers, effects) = (engine.GetDrivers(new AudienceRequest(), cancellationToken), await IfThereIsRoom<EffectsView>(async () => await engine.GetEffects(new AudienceRequest(), cancellationToken)));
        var personas = segmentation is null ? null : await IfThereIsRoom(() => engine.GetPersonas(cancellationToken));
        var influencers = counts.Users is 0 or > MostPeopleForCarriers ? null
            : await IfThereIsRoom<InfluencersView>(async () => await engine.GetInfluencers(new AudienceRequest(), Carriers, cancellationToken));
        var campaigns = await Task.WhenAll((await engine.ListCampaigns(cancellationToken)).Take(Campaigns).Select(async campaign =>
        {
            var node = JsonSerializer.SerializeToNode(campaign, AuieJson.Lenient.CampaignView)!.AsObject();
            node["result"] = await engine.GetCampaignResult(campaign.Id, cancellationToken) is { } result ? JsonSerializer.SerializeToNode(result, AuieJson.Lenient.CampaignResultView) : null;
            return node;
        }));
        return new JsonObject
        {
            ["madeAt"] = DateTimeOffset.UtcNow,
            ["engine"] = JsonSerializer.SerializeToNode(await info, AuieJson.Lenient.EngineInfo),
            ["overview"] = JsonSerializer.SerializeToNode(await overview, AuieJson.Lenient.EngineOverview),
            ["jobs"] = JsonSerializer.SerializeToNode(new JobList(await jobs), AuieJson.Lenient.JobList)!["jobs"]!.DeepClone(),
            ["when"] = JsonSerializer.SerializeToNode(await when, AuieJson.Lenient.WhenView),
            ["strategies"] = JsonSerializer.SerializeToNode(await strategies, AuieJson.Lenient.StrategiesView),
            ["quality"] = JsonSerializer.SerializeToNode(quality, AuieJson.Lenient.QualityView),
            ["who"] = JsonSerializer.SerializeToNode(await who, AuieJson.Lenient.AudienceView),
            ["drivers"] = JsonSerializer.SerializeToNode(await drivers, AuieJson.Lenient.InterestView),
            ["effects"] = effects is null ? null : JsonSerializer.SerializeToNode(effects, AuieJson.Lenient.EffectsView),
            ["personas"] = personas is null ? null : JsonSerializer.SerializeToNode(personas, AuieJson.Lenient.PersonasView),
            ["funnel"] = funnel is null ? null : JsonSerializer.SerializeToNode(funnel, AuieJson.Lenient.OrderedFunnelView),
            ["funnelToCome"] = funnelToCome is null ? null : JsonSerializer.SerializeToNode(funnelToCome, AuieJson.Lenient.OrderedFunnelView),
            ["funnelsBy"] = funnel is null ? null : funnelsBy,
            ["influencers"] = influencers is null ? null : JsonSerializer.SerializeToNode(influencers, AuieJson.Lenient.InfluencersView),
            ["campaigns"] = new JsonArray([.. campaigns]),
            ["segmentation"] = segmentation is null ? null : JsonSerializer.SerializeToNode(segmentation, AuieJson.Lenient.SegmentationView),
            ["segments"] = new JsonArray([.. segments.OfType<SegmentView>().Select(segment => JsonSerializer.SerializeToNode(segment, AuieJson.Lenient.SegmentView))]),
        }.ToJsonString();

        async Task<OrderedFunnelView?> FunnelBy(string? by, string? to = null) =>
            await engine.GetOrderedFunnel(new OrderedFunnelRequest([], FunnelWindow.TotalSeconds, by, new AudienceRequest()) { To = to }, cancellationToken) is { Steps.Length: > 1 } told ? told : null;
    }
}
