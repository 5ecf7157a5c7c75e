using System.Net;
using Auie.Abstractions;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Api;

public sealed class UsersAndSegmentsApiTests : IAsyncLifetime
{
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_user_comes_with_their_version()
    {
        var known = _server.Engine.AddUser("3197468391");
        var user = await _server.Client.GetUser("3197468391");
        user.Version.ShouldBe(known.Version);
        user.Events.ShouldBe(known.Events);
        user.Spent.ShouldBe(known.Spent);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("ä ö?&=#+")]
    [InlineData("a.b..c")]
    [InlineData("\\")]
    public async Task A_user_is_found_by_any_id(string id)
    {
        _server.Engine.AddUser(id);
        (await _server.Client.GetUser(id)).Id.ShouldBe(id);
        (await _server.Client.GetFriends(id)).Total.ShouldBe(3);
    }

    [Fact]
    public async Task An_unknown_user_is_not_found() =>
        (await _server.Get("/api/users/nobody")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");

    [Fact]
    public async Task A_segment_before_the_first_model_is_told_from_an_unknown_user()
    {
        _server.Engine.AddUser("u");
        (await _server.Get("/api/users/u/segment")).ShouldBeProblem(HttpStatusCode.NotFound, "no_segmentation");
        (await _server.Get("/api/users/nobody/segment")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");
        (await _server.Get("/api/segments")).ShouldBeProblem(HttpStatusCode.NotFound, "no_segmentation");
        (await _server.Get("/api/segments/0")).ShouldBeProblem(HttpStatusCode.NotFound, "no_segmentation");
        (await _server.Get("/api/segments/0/members")).ShouldBeProblem(HttpStatusCode.NotFound, "no_segmentation");
    }

    [Fact]
    public async Task Where_segments_are_of_answers_a_user_without_any_is_told_from_one_who_is_unknown()
    {
        _server.Engine.AddUser("u");
        _server.Engine.WithoutAnswers.Add("u");
        Publish();
        _server.Engine.Segmentation = _server.Engine.Segmentation! with { RowsAre = "answer" };
        (await _server.Get("/api/users/u/segment")).ShouldBeProblem(HttpStatusCode.NotFound, "no_answers");
        (await _server.Get("/api/users/nobody/segment")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_user");
    }

    [Fact]
    public async Task A_users_segment_is_asked_for_at_the_instant_and_version_that_were_named()
    {
        var user = _server.Engine.AddUser("u");
        Publish();
        var asOf = new DateTimeOffset(2012, 10, 1, 18, 30, 0, TimeSpan.FromHours(2));
        var segment = await _server.Client.GetUserSegment("u", asOf, user.Version);
        segment.AsOf.ShouldBe(asOf);
        segment.Distances.Select(one => one.Distance).ShouldBe([.5, 2]);
        segment.Reasons.Single().Value.ShouldBeNull();
        _server.Engine.SegmentQueries.Single().ShouldBe(("u", asOf, 7L));
    }

    [Fact]
    public async Task A_version_of_another_partition_may_be_one_of_a_joined_id_and_one_of_none_is_refused()
    {
        _server.Engine.AddUser("u");
        var other = (Partitioning.PartitionOf(GrainKeys.DefaultTenant, "u", FakeEngine.Partitions) + 1) % FakeEngine.Partitions;
        (await _server.Get($"/api/users/u?atLeast={other}.3")).Status.ShouldBe(HttpStatusCode.OK);
        var answer = await _server.Get($"/api/users/u?atLeast={FakeEngine.Partitions}.3");
        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request").Json.GetProperty("errors").GetProperty("atLeast")[0].GetString()
            .ShouldNotBeNull().ShouldContain("is no version");
    }

    [Theory]
    [InlineData("/api/users/u?atLeast=x", "atLeast")]
    [InlineData("/api/users/u?atLeast=1.-2", "atLeast")]
    [InlineData("/api/users/u?atLeast=1.99999999999999999999", "atLeast")]
    [InlineData("/api/users/u?atLeast=1.9223372036854775807", "atLeast")]
    [InlineData("/api/users/u/segment?asOf=yesterday", "asOf")]
    [InlineData("/api/users/u/segment?asOf=2012-10-01T18:30:00", "asOf")]
    [InlineData("/api/users/u/friends?count=0", "count")]
    [InlineData("/api/users/u/friends?count=1001", "count")]
    [InlineData("/api/users/u/friends?count=abc", "count")]
    [InlineData("/api/users/u/friends?count=99999999999999999999", "count")]
    [InlineData("/api/users/%01", "id")]
    [InlineData("/api/segments/x", "segment")]
    [InlineData("/api/segments/0/members?cursor=5", "cursor")]
    public async Task What_is_wrong_in_a_query_is_named(string path, string field)
    {
        var answer = await _server.Get(path);
        answer.ShouldBeProblem(HttpStatusCode.BadRequest, "invalid_request").Json.GetProperty("errors").TryGetProperty(field, out _).ShouldBeTrue(answer.Body);
    }

    [Fact]
    public async Task Friends_come_by_page()
    {
        var first = await _server.Client.GetFriends("u", count: 2);
        first.Friends.ShouldBe(["f1", "f2"]);
        var second = await _server.Client.GetFriends("u", first.Next, count: 2);
        second.Friends.ShouldBe(["f3"]);
        second.Next.ShouldBeNull();
    }

    [Fact]
    public async Task The_segmentation_and_its_segments_are_told()
    {
        Publish();
        (await _server.Client.GetSegmentation()).Inertia.ShouldBe(1.0 / 3);
        (await _server.Client.GetSegment(1)).Persona.ShouldBe("Enthusiasts");
        (await _server.Get("/api/segments/9")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_segment");
        (await _server.Get("/api/segments/-1")).ShouldBeProblem(HttpStatusCode.NotFound, "unknown_segment");
    }

    [Fact]
    public async Task Pages_of_members_stay_with_the_version_of_the_first()
    {
        Publish();
        var first = await _server.Client.GetMembers(0, count: 30);
        var second = await _server.Client.GetMembers(0, first.Next, count: 30);
        first.Members.Concat(second.Members).ShouldBe(Enumerable.Range(0, 50).Select(i => $"u{i}"));
        second.Next.ShouldBeNull();

        _server.Engine.Segmentation = _server.Engine.Segmentation! with { Version = 2 };
        var gone = await Should.ThrowAsync<AuieHttpException>(() => _server.Client.GetMembers(0, first.Next));
        gone.Code.ShouldBe("unknown_segment");
    }

    [Fact]
    public async Task The_engine_tells_its_feature_sets()
    {
        var engine = await _server.Client.GetEngine();
        engine.Partitions.ShouldBe(FakeEngine.Partitions);
        engine.FeatureSets.Single().Columns.ShouldBe(["age", "friends"]);
    }

    private void Publish()
    {
        var job = new JobView { Id = "j", State = "succeeded", Phase = "", Progress = 1, Request = new JobRequest(), CreatedAt = FakeEngine.AsOf };
        _server.Engine.Segmentation = FakeEngine.ViewOf(job, ["age", "friends"], 100);
    }
}
