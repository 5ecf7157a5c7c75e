namespace Auie.Engine.Tests.Api;

/// <summary>Walks over every operation that the OpenAPI document lists, so that a route added later is walked too.</summary>
public sealed class OpenApiWalkTests : IAsyncLifetime
{
    private ApiServer _server = null!;
    private OpenApiWalk _walk = null!;

    public async Task InitializeAsync()
    {
        _server = await ApiServer.StartWithKeys();
        _walk = new OpenApiWalk(_server.Http, ApiServer.KeyOf);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Every_resource_is_described()
    {
        var operations = await _walk.Operations();
        operations.Select(operation => operation.ToString()).ShouldBe(
        [
            "DELETE /api/campaigns/{id}", "DELETE /api/jobs/{id}", "DELETE /api/tables/{name}", "DELETE /api/users/{id}",
            "GET /api/audit", "GET /api/campaigns", "GET /api/campaigns/{id}", "GET /api/campaigns/{id}/export", "GET /api/campaigns/{id}/result", "GET /api/engine", "GET /api/erasures", "GET /api/erasures/log", "GET /api/erasures/{id}",
            "GET /api/export/features", "GET /api/export/impressions", "GET /api/export/segments", "GET /api/export/users", "GET /api/funnels", "GET /api/funnels/ordered", "GET /api/imports", "GET /api/insights/drivers", "GET /api/insights/effects",
            "GET /api/insights/influencers", "GET /api/insights/personas", "GET /api/insights/quality", "GET /api/insights/when", "GET /api/insights/who", "GET /api/items/{id}", "GET /api/items/{id}/answers", "GET /api/items/{id}/similar", "GET /api/jobs",
            "GET /api/jobs/{id}", "GET /api/jobs/{id}/progress", "GET /api/overview", "GET /api/rankers", "GET /api/segments", "GET /api/segments/{segment}", "GET /api/segments/{segment}/border", "GET /api/segments/{segment}/members",
            "GET /api/silos", "GET /api/strategies", "GET /api/tables/{name}", "GET /api/users/{id}", "GET /api/users/{id}/consent", "GET /api/users/{id}/export", "GET /api/users/{id}/friends", "GET /api/users/{id}/recommendations",
            "GET /api/users/{id}/segment", "GET /api/users/{id}/silhouette", "GET /api/users/{id}/similar", "GET /report",
            "POST /api/campaigns", "POST /api/campaigns/preview", "POST /api/erasures/log", "POST /api/events", "POST /api/groups/recommendations", "POST /api/import/items", "POST /api/import/users", "POST /api/jobs",
            "POST /api/rankers/{version}/rollback", "POST /api/silos/{name}/drain", "POST /api/silos/{name}/resume",
            "POST /api/users/{id}/recommendations", "POST /api/users/{id}/recommendations/what-if",
            "POST /v1/alias", "POST /v1/batch", "POST /v1/group", "POST /v1/identify", "POST /v1/page", "POST /v1/screen", "POST /v1/track",
            "PUT /api/backups/{name}", "PUT /api/imports/{source}", "PUT /api/tables/{name}", "PUT /api/users/{id}/consent",
        ]);
    }

    [Fact]
    public async Task What_may_need_a_segmentation_says_that_there_may_be_none()
    {
        var paths = (await Answer.To(_server.Http, HttpMethod.Get, "/openapi/v1.json", headers: ("Authorization", $"Bearer {ApiServer.KeyOf("read")}"))).Json.GetProperty("paths");
        foreach (var (method, path) in new[]
        {
            ("get", "insights/who"), ("get", "insights/drivers"), ("get", "insights/effects"), ("get", "insights/when"), ("get", "insights/influencers"), ("get", "insights/personas"), ("get", "funnels"), ("get", "funnels/ordered"),
            ("post", "campaigns"), ("post", "campaigns/preview"),
        })
            paths.GetProperty($"/api/{path}").GetProperty(method).GetProperty("responses").TryGetProperty("404", out _).ShouldBeTrue(path);
    }

    [Fact]
    public Task Every_operation_without_a_key_is_refused_with_401_and_with_another_scope_with_403() => _walk.WithoutRights();

    [Fact]
    public Task Garbage_is_answered_with_a_reason_and_the_process_lives() => _walk.WithGarbage();
}
