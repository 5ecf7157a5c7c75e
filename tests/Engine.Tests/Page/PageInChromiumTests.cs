using System.Globalization;
using System.Text.Json;
using Auie.Abstractions;
using Auie.Api.Page;
using Auie.Cli;
using Auie.Client.Http;
using Auie.Client.Keys;
using Auie.Engine.Tests.Processes;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Page;

/// <summary>
/// Chromium before a real server: what a marketer sees of an empty engine, of a full one, on a desk and on a phone, by day and by night, while
/// segments are found, behind a key, and in a file. Screenshots are kept beside the test's assembly, under Page/screenshots.
/// </summary>
public sealed class PageInChromiumTests : IDisposable
{
    private const int People = 240, Things = 12;
    private const string Hostile = "</script><script>document.title='owned'</script>";
    private const string HostileLocale = "</script>_X";

    private static readonly DateTimeOffset ShownAt = new(2012, 10, 8, 18, 0, 0, TimeSpan.Zero);

    private static readonly string Screenshots = Path.Combine(AppContext.BaseDirectory, "Page", "screenshots");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [NeedsProgramsFact("chromium", "node", "npm")]
    public async Task The_page_is_drawn_whole_in_any_state_and_shape_and_asks_nobody_else()
    {
        Directory.CreateDirectory(Screenshots);
        await FetchDriver();
        await using var silo = await SiloProcess.RunAsync(_folder.At("data"));
        var address = silo.Http.BaseAddress!;

        var empty = (await Look(new Visit("empty", address.ToString(), 390, 844))).Single();
        ShouldBeWhole(empty, address);
        empty.Headings.ShouldBe(["Nobody is in the engine yet", "Bring people in", "From tables", "From your site, event by event", "A made-up world of 38,000 people, to look around in"]);
        empty.Text.ShouldContain("./auie import event-challenge");

        await silo.Client.SendEvents(Events());
        await silo.Client.PutImportReport(Import());

        var found = (await Look(new Visit("recompute", address.ToString(), 1280, 900) { Do = "recompute" })).Single();
        ShouldBeWhole(found, address);
        found.Ended.ShouldMatch("^Done: (two|three|four) groups");
        found.Phases.Length.ShouldBeGreaterThan(1);
        var published = await silo.Client.GetSegmentation();
        foreach (var segment in published.Segments) found.Headings.ShouldContain(segment.Persona);
        found.Text.ShouldContain($"{People} people");
        found.Text.ShouldContain(HostileLocale);
        found.Text.ShouldContain(Hostile);
        found.Text.ShouldContain("1,492 · 3.9\u00a0%\t1,494\tthe median stands in where it is clustered; in its place the median in age, birthyear");
        found.Text.ShouldContain($"in the lists of {People} people");
        found.Text.ShouldContain("each person’s latest answer to each item; n = 1,040 answers");
        found.Text.ShouldContain("the median year of birth is 1986");
        found.Text.ShouldContain("1 of 3 columns have gaps, and 14 rows or values were refused");
        found.Drawn.ShouldBeGreaterThan(published.K + published.Columns.Length);

        await silo.Client.ImportItems([new ItemEvent { ItemId = "concert-0", MessageId = "concert-0", At = new DateTimeOffset(2012, 9, 1, 0, 0, 0, TimeSpan.Zero), Traits = new() { ["title"] = "A concert", ["kind"] = "event" } }]);
        var campaign = await silo.Client.CreateCampaign(new CampaignRequest { Strategy = "Reactivation", Segment = 0, Anyway = true, Holdout = 0.2, Items = ["concert-0"] });
        var told = (await Look(new Visit("campaigns", address.ToString(), 1280, 900))).Single();
        ShouldBeWhole(told, address);
        foreach (var heading in new[] { "When people are there", "Campaigns", $"c1: Reactivation for {campaign.Persona}" }) told.Headings.ShouldContain(heading);
        told.Text.ShouldContain($"Of {campaign.Audience.Segment} members {campaign.Audience.Treated} are sent something, {campaign.Audience.LeftAlone} are left alone to compare with");
        ShouldEqual(told.Text.Replace('\u00a0', ' '), campaign);
        told.Text.ShouldContain("1 campaign is planned. Of none can it be told yet that it changed anything.");
        // The last event was years before: 0 answers of so many are nothing that was measured.
        told.Text.ShouldContain("Nothing has come in since it was planned: the last event is of");
        told.Text.ShouldContain("nothing since\tnothing since\tnothing since");
        told.Text.ShouldContain($"n = 1,040 events of {People} people");

        await ShouldEqualTheApi(silo, address);

        var unread = (await Look(new Visit("unread", address.ToString(), 1280, 900) { Do = "unread" })).Single();
        unread.Ended.ShouldMatch("^The job found (two|three|four) groups, but the page could not be read again");

        var report = _folder.At("report.html");
        using var silent = new StringWriter();
        (await AuieCli.Run(["report", "-o", report, "--endpoint", address.ToString()], new CliHost(silent, silent, _ => null, false, 200))).ShouldBe(ExitCodes.Ok, silent.ToString());
        var tables = _folder.At("tables.html");
        await File.WriteAllTextAsync(tables, new EnginePage(charts: null).Of(DataOf(await File.ReadAllTextAsync(report))));
        var seen = await Look(
            new Visit("desk", address.ToString(), 1280, 900),
            new Visit("desk-dark", address.ToString(), 1280, 900) { Dark = true },
            new Visit("phone", address.ToString(), 390, 844),
            new Visit("phone-dark", address.ToString(), 390, 844) { Dark = true },
            new Visit("report", $"file://{report}", 1280, 900),
            new Visit("report-phone", $"file://{report}", 390, 844),
            new Visit("without-charts", $"file://{tables}", 390, 844));
        foreach (var visit in seen[..4])
        {
            ShouldBeWhole(visit, address);
            visit.Charts.ShouldBe(found.Charts);
        }

        seen.Where(visit => visit.Name.EndsWith("-dark", StringComparison.Ordinal)).ShouldAllBe(visit => visit.Background == "rgb(23, 23, 22)");
        seen[0].Background.ShouldBe("rgb(251, 250, 247)");
        foreach (var visit in seen[4..])
        {
            ShouldBeWhole(visit, only: visit.Name == "without-charts" ? tables : report);
            visit.Text.ShouldContain("A report of the state on");
            visit.Text.ShouldNotContain("Fewest groups");
            foreach (var segment in published.Segments) visit.Headings.ShouldContain(segment.Persona);
        }

        await WhatIsShownShouldEqualTheApi(silo, address);

        // In a report influencers have been looked for.
        seen[4].Charts.ShouldBe(found.Charts + 1);
        seen[^1].Charts.ShouldBe(0);
        seen[^1].Text.ShouldContain("install Node.js 20 or later");
        (await silo.StopAsync()).ShouldBe(0);

        await ShouldOpenWithAKey();
    }

    /// <summary>What stands on the page of people's ways, of how firm personas are, and of who carries a word is what the API says.</summary>
    private async Task ShouldEqualTheApi(SiloProcess silo, Uri address)
    {
        var seen = (await Look(new Visit("carriers", address.ToString(), 1280, 900) { Do = "carriers" })).Single();
        ShouldBeWhole(seen, address);
        var text = seen.Text.Replace('\u00a0', ' ');
        foreach (var heading in new[] { "How far people get", "How firm the groups are", "Who carries a word" }) seen.Headings.ShouldContain(heading);

        var funnel = await silo.Client.GetOrderedFunnel(new OrderedFunnelRequest(["interested", "yes"], TimeSpan.FromDays(7).TotalSeconds, "persona", new AudienceRequest()));
        var everybody = funnel.Groups[0];
        (everybody.Users, everybody.Reached[1].Users).ShouldBe((People, People / 3));
        // Of those whose week is over alone a share can be told.
        var over = everybody.Reached[1].OfFirst;
        text.ShouldContain(over.N == 0 ? $"{People} people were interested, and of {People / 3} it is known that they said yes" : $"Of {over.N} people who were interested, {Math.Round(100 * over.Value)} % said yes");
        text.ShouldContain($"Counted are {funnel.Events} events");
        foreach (var group in funnel.Groups)
            text.ShouldContain(RowOf(group.Value.Length == 0 ? "everybody" : group.Value, group));

        var places = await silo.Client.GetOrderedFunnel(new OrderedFunnelRequest(["interested", "yes"], TimeSpan.FromDays(7).TotalSeconds, "place", new AudienceRequest()));
        // Places of fewer than five people are told together.
        (places.Groups.Length, places.Groups.Count(group => group.IsRest), places.Groups[^2].IsRest, places.Groups[^1].IsUnknown).ShouldBe((5, 1, true, true));
        places.Groups[1..^1].Sum(group => group.Users).ShouldBe(Enumerable.Range(0, People).Count(person => PlaceOf(person) is not null));
        places.Groups[1..].Sum(group => group.Users).ShouldBe(People);
        text.ShouldContain(string.Join("\n", places.Groups.Skip(1).Select(group => RowOf(group.IsRest ? "all other places" : group.IsUnknown ? "not known" : group.Value.Replace("  ", " "), group))));

        foreach (var group in (await silo.Client.GetOrderedFunnel(new OrderedFunnelRequest(["interested", "yes"], TimeSpan.FromDays(7).TotalSeconds, "locale", new AudienceRequest()))).Groups)
            text.ShouldContain(RowOf(group.Value switch { "" => "everybody", "en_US" => "English (United States)", "id_ID" => "Indonesian (Indonesia)", var other => other }, group));

        var place = (await silo.Client.GetWho(new AudienceRequest())).Breakdowns.Single(one => one.Name == "place");
        text.ShouldContain($"n = {place.Known} people, of {place.Missing} it is not known");
        foreach (var (name, hits) in place.Shares.Select(one => (one.Value.Replace("  ", " "), one.Rate.Hits)).Append(("all other places", place.Others)))
            text.ShouldContain($"{name}\t{hits}\t{Share(hits / (double)place.Known)}");

        var quality = await silo.Client.GetQuality();
        foreach (var field in quality.Fields.Where(one => one.Field is "gender" or "place" or "friends"))
            text.ShouldContain($"{field.Field}\t{field.Known}\t{field.Missing.Hits} · {Share(field.Missing.Value)}\t");
        text.ShouldContain($"accepted {Whole(quality.Received.ShouldNotBeNull().Accepted)} events, of which it knew 0 from before, and refused 0");
        text.ShouldContain($"not interested\t{Whole(quality.Received.Kinds["not_interested"])}");

        var drivers = await silo.Client.GetDrivers(new AudienceRequest());
        text.ShouldContain($"Of what people were shown, {Share(drivers.Interested.Value)} ({Share(drivers.Interested.Low)} to {Share(drivers.Interested.High)}) was of interest to them and {Share(drivers.NotInterested.Value)} was turned down; "
            + $"n = {Whole(drivers.Showings)} things shown to {drivers.Users} people");
        foreach (var category in new[] { "age", "gender", "persona", "place" })
        {
            foreach (var one in drivers.Groups.Single(group => group.Category == category).Groups.Take(8)) text.ShouldContain(RateRow(one));
        }

        var personas = await silo.Client.GetPersonas();
        var border = personas.Personas.Sum(one => one.Border.Hits);
        text.ShouldContain($"{border} of {personas.Users} people");
        text.ShouldContain($"an agreement of {Fixed(personas.Stability.Seeds.Average())} from other beginnings, and of {Fixed(personas.Stability.Bootstraps.Average())} among people drawn anew");
        text.ShouldContain(personas.Drift.Recompute ? "it is time to recompute." : "nothing needs to be recomputed");
        foreach (var persona in personas.Personas) text.ShouldContain($"{persona.Persona}\t{persona.Users}\t");

        var carriers = await silo.Client.GetInfluencers(new AudienceRequest(), 10);
        text.ShouldContain($"Among {carriers.People} people with {carriers.Pairs} friendships these ten are expected to reach {Number(carriers.Methods[0].Reach.Value)} ({Number(carriers.Methods[0].Reach.Low)} to {Number(carriers.Methods[0].Reach.High)}) together");
        text.Contains("it hardly matters how they are chosen", StringComparison.Ordinal).ShouldBe(carriers.Methods[1..].All(other => other.Reach.High >= carriers.Methods[0].Reach.Low));
        foreach (var one in carriers.Methods[0].People) text.ShouldContain($"{one.User}\t{one.Friends}\t{Number(one.Alone)}\t{Number(one.Added)}");

        var when = await silo.Client.GetWhen(new AudienceRequest());
        when.Days.Counts.Sum().ShouldBe(when.Groups[0].Events);
        foreach (var group in when.Groups.Where(group => group.Category is "" or "persona"))
            text.ShouldContain($"{(group.Category.Length == 0 ? "everybody" : group.Value)}\t{Whole(group.Users)}\t{Whole(group.Events)}\t");
        text.ShouldContain(when.Days.Peaks.Length == 0 ? "No day stands out above" : "stand out above");
    }

    /// <summary>Things are shown to people, some on a page: the effects of what is shown, how it is correlated, and how far people get by platform stand on the page as the API says.</summary>
    private async Task WhatIsShownShouldEqualTheApi(SiloProcess silo, Uri address)
    {
        await silo.Client.ImportItems([.. Enumerable.Range(0, Things).Select(item => new ItemEvent
        {
            ItemId = $"thing-{item}", MessageId = "e", At = ShownAt.AddDays(-9), Traits = new() { ["kind"] = item % 3 == 0 ? "product" : "event", ["price"] = $"{5 * item}", ["title"] = $"Thing {item}" },
        })]);
        await silo.Client.SendEvents(Showings());
        await silo.Client.PutImportReport(Import());
        var seen = await Look(new Visit("effects", address.ToString(), 1280, 900) { Do = "open" }, new Visit("effects-phone", address.ToString(), 390, 844) { Do = "open" });
        foreach (var visit in seen) ShouldBeWhole(visit, address);
        var text = seen[0].Text.Replace('\u00a0', ' ');

        var effects = await silo.Client.GetEffects(new AudienceRequest());
        (effects.Users, effects.Showings, effects.Pages).ShouldBe((People, 8 * People, 2 * People));
        text.ShouldContain($"n = {Whole(effects.Showings)} showings to {effects.Users} people on {effects.Pages} pages since");
        effects.Drivers.ShouldContain(driver => driver.Feature == "price");
        effects.Drivers.Count(IsTold).ShouldBeInRange(4, effects.Drivers.Length - 1);
        foreach (var one in effects.Drivers.Where(IsTold))
            text.ShouldContain($"\t{string.Join('\t', [Whole(one.Pearson.N), .. new[] { one.Raw, one.Within, one.AdjustedWithin }.Select(EffectOf), Correlated(one.Pearson), Correlated(one.Spearman)])}\n");
        text.ShouldContain("The same in all that was shown, so that nothing can be told of it: friends who were invited");
        text.ShouldContain("Known of nothing that was shown: made by a friend");

        var platforms = (await silo.Client.GetDrivers(new AudienceRequest())).Groups.Single(group => group.Category == "platform");
        platforms.Groups.Select(one => one.Value).ShouldBe(["web", "mobile"], ignoreOrder: true);
        text.ShouldContain("one may be on several platforms, and counts on each");
        text.ShouldContain(string.Join("\n", platforms.Groups.Select(RateRow)));

        string[] names = [.. effects.Matrix.SelectMany(pair => new[] { pair.First, pair.Second }).Distinct().Where(name => effects.Matrix.Any(pair => (pair.First == name || pair.Second == name) && !double.IsNaN(pair.Spearman.R)))];
        names.Length.ShouldBeGreaterThan(5);
        var pairs = effects.Matrix.SelectMany(pair => new[] { (pair.First, pair.Second, pair), (pair.Second, pair.First, pair) }).ToDictionary(one => (one.Item1, one.Item2), one => one.pair.Spearman.R);
        foreach (var row in names)
            text.ShouldContain($"\t{string.Join('\t', names.Select(column => pairs.TryGetValue((row, column), out var r) && !double.IsNaN(r) ? Coefficient(r) : ""))}\n");

        var funnel = await silo.Client.GetOrderedFunnel(new OrderedFunnelRequest([], TimeSpan.FromDays(7).TotalSeconds, "platform", new AudienceRequest()));
        (funnel.Steps[0], funnel.Groups.Length, funnel.Groups[^1].IsUnknown).ShouldBe(("shown", 4, true));
        text.ShouldContain(string.Join("\n", funnel.Groups.Select(group => RowOf(group.Value.Length == 0 ? "everybody" : group.IsUnknown ? "not known" : group.Value, group))));
    }

    /// <summary>Two pages of four things to each: what is dear is of less interest.</summary>
    private static IEnumerable<UserEvent> Showings()
    {
        for (var person = 0; person < People; person++)
        {
            for (var place = 0; place < 8; place++)
            {
                var item = (person + (3 * place)) % Things;
                var shown = new UserEvent
                {
                    UserId = $"u{person:000}", MessageId = $"shown-{place}", Kind = "shown", At = ShownAt.AddHours(place / 4), Item = $"thing-{item}", Platform = person % 7 == 0 ? null : person % 2 == 0 ? "web" : "ios",
                };
                yield return shown;
                if (((person * 7) + (place * 5)) % 10 < 8 - item) yield return shown with { MessageId = $"liked-{place}", Kind = "interested", At = shown.At.AddMinutes(1 + place) };
            }
        }
    }

    private static string RateRow(GroupRateView one) =>
        $"{one.Value.Replace("  ", " ")}\t{Whole(one.Users)}\t{Whole(one.Rate.N)}\t{Share(one.Volume)}\t{Share(one.Rate.Value)} ({Share(one.Rate.Low)} to {Share(one.Rate.High)}) of {Whole(one.Rate.N)}\t{Share(one.Shrunk)} ({Share(one.ShrunkLow)} to {Share(one.ShrunkHigh)})";

    private static bool IsTold(DriverView driver) => !double.IsNaN(driver.Raw.Value);

    private static string EffectOf(EffectView effect) => PointsOf(effect) + (double.IsNaN(effect.Q) ? "" : $"\nby chance {Chance(effect.Q)}");

    private static string PointsOf(EffectView effect) => double.IsNaN(effect.Value) ? "the same all over"
        : Points(effect.Value) + (double.IsNaN(effect.Low) ? " (interval not known)" : $" ({Points(effect.Low)} to {Points(effect.High)})");

    private static string Points(double value) => (value < 0 ? "−" : "+") + Invariant(100 * Math.Abs(value), "0.0");

    private static string Chance(double q) => double.IsNaN(q) ? "" : q < .001 ? "under 0.1 %" : Share(q);

    private static string Correlated(CorrelationView one) => double.IsNaN(one.R) ? "" : Coefficient(one.R) + (double.IsNaN(one.Low) ? "" : $" ({Coefficient(one.Low)} to {Coefficient(one.High)})");

    private static string Coefficient(double value) => (value < 0 && Math.Abs(value) >= 0.005 ? "−" : "") + Invariant(Math.Abs(value), "0.00");

    /// <summary>What stands on the page of a campaign is what the API says of it.</summary>
    private static void ShouldEqual(string text, CampaignView campaign)
    {
        var (audience, expected) = (campaign.Audience, campaign.Expected);
        text.ShouldContain($"{audience.LeftAlone} are left alone to compare with (each with a chance of {Share(campaign.Holdout)}, which drew {Share(campaign.HoldoutDrawn.ShouldNotBeNull())}), {audience.NoTracking + audience.Reached + audience.Aside} are left out");
        foreach (var (channel, members) in campaign.Channels.Where(one => one.Value > 0)) text.ShouldContain($"{members} by {(channel.Length == 0 ? "a channel that is not known" : channel)}");
        text.ShouldContain($"Sent {campaign.SentWhen}, on their own clocks");
        text.ShouldContain($"{campaign.Time.From:00}:00 to {campaign.Time.To:00}:00)");
        text.ShouldContain(double.IsNaN(expected.Answers.Value)
            ? $"\t{audience.Treated}\t{audience.LeftAlone}\tnot known\t"
            : $"\t{audience.Treated}\t{audience.LeftAlone}\t{Number(expected.Answers.Value)} ({Number(expected.Answers.Low)} to {Number(expected.Answers.High)})\t");
        var isMuch = expected.Detectable > Math.Min(expected.Baseline, 1 - expected.Baseline) / 4 || expected.Detectable > expected.Answers.Value / audience.Treated;
        if (!double.IsNaN(expected.Detectable))
        {
            text.ShouldContain($"Judged by how many are interested: a rise of {Invariant(100 * expected.Detectable, "0.0")} points or more is seen in four of five such campaigns, from {Share(expected.Baseline)} of members who would do so by themselves. "
                + (isMuch ? "That is much: a smaller one would hardly be told from chance. To see one, leave more alone, or plan it for more members. Planned" : "Planned"));
        }

        if (expected.ByMember is { } rate && !double.IsNaN(rate.Value))
            text.ShouldContain($"a member is interested in {Share(rate.Value)} of what they are shown ({Share(rate.Low)} to {Share(rate.High)}, n = {expected.Members} members, each counted alike)");
    }

    private static string RowOf(string name, OrderedFunnelGroupView group) => $"{name}\t{string.Join('\t', group.Reached.Select(StepOf))}\t{Number(group.Spent / 10_000.0)}\t{Number(group.SpentToEnd / 10_000.0)}";

    private static string? PlaceOf(int person) => person % 8 == 1 ? null : person % 2 == 0 ? $"Hamlet {person}" : person % 3 == 0 ? "Medan  Indonesia" : "Toronto, Ontario";

    /// <summary>A cell of the table of steps.</summary>
    private static string StepOf(OrderedFunnelReachedView reached, int step) =>
        $"{reached.Users}" + (step > 0 && reached.OfBefore.N > 0 ? $" · {Share(reached.OfBefore.Value)}" : "")
        + (reached.MedianWait is { } wait ? $", {(wait < 120 ? $"{Invariant(wait, "0")} s" : wait < 7_200 ? $"{Invariant(wait / 60, "0")} min" : wait < 172_800 ? $"{Invariant(wait / 3_600, "0")} h" : $"{Invariant(wait / 86_400, "0")} days")}" : "")
        + (reached.NotYet > 0 ? $", {reached.NotYet} not yet" : "");

    private static string Share(double value) => $"{Invariant(100 * value, value is > 0 and < .0995 ? "0.0" : "0")} %";

    private static string Whole(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Invariant(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Fixed(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>As the page writes it.</summary>
    private static string Number(double value) => value.ToString(value >= 100 ? "N0" : value >= 10 ? "0.#" : "0.##", CultureInfo.InvariantCulture);

    private async Task ShouldOpenWithAKey()
    {
        var (key, secret) = AccessKey.Generate("reader", Scopes.Read, DateTimeOffset.UnixEpoch);
        KeyFile.Add(_folder.At("keys.json"), key);
        await using var silo = SiloProcess.Launch(["run", "--data", _folder.At("data"), "--urls", "http://127.0.0.1:0", "--keys", _folder.At("keys.json")]);
        var address = await silo.ServingAsync();
        var seen = (await Look(new Visit("key", address.ToString(), 390, 844) { Do = "key", Key = secret })).Single();
        ShouldBeWhole(seen, address);
        seen.Refused.ShouldStartWith("This is no key: its character 10 is “ü”");
        seen.Text.ShouldContain($"{People} people");
        seen.Text.ShouldNotContain(secret);
    }

    private static void ShouldBeWhole(Seen seen, Uri address)
    {
        seen.Requests.ShouldAllBe(request => request.StartsWith(address.ToString(), StringComparison.Ordinal) || request.StartsWith("data:", StringComparison.Ordinal));
        ShouldBeWhole(seen);
    }

    private static void ShouldBeWhole(Seen seen, string only)
    {
        seen.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal)).ShouldBe([$"file://{only}"]);
        ShouldBeWhole(seen);
    }

    private static void ShouldBeWhole(Seen seen)
    {
        seen.Errors.ShouldBeEmpty(seen.Name);
        seen.Wide.ShouldBeFalse(seen.Name);
        seen.Cut.ShouldBeEmpty(seen.Name);
        seen.Unlabelled.ShouldBeEmpty(seen.Name);
        seen.Drawn.ShouldBe(seen.Charts, seen.Name);
    }

    /// <summary>Three kinds of people, and a locale and an import that would be markup if they were taken for it.</summary>
    private static IEnumerable<UserEvent> Events()
    {
        var at = new DateTimeOffset(2012, 10, 1, 12, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < People; i++)
        {
            var (user, kind) = ($"u{i:000}", i % 3);
            yield return new UserEvent
            {
                UserId = user, MessageId = "profile", Kind = "identify", At = at,
                Traits = new()
                {
                    ["birthyear"] = $"{(kind == 2 ? 1950 : 1985) + (i % 7)}", ["gender"] = i % 5 == 0 ? "female" : "male",
                    ["locale"] = i == 0 ? HostileLocale : i % 4 == 0 ? "id_ID" : "en_US", ["location"] = PlaceOf(i) ?? "",
                },
            };
            yield return new UserEvent
            {
                UserId = user, MessageId = "friends", Kind = "friends", At = at,
                FriendsAdded = [.. Enumerable.Range(0, kind == 1 ? 60 + (i % 9) : 4 + (i % 5)).Select(friend => $"f{friend}"), $"u{(i + 1) % People:000}", $"u{i / 40 * 40:000}"],
            };
            for (var item = 0; item < 4; item++)
            {
                yield return new UserEvent
                {
                    UserId = user, MessageId = $"answer-{item}", Kind = kind == 0 || item == 3 ? "interested" : "not_interested",
                    At = at.AddHours(item), Item = $"concert-{item}",
                };
            }

            if (kind == 0) yield return new UserEvent { UserId = user, MessageId = "yes", Kind = "yes", At = at.AddHours(5), Item = "concert-3" };
        }
    }

    private static ImportReport Import() => new()
    {
        Source = "event-challenge",
        EndedAt = new DateTimeOffset(2026, 5, 1, 9, 0, 0, TimeSpan.Zero),
        Seconds = 24.3,
        Ids = 938_000,
        KnownUsers = 38_209,
        FriendLinks = 3_731_377,
        KnownFriendLinks = 145_935,
        Answers = 5_655_524,
        KnownAnswers = 118_211,
        Facts = 9_463_210,
        Added = 9_463_210,
        Known = 0,
        Tables =
        [
            new TableReport
            {
                Table = "users.csv.gz",
                Rows = 38_209,
                RejectedRows = 12,
                Columns =
                [
                    new ColumnReport { Column = "locale", Missing = 0, Treatment = "", Rejected = [], Suspicious = [] },
                    new ColumnReport
                    {
                        Column = "birthyear",
                        Missing = 1_492,
                        Treatment = "the median stands in where it is clustered",
                        Imputed = 1_494,
                        ImputedAs = "the median in age, birthyear",
                        Rejected = [new Finding("is no year from 1900 to 2000", 2, ["23-May", Hostile])],
                        Suspicious = [new Finding("a spike: many users have exactly this year", 189, ["1905", "1910", "1945"])],
                    },
                    new ColumnReport { Column = "timezone", Missing = 0, Treatment = "", Rejected = [], Suspicious = [] },
                    new ColumnReport { Column = "(whole row)", Missing = 0, Treatment = "the row is left out", Rejected = [new Finding("has 6 cells", 12, [])], Suspicious = [] },
                ],
            },
        ],
    };

    private static string DataOf(string report)
    {
        const string start = "id=\"data\">";
        var from = report.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return report[from..report.IndexOf("</script>", from, StringComparison.Ordinal)];
    }

    private async Task FetchDriver()
    {
        Directory.CreateDirectory(_folder.At("driver"));
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Page", "chromium")))
            File.Copy(file, Path.Combine(_folder.At("driver"), Path.GetFileName(file)));
        var (code, output, error) = await Programs.Run("npm", ["ci", "--loglevel=error"], _folder.At("driver"));
        code.ShouldBe(0, output + error);
    }

    private async Task<Seen[]> Look(params Visit[] visits)
    {
        var (code, output, error) = await Programs.Run("node", ["look.mjs", Programs.PathOf("chromium")], _folder.At("driver"), JsonSerializer.Serialize(visits, JsonSerializerOptions.Web));
        code.ShouldBe(0, error);
        return JsonSerializer.Deserialize<Seen[]>(output, JsonSerializerOptions.Web)!;
    }

    private sealed record Visit(string Name, string Url, int Width, int Height)
    {
        public bool Dark { get; init; }
        public string? Do { get; init; }
        public string? Key { get; init; }
        public string Screenshot => Path.Combine(Screenshots, $"{Name}.png");
    }

    private sealed record Seen(
        string Name, string[] Errors, string[] Requests, string[] Phases, string Ended, string Refused, bool Wide, string[] Cut, int Charts, int Drawn, string[] Unlabelled,
        string[] Headings, string Background, string Text);
}
