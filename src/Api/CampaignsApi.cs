using System.Text.Json;
using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Csv;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>/api/campaigns: plans made of strategies, their export, and what came of them.</summary>
public static class CampaignsApi
{
    private const int MembersAtOnce = 1_000;

    public static RouteGroupBuilder MapCampaignsApi(this RouteGroupBuilder api)
    {
        const string how = "Left out are members who forbade that what they do is kept (noTracking), those whom other campaigns reach as often as the strategy allows (reached), and those whom they leave alone to compare with (aside); a share is drawn and left alone. "
            + "Through what and when each is reached follows from the strategy. What to send: items that are named, or what recommending gives each member; where they are many, what it gives most of a sample. The same state and order give the same plan. "
            + "sentWhen and sends tell when it really goes, on members' own clocks, time the segment's best time. A from that is past, by the engine's now, is refused. sendsNothing says why nothing is sent to anybody, where that is so: such a plan is told, and refused where it is to be kept.";
        var campaigns = api.MapGroup("/campaigns").WithTags("Campaigns");
        campaigns.MapPost("/preview", Preview).WithName("PreviewCampaign").WithSummary("A campaign as it would be planned; nothing is kept").WithDescription(how)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        campaigns.MapPost("", Create).WithName("CreateCampaign").WithSummary("Plans a campaign and keeps it; what its members do is counted from here").WithDescription(how)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Jobs);
        campaigns.MapGet("", List).WithName("ListCampaigns").WithSummary("Every campaign, the newest first").RequireScope(Scopes.Read);
        campaigns.MapGet("/{id}", Get).WithName("GetCampaign").WithSummary("A campaign").ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        campaigns.MapGet("/{id}/result", GetResult).WithName("GetCampaignResult").WithSummary("What a campaign changed so far: those treated against those left alone")
            .WithDescription("Shares of members who gave the measure's answer since the campaign was planned, as of the last flush, with an interval of 95 % of their difference.")
            .ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read).WithMetadata(MayTake.As<ICampaignsGrain>(nameof(ICampaignsGrain.GetResult)));
        campaigns.MapGet("/{id}/export", Export).WithName("ExportCampaign").WithSummary("A campaign with its members: who, when, where, through what, what, treated or left alone")
            .WithDescription("format: csv (a row for each member; left out, this) or json (one document). Who is left alone has no time and no items. influencer is, of those who are asked first to carry it on, in which place: 1 for the first; empty of all others. "
                + "spreadsheet: whether a text that a spreadsheet would run as a formula gets an apostrophe before it.")
            .Produces<string>(StatusCodes.Status200OK, "text/csv", "application/json").ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Read);
        campaigns.MapDelete("/{id}", Delete).WithName("DeleteCampaign").WithSummary("Forgets a campaign").ProducesProblem(StatusCodes.Status404NotFound).RequireScope(Scopes.Jobs);
        return api;
    }

    private static async Task<Ok<CampaignView>> Preview(CampaignRequest order, EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(await engine.PreviewCampaign(Checked(order), cancellationToken));

    private static async Task<Created<CampaignView>> Create(CampaignRequest order, EngineClient engine, CancellationToken cancellationToken)
    {
        var campaign = await engine.CreateCampaign(Checked(order), cancellationToken);
        return TypedResults.Created($"/api/campaigns/{campaign.Id}", campaign);
    }

    private static async Task<Ok<CampaignList>> List(EngineClient engine, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CampaignList(await engine.ListCampaigns(cancellationToken)));

    private static async Task<Results<Ok<CampaignView>, ProblemHttpResult>> Get(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.GetCampaign(id, cancellationToken) is { } campaign ? TypedResults.Ok(campaign) : Unknown(id).ToResult(context);

    private static async Task<Results<Ok<CampaignResultView>, ProblemHttpResult>> GetResult(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.GetCampaignResult(id, cancellationToken) is { } result ? TypedResults.Ok(result) : Unknown(id).ToResult(context);

    private static async Task<Results<NoContent, ProblemHttpResult>> Delete(string id, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        await engine.DeleteCampaign(id, cancellationToken) ? TypedResults.NoContent() : Unknown(id).ToResult(context);

    // Nothing is sent before there is a first page: what fails until then is answered with a problem.
    private static async Task Export(string id, string? format, bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        format = Input.Word("format", format, "csv", "json");
        await using var pages = engine.ReadCampaign(id, MembersAtOnce, cancellationToken).GetAsyncEnumerator(cancellationToken);
        if (!await pages.MoveNextAsync())
        {
            await Problems.Write(context, Unknown(id));
            return;
        }

        if (format == "json") await WriteJson(pages, context.Response, cancellationToken);
        else await WriteCsv(pages, context.Response, spreadsheet ?? false, cancellationToken);
    }

    private static async Task WriteCsv(IAsyncEnumerator<CampaignMemberPage> pages, HttpResponse response, bool spreadsheet, CancellationToken cancellationToken)
    {
        response.ContentType = "text/csv; charset=utf-8";
        var csv = new CsvWriter(response.BodyWriter, spreadsheet);
        csv.Header("user", "arm", "send_at", "zone_from", "channel", "items", "influencer");
        // In which order those who carry it on are asked.
        var carriers = pages.Current.Campaign.Influencers.Select((one, place) => (one.User, Place: place + 1)).ToDictionary(one => one.User, one => one.Place);
        do
        {
            foreach (var member in pages.Current.Members)
            {
                csv.Text(member.User);
                csv.Text(member.Treated ? "treated" : "holdout");
                csv.Instant(member.SendAt);
                csv.Text(member.Zone);
                csv.Text(member.Channel);
                csv.Text(string.Join(' ', member.Items));
                csv.Number(carriers.TryGetValue(member.User, out var place) ? (long?)place : null);
                csv.EndRow();
            }

            await response.BodyWriter.FlushAsync(cancellationToken);
        }
        while (await pages.MoveNextAsync());
    }

    private static async Task WriteJson(IAsyncEnumerator<CampaignMemberPage> pages, HttpResponse response, CancellationToken cancellationToken)
    {
        response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(response.BodyWriter);
        json.WriteStartObject();
        json.WritePropertyName("campaign");
        JsonSerializer.Serialize(json, pages.Current.Campaign, AuieJson.Lenient.CampaignView);
        json.WriteStartArray("members");
        do
        {
            foreach (var member in pages.Current.Members) JsonSerializer.Serialize(json, member, AuieJson.Lenient.CampaignMemberView);
            await json.FlushAsync(cancellationToken);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
        while (await pages.MoveNextAsync());
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static CampaignRequest Checked(CampaignRequest order)
    {
        var kind = Input.Word("kind", order.Kind, "event", "product");
        foreach (var (item, i) in (order.Items ?? []).Select((item, i) => (item, i)))
        {
            if ((item is null ? "must not be null" : Input.IdProblem(item)) is { } problem) throw new InvalidRequestException($"items[{i}]", problem);
            if (order.Items!.Take(i).Contains(item)) throw new InvalidRequestException($"items[{i}]", $"'{item}' is named before");
        }

        if (order.Items is { Length: > 0 })
        {
            (string Name, object? Given)[] choices = [("count", order.Count), ("kind", kind), ("category", order.Category), ("place", order.Place)];
            if (choices.FirstOrDefault(choice => choice.Given is not null) is { Name: { } useless }) throw new InvalidRequestException(useless, "says what to choose from, but items names what is sent: leave one of them out");
        }

        return order with { Kind = kind };
    }

    private static Problem Unknown(string id) => Problems.NotFound("unknown_campaign", $"There is no campaign '{id}'.");
}
