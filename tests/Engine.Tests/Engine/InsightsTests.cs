using System.Text.Json;
using Auie.Abstractions;
using Auie.Client;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Engine;

/// <summary>Insights of a whole engine: what every shard's columns tell, against a recount of the events.</summary>
public sealed class InsightsTests
{
    private const string NoTimer = "Engine:FlushInterval=01:00:00";
    private const int Users = 60;

    private static readonly DateTimeOffset Noon = new(2012, 10, 3, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Who_and_drivers_equal_a_recount_for_all_and_for_any_filter_and_after_a_restart()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            AudienceView who;
            InterestView drivers;
            await using (var engine = await TestEngine.StartAsync(folder, 3, NoTimer))
            {
                await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(EventsOf)], CancellationToken.None);
                await engine.Client.Flush(CancellationToken.None);
                who = await engine.Client.GetWho(new AudienceRequest(), CancellationToken.None);
                drivers = await engine.Client.GetDrivers(new AudienceRequest(), CancellationToken.None);

                (who.Users, who.Of, who.ModelVersion).ShouldBe((Users, Users, 0));
                who.AsOf.ShouldBe(Noon.AddMinutes(Users + 9));
                Shares(who, "gender").ShouldBe(Recount(GenderOf), ignoreOrder: true);
                Shares(who, "locale").ShouldBe(Recount(LocaleOf), ignoreOrder: true);
                Shares(who, "platform").ShouldBe(Recount(user => user % 4 == 0 ? "mobile" : "web"), ignoreOrder: true);
                // There are more places than are listed; of who wrote none it is not known.
                var place = who.Breakdowns.Single(one => one.Name == "place");
                var places = Enumerable.Range(0, Users).Select(PlaceOf).Where(text => text != " ").CountBy(text => text).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).ToArray();
                place.Shares.Select(share => (share.Value, (int)share.Rate.Hits)).ShouldBe(places.Take(12).Select(one => (one.Key, one.Value)));
                (place.Known, place.Missing, place.Others).ShouldBe((Users - (Users / 6), Users / 6, places.Skip(12).Sum(one => one.Value)));
                place.Shares[0].Rate.Value.ShouldBe(places[0].Value / (double)place.Known);
                place.Others.ShouldBePositive();
                who.Numbers.Single(one => one.Name == "age").Mean.ShouldBe(Enumerable.Range(0, Users).Average(AgeOf), 1e-9);

                who.Breakdowns.Where(one => one.Overlaps).Select(one => one.Name).ShouldBe(["platform"]);
                drivers.Groups.Where(one => one.Overlaps).Select(one => one.Category).ShouldBe(["platform"]);
                (drivers.Users, drivers.Showings, drivers.Interested.Hits).ShouldBe((Users, Users * 4, Enumerable.Range(0, Users).Sum(InterestsOf)));
                foreach (var group in drivers.Groups.Single(one => one.Category == "locale").Groups)
                {
                    var of = Enumerable.Range(0, Users).Where(user => LocaleOf(user) == group.Value).ToArray();
                    (group.Rate.N, group.Rate.Hits).ShouldBe((4 * of.Length, of.Sum(InterestsOf)));
                }

                drivers.Groups.Single(one => one.Category == "locale").Groups[0].Value.ShouldBe("id_ID");
                // What is told of a place by itself is of five people at the least.
                var told = places.Where(one => one.Value >= 5).ToArray();
                told.ShouldNotBeEmpty();
                var rates = drivers.Groups.Single(one => one.Category == "place").Groups;
                rates.Select(group => group.Value).ShouldBe(told.Select(one => one.Key), ignoreOrder: true);
                drivers.Groups.Single(one => one.Category == "place").LeftOut.ShouldBe(places.Length - told.Length);
                // With the others, and those of whom it is not known, groups add up to all.
                var (others, unknown) = (drivers.Groups.Single(one => one.Category == "place").Others.ShouldNotBeNull(), drivers.Groups.Single(one => one.Category == "place").Unknown.ShouldNotBeNull());
                (unknown.Users, unknown.Rate.N, unknown.Rate.Hits).ShouldBe((Users / 6, 4 * Users / 6, Enumerable.Range(0, Users).Where(user => PlaceOf(user) == " ").Sum(InterestsOf)));
                (rates.Sum(group => group.Users) + others.Users + unknown.Users, rates.Sum(group => group.Rate.Hits) + others.Rate.Hits + unknown.Rate.Hits).ShouldBe((Users, drivers.Interested.Hits));
                drivers.Groups.Single(one => one.Category == "gender").Unknown.ShouldBeNull();
                foreach (var group in rates)
                {
                    group.Volume.ShouldBe(group.Rate.N / (double)drivers.Showings, 1e-12);
                    var of = Enumerable.Range(0, Users).Where(user => PlaceOf(user) == group.Value).ToArray();
                    (group.Rate.N, group.Rate.Hits, group.Users).ShouldBe((4 * of.Length, of.Sum(InterestsOf), of.Length));
                }

                var some = new AudienceRequest { Locale = "en_US", Gender = "female", Platform = "web", AgeFrom = 20, AgeTo = 25 };
                var wanted = Enumerable.Range(0, Users).Where(user => LocaleOf(user) == "en_US" && GenderOf(user) == "female" && user % 4 != 0 && AgeOf(user) is >= 20 and <= 25).ToArray();
                wanted.ShouldNotBeEmpty();
                (await engine.Client.GetWho(some, CancellationToken.None)).Users.ShouldBe(wanted.Length);
                (await engine.Client.GetDrivers(some, CancellationToken.None)).Interested.Hits.ShouldBe(wanted.Sum(InterestsOf));
                // As of a time before they were born they are of no age yet, and 0 leaves out only whose age is not known.
                (await engine.Client.GetWho(new AudienceRequest { AgeFrom = 0, AsOf = Noon.AddYears(-40) }, CancellationToken.None)).Users.ShouldBe(Users);

                // By October of 2012, as of the last event.
                var settled = new AudienceRequest { Place = "indonesia", TenureFrom = 3, TenureTo = 5, FriendsTo = 0 };
                var meant = Enumerable.Range(0, Users).Where(user => PlaceOf(user) == "Medan  Indonesia" && 10 - (1 + (user % 10)) is >= 3 and <= 5).ToArray();
                meant.ShouldNotBeEmpty();
                var inThree = await engine.Client.GetWho(settled, CancellationToken.None);
                (inThree.Users, inThree.Of).ShouldBe((meant.Length, Users));
                inThree.Breakdowns.Single(one => one.Name == "tenure").Shares.Single(share => share.Value == "3 to 5 months").Rate.Hits.ShouldBe(meant.Length);
                (await engine.Client.GetDrivers(settled, CancellationToken.None)).Interested.Hits.ShouldBe(meant.Sum(InterestsOf));
                (await engine.Client.GetFunnel(new FunnelRequest(["shown", "purchased"], null, settled), CancellationToken.None)).Groups.Single().Reached[1].Users.ShouldBe(meant.Count(Buys));
                (await engine.Client.GetWhen(settled, CancellationToken.None)).Groups[0].Users.ShouldBe(meant.Count(user => EventsOf(user).Any(IsActivity)));
                (await engine.Client.GetWho(settled with { FriendsTo = null, FriendsFrom = 1 }, CancellationToken.None)).Users.ShouldBe(0);
                // A month on they have been there for longer.
                (await engine.Client.GetWho(settled with { AsOf = Noon.AddMonths(1) }, CancellationToken.None)).Users
                    .ShouldBe(Enumerable.Range(0, Users).Count(user => PlaceOf(user) == "Medan  Indonesia" && 11 - (1 + (user % 10)) is >= 3 and <= 5));
                var funnel = await engine.Client.GetFunnel(new FunnelRequest(["shown", "interested", "purchased"], "locale", new AudienceRequest()), CancellationToken.None);
                funnel.Groups.Select(group => group.Value).ShouldBe(["", "en_US", "id_ID"]);
                foreach (var group in funnel.Groups)
                {
                    var of = Enumerable.Range(0, Users).Where(user => group.Value.Length == 0 || LocaleOf(user) == group.Value).ToArray();
                    group.Users.ShouldBe(of.Length);
                    // Whoever bought without having been interested got no further than what was shown.
                    group.Reached.Select(reached => reached.Users).ShouldBe([of.Length, of.Count(user => InterestsOf(user) > 0), of.Count(user => InterestsOf(user) > 0 && Buys(user))]);
                    group.Spent.ShouldBe(of.Count(Buys) * 12_3456L);
                    group.SpentToEnd.ShouldBe(of.Count(user => InterestsOf(user) > 0 && Buys(user)) * 12_3456L);
                    (group.OfAll.Hits, group.OfAll.N).ShouldBe((of.Length, Users));
                    group.Reached[2].OfBefore.N.ShouldBe(group.Reached[1].Users);
                }

                // By place those that most have come first, then the others together, and last who wrote none.
                var byPlace = await engine.Client.GetFunnel(new FunnelRequest(["shown", "purchased"], "place", new AudienceRequest()), CancellationToken.None);
                byPlace.Groups.Select(group => (group.Value, (int)group.Users)).ShouldBe([("", Users), .. told.Select(one => (one.Key, one.Value)), ("other", places.Length - told.Length), ("unknown", Users / 6)]);
                byPlace.Groups.Select(group => (group.IsRest, group.IsUnknown)).ShouldBe([.. Enumerable.Repeat((false, false), 1 + told.Length), (true, false), (false, true)]);
                byPlace.Groups[1..].Sum(group => group.Reached[1].Users).ShouldBe(byPlace.Groups[0].Reached[1].Users);
                foreach (var group in byPlace.Groups[1..^2]) group.Reached[1].Users.ShouldBe(Enumerable.Range(0, Users).Count(user => PlaceOf(user) == group.Value && Buys(user)));
                var inOrder = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "purchased"], 300, "place", new AudienceRequest()), CancellationToken.None);
                inOrder.Groups[^1].IsUnknown.ShouldBeTrue();
                inOrder.Groups[1..].Sum(group => group.Users).ShouldBe(inOrder.Groups[0].Users);
                inOrder.Groups[1..^2].Select(group => (group.Value, (int)group.Reached[1].Users)).ShouldBe(told.Select(one => (one.Key, Enumerable.Range(0, Users).Count(user => PlaceOf(user) == one.Key && Buys(user)))));

                // Where no steps are named, those are told that anybody took.
                var usual = await engine.Client.GetFunnel(new FunnelRequest([], null, new AudienceRequest()), CancellationToken.None);
                usual.Steps.Select(step => step.Name).ShouldBe(["shown", "viewed", "interested", "purchased"]);
                (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest([], 3600, null, new AudienceRequest()) { To = "came" }, CancellationToken.None)).Steps.ShouldBe(["shown", "viewed", "interested", "came"]);
                var attended = (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "interested", "came"], 3600, null, new AudienceRequest()), CancellationToken.None)).Groups.Single();
                attended.Reached.Select(reached => reached.Users).ShouldBe(
                    [Users, Enumerable.Range(0, Users).Count(user => InterestsOf(user) > 0), Enumerable.Range(0, Users).Count(user => InterestsOf(user) > 0 && Comes(user))]);

                var when = await engine.Client.GetWhen(new AudienceRequest(), CancellationToken.None);
                Counted(when, "", _ => true);
                Counted(when, "en_US", user => LocaleOf(user) == "en_US");
                Counted(when, "id_ID", user => LocaleOf(user) == "id_ID");
                (when.Users, when.Zones).ShouldBe((Users, new ZonesView(0, Users, 0)));

                // Of what was shown to everybody at the first four minutes, interest came at the seventh to the ninth, and purchases at the sixth: before it.
                var ordered = await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "interested", "purchased"], 3600, "locale", new AudienceRequest()), CancellationToken.None);
                ordered.Groups.Select(group => group.Value).ShouldBe(["", "en_US", "id_ID"]);
                foreach (var group in ordered.Groups)
                {
                    var of = Enumerable.Range(0, Users).Where(user => group.Value.Length == 0 || LocaleOf(user) == group.Value).ToArray();
                    group.Reached.Select(reached => reached.Users).ShouldBe([of.Length, of.Count(user => InterestsOf(user) > 0), 0]);
                    // Six minutes from the first showing.
                    group.Reached[1].MedianWait.ShouldBe(512);
                    (group.Spent, group.SpentToEnd, group.OfAll.Hits, group.OfAll.N).ShouldBe((of.Count(Buys) * 12_3456L, 0, of.Length, Users));
                    // Nobody came to the end, and the hour of those who were last shown something less than one before the last event is not over.
                    bool MayGoOn(int user) => Users - 1 + 10 - (user + 4) < 60;
                    group.Reached.Select(reached => reached.NotYet).ShouldBe([of.Count(user => MayGoOn(user) && InterestsOf(user) == 0), of.Count(user => MayGoOn(user) && InterestsOf(user) > 0), 0]);
                    // From a first showing at the minute after each one's own.
                    int[] over = [.. of.Where(user => Users - 1 + 10 - (user + 1) >= 60)];
                    (group.Reached[1].OfBefore.N, group.Reached[1].OfBefore.Hits).ShouldBe((over.Length, over.Count(user => InterestsOf(user) > 0)));
                }

                (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "purchased"], 300, null, new AudienceRequest()), CancellationToken.None)).Groups.Single().Reached[1].Users.ShouldBe(Enumerable.Range(0, Users).Count(Buys));
                (await Should.ThrowAsync<InvalidRequestException>(engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "shown"], 100, null, new AudienceRequest()), CancellationToken.None)))
                    .Field.ShouldBe("steps");
                (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "purchased"], 100, null, new AudienceRequest()), CancellationToken.None)).Groups.Single().Reached[1].Users.ShouldBe(0);
                (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(["shown", "seen"], 60, null, new AudienceRequest()), CancellationToken.None))).Message.ShouldContain("there is no step 'seen'");

                (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetFunnel(new FunnelRequest(["shown", "seen"], null, new AudienceRequest()), CancellationToken.None))).Message.ShouldContain("there is no step 'seen'");
                (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetFunnel(new FunnelRequest(["shown"], "segment", new AudienceRequest()), CancellationToken.None))).Message.ShouldContain("locale, place, gender, age, platform, persona");
                await NobodyIsTold(engine.Client);
                (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetWho(new AudienceRequest { Segment = 0 }, CancellationToken.None)))
                    .Message.ShouldContain("no segmentation is published");
            }

            await using (var engine = await TestEngine.StartAsync(folder))
            {
                Text(await engine.Client.GetWho(new AudienceRequest(), CancellationToken.None)).ShouldBe(Text(who));
                Counted(await engine.Client.GetWhen(new AudienceRequest(), CancellationToken.None), "", _ => true);
                (await engine.Client.GetDrivers(new AudienceRequest(), CancellationToken.None)).Interested.ShouldBe(drivers.Interested);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Segments_are_told_apart_and_add_up_to_everybody()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, NoTimer);
        await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(EventsOf)], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        var segmentation = await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2, Seed = 1 });
        var parts = new List<AudienceView>();
        foreach (var segment in segmentation.Segments) parts.Add(await engine.Client.GetWho(new AudienceRequest { Segment = segment.Segment }, CancellationToken.None));
        parts.Select(part => part.Users).ShouldBe(segmentation.Segments.Select(segment => segment.Size));
        parts.ShouldAllBe(part => part.ModelVersion == segmentation.Version && part.Of == Users);
        var personas = (await engine.Client.GetDrivers(new AudienceRequest(), CancellationToken.None)).Groups.Single(one => one.Category == "persona").Groups;
        personas.Select(one => one.Value).ShouldBe(segmentation.Segments.Select(segment => segment.Persona), ignoreOrder: true);
        personas.Sum(one => one.Rate.N).ShouldBe(Users * 4);
        var funnel = await engine.Client.GetFunnel(new FunnelRequest(["shown", "interested"], "persona", new AudienceRequest()), CancellationToken.None);
        funnel.Groups.Skip(1).Select(group => (group.Value, group.Users)).ShouldBe(segmentation.Segments.Select(segment => (segment.Persona, segment.Size)), ignoreOrder: true);
        await FunnelsEqualARecount(engine, segmentation);

        var first = (await engine.Client.GetPersonas(CancellationToken.None)).ShouldNotBeNull();
        (first.ModelVersion, first.PreviousVersion, first.Users, first.Drift.Recompute).ShouldBe((segmentation.Version, 0, Users, false));
        // All that is told at one moment is as of the same instant, the last event's.
        AsOfs(await Answers.Of(engine.Client)).ShouldAllBe(asOf => asOf == Noon.AddMinutes(Users + 9));
        first.Personas.Select(one => (one.Persona, one.Users)).ShouldBe(segmentation.Segments.Select(one => (one.Persona, one.Size)));
        first.Drift.Columns.ShouldAllBe(column => Math.Abs(column.Deviations) < 1e-3);
        first.Drift.StabilityIndex.ShouldBe(0, 1e-12);
        (first.Stability.Rows, first.Stability.Seeds.Length, first.Stability.Bootstraps.Length).ShouldBe((Users, 5, 5));

        var strategies = await engine.Client.GetStrategies(CancellationToken.None);
        (strategies.LibraryVersion, strategies.ModelVersion, strategies.AsOf).ShouldBe((4, segmentation.Version, segmentation.AsOf));
        strategies.Matches.Length.ShouldBe(strategies.Strategies.Length * segmentation.Segments.Length);
        strategies.Matches.ShouldAllBe(match => match.Fits == match.Conditions.All(condition => condition.Holds));
        strategies.Matches.ShouldAllBe(match => match.Persona == segmentation.Segments[match.Segment].Persona);
        (await Should.ThrowAsync<InvalidRequestException>(() => engine.Client.GetWho(new AudienceRequest { Segment = 2 }, CancellationToken.None)))
            .Message.ShouldContain("has 0 to 1");

        // Everybody comes to like everything, so that a column is far from where it was; in the next version they are where they are, and told whence they came.
        await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(user => Enumerable.Range(0, 4).Select(item => Event(user, "interested", 30 + item, $"e{item}")))], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        var drifted = (await engine.Client.GetPersonas(CancellationToken.None)).ShouldNotBeNull();
        drifted.Drift.Recompute.ShouldBeTrue();
        Math.Abs(drifted.Drift.Columns[0].Deviations).ShouldBeGreaterThan(drifted.Drift.ColumnTrigger);
        var next = await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2, Seed = 1 });
        var second = (await engine.Client.GetPersonas(CancellationToken.None)).ShouldNotBeNull();
        (second.PreviousVersion, second.ModelVersion, second.Flows.Sum(flow => flow.Users)).ShouldBe((segmentation.Version, next.Version, Users));
        foreach (var persona in second.Personas) second.Flows.Where(flow => flow.To == persona.Persona).Sum(flow => flow.Users).ShouldBe(persona.Users);
        second.Drift.Recompute.ShouldBeFalse();
    }

    [Fact]
    public async Task Effects_equal_a_recount_of_the_journal_over_all_and_within_pages_of_any_filter_and_of_no_more_than_may_be()
    {
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        try
        {
            EffectsView effects;
            await using (var engine = await TestEngine.StartAsync(folder, 3, NoTimer))
            {
                (await engine.Client.GetEffects(new AudienceRequest(), CancellationToken.None)).Showings.ShouldBe(0);
                (await engine.Client.ImportItems([.. Enumerable.Range(0, 8).Select(item => new ItemEvent
                {
                    ItemId = $"e{item}", MessageId = "e", At = Noon.AddDays(-9), Traits = new() { ["kind"] = item < 2 ? "product" : "event", ["price"] = $"{10 * item}" }, Yes = item == 3 ? ["u1", "u2"] : null,
                })], CancellationToken.None)).SelectMany(result => result.Refused).ShouldBeEmpty();
                await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(PagesOf)], CancellationToken.None);
                await engine.Client.Flush(CancellationToken.None);

                effects = await engine.Client.GetEffects(new AudienceRequest(), CancellationToken.None);
                (effects.ShownTo, effects.Kept, effects.Users, effects.Showings, effects.Pages, effects.Since, effects.ModelVersion).ShouldBe((Users, Users, Users, Users * 8, Users * 2, Noon, 0));
                ShouldBeRecounted(effects, _ => true);
                // Two had said yes to one of eight things before; each of them counts the other alone.
                double[] yes = [.. Enumerable.Repeat(0.0, Users * 7), .. Enumerable.Repeat(2.0, Users - 2), 1, 1];
                effects.Drivers.Single(one => one.Feature == "said_yes").Step.ShouldBe(Math.Sqrt(yes.Average(count => (count - yes.Average()) * (count - yes.Average()))), 1e-12);
                effects.Matrix.Select(pair => pair.First).Distinct().ShouldContain("bought");
                effects.Drivers.Single(one => one.Feature == "were_invited").Label.ShouldBe("others who were invited");
                effects.Matrix.ShouldContain(pair => pair.First == "yes" && pair.FirstLabel == "said yes" && pair.SecondLabel == "hours to the start");

                var some = await engine.Client.GetEffects(new AudienceRequest { Locale = "id_ID" }, CancellationToken.None);
                (some.ShownTo, some.Showings).ShouldBe((Users / 5, Users / 5 * 8));
                ShouldBeRecounted(some, user => LocaleOf(user) == "id_ID");
            }

            await using (var engine = await TestEngine.StartAsync(folder, settings: "Engine:EffectShowings=30"))
            {
                var bounded = await engine.Client.GetEffects(new AudienceRequest(), CancellationToken.None);
                (bounded.ShownTo, bounded.Kept, bounded.Users, bounded.Showings).ShouldBe((Users, Users, 4, 30));
                // The users whose ids' hashes are lowest; of the last of them what was shown last.
                var drawn = Enumerable.Range(0, Users).OrderBy(user => Core.StableHash.OfKey($"u{user}")).Take(4).ToArray();
                bounded.Interested.Hits.ShouldBe(drawn[..3].Sum(user => Shown(user).Count(one => one.Liked)) + Shown(drawn[3]).Skip(2).Count(one => one.Liked));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task No_answer_of_an_empty_engine_or_of_a_small_one_has_a_text_where_a_number_belongs()
    {
        await using var engine = await TestEngine.StartAsync(null, 2, NoTimer);
        var empty = await Answers.Of(engine.Client);
        empty.Where(one => one.Key != "personas").ShouldAllBe(one => one.Value.GetProperty("nobody").GetString() == "nobody is in the engine yet");
        await engine.Client.Import([.. Enumerable.Range(0, 9).SelectMany(EventsOf), .. PagesOf(0)], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        await engine.SucceedAsync(new JobRequest { KMin = 2, KMax = 2, Seed = 1 });
        var small = await Answers.Of(engine.Client);
        small.Where(one => one.Key != "personas").ShouldAllBe(one => one.Value.GetProperty("nobody").ValueKind == JsonValueKind.Null);
        foreach (var name in new[] { "drivers", "when" }) (empty[name].GetProperty("noSegmentation").GetString(), small[name].GetProperty("noSegmentation").ValueKind).ShouldBe(("no segmentation published yet", JsonValueKind.Null));
        foreach (var (name, answer) in empty.Concat(small)) Answers.TextsIn(answer).Where(text => text is "NaN" or "Infinity" or "-Infinity").ShouldBeEmpty(name);
        // Segments are published: how others of the segment like things is among what is looked at.
        small["effects"].GetProperty("drivers").EnumerateArray().Select(driver => driver.GetProperty("feature").GetString()).ShouldContain("liked_by_segment");
        small["effects"].GetProperty("modelVersion").GetInt64().ShouldBe(1);
        // What there is too little of to tell is null, and a client reads it as no number.
        small["effects"].GetProperty("drivers").EnumerateArray().Any(driver => driver.GetProperty("adjustedWithin").GetProperty("value").ValueKind == JsonValueKind.Null).ShouldBeTrue();
        small["effects"].Deserialize(AuieJson.Lenient.EffectsView)!.Drivers.ShouldContain(driver => double.IsNaN(driver.AdjustedWithin.Value));
    }

    [Fact]
    public async Task The_quality_of_what_is_held_equals_a_recount()
    {
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer);
        await engine.Client.Import([.. Enumerable.Range(0, Users).SelectMany(EventsOf)], CancellationToken.None);
        await engine.Client.Flush(CancellationToken.None);
        var quality = await engine.Client.GetQuality(CancellationToken.None);
        (quality.Users, quality.AsOf, quality.Imports.Length).ShouldBe((Users, Noon.AddMinutes(Users + 9), 0));
        var fields = quality.Fields.ToDictionary(one => one.Field);
        fields.ToDictionary(one => one.Key, one => one.Value.Missing.Hits).ShouldBe(new Dictionary<string, long>
        {
            ["birthyear"] = 0, ["gender"] = 0, ["locale"] = 0, ["place"] = Users / 6, ["timezone"] = Users, ["joinedAt"] = 0, ["friends"] = Users, ["platform"] = 0,
        }, ignoreOrder: true);
        fields.Values.ShouldAllBe(one => one.Known + one.Missing.Hits == Users && one.Missing.N == Users);
        (quality.Kept["shown"], quality.Kept["purchased"], quality.Kept["interested"]).ShouldBe((4 * Users, Enumerable.Range(0, Users).Count(Buys), Enumerable.Range(0, Users).Sum(InterestsOf)));
    }

    private static async Task NobodyIsTold(EngineClient client)
    {
        var nobody = new AudienceRequest { Locale = "xx_XX", Place = "Atlantis", AgeFrom = 25, AgeTo = 40, FriendsFrom = 3 };
        const string words = "nobody matches: locale xx_XX, place Atlantis, age 25 to 40, 3 or more friends";
        foreach (var (name, answer) in await Answers.Of(client, nobody)) (name, answer.GetProperty("nobody").GetString()).ShouldBe((name, words));
        (await client.GetWho(nobody, CancellationToken.None)).Users.ShouldBe(0);
        // Somebody is meant of whom there is nothing to tell.
        (await client.GetOrderedFunnel(new OrderedFunnelRequest(["maybe", "no"], 60, null, new AudienceRequest { Gender = "male" }), CancellationToken.None)).Nobody.ShouldBeNull();
    }

    private static IEnumerable<DateTimeOffset> AsOfs(Dictionary<string, JsonElement> answers) => answers.Values.Select(answer => answer.GetProperty("asOf").GetDateTimeOffset());

    /// <summary>Of what was shown before by an invitation, against what was not: the difference of rates, and the slope within pages, reckoned plainly.</summary>
    private static void ShouldBeRecounted(EffectsView effects, Func<int, bool> of)
    {
        var rows = Enumerable.Range(0, Users).Where(of).SelectMany(user => Shown(user).Select(one => (Page: (user, one.Page), Invited: one.Invited ? 1.0 : 0, Liked: one.Liked ? 1.0 : 0))).ToArray();
        var invited = effects.Drivers.Single(one => one.Feature == "invited");
        effects.Interested.Hits.ShouldBe(rows.Count(row => row.Liked == 1));
        invited.Raw.Value.ShouldBe(rows.Where(row => row.Invited == 1).Average(row => row.Liked) - rows.Where(row => row.Invited == 0).Average(row => row.Liked), 1e-12);
        var (products, squares) = (0.0, 0.0);
        foreach (var page in rows.GroupBy(row => row.Page))
        {
            var (x, y) = (page.Average(row => row.Invited), page.Average(row => row.Liked));
            products += page.Sum(row => (row.Invited - x) * (row.Liked - y));
            squares += page.Sum(row => (row.Invited - x) * (row.Invited - x));
        }

        invited.Within.Value.ShouldBe(products / squares, 1e-12);
        invited.Within.N.ShouldBe(rows.Length);
        var pair = effects.Matrix.Single(one => (one.First, one.Second) == ("interested", "invited"));
        pair.Pearson.N.ShouldBe(rows.Length);
        pair.Pearson.R.ShouldBe(Pearson([.. rows.Select(row => row.Invited)], [.. rows.Select(row => row.Liked)]), 1e-12);
    }

    private static double Pearson(double[] x, double[] y)
    {
        var (mx, my) = (x.Average(), y.Average());
        return x.Zip(y, (a, b) => (a - mx) * (b - my)).Sum() / Math.Sqrt(x.Sum(a => (a - mx) * (a - mx)) * y.Sum(b => (b - my) * (b - my)));
    }

    /// <summary>Two pages of four things: whether the user had been invited to each, and whether it was of interest then.</summary>
    private static IEnumerable<(int Page, int Item, bool Invited, bool Liked)> Shown(int user) =>
        Enumerable.Range(0, 8).Select(item => (item / 4, item, (user + item) % 3 == 0, (user * item) % 7 < ((user + item) % 3 == 0 ? 4 : 2)));

    private static IEnumerable<UserEvent> PagesOf(int user)
    {
        yield return Event(user, "identify", 0) with { At = Noon.AddDays(-1), Traits = new() { ["locale"] = LocaleOf(user) } };
        foreach (var (page, item, invited, liked) in Shown(user))
        {
            var at = Noon.AddHours(page);
            if (invited) yield return Event(user, "invited", item, $"e{item}") with { At = at.AddMinutes(-1) };
            yield return Event(user, "shown", item, $"e{item}") with { At = at };
            if (liked) yield return Event(user, "interested", item, $"e{item}") with { At = at.AddMinutes(1) };
        }

        if (user == 0) yield return Event(user, "purchased", 9, "e7") with { At = Noon.AddHours(2), Amount = 10_0000 };
    }

    /// <summary>Funnel and revenue by persona and platform, against a recount of every event that was sent.</summary>
    private static async Task FunnelsEqualARecount(TestEngine engine, SegmentationView segmentation)
    {
        string[] steps = ["shown", "interested", "came", "purchased"];
        var personaOf = new string[Users];
        foreach (var segment in segmentation.Segments)
        {
            var page = (await engine.Client.GetMembers(segmentation.Version, segment.Segment, null, Users, CancellationToken.None)).ShouldNotBeNull();
            foreach (var member in page.Members) personaOf[int.Parse(member[1..])] = segment.Persona;
        }

        foreach (var (by, groupOf) in new (string, Func<int, string>)[] { ("persona", user => personaOf[user]), ("platform", user => user % 4 == 0 ? "mobile" : "web") })
        {
            var funnel = await engine.Client.GetFunnel(new FunnelRequest(steps, by, new AudienceRequest()), CancellationToken.None);
            funnel.Overlaps.ShouldBe(by == "platform");
            (await engine.Client.GetOrderedFunnel(new OrderedFunnelRequest(steps, 3600, by, new AudienceRequest()), CancellationToken.None)).Overlaps.ShouldBe(by == "platform");
            var groups = funnel.Groups;
            groups.Select(group => group.Value).Skip(1).ShouldBe(Enumerable.Range(0, Users).Select(groupOf).Distinct(), ignoreOrder: true);
            foreach (var group in groups)
            {
                UserEvent[][] of = [.. Enumerable.Range(0, Users).Where(user => group.Value.Length == 0 || groupOf(user) == group.Value).Select(user => EventsOf(user).ToArray())];
                group.Users.ShouldBe(of.Length);
                group.Reached.Select(reached => reached.Users).ShouldBe(steps.Select((_, last) => (long)of.Count(events => steps[..(last + 1)].All(step => events.Any(one => one.Kind == step)))));
                group.Spent.ShouldBe(of.SelectMany(events => events).Sum(one => one.Amount ?? 0));
            }
        }
    }

    /// <summary>Hours and weekdays of a locale ("": of everybody) are those of the events, on clocks seven hours ahead in Indonesia and five behind in the United States.</summary>
    private static void Counted(WhenView when, string locale, Func<int, bool> of)
    {
        var group = when.Groups.Single(one => one.Value == locale);
        var local = Enumerable.Range(0, Users).Where(of)
            .SelectMany(user => EventsOf(user).Where(IsActivity).Select(one => one.At.UtcDateTime.AddHours(LocaleOf(user) == "id_ID" ? 7 : -5))).ToArray();
        (group.Users, group.Events).ShouldBe((Enumerable.Range(0, Users).Count(user => of(user) && EventsOf(user).Any(IsActivity)), local.Length));
        group.Hours.ShouldBe(Enumerable.Range(0, 24).Select(hour => (long)local.Count(at => at.Hour == hour)));
        group.Weekdays.ShouldBe(Enumerable.Range(0, 7).Select(day => (long)local.Count(at => ((int)at.DayOfWeek + 6) % 7 == day)));
    }

    /// <summary>What they did of their own: what was shown to them, or learnt of them, is none of it, nor that they came.</summary>
    private static bool IsActivity(UserEvent one) => one.Kind is not ("identify" or "came" or "shown");

    private static string GenderOf(int user) => user % 3 == 0 ? "female" : "male";

    private static string LocaleOf(int user) => user % 5 == 0 ? "id_ID" : "en_US";

    private static string PlaceOf(int user) => user % 6 == 0 ? " " : user % 6 is 1 or 3 ? $"Hamlet {user}" : user % 2 == 0 ? "Medan  Indonesia" : "Toronto, Ontario";

    private static int AgeOf(int user) => 18 + (user % 15);

    private static int InterestsOf(int user) => LocaleOf(user) == "id_ID" ? 3 : user % 2;

    private static bool Comes(int user) => user % 4 == 1;

    private static bool Buys(int user) => user % 7 == 0;

    private static IEnumerable<UserEvent> EventsOf(int user)
    {
        yield return Event(user, "identify", 0) with { Traits = new() { ["gender"] = GenderOf(user), ["birthyear"] = $"{2012 - AgeOf(user)}", ["locale"] = LocaleOf(user), ["location"] = PlaceOf(user), ["joinedAt"] = $"2012-{1 + (user % 10):00}-15" } };
        for (var i = 0; i < 4; i++) yield return Event(user, "shown", 1 + i, $"e{i}");
        for (var i = 0; i < InterestsOf(user); i++) yield return Event(user, "interested", 7 + i, $"e{i}");
        if (Buys(user)) yield return Event(user, "purchased", 6, "e0") with { Amount = 12_3456 };
        if (Comes(user)) yield return Event(user, "came", 10, "e0");
        if (user == Users - 1) yield return Event(user, "viewed", 10, "e0");
    }

    private static UserEvent Event(int user, string kind, int minute, string? item = null) => new()
    {
        UserId = $"u{user}", MessageId = $"{user}-{kind}-{minute}", Kind = kind, At = Noon.AddMinutes(user + minute), Item = item, Platform = kind == "identify" ? null : user % 4 == 0 ? "ios" : "web",
    };

    private static (string, long)[] Recount(Func<int, string> of) => [.. Enumerable.Range(0, Users).CountBy(of).Select(one => (one.Key, (long)one.Value))];

    private static (string, long)[] Shares(AudienceView view, string name) => [.. view.Breakdowns.Single(one => one.Name == name).Shares.Select(share => (share.Value, share.Rate.Hits))];

    private static string Text(AudienceView view) => System.Text.Json.JsonSerializer.Serialize(view, AuieJson.Lenient.AudienceView);
}
