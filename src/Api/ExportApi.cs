using System.Globalization;
using System.Runtime.CompilerServices;
using Auie.Abstractions;
using Auie.Api.Access;
using Auie.Api.Answers;
using Auie.Client;
using Auie.Client.Csv;
using Auie.Client.Http;
using Auie.Client.Keys;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Auie.Api;

/// <summary>
/// /api/export: rows, users and segments as CSV. A table is sent page after page as the shards give it, so memory holds one page; where it
/// cannot be sent to its end the connection is cut, and its reader learns that the table is not whole.
/// </summary>
public static class ExportApi
{
    private const int UsersAtOnce = 500;
    private const string Impressions = "impressions";

    private static readonly string[] Kinds =
        ["identify", "friends", "shown", "viewed", "interested", "not_interested", "invited", "yes", "maybe", "no", "purchased", "other", "consent", "came"];

    private static readonly string[] Answers = ["interested", "not_interested", "yes", "maybe", "no"];

    public static RouteGroupBuilder MapExportApi(this RouteGroupBuilder api)
    {
        const string spreadsheet = " spreadsheet: whether a text that a spreadsheet would run as a formula gets an apostrophe before it (left out: no, texts are exact).";
        const string rows = "One row for each row that is clustered: id, then the features' values, missing ones empty. Numbers read back to the same bits, "
            + "so clustering the table gives the model that a job over users gives. asOf: the instant that ages and recencies are taken at "
            + $"(left out: the last event's); {ExportedTable.AsOfHeader} says it.{spreadsheet}";

        // Each has everything written first.
        var export = api.MapGroup("/export").WithTags("Export").RequireScope(Scopes.Read).WithMetadata(MayTake.As<IEngineGrain>(nameof(IEngineGrain.Flush)));
        Describe(export.MapGet("/impressions", GetImpressions), "ExportImpressions", "Every answer to something shown, as CSV", rows);
        Describe(export.MapGet("/features", GetFeatures), "ExportFeatures", "Rows of a feature set, as CSV", $"features: which set (left out: the default one). {rows}");
        Describe(export.MapGet("/users", GetUsers), "ExportUsers", "Every user, as CSV",
            $"What is held on each, and the segment under the published segmentation as of now, which {ExportedTable.AsOfHeader} says.{spreadsheet}");
        Describe(export.MapGet("/segments", GetSegments), "ExportSegments", "The published segments, as CSV",
            $"size: users in it now. rows and share: what was clustered. mean_…: the segment's mean of each feature, in the feature's own unit.{spreadsheet}")
            .ProducesProblem(StatusCodes.Status404NotFound);
        return api;
    }

    private static RouteHandlerBuilder Describe(RouteHandlerBuilder route, string name, string summary, string description) =>
        route.WithName(name).WithSummary(summary).WithDescription(description).Produces<string>(StatusCodes.Status200OK, "text/csv");

    private static Task GetImpressions(string? asOf, bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        WriteRows(Impressions, asOf, spreadsheet, engine, context, cancellationToken);

    private static Task GetFeatures(
        string? features, string? asOf, bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken) =>
        WriteRows(features, asOf, spreadsheet, engine, context, cancellationToken);

    private static async Task WriteRows(
        string? features, string? asOf, bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        var given = Input.AsOf(asOf);
        var info = await engine.GetInfo(cancellationToken);
        features ??= info.DefaultFeatures;
        if (info.FeatureSets.All(set => set.Name != features))
            throw new InvalidRequestException("features", $"there is no feature set '{features}'; there are {string.Join(", ", info.FeatureSets.Select(set => set.Name))}");
        await engine.Flush(cancellationToken);
        var at = given ?? await engine.GetAsOf(cancellationToken);
        await Write(context, spreadsheet, at, engine.ReadRows(features, at, UsersAtOnce, cancellationToken),
            (csv, page) => csv.Header(["id", .. page.Columns]),
            (csv, page) =>
            {
                for (var row = 0; row < page.Ids.Length; row++)
                {
                    csv.Text(page.Ids[row]);
                    foreach (var value in page.Values.AsSpan(row * page.Columns.Length, page.Columns.Length)) csv.Number(value);
                    csv.EndRow();
                }
            }, cancellationToken);
    }

    private static async Task GetUsers(bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        await engine.Flush(cancellationToken);
        var published = await engine.GetSegmentation(cancellationToken);
        var asOf = await LiveAsOf(engine, published, cancellationToken);
        await Write(context, spreadsheet, asOf, engine.ReadUsers(published?.Version ?? 0, asOf, UsersAtOnce, cancellationToken),
            (csv, _) => csv.Header(
            [
                "id", "birthyear", "gender", "locale", "location", "timezone", "joined_at", "friends",
                .. Kinds.Select(kind => $"{kind}_events"), .. Answers.Select(answer => $"{answer}_items"),
                "spent", "first_seen", "last_seen", "segment", "persona", "margin",
            ]),
            (csv, page) =>
            {
                foreach (var row in page.Users) WriteUser(csv, row);
            }, cancellationToken);
    }

    private static void WriteUser(CsvWriter csv, UserRow row)
    {
        var user = row.User;
        csv.Text(user.Id);
        csv.Number(user.BirthYear);
        csv.Text(user.Gender);
        csv.Text(user.Locale);
        csv.Text(user.Location);
        csv.Number(user.TimezoneMinutes);
        csv.Instant(user.JoinedAt);
        csv.Number(user.Friends);
        foreach (var kind in Kinds) csv.Number(user.Events.GetValueOrDefault(kind));
        foreach (var answer in Answers) csv.Number(user.Answers.GetValueOrDefault(answer));
        csv.Amount(user.Spent / 10_000m);
        csv.Instant(user.FirstSeen);
        csv.Instant(user.LastSeen);
        csv.Number(row.Segment);
        csv.Text(row.Persona);
        csv.Number(row.Margin);
        csv.EndRow();
    }

    private static async Task GetSegments(bool? spreadsheet, EngineClient engine, HttpContext context, CancellationToken cancellationToken)
    {
        await engine.Flush(cancellationToken);
        if (await engine.GetSegmentation(cancellationToken) is not { } published)
        {
            await Problems.Write(context, SegmentsApi.NoSegmentation);
            return;
        }

        await Write(context, spreadsheet, await LiveAsOf(engine, published, cancellationToken), Live(engine, published, cancellationToken),
            (csv, _) => csv.Header(["segment", "id", "persona", "size", "rows", "share", .. published.Columns.Select(column => $"mean_{column}"), "description"]),
            (csv, live) =>
            {
                var segment = published.Segments[live.Segment];
                csv.Number(segment.Segment);
                csv.Text(segment.Id);
                csv.Text(segment.Persona);
                csv.Number(live.Size);
                csv.Number(segment.Size);
                csv.Number(segment.Share);
                foreach (var mean in segment.Centroid) csv.Number(mean);
                csv.Text(segment.Description);
                csv.EndRow();
            }, cancellationToken);
    }

    /// <summary>The instant at which users are in the published segments now.</summary>
    private static async Task<DateTimeOffset?> LiveAsOf(EngineClient engine, SegmentationView? published, CancellationToken cancellationToken) =>
        published is null ? null : (await engine.GetSegment(published.Version, 0, cancellationToken))?.AsOf ?? published.AsOf;

    private static async IAsyncEnumerable<SegmentView> Live(
        EngineClient engine, SegmentationView published, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var segment in published.Segments)
            yield return await engine.GetSegment(published.Version, segment.Segment, cancellationToken)
                ?? throw new InvalidOperationException($"Model version {published.Version} lost its segment {segment.Segment}.");
    }

    // Nothing is sent before there is a first page: what fails until then is answered with a problem.
    private static async Task Write<TPage>(
        HttpContext context, bool? spreadsheet, DateTimeOffset? asOf, IAsyncEnumerable<TPage> pages, Action<CsvWriter, TPage> header,
        Action<CsvWriter, TPage> rows, CancellationToken cancellationToken)
    {
        await using var page = pages.GetAsyncEnumerator(cancellationToken);
        if (!await page.MoveNextAsync()) throw new InvalidOperationException("There is no first page to export.");

        var response = context.Response;
        response.ContentType = "text/csv; charset=utf-8";
        if (asOf is { } at) response.Headers[ExportedTable.AsOfHeader] = at.ToString("O", CultureInfo.InvariantCulture);
        var csv = new CsvWriter(response.BodyWriter, spreadsheet ?? false);
        header(csv, page.Current);
        do
        {
            rows(csv, page.Current);
            await response.BodyWriter.FlushAsync(cancellationToken);
        }
        while (await page.MoveNextAsync());
    }
}
