using Auie.Core.Segments;

namespace Auie.Core.Tests.Segments;

public sealed class PointSilhouetteTests
{
    private const int Points = 40;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_all_members_are_compared_it_is_that_of_the_definition_over_any_parts(int seed)
    {
        var (model, parts, users) = Made(seed, 400, parts: 3);
        var references = parts.Select(part => SegmentReference.Of(part, part.Follow(model, model.AsOf), 1_000)).ToArray();
        foreach (var user in users.Take(Points))
        {
            var found = Of(model, references, user, 0.95);

            found.IsExact.ShouldBeTrue();
            found.PracticalError.ShouldBe(0);
            found.Compared.ShouldBe(users.Length - 1);
            found.Value.ShouldBe(Definition(model, users, user), 1e-9);
        }
    }

    [Fact]
    public void Where_members_are_drawn_the_exact_value_is_within_the_error_about_as_often_as_stated()
    {
        var (model, parts, users) = Made(7, 3_000, parts: 2);
        Member[] some = [.. users.Where((_, i) => i % 200 == 0)];
        var expected = Array.ConvertAll(some, user => Definition(model, users, user));
        var within = 0;
        // Which members are drawn hangs on the version.
        for (var version = 1; version <= 30; version++)
        {
            var drawn = model with { Version = version };
            var references = parts.Select(part => SegmentReference.Of(part, part.Follow(drawn, model.AsOf), 100)).ToArray();
            for (var i = 0; i < some.Length; i++)
            {
                var found = Of(drawn, references, some[i], 0.95);
                found.IsExact.ShouldBeFalse();
                found.Compared.ShouldBeLessThanOrEqualTo(2L * 100 * model.Segments.Length);
                found.PracticalError.ShouldBeInRange(0, 0.5);
                within += Math.Abs(found.Value - expected[i]) <= found.PracticalError ? 1 : 0;
            }
        }

        ((double)within / (30 * some.Length)).ShouldBeInRange(0.9, 0.999);
    }

    [Fact]
    public void Who_is_alone_has_0_and_nobody_is_near_where_there_is_one_segment()
    {
        SegmentDistances alone = new([0, 5], [0, 5], [0, 10], [0, 30]);
        PointSilhouette.Of([alone], 0, 0, 2, 0.95).ShouldBe(new PointSilhouette(0, 0, 1, 2, 5, true, 0));
        SegmentDistances only = new([4], [4], [8], [17]);
        PointSilhouette.Of([only], 0, 0, 1, 0.95).ShouldBe(new PointSilhouette(0, 2, null, 0, 4, true, 0));
    }

    [Fact]
    public void Those_who_lean_away_are_the_members_nearest_to_another_centroid()
    {
        var (model, parts, users) = Made(4, 300, parts: 1);
        var reference = SegmentReference.Of(parts[0], parts[0].Follow(model, model.AsOf), 1_000);
        for (var segment = 0; segment < model.Segments.Length; segment++)
        {
            var all = users.Where(user => user.Segment == segment).Select(user => user.Id).ToArray();
            var leaning = reference.LeaningAway(segment, 5);
            reference.Count(segment).ShouldBe((all.Length, all.Length));
            leaning.Length.ShouldBe(Math.Min(5, all.Length));
            leaning.Select(member => member.SimplifiedSilhouette).ShouldBeInOrder();
            reference.LeaningAway(segment, 1_000).Select(member => member.User).Order().ShouldBe(all.Order());
            leaning.ShouldAllBe(member => reference.Row(member).ToArray().SequenceEqual(users.Single(user => user.Id == member.User).Row));
        }
    }

    private static PointSilhouette Of(SegmentModel model, SegmentReference[] references, Member user, double confidence) =>
        PointSilhouette.Of([.. references.Select(reference => reference.Compare(user.Row, [user.Id]))], 0, user.Segment, model.Segments.Length, confidence);

    private static double Definition(SegmentModel model, Member[] users, Member user)
    {
        var means = users.Where(other => other.Id != user.Id).GroupBy(other => other.Segment)
            .ToDictionary(group => group.Key, group => group.Average(other => Math.Sqrt(other.Row.Zip(user.Row, (x, y) => ((double)x - y) * ((double)x - y)).Sum())));
        if (!means.TryGetValue(user.Segment, out var a) || means.Count == 1)
            return 0;
        var b = means.Where(mean => mean.Key != user.Segment).Min(mean => mean.Value);
        return a == b ? 0 : (b - a) / Math.Max(a, b);
    }

    private static (SegmentModel Model, LiveUsers[] Parts, Member[] Users) Made(int seed, int count, int parts)
    {
        var random = new Random(seed);
        var model = LivingModels.Random(seed);
        var made = Enumerable.Range(0, parts).Select(_ => new LiveUsers()).ToArray();
        var users = new List<Member>();
        for (var i = 0; i < count; i++)
        {
            var facts = LivingModels.Facts(random, model.AsOf);
            made[i % parts].Put($"u{i}", 1, facts, null);
            if (LivingModels.Sources(model, facts) is { } sources)
                users.Add(new Member($"u{i}", model.Label(sources, model.AsOf), model.Standardise(sources, model.AsOf)));
        }

        return (model, made, [.. users]);
    }

    private sealed record Member(string Id, int Segment, float[] Row);
}
