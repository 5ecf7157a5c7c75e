using Auie.Abstractions;
using Auie.Client;
using Auie.Storage;
using static Auie.Engine.Tests.Engine.SomeEvents;

namespace Auie.Engine.Tests.Engine;

/// <summary>What users' events say of items is in the items' states, once, whatever comes twice and whoever turns out to be whom.</summary>
public sealed class ItemAnswerTests
{
    private const string NoTimer = "Engine:FlushInterval=01:00:00", Soon = "Engine:RetryInterval=00:00:00.02";

    private static UserEvent Said(string user, string message, string kind, int second) => Event(user, message, kind, "party") with { At = Noon.AddSeconds(second) };

    private static async Task<string[]> AnswersAsync(TestEngine engine, IReadOnlyList<AppendResult> since, string item = "party") =>
        (await engine.Client.GetItemAnswers(item, null, 1_000, [.. since.Select(result => new VersionToken(result.Partition, result.Offset))], CancellationToken.None)) is { } page
            ? [.. page.Answers.Select(answer => $"{answer.UserId} {answer.Answer ?? "-"}{(answer.Invited ? " invited" : "")}")] : [];

    /// <summary>Waits until an item has these answers, asking again and again, and fails with those that it has when that takes too long.</summary>
    private static async Task ShouldComeToAsync(TestEngine engine, string[] expected)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while (await AnswersAsync(engine, []) is var answers && !answers.SequenceEqual(expected))
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(1))
                answers.ShouldBe(expected);
            await Task.Yield();
        }
    }

    [Fact]
    public async Task An_answer_is_in_the_items_state_as_of_the_calls_version_and_the_later_one_holds_by_its_own_time()
    {
        List<AppendResult> sent = [];
        await using var engine = await TestEngine.StartAsync(null, 3, NoTimer);
        sent.AddRange(await engine.SendAsync(
            Said("ann", "m1", "yes", 5), Said("bob", "m1", "maybe", 1), Said("cid", "m1", "invited", 1), Said("dan", "m1", "interested", 1), Said("eve", "m1", "shown", 1)));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann yes", "bob maybe", "cid - invited"]);

        sent.AddRange(await engine.SendAsync(Said("ann", "m2", "no", 4), Said("bob", "m2", "no", 2), Said("cid", "m2", "yes", 2), Said("bob", "m1", "maybe", 1), Said("cid", "m3", "invited", 3)));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann yes", "bob no", "cid yes invited"]);

        await engine.Client.Flush(CancellationToken.None);
        var item = (await engine.Client.GetItem("party", [], CancellationToken.None)).ShouldNotBeNull();
        item.Answers.ShouldBe(new Dictionary<string, long> { ["yes"] = 2, ["maybe"] = 0, ["no"] = 1, ["invited"] = 1 }, ignoreOrder: true);
    }

    [Fact]
    public async Task A_thousand_answers_of_one_call_cost_the_shards_a_few_commits()
    {
        List<AppendResult> sent = [];
        var commits = 0;
        await using var engine = await TestEngine.StartWithAsync(GatedStore.Before((method, arguments) =>
        {
            if (method == nameof(IEngineStore.AppendAsync) && IsOfItems(arguments))
                Interlocked.Increment(ref commits);
            return Task.CompletedTask;
        }), null, 2, NoTimer);
        sent.AddRange(await engine.SendAsync([.. Enumerable.Range(0, 1_000).Select(i => Event($"u{i}", "m", "yes", $"e{i % 10}"))]));

        (await AnswersAsync(engine, sent, "e3")).Length.ShouldBe(100);
        commits.ShouldBeInRange(2, 4, "each of two partitions tells each of two shards once");
    }

    [Fact]
    public async Task What_was_not_delivered_is_after_a_restart_and_what_was_delivered_before_counts_once()
    {
        List<AppendResult> sent = [];
        var folder = Directory.CreateTempSubdirectory("auie-test-").FullName;
        var isDown = false;
        // As where the silo is killed: no state of a user is written, so that all is delivered again, and some of it was not delivered at all.
        await using (var engine = await TestEngine.StartWithAsync(GatedStore.Before((method, arguments) =>
            method == nameof(IEngineStore.FlushAsync) && !IsOfItems(arguments) || Volatile.Read(ref isDown) && method == nameof(IEngineStore.AppendAsync) && IsOfItems(arguments)
                ? Task.FromException(new StoreException("It is down.")) : Task.CompletedTask), folder, 2, NoTimer))
        {
            sent.AddRange(await engine.SendAsync(Said("ann", "m1", "yes", 1), Said("bob", "m1", "invited", 1)));
            (await AnswersAsync(engine, sent)).ShouldBe(["ann yes", "bob - invited"]);
            Volatile.Write(ref isDown, true);
            (await engine.SendAsync(Said("ann", "m2", "no", 2), Said("cid", "m1", "yes", 1))).SelectMany(result => result.Refused).ShouldBeEmpty("it is on disk");
            (await AnswersAsync(engine, [])).ShouldBe(["ann yes", "bob - invited"]);
        }

        await using (var engine = await TestEngine.StartAsync(folder, null, NoTimer, Soon))
        {
            await ShouldComeToAsync(engine, ["ann no", "bob - invited", "cid yes"]);
            await engine.Client.Flush(CancellationToken.None);
            (await engine.Client.GetItem("party", [], CancellationToken.None)).ShouldNotBeNull().Answers.Values.Sum().ShouldBe(3);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_answers_of_ids_that_are_joined_are_their_owners()
    {
        List<AppendResult> sent = [];
        await using var engine = await TestEngine.StartAsync(null, 5, NoTimer);
        sent.AddRange(await engine.SendAsync(Said("anonymous:phone", "v1", "yes", 3) with { AnonymousId = "phone" }, Said("anonymous:phone", "v2", "invited", 1) with { AnonymousId = "phone" }));
        sent.AddRange(await engine.SendAsync(Said("old", "o1", "maybe", 2), Said("ann", "a1", "no", 1), Said("bob", "b1", "yes", 1)));
        sent.AddRange(await engine.SendAsync(Identify("old", "o2", "phone")));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann no", "bob yes", "old yes invited"]);

        sent.AddRange(await engine.SendAsync(Alias("old", "ann", "alias")));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann yes invited", "bob yes"]);

        // What comes under an id that was joined is its owner's, by its own time.
        sent.AddRange(await engine.SendAsync(Said("old", "o3", "no", 4), Said("anonymous:phone", "v3", "maybe", 2) with { AnonymousId = "phone" }));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann no invited", "bob yes"]);
    }

    [Fact]
    public async Task An_import_of_both_sides_counts_once_and_tells_items_nothing_by_its_users()
    {
        List<AppendResult> sent = [];
        await using var engine = await TestEngine.StartAsync(null, 2, NoTimer);
        var yes = Said("ann", "event_attendees:party:yes", "yes", 0);
        await engine.Client.Import([yes], CancellationToken.None);
        (await engine.Client.GetItem("party", [], CancellationToken.None)).ShouldBeNull();
        await engine.Client.ImportItems([new ItemEvent { ItemId = "party", MessageId = "event_attendees", At = Noon, Yes = ["ann", "bob"] }], CancellationToken.None);
        (await AnswersAsync(engine, sent)).ShouldBe(["ann yes", "bob yes"]);

        (await engine.SendAsync(yes)).Sum(result => result.Known).ShouldBe(1);
        sent.AddRange(await engine.SendAsync(Said("ann", "m2", "no", 1)));
        (await AnswersAsync(engine, sent)).ShouldBe(["ann no", "bob yes"]);
    }

    private static bool IsOfItems(object?[] arguments) => ((PartitionId)arguments[0]!).Tenant.EndsWith("/items", StringComparison.Ordinal);
}
