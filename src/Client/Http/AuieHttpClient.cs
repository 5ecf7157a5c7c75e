using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Auie.Abstractions;

namespace Auie.Client.Http;

/// <summary>
/// The engine's HTTP API, typed. The <see cref="HttpClient"/> is the caller's: its BaseAddress is the engine's, its default headers may hold
/// the key (<see cref="UseKey"/>). Each method fails with <see cref="AuieHttpException"/> when the engine refuses, with
/// <see cref="HttpRequestException"/> when it cannot be reached; a failed write may have taken effect, and may be sent again.
/// </summary>
public sealed class AuieHttpClient(HttpClient http)
{
    private static readonly MediaTypeHeaderValue Csv = new("text/csv", "utf-8");

    /// <summary>Sends the key with every request of the client.</summary>
    public static void UseKey(HttpClient http, string key) => http.DefaultRequestHeaders.Authorization = new("Bearer", key);

    public Task<EngineInfo> GetEngine(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/engine", null, AuieJson.Lenient.EngineInfo, cancellationToken);

    public Task<UserView> GetUser(string id, string? atLeast = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}{Query(("atLeast", atLeast))}", null, AuieJson.Lenient.UserView, cancellationToken);

    public Task<UserSegment> GetUserSegment(
        string id, DateTimeOffset? asOf = null, string? atLeast = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}/segment{Query(("asOf", asOf?.ToString("O")), ("atLeast", atLeast))}", null,
            AuieJson.Lenient.UserSegment, cancellationToken);

    /// <summary>How well a user fits in among the members of their segment.</summary>
    public Task<UserSilhouette> GetUserSilhouette(string id, string? atLeast = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}/silhouette{Query(("atLeast", atLeast))}", null, AuieJson.Lenient.UserSilhouette, cancellationToken);

    public Task<FriendPage> GetFriends(string id, string? cursor = null, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}/friends{Page(cursor, count)}", null, AuieJson.Lenient.FriendPage, cancellationToken);

    /// <summary>What to recommend to a user in a context, and why.</summary>
    public Task<Recommendations> Recommend(string id, RecommendationOrder? order = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/users/{Escape(id)}/recommendations", JsonContent.Create(order ?? new RecommendationOrder(), AuieJson.Strict.RecommendationOrder),
            AuieJson.Lenient.Recommendations, cancellationToken);

    /// <summary>What would be recommended to a user with other traits or further events; nothing is stored.</summary>
    public Task<Recommendations> RecommendWhatIf(string id, WhatIfOrder order, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/users/{Escape(id)}/recommendations/what-if", JsonContent.Create(order, AuieJson.Strict.WhatIfOrder), AuieJson.Lenient.Recommendations,
            cancellationToken);

    /// <summary>What to recommend to several users together.</summary>
    public Task<GroupRecommendations> RecommendToGroup(GroupOrder order, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/groups/recommendations", JsonContent.Create(order, AuieJson.Strict.GroupOrder), AuieJson.Lenient.GroupRecommendations, cancellationToken);

    public Task<SimilarUsers> GetSimilarUsers(string id, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}/similar{Page(null, count)}", null, AuieJson.Lenient.SimilarUsers, cancellationToken);

    public Task<SimilarItems> GetSimilarItems(string id, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/items/{Escape(id)}/similar{Page(null, count)}", null, AuieJson.Lenient.SimilarItems, cancellationToken);

    public Task<UserConsent> GetConsent(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/users/{Escape(id)}/consent", null, AuieJson.Lenient.UserConsent, cancellationToken);

    public Task<UserConsent> PutConsent(string id, ConsentOrder consent, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Put, $"/api/users/{Escape(id)}/consent", JsonContent.Create(consent, AuieJson.Strict.ConsentOrder), AuieJson.Lenient.UserConsent, cancellationToken);

    /// <summary>Everything that is held on a user, as one JSON document.</summary>
    public async Task<Stream> ExportUser(string id, CancellationToken cancellationToken = default) =>
        await (await Open($"/api/users/{Escape(id)}/export", cancellationToken)).Content.ReadAsStreamAsync(cancellationToken);

    /// <summary>Erases a user: no query knows of them when it returns; the receipt tells how far the rest is.</summary>
    public Task<ErasureView> EraseUser(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Delete, $"/api/users/{Escape(id)}", null, AuieJson.Lenient.ErasureView, cancellationToken);

    public Task<ErasureView> GetErasure(string receipt, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/erasures/{Escape(receipt)}", null, AuieJson.Lenient.ErasureView, cancellationToken);

    public Task<ErasureList> ListErasures(int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/erasures{Page(null, count)}", null, AuieJson.Lenient.ErasureList, cancellationToken);

    /// <summary>The log of erasures, which a restored store is told of them by. It holds the key of the tombstones.</summary>
    public async Task<Stream> GetErasureLog(CancellationToken cancellationToken = default) =>
        await (await Open("/api/erasures/log", cancellationToken)).Content.ReadAsStreamAsync(cancellationToken);

    /// <summary>Erases again whoever is in a log of erasures and alive in the store.</summary>
    public Task<ErasureLogResult> ApplyErasureLog(Stream log, CancellationToken cancellationToken = default)
    {
        var body = new StreamContent(log);
        body.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        return Send(HttpMethod.Post, "/api/erasures/log", body, AuieJson.Lenient.ErasureLogResult, cancellationToken);
    }

    /// <summary>The entries of the audit after a number (0: from the first).</summary>
    public Task<AuditList> ListAudit(long after = 0, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/audit{Query(("after", after.ToString(CultureInfo.InvariantCulture)), ("count", count?.ToString(CultureInfo.InvariantCulture)))}", null,
            AuieJson.Lenient.AuditList, cancellationToken);

    public Task<SegmentationView> GetSegmentation(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/segments", null, AuieJson.Lenient.SegmentationView, cancellationToken);

    public Task<SegmentView> GetSegment(int segment, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/segments/{segment}", null, AuieJson.Lenient.SegmentView, cancellationToken);

    /// <summary>A page of members. All pages that follow from one first page are of one model version.</summary>
    public Task<MemberPage> GetMembers(int segment, string? cursor = null, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/segments/{segment}/members{Page(cursor, count)}", null, AuieJson.Lenient.MemberPage, cancellationToken);

    /// <summary>The members of a segment with the lowest silhouettes, the lowest first.</summary>
    public Task<BorderView> GetBorder(int segment, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/segments/{segment}/border{Page(null, count)}", null, AuieJson.Lenient.BorderView, cancellationToken);

    /// <summary>The rankers that are kept, and which one ranks.</summary>
    public Task<RankerList> GetRankers(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/rankers", null, AuieJson.Lenient.RankerList, cancellationToken);

    /// <summary>Has a ranker that is kept rank from now on; 0 is the baseline.</summary>
    public Task<RankerList> RollBackRanker(long version, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/rankers/{version.ToString(CultureInfo.InvariantCulture)}/rollback", null, AuieJson.Lenient.RankerList, cancellationToken);

    public Task<JobView> StartJob(JobOrder order, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/jobs", JsonContent.Create(order, AuieJson.Strict.JobOrder), AuieJson.Lenient.JobView, cancellationToken);

    public Task<JobList> ListJobs(int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/jobs{Page(null, count)}", null, AuieJson.Lenient.JobList, cancellationToken);

    public Task<JobView> GetJob(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/jobs/{Escape(id)}", null, AuieJson.Lenient.JobView, cancellationToken);

    public Task<JobView> CancelJob(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Delete, $"/api/jobs/{Escape(id)}", null, AuieJson.Lenient.JobView, cancellationToken);

    public Task<SiloList> ListSilos(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/silos", null, AuieJson.Lenient.SiloList, cancellationToken);

    /// <summary>Has a silo hand over what it serves; answers the silos as they are then.</summary>
    public Task<SiloList> DrainSilo(string name, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/silos/{Escape(name)}/drain", null, AuieJson.Lenient.SiloList, cancellationToken);

    /// <summary>Has a silo that was drained take its share again.</summary>
    public Task<SiloList> ResumeSilo(string name, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/silos/{Escape(name)}/resume", null, AuieJson.Lenient.SiloList, cancellationToken);

    /// <summary>The job as it is now and at each change, until it ends or the engine closes the stream.</summary>
    public async IAsyncEnumerable<JobView> WatchJob(string id, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/jobs/{Escape(id)}/progress");
        request.Headers.Accept.Add(new("text/event-stream"));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowUnlessSuccess(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var events = SseParser.Create(stream, (_, data) => JsonSerializer.Deserialize(data, AuieJson.Lenient.JobView)!);
        await foreach (var item in events.EnumerateAsync(cancellationToken)) yield return item.Data;
    }

    /// <summary>Makes a table of the numbers in a CSV file with a header; <paramref name="csv"/> is read once, as it is sent.</summary>
    /// <param name="columns">Which columns of the file; null for all.</param>
    /// <param name="id">Which column identifies rows, empty for none; null for the one called id, if there is one that is not among the columns.</param>
    /// <param name="shards">Over how many shards; null for one chosen by the engine.</param>
    /// <param name="replace">Whether a table of that name is replaced; else it is an error.</param>
    public Task<TableView> PutTable(
        string name, HttpContent csv, IEnumerable<string>? columns = null, string? id = null, int? shards = null, bool replace = false,
        CancellationToken cancellationToken = default)
    {
        csv.Headers.ContentType ??= Csv;
        // A column's name may hold a comma, so each goes by itself.
        var query = (columns ?? []).Select(column => ("columns", (string?)column))
            .Append(("id", id))
            .Append(("shards", shards?.ToString(CultureInfo.InvariantCulture)))
            .Append(("ifExists", replace ? "replace" : null));
        return Send(HttpMethod.Put, $"/api/tables/{Escape(name)}{Query([.. query])}", csv, AuieJson.Lenient.TableView, cancellationToken);
    }

    public Task<TableView> GetTable(string name, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/tables/{Escape(name)}", null, AuieJson.Lenient.TableView, cancellationToken);

    public async Task DropTable(string name, CancellationToken cancellationToken = default)
    {
        using var response = await http.DeleteAsync(new Uri($"/api/tables/{Escape(name)}", UriKind.Relative), cancellationToken);
        await ThrowUnlessSuccess(response, cancellationToken);
    }

    /// <summary>Sends events. Those that the receipt does not list as refused are on disk.</summary>
    /// <param name="segments">Whether the receipt says of each user which segment they were in and are in now.</param>
    public Task<EventReceipt> SendEvents(IEnumerable<UserEvent> events, bool segments = false, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, $"/api/events{Query(("return", segments ? "segment" : null))}", JsonContent.Create(new EventBatch([.. events]), AuieJson.Strict.EventBatch),
            AuieJson.Lenient.EventReceipt, cancellationToken);

    /// <summary>Copies all that is kept to a file of that name in the engine's backup folder.</summary>
    public Task<BackupView> Backup(string name, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Put, $"/api/backups/{Escape(name)}", null, AuieJson.Lenient.BackupView, cancellationToken);

    /// <summary>What is in the engine, counted.</summary>
    public Task<EngineOverview> GetOverview(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/overview", null, AuieJson.Lenient.EngineOverview, cancellationToken);

    /// <summary>Who there is, of all or of those whom the request is about.</summary>
    public Task<AudienceView> GetWho(AudienceRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/insights/who{Query(request)}", null, AuieJson.Lenient.AudienceView, cancellationToken);

    /// <summary>Who is interested in what is shown to them, by group.</summary>
    public Task<InterestView> GetDrivers(AudienceRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/insights/drivers{Query(request)}", null, AuieJson.Lenient.InterestView, cancellationToken);

    /// <summary>What drives interest in what is shown: effects and correlations, of a sample of the latest showings.</summary>
    public Task<EffectsView> GetEffects(AudienceRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/insights/effects{Query(request)}", null, AuieJson.Lenient.EffectsView, cancellationToken);

    /// <summary>How many users took every step of a list up to each.</summary>
    public Task<FunnelView> GetFunnel(FunnelRequest request, CancellationToken cancellationToken = default) => Send(
        HttpMethod.Get, $"/api/funnels{Query([("steps", request.Steps.Length == 0 ? null : string.Join(',', request.Steps)), ("to", request.To), ("by", request.By), .. Parts(request.Audience)])}", null, AuieJson.Lenient.FunnelView, cancellationToken);

    /// <summary>When users are active and interested, on their own clocks.</summary>
    public Task<WhenView> GetWhen(AudienceRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/insights/when{Query(request)}", null, AuieJson.Lenient.WhenView, cancellationToken);

    /// <summary>Who carries a word among some users.</summary>
    public Task<InfluencersView> GetInfluencers(AudienceRequest request, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/insights/influencers{Query([("count", Text(count)), .. Parts(request)])}", null, AuieJson.Lenient.InfluencersView, cancellationToken);

    /// <summary>Personas in depth.</summary>
    public Task<PersonasView> GetPersonas(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/insights/personas", null, AuieJson.Lenient.PersonasView, cancellationToken);

    /// <summary>How far users got in order and within a window, by the latest steps of each that are kept.</summary>
    public Task<OrderedFunnelView> GetOrderedFunnel(OrderedFunnelRequest request, CancellationToken cancellationToken = default) => Send(HttpMethod.Get,
        $"/api/funnels/ordered{Query([("steps", request.Steps.Length == 0 ? null : string.Join(',', request.Steps)), ("to", request.To), ("hours", (request.WindowSeconds / 3600).ToString("R", CultureInfo.InvariantCulture)), ("by", request.By), .. Parts(request.Audience)])}",
        null, AuieJson.Lenient.OrderedFunnelView, cancellationToken);

    /// <summary>How good what the engine holds and was sent is.</summary>
    public Task<QualityView> GetQuality(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/insights/quality", null, AuieJson.Lenient.QualityView, cancellationToken);

    /// <summary>What to do for whom: the library of strategies, beside the published segmentation.</summary>
    public Task<StrategiesView> GetStrategies(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/strategies", null, AuieJson.Lenient.StrategiesView, cancellationToken);

    /// <summary>A campaign as it would be planned; nothing is kept.</summary>
    public Task<CampaignView> PreviewCampaign(CampaignRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/campaigns/preview", JsonContent.Create(request, AuieJson.Strict.CampaignRequest), AuieJson.Lenient.CampaignView, cancellationToken);

    /// <summary>Plans a campaign and keeps it.</summary>
    public Task<CampaignView> CreateCampaign(CampaignRequest request, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/campaigns", JsonContent.Create(request, AuieJson.Strict.CampaignRequest), AuieJson.Lenient.CampaignView, cancellationToken);

    public Task<CampaignList> ListCampaigns(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/campaigns", null, AuieJson.Lenient.CampaignList, cancellationToken);

    public Task<CampaignView> GetCampaign(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/campaigns/{Escape(id)}", null, AuieJson.Lenient.CampaignView, cancellationToken);

    /// <summary>What a campaign changed so far.</summary>
    public Task<CampaignResultView> GetCampaignResult(string id, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/campaigns/{Escape(id)}/result", null, AuieJson.Lenient.CampaignResultView, cancellationToken);

    /// <summary>Forgets a campaign.</summary>
    public async Task DeleteCampaign(string id, CancellationToken cancellationToken = default)
    {
        using var response = await http.DeleteAsync(new Uri($"/api/campaigns/{Escape(id)}", UriKind.Relative), cancellationToken);
        await ThrowUnlessSuccess(response, cancellationToken);
    }

    /// <summary>A campaign with its members, streamed: as CSV, a row each, or as one JSON document.</summary>
    /// <param name="forSpreadsheets">Of CSV: whether texts that a spreadsheet would run as formulas get an apostrophe before them.</param>
    public async Task<Stream> ExportCampaign(string id, bool json, bool forSpreadsheets = false, CancellationToken cancellationToken = default)
    {
        var query = Query(("format", json ? "json" : "csv"), ("spreadsheet", forSpreadsheets ? "true" : null));
        return await (await Open($"/api/campaigns/{Escape(id)}/export{query}", cancellationToken)).Content.ReadAsStreamAsync(cancellationToken);
    }

    public Task<ItemView> GetItem(string id, string? atLeast = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/items/{Escape(id)}{Query(("atLeast", atLeast))}", null, AuieJson.Lenient.ItemView, cancellationToken);

    public Task<ItemAnswerPage> GetItemAnswers(string id, string? cursor = null, int? count = null, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, $"/api/items/{Escape(id)}/answers{Page(cursor, count)}", null, AuieJson.Lenient.ItemAnswerPage, cancellationToken);

    /// <summary>Sends a bulk of events about users, all of one user together; what the engine has is passed over, so a failed call is sent again.</summary>
    public Task<ImportReceipt> ImportUsers(UserEvent[] events, CancellationToken cancellationToken = default) =>
        ImportUsers(JsonContent.Create(new EventBatch(events), AuieJson.Strict.EventBatch), cancellationToken);

    /// <summary>As <see cref="ImportUsers(UserEvent[], CancellationToken)"/>, of an <see cref="EventBatch"/> that is JSON already.</summary>
    public Task<ImportReceipt> ImportUsers(HttpContent batch, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/import/users", batch, AuieJson.Lenient.ImportReceipt, cancellationToken);

    /// <summary>Sends a bulk of events about items; what the engine has is passed over, so a failed call is sent again.</summary>
    public Task<ImportReceipt> ImportItems(ItemEvent[] events, CancellationToken cancellationToken = default) =>
        ImportItems(JsonContent.Create(new ItemBatch(events), AuieJson.Strict.ItemBatch), cancellationToken);

    /// <summary>As <see cref="ImportItems(ItemEvent[], CancellationToken)"/>, of an <see cref="ItemBatch"/> that is JSON already.</summary>
    public Task<ImportReceipt> ImportItems(HttpContent batch, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Post, "/api/import/items", batch, AuieJson.Lenient.ImportReceipt, cancellationToken);

    /// <summary>Ends an import: has what came written to states and shards, and keeps its report in place of the source's earlier one.</summary>
    public Task<ImportReport> PutImportReport(ImportReport report, CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Put, $"/api/imports/{Escape(report.Source)}", JsonContent.Create(report, AuieJson.Strict.ImportReport),
            AuieJson.Lenient.ImportReport, cancellationToken);

    public Task<ImportList> ListImports(CancellationToken cancellationToken = default) =>
        Send(HttpMethod.Get, "/api/imports", null, AuieJson.Lenient.ImportList, cancellationToken);

    /// <summary>A table as CSV, streamed: impressions, features, users or segments. It is the caller's to dispose of.</summary>
    /// <param name="features">For features: which set; null for the engine's default.</param>
    /// <param name="asOf">For impressions and features: the instant that ages and recencies are taken at; null for the last event's.</param>
    /// <param name="forSpreadsheets">Whether texts that a spreadsheet would run as formulas get an apostrophe before them; else they are exact.</param>
    public async Task<ExportedTable> Export(
        string what, string? features = null, DateTimeOffset? asOf = null, bool forSpreadsheets = false, CancellationToken cancellationToken = default)
    {
        var path = $"/api/export/{Escape(what)}{Query(("features", features), ("asOf", asOf?.ToString("O")), ("spreadsheet", forSpreadsheets ? "true" : null))}";
        var response = await Open(path, cancellationToken);
        return new ExportedTable(response, await response.Content.ReadAsStreamAsync(cancellationToken));
    }

    /// <summary>The page of the engine as it is now, as one HTML file with its data in it.</summary>
    public async Task<Stream> GetReport(CancellationToken cancellationToken = default) =>
        await (await Open("/report", cancellationToken)).Content.ReadAsStreamAsync(cancellationToken);

    private async Task<HttpResponseMessage> Open(string path, CancellationToken cancellationToken)
    {
        var response = await http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        try
        {
            await ThrowUnlessSuccess(response, cancellationToken);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private async Task<T> Send<T>(HttpMethod method, string path, HttpContent? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body };
        // A table that would be refused is not sent first.
        if (method == HttpMethod.Put) request.Headers.ExpectContinue = true;
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await ThrowUnlessSuccess(response, cancellationToken);
        return await response.Content.ReadFromJsonAsync(type, cancellationToken)
            ?? throw new JsonException($"{method} {path} was answered with null.");
    }

    private static async Task ThrowUnlessSuccess(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var problem = response.Content.Headers.ContentType?.MediaType == "application/problem+json"
            ? await response.Content.ReadFromJsonAsync(AuieJson.Lenient.ApiProblem, cancellationToken)
            : null;
        throw new AuieHttpException(response.StatusCode, problem, response.Headers.RetryAfter?.Delta);
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private static string Page(string? cursor, int? count) =>
        Query(("cursor", cursor), ("count", count?.ToString(CultureInfo.InvariantCulture)));

    private static string Query(AudienceRequest request) => Query(Parts(request));

    private static (string Name, string? Value)[] Parts(AudienceRequest request) =>
    [
        ("segment", Text(request.Segment)), ("locale", request.Locale), ("gender", request.Gender), ("platform", request.Platform),
        ("ageFrom", Text(request.AgeFrom)), ("ageTo", Text(request.AgeTo)), ("place", request.Place), ("tenureFrom", Text(request.TenureFrom)), ("tenureTo", Text(request.TenureTo)),
        ("friendsFrom", Text(request.FriendsFrom)), ("friendsTo", Text(request.FriendsTo)), ("asOf", request.AsOf?.ToString("O")),
    ];

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Query(params (string Name, string? Value)[] parts)
    {
        var given = parts.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}");
        var query = string.Join('&', given);
        return query.Length == 0 ? "" : "?" + query;
    }
}
