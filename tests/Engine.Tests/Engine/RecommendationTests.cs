using Auie.Abstractions;

namespace Auie.Engine.Tests.Engine;

/// <summary>What is recommended by a whole engine: what a person or their friends do is in the next answer, and what they declined is in none.</summary>
public sealed class RecommendationTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private TestEngine _engine = null!;
    private int _messages;

    public async Task InitializeAsync()
    {
        _engine = await TestEngine.StartAsync(null, 3);
        await ImportAsync(
            Item("jazz", "event", "music", ("start", "2026-05-04T18:00:00Z"), ("city", "Medan"), ("lat", "3.59"), ("lng", "98.67"), ("title", "An evening of jazz")),
            Item("opera", "event", "music", ("start", "2026-05-20T18:00:00Z"), ("city", "London"), ("lat", "51.5"), ("lng", "-0.1"), ("creator", "cid")),
            Item("derby", "event", "sport", ("start", "2026-05-06T18:00:00Z"), ("city", "Medan"), ("lat", "3.6"), ("lng", "98.6")),
            Item("past", "event", "music", ("start", "2026-04-30T18:00:00Z"), ("city", "Medan")),
            Item("off", "event", "music", ("start", "2026-05-09T18:00:00Z"), ("cancelled", "true")),
            Item("gone", "product", "music", ("stock", "0"), ("price", "5")),
            Item("flute", "product", "music", ("stock", "3"), ("price", "5")),
            Item("ball", "product", "sport", ("price", "20")));
        await SendAsync(
            new UserEvent { UserId = "ann", MessageId = "profile", Kind = "identify", At = Now.AddDays(-9), Traits = new() { ["locale"] = "id_ID", ["location"] = "Medan  Indonesia" } },
            new UserEvent { UserId = "ann", MessageId = "friends", Kind = "friends", At = Now.AddDays(-9), FriendsAdded = ["bob", "cid"] });
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    [Fact]
    public async Task Nothing_cancelled_sold_out_or_past_is_recommended()
    {
        await SendAsync([.. new[] { "past", "off", "gone", "jazz" }.SelectMany(item => Enumerable.Range(0, 5).Select(i => Did($"u{i}", "interested", item)))]);
        (await IdsAsync("ann")).ShouldBe(["jazz", "opera", "derby", "flute", "ball"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_friends_answer_is_in_the_next_call_with_its_reason()
    {
        (await RecommendAsync("ann")).Items.ShouldAllBe(item => !item.Sources.Contains("friends_answers"));
        await SendAsync(Did("bob", "yes", "derby"));
        var one = (await RecommendAsync("ann")).Items.First(item => item.Id == "derby");
        one.Sources.ShouldContain("friends_answers");
        one.Reasons.ShouldContain("1 friend said yes");

        await SendAsync(Did("cid", "yes", "derby"));
        (await RecommendAsync("ann")).Items[0].ShouldSatisfyAllConditions(first => first.Id.ShouldBe("derby"), first => first.Reasons[0].ShouldBe("2 friends said yes"));

        await SendAsync(Did("bob", "no", "derby"), Did("cid", "no", "derby"));
        (await RecommendAsync("ann")).Items.ShouldAllBe(item => !item.Reasons.Any(reason => reason.Contains("said yes")));
    }

    [Fact]
    public async Task A_view_on_the_web_changes_the_same_persons_next_answer_on_the_phone()
    {
        var before = (await RecommendAsync("ann", new() { Platform = "ios" })).Items;
        await SendAsync(Did("ann", "viewed", "ball"));
        var after = (await RecommendAsync("ann", new() { Platform = "ios" })).Items;
        Score(after, "ball").ShouldBeGreaterThan(Score(before, "ball"));
        after.Single(item => item.Id == "ball").Reasons.ShouldContain("you looked at it");

        static double Score(RecommendedItem[] items, string id) => items.Single(item => item.Id == id).Score;
    }

    [Fact]
    public async Task What_was_declined_or_done_never_comes_again()
    {
        foreach (var (kind, item) in new[] { ("not_interested", "jazz"), ("no", "derby"), ("yes", "opera"), ("purchased", "flute") })
        {
            (await IdsAsync("ann")).ShouldContain(item);
            await SendAsync(Did("ann", kind, item), Did("bob", "yes", item));
            (await IdsAsync("ann")).ShouldNotContain(item);
        }

        (await IdsAsync("ann")).ShouldBe(["ball"]);
    }

    [Fact]
    public async Task What_is_recommended_counts_as_shown_and_showing_it_again_takes_from_its_score()
    {
        var first = await RecommendAsync("ann", record: true);
        first.Recorded.ShouldBeTrue();
        (await _engine.UserAsync("ann")).Events["shown"].ShouldBe(first.Items.Length);
        var second = await RecommendAsync("ann");
        second.Recorded.ShouldBeFalse();
        second.RecommendationId.ShouldNotBe(first.RecommendationId);
        foreach (var item in second.Items)
            item.Score.ShouldBeLessThan(first.Items.Single(one => one.Id == item.Id).Score);
        (await _engine.UserAsync("ann")).Events["shown"].ShouldBe(first.Items.Length, "a call that is not recorded shows nothing");
    }

    [Fact]
    public async Task As_of_whatever_instant_is_asked_what_is_shown_is_shown_now()
    {
        var far = Now.AddDays(2);
        (await _engine.Client.Recommend("ann", new RecommendationRequest { At = far, Record = true }, null, CancellationToken.None)).ShouldNotBeNull().Recorded.ShouldBeTrue();
        var shown = (await _engine.UserAsync("ann")).LastSeen.ShouldNotBeNull();
        shown.ShouldNotBe(far);
        (TimeProvider.System.GetUtcNow() - shown).ShouldBeLessThan(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task An_item_that_arrives_while_an_index_is_made_is_in_it_and_so_is_what_is_declined()
    {
        // Nobody has asked yet: the first call has every shard make its index, and what is sent beside it comes before, while, or after it is made.
        var first = Task.Run(() => IdsAsync("ann"));
        await Task.WhenAll(
            ImportAsync([.. Enumerable.Range(0, 4).Select(i => Item($"late{i}", "product", "music"))]),
            SendAsync(Did("ann", "not_interested", "ball"), Did("ann", "no", "derby")));
        await first;
        var ids = await IdsAsync("ann", new() { Count = 100 });
        ids.ShouldBe(["jazz", "opera", "flute", .. Enumerable.Range(0, 4).Select(i => $"late{i}")], ignoreOrder: true);
    }

    [Fact]
    public async Task What_is_declined_while_a_history_is_made_is_not_in_the_next_answer()
    {
        foreach (var item in new[] { "jazz", "opera", "derby", "flute", "ball" })
        {
            // A view has the history made anew; the decline comes while it is, or beside it.
            await SendAsync(Did("ann", "viewed", item));
            var asked = Task.Run(() => IdsAsync("ann"));
            await SendAsync(Did("ann", "not_interested", item));
            await asked;
            (await IdsAsync("ann")).ShouldNotContain(item);
        }
    }

    [Fact]
    public async Task A_groups_scores_are_the_least_of_what_each_member_gives_an_item_by_itself()
    {
        await SendAsync(Did("dan", "viewed", "ball"), Did("eve", "viewed", "jazz"));
        var group = (await _engine.Client.RecommendToGroup(["dan", "eve"], new RecommendationRequest { At = Now }, CancellationToken.None)).ShouldNotBeNull();
        var (judged, diverse) = (await LeastAsync([.. group.Items.Select(item => item.Id)]), await LeastAsync(null));
        group.Items.ToDictionary(item => item.Id, item => Math.Round(item.Score, 4)).ShouldBe(judged, ignoreOrder: true);
        // Chosen to be diverse, some lose for being like others.
        judged.ShouldAllBe(item => item.Value >= diverse[item.Key]);
        judged.ShouldContain(item => item.Value > diverse[item.Key]);

        async Task<Dictionary<string, double>> LeastAsync(string[]? only)
        {
            var members = await Task.WhenAll(new[] { "dan", "eve" }.Select(user => RecommendAsync(user, new() { Only = only })));
            return members.SelectMany(member => member.Items).GroupBy(item => item.Id).ToDictionary(same => same.Key, same => Math.Round(same.Min(item => item.Score), 4));
        }
    }

    [Fact]
    public async Task Somebody_new_gets_what_is_popular_where_they_are_and_with_whom_they_are_like()
    {
        await SendAsync([.. Enumerable.Range(0, 6).SelectMany(i => new[]
        {
            new UserEvent { UserId = $"id{i}", MessageId = $"p{i}", Kind = "identify", At = Now.AddDays(-8), Traits = new() { ["locale"] = "id_ID" } },
            Did($"id{i}", "interested", "ball"), Did($"gb{i}", "interested", "flute"),
        })]);

        var stranger = await RecommendAsync("nobody", new() { Locale = "id_ID", Place = "Medan" }, record: true);
        stranger.Recorded.ShouldBeFalse();
        stranger.Items.Single(item => item.Id == "ball").Sources.ShouldContain("locale");
        stranger.Items.Single(item => item.Id == "flute").Sources.ShouldBe(["trending", "popular"]);
        stranger.Items.Single(item => item.Id == "jazz").Sources.ShouldContain("near_and_soon");
        stranger.Items.Single(item => item.Id == "jazz").Reasons.ShouldContain("starts in 3 days, in Medan");
        (await _engine.Client.GetUser("nobody", null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_asked_for_is_all_that_comes()
    {
        (await IdsAsync("ann", new() { Kind = "product" })).ShouldBe(["flute", "ball"], ignoreOrder: true);
        (await IdsAsync("ann", new() { Category = "sport" })).ShouldBe(["derby", "ball"], ignoreOrder: true);
        (await IdsAsync("ann", new() { From = Now.AddDays(4), To = Now.AddDays(10) })).ShouldBe(["derby"]);
        (await IdsAsync("ann", new() { Exclude = ["jazz", "ball", "derby"] })).ShouldBe(["opera", "flute"], ignoreOrder: true);
        (await IdsAsync("ann", new() { Count = 2 })).Length.ShouldBe(2);
        (await RecommendAsync("ann", new() { Place = "London" })).Items.First(item => item.Kind == "event").Id.ShouldBe("opera");
    }

    [Fact]
    public async Task What_is_supposed_changes_the_answer_and_nothing_else()
    {
        var before = await RecommendAsync("ann");
        var supposed = await RecommendAsync("ann", new() { SupposedEvents = [Did("ann", "not_interested", "jazz"), Did("x", "interested", "ball")] }, record: true);
        supposed.Recorded.ShouldBeFalse();
        supposed.Items.Select(item => item.Id).ShouldNotContain("jazz");
        supposed.Items.Select(item => item.Id).ShouldNotContain("ball");
        (await IdsAsync("ann")).ShouldBe(before.Items.Select(item => item.Id));
        (await RecommendAsync("ann", new() { SupposedTraits = new() { ["location"] = "London" } })).Items.First(item => item.Kind == "event").Id.ShouldBe("opera");
        var error = await Should.ThrowAsync<InvalidRequestException>(() => RecommendAsync("ann", new() { SupposedEvents = [Did("ann", "unheard-of", "jazz")] }));
        error.Field.ShouldBe("events[0].kind");
    }

    [Fact]
    public async Task Who_has_an_address_and_no_location_is_served_by_it_as_one_learns()
    {
        await SendAsync(
            new UserEvent { UserId = "dan", MessageId = "profile", Kind = "identify", At = Now.AddDays(-9), Traits = new() { ["address.city"] = "Medan" } },
            new UserEvent { UserId = "eve", MessageId = "profile", Kind = "identify", At = Now.AddDays(-9), Traits = new() { ["location"] = "Medan" } },
            new UserEvent { UserId = "fay", MessageId = "profile", Kind = "identify", At = Now.AddDays(-9), Traits = new() { ["address.city"] = "London" } });
        async Task<(string, double)[]> ScoresOf(string user) => [.. (await RecommendAsync(user)).Items.Select(item => (item.Id, item.Score))];
        (await ScoresOf("dan")).ShouldBe(await ScoresOf("eve"));
        (await ScoresOf("dan")).ShouldNotBe(await ScoresOf("fay"));
    }

    [Fact]
    public async Task Who_forbade_it_is_recommended_nothing()
    {
        await SendAsync(new UserEvent { UserId = "ann", MessageId = "forbid", Kind = "consent", At = Now, Personalisation = false });
        (await _engine.Client.Recommend("ann", new RecommendationRequest(), null, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_group_gets_what_nobody_of_them_declined()
    {
        await SendAsync(Did("ann", "not_interested", "jazz"), Did("dan", "no", "derby"), Did("eve", "viewed", "ball"));
        var group = (await _engine.Client.RecommendToGroup(["ann", "dan", "eve", "nobody"], new RecommendationRequest { At = Now }, CancellationToken.None)).ShouldNotBeNull();
        group.UserIds.ShouldBe(["ann", "dan", "eve"]);
        group.Unknown.ShouldBe(["nobody"]);
        group.Items.Select(item => item.Id).ShouldBe(["opera", "flute", "ball"], ignoreOrder: true);
    }

    [Fact]
    public async Task Those_who_wanted_the_same_are_alike_and_so_is_what_they_wanted()
    {
        await SendAsync(Did("ann", "interested", "jazz"), Did("bob", "interested", "jazz"), Did("bob", "interested", "flute"), Did("dan", "interested", "ball"));
        var users = (await _engine.Client.GetSimilarUsers("ann", 10, CancellationToken.None)).ShouldNotBeNull();
        users.Users.Select(user => (user.Id, user.InCommon)).ShouldBe([("bob", 1)]);
        (await _engine.Client.GetSimilarUsers("nobody", 10, CancellationToken.None)).ShouldBeNull();

        await ImportAsync(Item("sitar", "product", "music"));
        var items = (await _engine.Client.GetSimilarItems("flute", 10, CancellationToken.None)).ShouldNotBeNull();
        items.Items.Select(item => item.Id).ShouldContain("sitar");
        items.Items.ShouldAllBe(item => item.Words.Contains("music"));
        (await _engine.Client.GetSimilarItems("nothing", 10, CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task What_is_learnt_of_an_item_holds_in_the_next_call()
    {
        (await IdsAsync("ann")).ShouldContain("jazz");
        await ImportAsync(Item("jazz", "event", "music", ("cancelled", "true")), Item("tabla", "product", "music"));
        (await IdsAsync("ann")).ShouldNotContain("jazz");
        (await IdsAsync("ann")).ShouldContain("tabla");
    }

    [Fact]
    public async Task A_restarted_engine_recommends_the_same()
    {
        await SendAsync(Did("bob", "yes", "derby"), Did("ann", "interested", "flute"), Did("dan", "interested", "flute"), Did("dan", "interested", "ball"));
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            (string Id, double Score)[] before;
            await using (var engine = await TestEngine.StartAsync(folder, 2))
            {
                await engine.Client.ImportItems([Item("a", "product", "music"), Item("b", "product", "sport")], CancellationToken.None);
                await engine.SendAsync(Did("ann", "viewed", "b"), Did("bob", "interested", "a"), Did("cid", "interested", "b"));
                before = await ScoresAsync(engine);
            }

            await using (var engine = await TestEngine.StartAsync(folder, null))
                (await ScoresAsync(engine)).ShouldBe(before);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task<(string Id, double Score)[]> ScoresAsync(TestEngine engine) =>
            [.. (await engine.Client.Recommend("ann", new RecommendationRequest { At = Now, Record = false }, null, CancellationToken.None)).ShouldNotBeNull()
                .Items.Select(item => (item.Id, Math.Round(item.Score, 4)))];
    }

    private async Task<Recommendations> RecommendAsync(string user, RecommendationRequest? request = null, bool record = false) =>
        (await _engine.Client.Recommend(user, (request ?? new()) with { At = Now, Record = record }, null, CancellationToken.None)).ShouldNotBeNull();

    private async Task<string[]> IdsAsync(string user, RecommendationRequest? request = null) =>
        [.. (await RecommendAsync(user, request)).Items.Select(item => item.Id)];

    private UserEvent Did(string user, string kind, string item) =>
        new() { UserId = user, MessageId = $"m{_messages++}", Kind = kind, Item = item, At = Now.AddDays(-1).AddSeconds(_messages), Platform = "web" };

    private Task SendAsync(params UserEvent[] events) => _engine.SendAsync(events);

    private async Task ImportAsync(params ItemEvent[] items) =>
        (await _engine.Client.ImportItems(items, CancellationToken.None)).ShouldAllBe(result => result.Refused.Length == 0);

    private ItemEvent Item(string id, string kind, string category, params (string Name, string Value)[] more)
    {
        var traits = new Dictionary<string, string> { ["kind"] = kind, ["category"] = category };
        foreach (var (name, value) in more)
            traits[name] = value;
        return new ItemEvent { ItemId = id, MessageId = $"i{_messages++}", At = Now.AddDays(-10).AddSeconds(_messages), Traits = traits };
    }
}
