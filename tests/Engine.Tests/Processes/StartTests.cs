using System.Net;
using System.Text.Json;
using Auie.Client.Http;
using Auie.Client.Keys;
using Auie.Engine.Tests.Cluster;
using Auie.Silo;
using Auie.Silo.Demo;

namespace Auie.Engine.Tests.Processes;

/// <summary>Starting and stopping: what is refused is refused in a sentence, with exit code 1 (2 for wrong usage), before anything is touched.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_process_on_a_folder_is_refused_and_so_is_a_demo_that_would_empty_it_and_a_port_that_is_taken()
    {
        var folder = _folder.At("data");
        DemoFolder.Prepare(folder);
        await using var silo = await SiloProcess.RunAsync(folder, "Api:StopDelay=00:00:03");
        await silo.Client.SendEvents([new() { UserId = "ann", MessageId = "m", Kind = "viewed", At = DateTimeOffset.UnixEpoch, Item = "p" }]);

        (await FailsAsync("run", "--data", folder, "--urls", "http://127.0.0.1:0")).ShouldContain("in use by another process");
        (await FailsAsync("demo", "--data", folder, "--users", "20", "--exit", "--urls", "http://127.0.0.1:0")).ShouldContain("in use by another process");
        (await FailsAsync("run", "--data", _folder.At("other"), "--urls", silo.Http.BaseAddress!.GetLeftPart(UriPartial.Authority)))
            .ShouldContain("address already in use");

        (await silo.Client.GetUser("ann")).Events["viewed"].ShouldBe(1);
        var stopping = silo.StopAsync();
        await SiloCluster.ReadyAsync(silo, ready: false);
        (await silo.Client.GetUser("ann")).Events["viewed"].ShouldBe(1, "who asks it yet is answered");
        (await stopping).ShouldBe(0, silo.Errors);
    }

    [Fact]
    public async Task A_silo_whose_port_is_taken_does_not_get_as_far_as_its_cluster()
    {
        using var taken = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        // There is no such server: whoever asked it would be told so.
        var settings = new SiloSettings { Postgres = "Host=127.0.0.1;Port=1;Timeout=1", Urls = $"http://{taken.LocalEndpoint}" };
        (await Should.ThrowAsync<IOException>(SiloHost.BuildAsync(settings))).Message.ShouldContain("already in use");
    }

    [Fact]
    public async Task An_API_process_that_reaches_no_silo_lives_and_is_not_ready_and_refuses_what_needs_one()
    {
        await using var api = SiloProcess.LaunchProgram("Auie.Api.dll", ["--urls", "http://127.0.0.1:0", "--gateways", "127.0.0.1:1"]);
        await api.ListeningAsync();
        (await api.Http.GetAsync(new Uri("/health/live", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await api.Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        using var refused = await api.Http.GetAsync(new Uri("/api/engine", UriKind.Relative));
        (refused.StatusCode, refused.Headers.RetryAfter?.Delta).ShouldBe((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(1)));
        (await api.StopAsync()).ShouldBe(0);
        api.Errors.ShouldContain("No connection to 127.0.0.1:1");
        api.Errors.ShouldMatch(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z warn: ", "each entry has its time");
    }

    [Fact]
    public async Task A_demo_that_is_stopped_while_it_loads_ends_quietly()
    {
        await using var demo = SiloProcess.Launch(["demo", "--data", _folder.At("demo"), "--users", "5000", "--urls", "http://127.0.0.1:0"]);
        using var late = new CancellationTokenSource(SiloProcess.Patience);
        while (!demo.Output.Contains("500 users", StringComparison.Ordinal))
            await Task.Delay(20, late.Token);
        (await demo.StopAsync()).ShouldBe(0, demo.Errors);
        demo.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task Another_machine_is_not_served_without_keys_and_by_key_only_with_them()
    {
        (await FailsAsync("run", "--data", _folder.At("data"), "--urls", "http://0.0.0.0:0")).ShouldContain("no keys are configured");

        var (key, secret) = AccessKey.Generate("reader", Scopes.Read, DateTimeOffset.UnixEpoch);
        KeyFile.Add(_folder.At("keys.json"), key);
        await using var silo = SiloProcess.Launch(["run", "--data", _folder.At("data"), "--urls", "http://0.0.0.0:0", "--keys", _folder.At("keys.json")]);
        await silo.ServingAsync();

        (await silo.Http.GetAsync(new Uri("/api/engine", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        AuieHttpClient.UseKey(silo.Http, secret);
        (await silo.Http.GetAsync(new Uri("/api/engine", UriKind.Relative))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await silo.InterruptAsync()).ShouldBe(0);
        (silo.Output + silo.Errors).ShouldNotContain(secret);
    }

    [Fact]
    public async Task A_demo_refuses_a_folder_that_no_demo_made_and_leaves_it_alone()
    {
        Directory.CreateDirectory(_folder.At("precious"));
        await File.WriteAllTextAsync(_folder.At("precious/letters.txt"), "kept");

        (await FailsAsync("demo", "--users", "20", "--exit", "--data", _folder.At("precious"))).ShouldContain("no demo made");

        Directory.GetFileSystemEntries(_folder.At("precious")).ShouldBe([_folder.At("precious/letters.txt")]);
        (await File.ReadAllTextAsync(_folder.At("precious/letters.txt"))).ShouldBe("kept");
    }

    [Fact]
    public async Task A_demo_prints_every_label_beside_its_kind_as_JSON_and_nothing_else_and_again_on_its_own_folder()
    {
        string[] arguments = ["demo", "--users", "300", "--exit", "--json", "--data", _folder.At("demo"), "--urls", "http://127.0.0.1:0", "--k", "5"];
        var outputs = new List<string>();
        for (var time = 0; time < 2; time++)
        {
            await using var demo = SiloProcess.Launch(arguments);
            (await demo.ExitedAsync()).ShouldBe(0, demo.Errors);
            outputs.Add(demo.Output);
        }

        outputs[1].ShouldBe(outputs[0]);
        using var json = JsonDocument.Parse(outputs[0]);
        var labels = json.RootElement.GetProperty("labels").EnumerateArray().ToArray();
        labels.Length.ShouldBe(300);
        var world = new DemoWorld(new DemoOptions { Users = 300 });
        for (var user = 0; user < labels.Length; user++)
        {
            labels[user].GetProperty("user").GetString().ShouldBe(DemoWorld.UserId(user));
            labels[user].GetProperty("kind").GetString().ShouldBe(world.KindOf(user).Name);
            labels[user].GetProperty("segment").GetInt32().ShouldBeInRange(0, 4);
        }
    }

    [Fact]
    public async Task Wrong_usage_ends_with_2_and_what_cannot_be_used_with_1_each_with_its_reason()
    {
        (string Reason, string[] Arguments)[] wrong =
        [
            ("--k", ["demo", "--k", "nonsense"]), ("--users", ["demo", "--users", "0"]), ("--urls", ["run", "--urls", "http://127.0.0.1:99999"]),
            ("--partitions", ["run", "--partitions", "0"]), ("--nonsense", ["run", "--nonsense"]),
        ];
        var usage = await Task.WhenAll(wrong.Select(one => EndsAsync(one.Arguments)));
        for (var i = 0; i < wrong.Length; i++)
        {
            usage[i].Code.ShouldBe(2, usage[i].Errors);
            usage[i].Errors.ShouldContain(wrong[i].Reason);
        }

        await File.WriteAllTextAsync(_folder.At("keys.json"), """{"keys":[]}""");
        (await FailsAsync("run", "--data", _folder.At("data"), "--keys", _folder.At("keys.json"))).ShouldContain("holds no keys");
        (await FailsAsync("run", "--data", _folder.At("keys.json"), "--urls", "http://127.0.0.1:0")).ShouldContain("keys.json");
    }

    [Theory]
    [InlineData("Engine:FlushIntervall=00:00:10", "There is no setting Engine:FlushIntervall; the closest is Engine:FlushInterval.")]
    [InlineData("Api:AlowedOrigins:0=https://shop.example", "There is no setting Api:AlowedOrigins; the closest is Api:AllowedOrigins.")]
    [InlineData("Store:Faults:FailEvry=3", "There is no setting Store:Faults:FailEvry; the closest is Store:Faults:FailEvery.")]
    [InlineData("Store:Synchronus=false", "There is no setting Store:Synchronus; the closest is Store:Synchronous.")]
    [InlineData("Runtime:ResponseTimout=00:00:10", "There is no setting Runtime:ResponseTimout; the closest is Runtime:ResponseTimeout.")]
    [InlineData("Engin:FlushInterval=00:00:10", "There is no setting Engin:FlushInterval; the closest section to Engin is Engine.")]
    [InlineData("Api:AllowedOrigins:0=shop.example", "Api:AllowedOrigins:0 is 'shop.example', which is no page's origin")]
    public async Task A_setting_that_does_not_exist_or_can_do_nothing_ends_the_start_in_a_sentence(string setting, string sentence)
    {
        var settings = new SiloSettings { Data = _folder.At("data"), Urls = "http://127.0.0.1:0", Overrides = [$"--{setting}"] };
        (await Should.ThrowAsync<InvalidOperationException>(() => SiloHost.BuildAsync(settings))).Message.ShouldStartWith(sentence);
    }

    /// <summary>Has it fail to start; returns the one line that it says why in.</summary>
    private static async Task<string> FailsAsync(params string[] arguments)
    {
        var (code, output, errors) = await EndsAsync(arguments);
        code.ShouldBe(1, output + errors);
        output.ShouldNotContain("Serving");
        errors.TrimEnd().Split('\n').Length.ShouldBe(1, errors);
        return errors;
    }

    private static async Task<(int Code, string Output, string Errors)> EndsAsync(string[] arguments)
    {
        await using var silo = SiloProcess.Launch(arguments);
        return (await silo.ExitedAsync(), silo.Output, silo.Errors);
    }
}
