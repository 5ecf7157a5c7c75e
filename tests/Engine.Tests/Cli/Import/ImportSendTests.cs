using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Client.Http;
using Auie.Runtime.Tests;
using Microsoft.AspNetCore.Http;

namespace Auie.Engine.Tests.Cli.Import;

/// <summary>What `auie import event-challenge` sends, and what it does when the engine does not take it.</summary>
public sealed class ImportSendTests : IAsyncLifetime, IDisposable
{
    private static readonly DateTimeOffset Undated = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SomeTables _tables = new();
    private ImportServer _server = null!;

    public async Task InitializeAsync() => _server = await ImportServer.Start();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _tables.Dispose();

    [Fact]
    public async Task A_user_comes_as_profile_friends_showings_and_answers_at_instants_with_their_own_offset()
    {
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        var joined = new DateTimeOffset(2012, 10, 2, 14, 40, 55, 524, TimeSpan.FromHours(8));
        var shown = new DateTimeOffset(2012, 10, 2, 23, 53, 5, 754, TimeSpan.FromHours(8));

        var identify = Of("1", "identify").ShouldHaveSingleItem();
        identify.At.EqualsExact(joined).ShouldBeTrue();
        identify.Traits!.ShouldBe(new Dictionary<string, string>
        {
            ["birthyear"] = "1990", ["gender"] = "male", ["locale"] = "en_US", ["location"] = "Medan  Indonesia", ["timezone"] = "480",
            ["joinedAt"] = "2012-10-02T14:40:55.524+08:00",
        }, ignoreOrder: true);
        var friends = Of("1", "friends").ShouldHaveSingleItem();
        (friends.At, friends.FriendsAdded).ShouldSatisfyAllConditions(one => one.At.ShouldBe(joined), one => one.FriendsAdded.ShouldBe(["2", "99", "98"]));
        Of("1", "shown").Select(one => one.Item).Order().ShouldBe(["10", "11"]);
        Of("1", "shown").ShouldAllBe(one => one.At.EqualsExact(shown));
        Of("1", "interested").Single().Item.ShouldBe("10");
        Of("1", "not_interested").Single().Item.ShouldBe("11");
        Of("1", "no").Single().ShouldSatisfyAllConditions(one => one.Item.ShouldBe("12"), one => one.At.ShouldBe(Undated));
        _server.Events.Values.Count(one => one.UserId == "1").ShouldBe(8);

        Of("2", "identify").Single().At.ShouldBe(Undated);
        Of("2", "identify").Single().Traits!.Keys.Order().ShouldBe(["gender", "locale"]);
        Of("2", "yes").Single().Item.ShouldBe("10");
    }

    [Fact]
    public async Task Who_has_no_profile_comes_with_what_there_is_and_who_is_only_mentioned_does_not_come()
    {
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        Of("3", "shown").Single().At.ShouldBe(new DateTimeOffset(2012, 10, 2, 22, 0, 0, TimeSpan.Zero));
        Of("4", "friends").Single().At.ShouldBe(Undated);
        _server.Events.Values.Select(one => one.UserId).Distinct().Order().ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task An_invitation_is_told_once_though_train_and_the_list_of_the_invited_have_it()
    {
        _tables.Append("train.csv", "1,10,1,2012-10-05 00:00:00+00:00,0,0");
        _tables.Append("train.csv", "1,11,1,2012-10-05 00:00:00+00:00,0,0");
        _tables.Append("train.csv", "1,11,1,2012-10-06 00:00:00+00:00,0,0");
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        var invited = Of("1", "invited").ToDictionary(one => one.Item!, one => one.At);
        invited.ShouldBe(new Dictionary<string, DateTimeOffset> { ["10"] = Undated, ["11"] = new(2012, 10, 5, 0, 0, 0, TimeSpan.Zero) }, ignoreOrder: true);
    }

    [Fact]
    public async Task An_event_comes_with_its_traits_and_its_lists()
    {
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        var traits = _server.Items[("10", "events")];
        traits.At.ShouldBe(Undated);
        traits.Traits!.ShouldBe(new Dictionary<string, string>
        {
            ["kind"] = "event", ["creator"] = "77", ["start"] = "2012-10-31T00:00:00.001+00:00", ["city"] = "Medan", ["country"] = "Indonesia", ["lat"] = "3.5",
            ["lng"] = "98.6",
        }, ignoreOrder: true);
        _server.Items[("11", "events")].Traits!.Keys.Order().ShouldBe(["creator", "kind"]);
        var lists = _server.Items.Values.Where(one => one.ItemId == "10" && one.Traits is null).ToArray();
        lists.SelectMany(one => one.Yes ?? []).ShouldBe(["2", "99"]);
        lists.SelectMany(one => one.Invited ?? []).ShouldBe(["1", "98"]);
        _server.Items.Values.Where(one => one.ItemId == "12").SelectMany(one => one.Maybe ?? []).ShouldBe(["97"]);
    }

    [Fact]
    public async Task Long_lists_are_split_over_several_events_and_batches_and_nothing_is_lost()
    {
        var many = Enumerable.Range(1_000, 45_000).Select(id => $"{id}").ToArray();
        _tables.Append("user_friends.csv", $"5,{string.Join(' ', many)}");
        _tables.Append("event_attendees.csv", $"13,{string.Join(' ', many)},,,");
        (await Import("--batch", "20000", "--in-flight", "2")).ShouldEndWith(ExitCodes.Ok);
        Of("5", "friends").Length.ShouldBe(3);
        Of("5", "friends").SelectMany(one => one.FriendsAdded!).Order().ShouldBe(many.Order());
        _server.Items.Values.Where(one => one.ItemId == "13").SelectMany(one => one.Yes!).Order().ShouldBe(many.Order());
        _server.Requests.ShouldBeGreaterThan(4);
    }

    [Fact]
    public async Task The_same_import_again_adds_nothing_and_the_report_says_so()
    {
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        var (items, events) = (_server.Items.Count, _server.Events.Count);
        _server.Report!.Added.ShouldBe(items + events);
        var report = JsonDocument.Parse((await Import("--json")).ShouldEndWith(ExitCodes.Ok).Out).RootElement;
        (_server.Items.Count, _server.Events.Count).ShouldBe((items, events));
        (report.GetProperty("added").GetInt64(), report.GetProperty("known").GetInt64()).ShouldBe((0, items + events));
        _server.Report.Source.ShouldBe("event-challenge");
    }

    [Fact]
    public async Task A_busy_engine_is_asked_again_until_it_takes_everything()
    {
        _server.Before = request => request % 2 == 1 ? Busy() : null;
        (await Import("--batch", "1024")).ShouldEndWith(ExitCodes.Ok);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_engine_took_a_batch_does_no_harm()
    {
        _server.Before = request => request == 2 ? new Broken() : null;
        (await Import("--batch", "1024", "--in-flight", "1")).ShouldEndWith(ExitCodes.Ok);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task An_engine_that_stays_busy_is_given_up_and_the_next_run_goes_on()
    {
        FillTables();
        _server.Before = request => request > 5 ? Busy() : null;
        var run = (await Import("--batch", "1024", "--in-flight", "1", "--patience", "0")).ShouldEndWith(ExitCodes.TryAgain);
        run.Error.ShouldContain("the same import sends everything again, and the engine passes over what it has");
        _server.Report.ShouldBeNull();
        _server.Before = _ => null;
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        _server.Report!.Known.ShouldBeGreaterThan(0);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task An_interrupted_import_says_how_far_it_came_and_the_next_run_goes_on()
    {
        FillTables();
        using var interrupt = new CancellationTokenSource();
        _server.After = request => request == 6 ? interrupt.CancelAsync() : Task.CompletedTask;
        var run = (await _tables.Import(_server.Address, ["--batch", "1024", "--in-flight", "2"], interrupt.Token)).ShouldEndWith(ExitCodes.Interrupted);
        run.Error.ShouldContain("facts are with the engine; it keeps them; the same import sends everything again, and the engine passes over what it has");
        _server.Report.ShouldBeNull();
        _server.After = _ => Task.CompletedTask;
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        _server.Report!.Known.ShouldBeGreaterThan(0);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task An_engine_that_is_not_there_and_one_that_refuses_the_key_are_told_at_once()
    {
        // Told before the tables are read to where they are wrong.
        _tables.Append("users.csv", "5,\"en_US,1990,male,,,");
        (await _tables.Import()).ShouldEndWith(ExitCodes.Unreachable);
        _server.BeforeEngine = () => Results.Json(new ApiProblem { Detail = "A key is needed.", Code = "no_key" }, AuieJson.Strict.ApiProblem, "application/problem+json", 401);
        (await Import()).ShouldEndWith(ExitCodes.NotAllowed).Error.ShouldContain("A key is needed.");
        _server.Report.ShouldBeNull();
    }

    [Fact]
    public async Task A_key_that_may_write_and_not_read_is_enough()
    {
        _server.BeforeEngine = () => Results.Json(new ApiProblem { Detail = "The scope read is missing.", Code = "scope_missing" }, AuieJson.Strict.ApiProblem, "application/problem+json", 403);
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task A_call_that_fails_is_sent_again_once_however_short_patience_is()
    {
        var reports = 0;
        _server.Before = request => request % 2 == 1 ? Busy() : null;
        _server.BeforeReport = () => reports++ == 0 ? new Broken() : null;
        (await Import("--in-flight", "1", "--patience", "0")).ShouldEndWith(ExitCodes.Ok);
        await ShouldBeWhole();
        _server.Report.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_script_is_told_how_fast_it_goes_and_how_long_it_takes_yet()
    {
        FillTables();
        var clock = new ManualTime();
        using var error = new LineAwaiter(" left");
        _server.After = request =>
        {
            if (request != 8) return Task.CompletedTask;
            clock.Advance(TimeSpan.FromSeconds(10));
            return error.Seen.WaitAsync(TimeSpan.FromMinutes(1));
        };
        (await _tables.Import(_server.Address, ["--batch", "1024", "--in-flight", "1"], error, clock)).ShouldEndWith(ExitCodes.Ok);
        (await error.Seen).ShouldMatch(@"^sending users: \d+ of \d+ facts, \d+/s, 0:00:\d\d left$");
    }

    [Fact]
    public async Task Tables_that_change_while_they_are_sent_are_told_and_no_report_is_kept()
    {
        ChangeOnceSomethingIsSent("user_friends.csv", "777,1");
        var run = (await Import()).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("user_friends.csv changed after it was checked; what was sent may be of before and of after");
        _server.Report.ShouldBeNull();
        ChangeOnceSomethingIsSent("users.csv", "777,en_US,1990,male,,,");
        (await Import()).ShouldEndWith(ExitCodes.Failed).Error.ShouldContain("users.csv changed after it was checked");
        _server.Report.ShouldBeNull();
        (await Import()).ShouldEndWith(ExitCodes.Ok);
        await ShouldBeWhole();
    }

    [Fact]
    public async Task No_batch_is_longer_than_the_engine_takes_however_long_batches_may_be()
    {
        const int limit = 8 << 20;
        for (var user = 1; user <= 12; user++)
            _tables.Append("user_friends.csv", $"{1_000 + user},{string.Join(' ', Enumerable.Range(0, 40_000).Select(friend => ulong.MaxValue - (ulong)friend))}");
        (await Import("--batch", $"{(7 << 20) + 1}")).ShouldEndWith(ExitCodes.Usage);
        (await Import("--batch", $"{7 << 20}")).ShouldEndWith(ExitCodes.Ok);
        _server.LongestBody.ShouldBeInRange(7 << 20, limit);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_told_and_the_rest_is_there()
    {
        _server.Refuse = one => one is { UserId: "2", Kind: "identify" } ? "came before with another content" : null;
        var run = (await Import()).ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain("the engine refused 1 of the events, and has the others");
        run.Error.ShouldContain("2, users: messageId: came before with another content");
        Of("2", "yes").ShouldHaveSingleItem();
        _server.Report.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_dry_run_sends_nothing()
    {
        (await Import("--dry-run")).ShouldEndWith(ExitCodes.Ok);
        _server.Requests.ShouldBe(0);
        _server.Report.ShouldBeNull();
    }

    private static IResult Busy() => new RetryNow();

    private Task<CliRun> Import(params string[] options) => _tables.Import(_server.Address, options);

    private UserEvent[] Of(string user, string kind) => [.. _server.Events.Values.Where(one => one.UserId == user && one.Kind == kind)];

    private void ChangeOnceSomethingIsSent(string table, string row) => _server.After = _ =>
    {
        _server.After = _ => Task.CompletedTask;
        _tables.Append(table, row);
        return Task.CompletedTask;
    };

    private void FillTables()
    {
        for (var user = 100; user < 200; user++) _tables.Append("users.csv", $"{user},en_US,1990,male,,,");
    }

    // What one undisturbed import brings.
    private async Task ShouldBeWhole()
    {
        await using var undisturbed = await ImportServer.Start();
        (await _tables.Import(undisturbed.Address)).ShouldEndWith(ExitCodes.Ok);
        _server.Items.Keys.ShouldBe(undisturbed.Items.Keys, ignoreOrder: true);
        _server.Events.Keys.ShouldBe(undisturbed.Events.Keys, ignoreOrder: true);
    }

    /// <summary>Keeps what is printed, and hands out the first line that holds some words.</summary>
    private sealed class LineAwaiter(string words) : StringWriter
    {
        private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Seen => _seen.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(words, StringComparison.Ordinal) == true) _seen.TrySetResult(value);
        }
    }

    private sealed class RetryNow : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            httpContext.Response.Headers.RetryAfter = "0";
            return Task.CompletedTask;
        }
    }

    private sealed class Broken : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Abort();
            return Task.CompletedTask;
        }
    }
}
