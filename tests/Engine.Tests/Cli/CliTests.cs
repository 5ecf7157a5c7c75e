using System.Text.Json;
using Auie.Abstractions;
using Auie.Cli;
using Auie.Client;
using Auie.Client.Keys;
using Auie.Engine.Tests.Api;
using Microsoft.Extensions.DependencyInjection;

namespace Auie.Engine.Tests.Cli;

public sealed class CliTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("auie-cli-");
    private ApiServer _server = null!;

    public async Task InitializeAsync() => _server = await ApiServer.Start();

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Overview_tells_what_is_in_the_engine_and_what_an_import_found()
    {
        _server.Engine.Imports.Add(new ImportReport
        {
            Source = "event-challenge", EndedAt = FakeEngine.AsOf, Seconds = 12, Ids = 10, KnownUsers = 5, FriendLinks = 4, KnownFriendLinks = 3, Answers = 2,
            KnownAnswers = 1, Facts = 9_400_000, Added = 7, Known = 0,
            Tables = [new TableReport { Table = "users", Rows = 5, RejectedRows = 0, Columns =
            [
                new ColumnReport { Column = "birthyear", Missing = 1_492, Treatment = "left out", Rejected = [new Finding("no year", 2, ["23-May"])], Suspicious = [] },
                new ColumnReport { Column = "gender", Missing = 0, Treatment = "left out", Rejected = [], Suspicious = [] },
            ] }],
        });
        var run = await Run("overview");
        run.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "male 2, female 1", "2 known, 1980 to 1991, median 1985.5", "en_US 2, (none) 1", "1,234 in the lists of 2 of 3 users: 617.0 each on average", "shown 7, interested 2", "yes 3", "9,400,000 facts", "users.birthyear", "1,492", "2 no year (23-May)" })
            run.Out.ShouldContain(told);
        run.Out.ShouldNotContain("users.gender");
        run.Out.ShouldNotContain("impressions");

        var json = JsonDocument.Parse((await Run("overview", "--json")).Out).RootElement;
        json.GetProperty("users").GetProperty("birthYears").GetProperty("1991").GetInt32().ShouldBe(1);
        json.GetProperty("imports")[0].GetProperty("facts").GetInt64().ShouldBe(9_400_000);
    }

    [Fact]
    public async Task Silos_are_told_with_what_each_serves_and_can_be_drained()
    {
        var run = await Run("silos");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("4: 0-2 5");
        run.Out.ShouldContain("64 MB");
        (await Run("silos", "drain", "silo-2")).Out.ShouldContain("draining");
        JsonDocument.Parse((await Run("silos", "--json")).Out).RootElement.GetProperty("silos")[1].GetProperty("status").GetString().ShouldBe("draining");
        _server.Engine.ListsWhileDraining = 2;
        (await Run("silos", "drain", "silo-1", "--wait")).Out.ShouldContain("drained");
        var none = await Run("silos", "resume", "silo-7");
        none.ShouldEndWith(ExitCodes.NotFound);
        none.Error.Trim().ShouldStartWith("auie: There is no silo 'silo-7' in the cluster now: none has that name,");
        (await Run("silos", "drain", "silo-7")).Error.ShouldStartWith("auie: There is no silo 'silo-7' in the cluster now: none has that name, or it has stopped, or it was put out");
    }

    [Fact]
    public async Task Silos_as_somebody_knew_them_once_are_told_with_the_code_of_what_is_to_be_asked_again()
    {
        await using var server = await ApiServer.Start(configure: builder => builder.Services.AddSingleton<IKnownSilos, FakeKnownSilos>());
        server.Engine.Failure = new UnavailableException("The database is gone.");
        var run = await RunIn(new() { ["AUIE_ENDPOINT"] = server.Address.ToString() }, "silos");
        run.ShouldEndWith(ExitCodes.TryAgain);
        run.Out.ShouldContain("not reached");
        run.Error.ShouldStartWith("auie: Nobody has told at once");
    }

    [Fact]
    public async Task Where_whoever_is_to_tell_a_silo_stands_still_itself_it_says_what_is_the_case_and_what_to_do()
    {
        await using var server = await ApiServer.Start();
        var endpoint = new Dictionary<string, string> { ["AUIE_ENDPOINT"] = server.Address.ToString() };
        server.Engine.FailsOnce.Enqueue(SiloGone.Failure());
        (await RunIn(endpoint, "silos", "drain", "silo-1")).Out.ShouldContain("draining");

        server.Engine.Failure = new TimeoutException("The call was not answered in 00:00:30.");
        var run = await RunIn(endpoint, "silos", "drain", "silo-1");
        run.ShouldEndWith(ExitCodes.TryAgain);
        run.Error.ShouldContain("Whether 'silo-1' was told is not known");
        run.Error.ShouldContain("Ask again, which does no harm. One that stands still hands over when it wakes, if it was told before its lease ran out");
    }

    [Theory]
    [InlineData(null, "is gone, and was not seen to be drained before")]
    [InlineData("expired", "has not renewed its lease, and was not drained: it was killed, stands still,")]
    [InlineData("active", "is active, and was not drained")]
    public async Task A_silo_that_is_not_drained_in_the_end_is_no_success(string? becomes, string said)
    {
        _server.Engine.ListsWhileDraining = 1;
        _server.Engine.DrainingSiloBecomes = becomes;
        var run = await Run("silos", "drain", "silo-1", "--wait");
        run.ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldContain(said);
        run.Out.ShouldBeEmpty();
    }

    [Fact]
    public async Task Train_says_what_was_learnt_and_how_it_was_judged()
    {
        var run = await Run("train", "--seed", "7", "--wait");
        run.ShouldEndWith(ExitCodes.Ok);
        foreach (var told in new[] { "ranker-3 ranks from now on", "lambdamart, 80 trees, from 90,000 rows of 900 occasions", "0.3500", "+0.0500 [+0.0300, +0.0700]", "recommendations" })
            run.Out.ShouldContain(told);
        JsonDocument.Parse((await Run("train", "--wait", "--json")).Out).RootElement.GetProperty("trained").GetProperty("version").GetInt64().ShouldBe(3);

        _server.Engine.Finish = job => job with { State = "kept", Phase = "", Progress = 1, Error = "There is too little to learn from." };
        var kept = await Run("train", "--wait");
        kept.ShouldEndWith(ExitCodes.Ok);
        kept.Out.ShouldContain("There is too little to learn from.");
    }

    [Fact]
    public async Task Rankers_are_told_with_which_one_ranks_and_can_be_rolled_back_to()
    {
        (await Run("rankers", "list")).Out.ShouldContain("ranker-2 ranks.");
        (await Run("rankers", "rollback", "1")).Out.ShouldContain("ranker-1 ranks.");
        JsonDocument.Parse((await Run("rankers", "rollback", "0", "--json")).Out).RootElement.GetProperty("published").GetInt64().ShouldBe(0);
        (await Run("rankers", "list")).Out.ShouldContain("The baseline ranks.");
        (await Run("rankers", "rollback", "9")).ShouldEndWith(ExitCodes.NotFound);
    }

    [Fact]
    public async Task Recommend_prints_what_and_why_and_records_nothing_unless_told()
    {
        var run = await Run("recommend", "u", "-n", "1", "--kind", "event", "--near", "3.5,98.6", "--platform", "ios");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("The event-1");
        run.Out.ShouldContain("4 friends said yes; starts in 3 days, in Medan");
        var (user, request) = _server.Engine.Recommended.Single();
        (user, request.Count, request.Kind, request.Latitude, request.Longitude, request.Platform, request.Record).ShouldBe(("u", 1, "event", 3.5, 98.6, "ios", false));

        JsonDocument.Parse((await Run("recommend", "u", "--record", "--json")).Out).RootElement.GetProperty("items").GetArrayLength().ShouldBe(2);
        _server.Engine.Recommended.Last().Request.Record.ShouldBeTrue();
        (await Run("recommend", "u", "--kind", "thing")).ShouldEndWith(ExitCodes.Usage);
    }

    [Fact]
    public async Task Cluster_prints_its_result_as_json_of_the_promised_shape_and_leaves_no_table()
    {
        var file = Write("id,friends,age\nx,1,2\ny,3,\nz,5,NA\nw,7,8\n");
        var run = await Run("cluster", file, "--columns", "age,friends", "--k", "2..3", "--seed", "7", "--json");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Error.ShouldBeEmpty();
        run.Out.Trim().ShouldBe(
            """
            {"rows":4,"columns":["age","friends"],"k":2,"seed":7,"inertia":0.3333333333333333,"silhouette":{"2":0.5437,"3":0.25},"silhouetteMethod":"exact","silhouetteError":{"2":0,"3":0},"silhouetteConfidence":1,"clusters":[
            {"size":2,"centroid":{"age":0.1,"friends":1.1},"persona":"Silent Observers"},
            {"size":2,"centroid":{"age":1.1,"friends":2.1},"persona":"Enthusiasts"}]}
            """.ReplaceLineEndings(""));
        _server.Engine.Tables.ShouldBeEmpty();
        var request = _server.Engine.Jobs["j1"].View.Request;
        (request.KMin, request.KMax, request.Raw).ShouldBe((2, 3, false));
    }

    [Fact]
    public async Task Cluster_sends_the_very_numbers_of_the_file()
    {
        var numbers = new[] { .1, 1e-300, -0.0, double.MaxValue, 1.0 / 3, 5e-324, 123456789.123456789 };
        var file = Write("\"a \"\"quoted\"\", name\"\n" + string.Join('\n', numbers.Select(number => number.ToString("E17"))));
        (await Run("cluster", file, "--k", "2", "--keep", "--name", "kept", "--shards", "3", "--raw")).ShouldEndWith(ExitCodes.Ok);
        var table = _server.Engine.Tables["kept"];
        table.Columns.ShouldBe(["a \"quoted\", name"]);
        table.Values.Select(BitConverter.DoubleToInt64Bits).ShouldBe(numbers.Select(BitConverter.DoubleToInt64Bits));
        table.Shards.ShouldBe(3);
        _server.Engine.Jobs["j1"].View.Request.Raw.ShouldBeTrue();
    }

    [Fact]
    public async Task Cluster_identifies_rows_by_the_column_that_is_named_and_refuses_two_of_one_id()
    {
        (await Run("cluster", Write("a,who,b\n1,\"x, y\",2\n3,z,4\n"), "--id", "who", "--k", "2", "--keep", "--name", "t")).ShouldEndWith(ExitCodes.Ok);
        _server.Engine.Tables["t"].Columns.ShouldBe(["a", "b"]);
        _server.Engine.Tables["t"].Ids.ShouldBe(["x, y", "z"]);
        (await Run("cluster", Write("id,b\n1,2\n"), "--columns", "id,b", "--k", "2", "--keep", "--name", "numbers")).ShouldEndWith(ExitCodes.Ok);
        _server.Engine.Tables["numbers"].Columns.ShouldBe(["id", "b"]);
        _server.Engine.Tables["numbers"].Ids.ShouldBeEmpty();

        var file = Write("id,b\nx,2\ny,3\nx,4\n");
        var run = await Run("cluster", file, "--k", "2");
        run.ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldBe($"auie: {file}, line 4, column id: 'x' identifies the row of line 2 already\n");
    }

    [Fact]
    public async Task Bad_cells_are_told_with_file_line_column_and_value_and_nothing_is_sent()
    {
        var file = Write("a,b\n1,x\n2,3\nNone,4\n");
        var run = await Run("cluster", file, "--k", "2");
        run.ShouldEndWith(ExitCodes.Failed);
        run.Error.ShouldBe($"auie: {file}, line 2, column b: 'x' is not a finite number\nauie: {file}, line 4, column a: 'None' is not a finite number\n");
        (await Run("cluster", file, "--k", "2", "--columns", "a,zz")).Error.ShouldContain("column zz: is not in the header, which has: a, b");
        _server.Engine.TableCalls.Reader.Count.ShouldBe(0);
    }

    [Fact]
    public async Task A_job_that_fails_is_a_failure_and_its_table_goes_too()
    {
        _server.Engine.Finish = job => job with { State = "failed", Phase = "failed", Error = "k is more than the rows" };
        var run = await Run("cluster", Write("a\n1\n"), "--k", "2", "--json");
        run.ShouldEndWith(ExitCodes.Failed);
        run.Out.ShouldBeEmpty();
        run.Error.ShouldContain("k is more than the rows");
        _server.Engine.Tables.ShouldBeEmpty();
    }

    [Fact]
    public async Task Interrupting_cluster_cancels_its_job_and_removes_its_table()
    {
        var run = await RunInterrupted("cluster", Write("a\n1\n"), "--k", "2", "--json");
        run.ShouldEndWith(ExitCodes.Interrupted);
        _server.Engine.Jobs["j1"].View.State.ShouldBe("cancelled");
        _server.Engine.Tables.ShouldBeEmpty();
    }

    [Fact]
    public async Task Interrupting_a_wait_leaves_the_job_and_says_how_to_cancel_it()
    {
        var run = await RunInterrupted("recompute", "--wait");
        run.ShouldEndWith(ExitCodes.Interrupted);
        run.Error.ShouldContain("auie jobs cancel j1");
        _server.Engine.Jobs["j1"].View.State.ShouldBe("running");
    }

    [Fact]
    public async Task Recompute_waits_for_the_end_and_prints_the_job()
    {
        var run = await Run("recompute", "--k", "3..10", "--features", "default", "--as-of", "2012-12-31", "--seed", "5", "--wait", "--json");
        run.ShouldEndWith(ExitCodes.Ok);
        var job = JsonDocument.Parse(run.Out).RootElement;
        job.GetProperty("state").GetString().ShouldBe("succeeded");
        var request = _server.Engine.Jobs["j1"].View.Request;
        (request.KMin, request.KMax, request.Seed, request.Features).ShouldBe((3, 10, 5, "default"));
        request.AsOf.ShouldBe(new DateTimeOffset(2012, 12, 31, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task Recompute_without_waiting_says_where_to_look()
    {
        _server.Engine.Finish = null;
        var run = await Run("recompute");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Error.ShouldContain("auie jobs show j1");
        (await Run("jobs", "cancel", "j1")).Out.ShouldContain("cancelled");
        (await Run("jobs")).Out.ShouldContain("j1");
        (await Run("jobs", "show", "j1")).ShouldEndWith(ExitCodes.Ok);
    }

    [Fact]
    public async Task A_user_is_shown_with_and_without_a_segment()
    {
        _server.Engine.Users["u"] = _server.Engine.AddUser("u") with { MergedIds = ["old-u", "anonymous:phone"] };
        (await Run("users", "show", "u", "--json")).Out.ShouldContain("\"segment\":null");
        await Publish();
        _server.Engine.Segmentation = _server.Engine.Segmentation! with { RowsAre = "answer" };
        _server.Engine.AddUser("silent");
        _server.Engine.WithoutAnswers.Add("silent");
        var silent = await Run("users", "show", "silent");
        silent.ShouldEndWith(ExitCodes.Ok);
        silent.Out.ShouldContain("1990");
        silent.Out.ShouldContain("Nothing has been shown to the user 'silent' yet");
        var run = await Run("users", "show", "u");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("Silent Observers");
        run.Out.ShouldContain("1990");
        run.Out.ShouldContain("12.34");
        run.Out.ShouldContain("old-u, anonymous:phone");
        JsonDocument.Parse((await Run("users", "show", "u", "--json")).Out).RootElement.GetProperty("segment").GetProperty("margin").GetDouble().ShouldBe(.75);
    }

    [Fact]
    public async Task An_item_is_shown_with_its_traits_and_answers()
    {
        await _server.Client.ImportItems(
        [
            new ItemEvent { ItemId = "17", MessageId = "m", At = FakeEngine.AsOf, Traits = new() { ["city"] = "Medan" }, Yes = ["ann", "bob"], Invited = ["cid"] },
        ]);
        var run = await Run("items", "show", "17");
        run.ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("Medan");
        run.Out.ShouldContain("yes 2, invited 1");
        JsonDocument.Parse((await Run("items", "show", "17", "--json")).Out).RootElement.GetProperty("answers").GetProperty("yes").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Segments_and_their_members_are_listed()
    {
        await Publish();
        (await Run("segments")).Out.ShouldContain("Enthusiasts");
        (await Run("segments")).Out.ShouldContain("Users");
        _server.Engine.Segmentation = _server.Engine.Segmentation! with { RowsAre = "answer" };
        (await Run("segments")).Out.ShouldContain("Answers");
        var members = await Run("segments", "members", "0", "--count", "20");
        members.Out.Trim().Split('\n').Select(line => line.Trim()).ShouldBe(Enumerable.Range(0, 20).Select(i => $"u{i}"));
        members.Error.ShouldContain("more than 20");
        JsonDocument.Parse((await Run("segments", "members", "0", "--json")).Out).RootElement.GetProperty("members").GetArrayLength().ShouldBe(50);
    }

    [Theory]
    [InlineData("users", "show", "nobody")]
    [InlineData("items", "show", "nothing")]
    [InlineData("segments")]
    [InlineData("jobs", "show", "x")]
    [InlineData("jobs", "cancel", "x")]
    public async Task What_is_not_there_has_its_own_exit_code(params string[] arguments)
    {
        var run = await Run(arguments);
        run.ShouldEndWith(ExitCodes.NotFound);
        run.Error.ShouldStartWith("auie: ");
        run.Out.ShouldBeEmpty();
    }

    [Theory]
    [InlineData]
    [InlineData("no-such-command")]
    [InlineData("users", "show")]
    [InlineData("recompute", "--k", "1")]
    [InlineData("recompute", "--k", "5..3")]
    [InlineData("recompute", "--k", "3..256")]
    [InlineData("recompute", "--k", "x")]
    [InlineData("recompute", "--as-of", "yesterday")]
    [InlineData("recompute", "--seed", "1.5")]
    [InlineData("cluster", "no-such-file.csv", "--k", "2")]
    [InlineData("segments", "members", "x")]
    [InlineData("segments", "members", "1", "--count", "0")]
    [InlineData("jobs", "--endpoint", "ftp://x")]
    [InlineData("jobs", "--key", "a b")]
    [InlineData("keys", "new", "--name", "n", "--scopes", "everything", "--file", "f")]
    public async Task A_wrong_command_line_has_its_own_exit_code_and_a_reason(params string[] arguments)
    {
        var run = await Run(arguments);
        run.ShouldEndWith(ExitCodes.Usage);
        run.Error.ShouldStartWith("auie: ");
        run.Error.ShouldNotContain("   at ");
    }

    [Fact]
    public async Task An_engine_that_is_not_there_has_its_own_exit_code()
    {
        await using var gone = await ApiServer.Start();
        var address = gone.Address.ToString();
        await gone.DisposeAsync();
        (await Run("jobs", "--endpoint", address)).ShouldEndWith(ExitCodes.Unreachable);
    }

    [Fact]
    public async Task Being_told_to_try_again_and_an_engines_failure_have_their_own_exit_codes()
    {
        _server.Engine.Failure = new TimeoutException();
        (await Run("jobs")).ShouldEndWith(ExitCodes.TryAgain);
        _server.Engine.Failure = new InvalidOperationException();
        var failed = await Run("jobs");
        failed.ShouldEndWith(ExitCodes.Failed);
        failed.Error.ShouldContain("request id");
    }

    [Fact]
    public async Task A_key_comes_from_the_command_line_or_the_environment()
    {
        await using var server = await ApiServer.StartWithKeys();
        var endpoint = server.Address.ToString();
        (await Run("jobs", "--endpoint", endpoint)).ShouldEndWith(ExitCodes.NotAllowed);
        (await Run("jobs", "--endpoint", endpoint, "--key", ApiServer.KeyOf("write"))).ShouldEndWith(ExitCodes.NotAllowed);
        (await Run("jobs", "--endpoint", endpoint, "--key", ApiServer.KeyOf("read"))).ShouldEndWith(ExitCodes.Ok);
        (await RunIn(new() { ["AUIE_ENDPOINT"] = endpoint, ["AUIE_KEY"] = ApiServer.KeyOf("read") }, "jobs")).ShouldEndWith(ExitCodes.Ok);
    }

    [Fact]
    public async Task A_new_key_is_shown_once_and_kept_as_a_hash()
    {
        var file = Path.Combine(_folder.FullName, "keys.json");
        var run = await Run("keys", "new", "--name", "web", "--scopes", "read,write", "--file", file);
        run.ShouldEndWith(ExitCodes.Ok);
        var kept = KeyFile.Load(file).Keys.Single();
        Convert.ToHexStringLower(AccessKey.HashOf(run.Out.Trim())).ShouldBe(kept.Sha256);
        kept.Scopes.ShouldBe(["read", "write"]);
        (await Run("keys", "new", "--name", "web", "--scopes", "read", "--file", file)).ShouldEndWith(ExitCodes.Failed);

        var json = JsonDocument.Parse((await Run("keys", "new", "--name", "ops", "--scopes", "admin", "--file", file, "--json")).Out).RootElement;
        json.GetProperty("key").GetString().ShouldStartWith("auie_");
    }

    [Theory]
    [InlineData]
    [InlineData("users", "show")]
    [InlineData("items", "show")]
    [InlineData("segments")]
    [InlineData("segments", "members")]
    [InlineData("recompute")]
    [InlineData("jobs")]
    [InlineData("jobs", "show")]
    [InlineData("jobs", "cancel")]
    [InlineData("cluster")]
    [InlineData("keys", "new")]
    [InlineData("import", "event-challenge")]
    [InlineData("report")]
    public async Task Help_tells_examples_and_exit_codes(params string[] command)
    {
        var run = await Run([.. command, "--help"]);
        run.ShouldEndWith(ExitCodes.Ok);
        run.Out.ShouldContain("Exit codes:");
        if (command.Length > 0) run.Out.ShouldContain($"  auie {string.Join(' ', command)}");
        else run.Out.ShouldContain("AUIE_ENDPOINT");
    }

    private async Task Publish()
    {
        await Run("recompute");
        _server.Engine.Segmentation = _server.Engine.Jobs.Values.Single().View.Result;
    }

    private string Write(string csv)
    {
        var path = Path.Combine(_folder.FullName, "table.csv");
        File.WriteAllText(path, csv);
        return path;
    }

    private Task<CliRun> Run(params string[] arguments) => RunIn(new() { ["AUIE_ENDPOINT"] = _server.Address.ToString() }, arguments);

    private async Task<CliRun> RunInterrupted(params string[] arguments)
    {
        _server.Engine.Finish = null;
        using var interrupt = new CancellationTokenSource();
        var run = Run(new() { ["AUIE_ENDPOINT"] = _server.Address.ToString() }, arguments, interrupt.Token);
        await _server.Engine.Watched.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        await interrupt.CancelAsync();
        return await run;
    }

    private static Task<CliRun> RunIn(Dictionary<string, string> environment, params string[] arguments) => Run(environment, arguments, default);

    private static async Task<CliRun> Run(Dictionary<string, string> environment, string[] arguments, CancellationToken cancellationToken)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        var code = await AuieCli.Run(arguments, new CliHost(output, error, environment.GetValueOrDefault, Interactive: false, Width: 200), cancellationToken);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    private sealed record CliRun(int Code, string Out, string Error)
    {
        public void ShouldEndWith(int code) => Code.ShouldBe(code, Error + Out);
    }
}
