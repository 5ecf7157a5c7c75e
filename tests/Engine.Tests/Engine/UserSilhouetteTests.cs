using Auie.Abstractions;
using Auie.Client.Http;
using Auie.Core.Segments;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Engine;

/// <summary>Silhouettes of users, against the definition over all rows that the shards hand out.</summary>
public sealed class UserSilhouetteTests
{
    [Fact]
    public async Task A_users_silhouette_and_a_segments_border_are_those_of_the_definition()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, "Engine:SilhouetteAge=00:00:00", "Engine:LiveStep=1.00:00:00");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 600 }));
        var found = await engine.SucceedAsync(new JobRequest { KMin = 4, KMax = 4, Starts = 2 });
        using var http = new HttpClient { BaseAddress = new Uri(engine.Url) };
        var client = new AuieHttpClient(http);
        var expected = await DefinitionAsync(engine, found);

        foreach (var (user, (segment, silhouette)) in expected.Take(30))
        {
            var told = await client.GetUserSilhouette(user);
            (told.UserId, told.Segment, told.SilhouetteMethod, told.SilhouetteRows, told.SilhouettePracticalError).ShouldBe((user, segment, "exact", 599, 0));
            told.Silhouette.ShouldBe(silhouette, 1e-9);
        }

        var border = await client.GetBorder(1, 10);
        (border.Version, border.Segment, border.SilhouetteMethod).ShouldBe((found.Version, 1, "exact"));
        border.Considered.ShouldBe(border.Size);
        border.Size.ShouldBe(expected.Values.Count(one => one.Segment == 1));
        border.Members.Length.ShouldBe(10);
        border.Members.Select(member => member.Silhouette).ShouldBeInOrder();
        foreach (var member in border.Members)
            member.Silhouette.ShouldBe(expected[member.User].Silhouette, 1e-9);
        // The lowest of all is among those who lean away.
        border.Members[0].Silhouette.ShouldBe(expected.Values.Where(one => one.Segment == 1).Min(one => one.Silhouette), 1e-9);
        (await Should.ThrowAsync<AuieHttpException>(() => client.GetBorder(9))).Code.ShouldBe("unknown_segment");
        (await Should.ThrowAsync<AuieHttpException>(() => client.GetUserSilhouette("nobody"))).Code.ShouldBe("unknown_user");
    }

    [Fact]
    public async Task In_large_segments_it_is_estimated_and_says_so()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, "Engine:SilhouetteMembers=40", "Engine:LiveStep=1.00:00:00");
        await engine.LoadAsync(new DemoWorld(new DemoOptions { Users = 600 }));
        var found = await engine.SucceedAsync(new JobRequest { KMin = 3, KMax = 3, Starts = 2 });
        var expected = await DefinitionAsync(engine, found);

        foreach (var user in expected.Keys.Take(20))
        {
            var told = (await engine.Client.GetUserSilhouette(user, null, CancellationToken.None)).ShouldNotBeNull();
            (told.SilhouetteMethod, told.SilhouetteConfidence).ShouldBe(("sampled-members", 0.95));
            told.SilhouetteRows.ShouldBeLessThanOrEqualTo(120);
            told.Silhouette.ShouldBe(expected[user].Silhouette, 3 * told.SilhouettePracticalError);
        }

        (await engine.Client.GetBorder(found.Version, 0, 5, CancellationToken.None)).ShouldNotBeNull().Considered.ShouldBeLessThanOrEqualTo(40);
    }

    private static async Task<Dictionary<string, (int Segment, double Silhouette)>> DefinitionAsync(TestEngine engine, SegmentationView found)
    {
        var bytes = (await engine.Store.ReadDocumentAsync("default", "model", found.Version.ToString("D19"), CancellationToken.None)).ShouldNotBeNull();
        var model = SegmentModelCodec.Decode(bytes);
        var members = await engine.MembersAsync(found);
        var rows = new Dictionary<string, float[]>();
        for (var shard = 0; shard < engine.Store.Partitions; shard++)
        {
            var page = await engine.Grains.GetGrain<IFeatureShardGrain>(GrainKeys.Shard("default", "users", shard)).ReadRows(found.Features, found.AsOf, null, 10_000, CancellationToken.None);
            for (var row = 0; row < page.Ids.Length; row++)
                rows[page.Ids[row]] = model.Scale.Transform(page.Values.AsSpan(row * page.Columns.Length, page.Columns.Length));
        }

        return rows.Keys.ToDictionary(user => user, user => (members[user], Of(user)));

        double Of(string user)
        {
            var means = rows.Keys.Where(other => other != user).GroupBy(other => members[other]).ToDictionary(
                group => group.Key, group => group.Average(other => Math.Sqrt(rows[other].Zip(rows[user], (x, y) => ((double)x - y) * ((double)x - y)).Sum())));
            var a = means[members[user]];
            var b = means.Where(mean => mean.Key != members[user]).Min(mean => mean.Value);
            return (b - a) / Math.Max(a, b);
        }
    }
}
