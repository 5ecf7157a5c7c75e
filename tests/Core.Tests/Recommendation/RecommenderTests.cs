using Auie.Core.Items;
using Auie.Core.Ranking;
using Auie.Core.Recommendation;
using Auie.Core.Users;

namespace Auie.Core.Tests.Recommendation;

public sealed class RecommenderTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory, MemberData(nameof(Seeds))]
    public void Every_reason_is_a_fact_without_which_the_score_is_lower(int seed)
    {
        var (_, user, list) = Some(seed);
        var features = new RecommendationFeatures(user, [list], SomeItems.Now);
        foreach (var ranker in new IRanker[] { LinearBaseline.Instance, Learnt.Value })
        {
            var told = 0;
            foreach (var one in Recommender.Rank(user, [list], ranker, SomeItems.Now, 20))
            {
                one.Reasons.Length.ShouldBeLessThanOrEqualTo(Reasons.Most);
                var row = new float[RecommendationFeatures.Columns.Length];
                features.Write(one.Candidate, row);
                foreach (var reason in one.Reasons)
                {
                    var fact = Reasons.Facts.Single(fact => Reasons.InWords(fact.Fact, user, one.Candidate, SomeItems.Now) == reason).Fact;
                    var without = row.ToArray();
                    Reasons.TakeOut(fact, without);
                    Score(ranker, without).ShouldBeLessThan(Score(ranker, row), reason);
                    if (fact == ReasonFact.Segment)
                        one.Candidate.WantedInSegment.ShouldBeGreaterThan(0, reason);
                    told++;
                }
            }

            (told > 0 || list.Candidates.Count == 0).ShouldBeTrue();
        }
    }

    /// <summary>A forest that learnt to score as the baseline does, from rows of several of these worlds.</summary>
    private static readonly Lazy<IRanker> Learnt = new(() =>
    {
        var (values, starts) = (new List<float>(), new List<int> { 0 });
        for (var seed = 100; seed < 130; seed++)
        {
            var (_, user, list) = Some(seed);
            var features = new RecommendationFeatures(user, [list], SomeItems.Now);
            var row = new float[RecommendationFeatures.Columns.Length];
            foreach (var candidate in list.Candidates)
            {
                features.Write(candidate, row);
                values.AddRange(row);
            }

            starts.Add(values.Count / row.Length);
        }

        var scores = new float[starts[^1]];
        LinearBaseline.Instance.Score([.. values], scores);
        var middle = scores.Order().ElementAt(scores.Length / 2);
        var rows = new RankingRows(RecommendationFeatures.Columns, [.. values], Array.ConvertAll(scores, score => score > middle ? 1f : 0), [.. starts]);
        return new ForestBlend([GradientBoosting.Fit(rows, new BoostingOptions { Trees = 60, Tree = new TreeOptions { MinLeafRows = 10, MaxLeaves = 12 } })]);
    });

    [Fact]
    public void A_ranker_that_heeds_nothing_has_no_reasons()
    {
        var (_, user, list) = Some(1);
        Recommender.Rank(user, [list], new Indifferent(), SomeItems.Now, 5).ShouldAllBe(one => one.Reasons.Length == 0);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void The_order_in_which_shards_answer_changes_nothing(int seed)
    {
        var (_, user, list) = Some(seed);
        var halves = list.Candidates.Chunk(Math.Max(1, list.Candidates.Count / 2)).Select(part => list with { Candidates = part, Overall = [], InSegment = [] })
            .Append(list with { Candidates = [] }).ToArray();
        var ids = Ids(halves);
        Ids([.. halves.Reverse()]).ShouldBe(ids);
        ids.Distinct().Count().ShouldBe(ids.Length);

        string[] Ids(CandidateList[] lists) => [.. Recommender.Rank(user, lists, LinearBaseline.Instance, SomeItems.Now, 10).Select(one => one.Candidate.Item)];
    }

    [Fact]
    public void Of_things_that_are_alike_one_comes_first_and_then_another_kind()
    {
        var list = new CandidateList([Thing("a", "music", 100), Thing("b", "music", 99), Thing("c", "film", 90)], [], []);
        Recommender.Rank(Nobody, [list], LinearBaseline.Instance, SomeItems.Now, 3).Select(one => one.Candidate.Item).ShouldBe(["a", "c", "b"]);

        static Candidate Thing(string id, string word, int wanted) => new() { Item = id, Facts = new ItemFacts { Words = [word] }, Wanted = wanted, Seen = 200 };
    }

    [Fact]
    public void Judged_by_itself_nothing_loses_for_being_like_another()
    {
        var list = new CandidateList([Thing("a", 100), Thing("b", 99)], [], []);
        var (alone, among) = (Recommender.Rank(Nobody, [list], LinearBaseline.Instance, SomeItems.Now, 2, lossByLikeness: 0), Recommender.Rank(Nobody, [list], LinearBaseline.Instance, SomeItems.Now, 2));
        among[0].Score.ShouldBe(alone[0].Score);
        among[1].Score.ShouldBeLessThan(alone[1].Score);

        static Candidate Thing(string id, int wanted) => new() { Item = id, Facts = new ItemFacts { Words = ["music"] }, Wanted = wanted, Seen = 200 };
    }

    [Fact]
    public void Of_what_is_else_alike_the_dearer_comes_first_whatever_the_currency_and_not_where_prices_weigh_nothing()
    {
        Rank(1, Recommender.PriceWeight).Select(one => one.Candidate.Item).ShouldBe(["dear", "middling", "cheap", "free", "unknown"]);
        Rank(1, Recommender.PriceWeight).Select(one => one.Score).ShouldBe(Rank(15_000, Recommender.PriceWeight).Select(one => one.Score));
        Rank(1, 0).Select(one => one.Candidate.Item).ShouldBe(["cheap", "dear", "free", "middling", "unknown"]);
        Rank(1, 1)[1].Score.ShouldBe(MathF.Log(2), 1e-6f);
        Rank(1, 1)[^1].Score.ShouldBe(0);

        static Recommended[] Rank(double currency, float weight) => Recommender.Rank(
            Nobody, [new CandidateList([.. new (string Id, double? Price)[] { ("cheap", 3), ("dear", 150), ("free", 0), ("middling", 40), ("unknown", null) }
                .Select(thing => new Candidate { Item = thing.Id, Facts = new ItemFacts { Words = [thing.Id], Price = thing.Price * currency } })], [], [])], new Indifferent(), SomeItems.Now, 5, 0, weight);
    }

    [Theory, MemberData(nameof(Seeds))]
    public void What_a_price_is_worth_is_no_reason(int seed)
    {
        var (_, user, list) = Some(seed);
        foreach (var one in list.Candidates)
        {
            var alone = list with { Candidates = [one] };
            Recommender.Rank(user, [alone], LinearBaseline.Instance, SomeItems.Now, 1, priceWeight: 5)[0].Reasons
                .ShouldBe(Recommender.Rank(user, [alone], LinearBaseline.Instance, SomeItems.Now, 1, priceWeight: 0)[0].Reasons);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void Being_shown_once_more_takes_from_the_score_whatever_ranks(int seed)
    {
        var (_, user, list) = Some(seed);
        if (list.Candidates.Count == 0)
            return;
        var one = list with { Candidates = [list.Candidates[seed % list.Candidates.Count]] };
        // Of rankers some heed showings, one does not, and all are to fall.
        foreach (var ranker in new IRanker[] { LinearBaseline.Instance, new Indifferent() })
        {
            var scores = Enumerable.Range(0, 20).Select(shown => Recommender.Rank(user with
            {
                Answers = new Dictionary<string, ItemAnswer> { [one.Candidates[0].Item] = new(one.Candidates[0].Item, null, null, shown, 0, 0, 0) },
            }, [one], ranker, SomeItems.Now, 1)[0].Score).ToArray();
            scores.ShouldBeInOrder(SortDirection.Descending);
            scores.Distinct().Count().ShouldBe(scores.Length);
        }
    }

    [Fact]
    public void Showing_again_and_again_takes_from_the_score_and_a_look_adds_to_it()
    {
        float of(long shown, long viewed) => Recommender.Rank(
            Nobody with { Answers = new Dictionary<string, ItemAnswer> { ["a"] = new("a", null, null, shown, viewed, 0, 0) } },
            [new CandidateList([new Candidate { Item = "a", Facts = ItemFacts.Unknown }], [], [])], LinearBaseline.Instance, SomeItems.Now, 1)[0].Score;
        new[] { of(0, 0), of(1, 0), of(2, 0), of(9, 0) }.ShouldBeInOrder(SortDirection.Descending);
        of(1, 1).ShouldBeGreaterThan(of(1, 0));
    }

    [Fact]
    public void Taste_is_what_is_wanted_more_often_than_the_rest()
    {
        var taste = new Taste();
        for (var i = 0; i < 10; i++)
        {
            taste.Add(new ItemFacts { Words = ["music"], Price = 10 }, Reaction.Interested, 0);
            taste.Add(new ItemFacts { Words = ["sport"], Price = 90 }, i == 0 ? Reaction.Interested : Reaction.Seen, 0);
        }

        taste.BestWords(2).ShouldBe(["music", "sport"]);
        taste.UsualPrice!.Value.ShouldBeInRange(10, 15);
        Taste.Likeness(new ItemFacts { Words = ["a", "b"] }, new ItemFacts { Words = ["b", "c"] }).ShouldBe(1.0 / 3, 1e-9);
    }

    [Fact]
    public void Neighbours_weigh_the_more_the_fewer_wanted_the_same()
    {
        var found = Neighbours.Of(7, [([1UL, 2, 7], 3), ([2UL, 3], 1_000), ([3UL], 1_000)]);
        found.Select(one => one.Person).ShouldBe([2UL, 1, 3]);
    }

    [Theory]
    [InlineData(EntryKind.Interested, null, true)]
    [InlineData(EntryKind.NotInterested, null, true)]
    [InlineData(null, EntryKind.Yes, true)]
    [InlineData(null, EntryKind.No, true)]
    [InlineData(null, EntryKind.Maybe, false)]
    [InlineData(null, null, false)]
    public void What_was_declined_or_done_is_done(EntryKind? interest, EntryKind? attendance, bool isDone)
    {
        var answer = new ItemAnswer("i", interest, attendance, 3, 2, 1, 0);
        RecommendedUser.IsDone(answer).ShouldBe(isDone);
        RecommendedUser.IsDone(answer with { Came = 1 }).ShouldBeTrue();
        Reactions.Of(answer with { Came = 1 }).ShouldBe(Reaction.Had);
        Reactions.After(Reactions.After(Reactions.Of(answer), EntryKind.Came), EntryKind.No).ShouldBe(Reaction.Had);
    }

    private static RecommendedUser Nobody { get; } = new() { Taste = new Taste() };

    private static (SomeItems World, RecommendedUser User, CandidateList List) Some(int seed)
    {
        var world = new SomeItems(seed);
        var random = new Random(seed);
        var query = world.Query(seed) with { From = null, To = null, Kind = null, Category = null };
        var taste = new Taste();
        foreach (var facts in world.Facts.Values.Take(random.Next(10)))
            taste.Add(facts, random.Next(2) == 0 ? Reaction.Interested : Reaction.Seen, 0);
        var user = new RecommendedUser
        {
            Taste = taste,
            Audience = query.Audience,
            Persona = "Enthusiasts",
            Point = query.Near,
            Place = "Medan",
            Answers = world.Facts.Keys.Where(_ => random.Next(4) == 0).ToDictionary(item => item, item => new ItemAnswer(item, null, null, random.Next(4), random.Next(3), random.Next(2), 0)),
        };
        return (world, user, world.Index().Find(query));
    }

    private static float Score(IRanker ranker, float[] row)
    {
        var score = new float[1];
        ranker.Score(row, score);
        return score[0];
    }

    private sealed class Indifferent : IRanker
    {
        public RankingColumn[] Columns => RecommendationFeatures.Columns;

        public void Score(ReadOnlySpan<float> rows, Span<float> scores) => scores.Clear();
    }
}
