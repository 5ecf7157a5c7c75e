using Auie.Api.Settings;
using Auie.Client.Keys;
using Auie.Engine.Tests.Cluster;
using Auie.Silo;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Processes;

/// <summary>Where settings come from, which of them goes before which, and that what is printed of them holds no secret.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_command_line_goes_before_the_environment_and_that_before_a_file_and_that_before_the_default()
    {
        var file = await WriteAsync("""
            {
              // As one writes it.
              "Urls": "http://127.0.0.1:5091", "Features": "of the file", "Data": "/of/the/file",
              "Engine": { "FlushInterval": "00:00:11", "FlushBatch": 11, "RecentKeys": 11 },
            }
            """);
        var printed = await PrintAsync(
            ["--config", file, "--urls", "http://127.0.0.1:5093", "--set", "Engine:FlushInterval=00:00:13"],
            ("AUIE_URLS", "http://127.0.0.1:5092"), ("AUIE_FEATURES", "of the environment"), ("AUIE_Engine__FlushInterval", "00:00:12"), ("AUIE_Engine__FlushBatch", "12"),
            ("Engine__MaxStandings", "12"));

        printed.ShouldContain("Urls=http://127.0.0.1:5093  (command line)");
        printed.ShouldContain("Features=of the environment  (environment)");
        printed.ShouldContain($"Data=/of/the/file  ({file})");
        printed.ShouldContain("Engine:FlushInterval=00:00:13  (command line)");
        printed.ShouldContain("Engine:FlushBatch=12  (environment)");
        printed.ShouldContain($"Engine:RecentKeys=11  ({file})");
        printed.ShouldContain("Engine:MaxStandings=12  (environment)");
        printed.ShouldContain("Engine:MaxTables=100  (default)");
    }

    [Theory]
    [InlineData("/of/the/environment", null, "Data=/of/the/environment")]
    [InlineData(null, "Host=of-the-environment", "Postgres=Host=of-the-environment")]
    public async Task Of_a_folder_and_a_database_the_one_that_is_said_later_is_the_store(string? data, string? postgres, string expected)
    {
        var file = await WriteAsync(data is null ? """{"Data": "/of/the/file"}""" : """{"Postgres": "Host=of-the-file"}""");
        (await PrintAsync(["--config", file], data is null ? ("AUIE_POSTGRES", postgres!) : ("AUIE_DATA", data))).ShouldContain($"{expected}  (environment)");
        (await PrintAsync(["--config", file, "--data", "/named"], ("AUIE_POSTGRES", "Host=db"))).ShouldContain("Data=/named  (command line)");
    }

    [Fact]
    public async Task A_silo_prints_at_its_start_what_is_set_and_no_secret_of_it()
    {
        var file = await WriteAsync(
            $$$"""{"Data": "{{{_folder.At("data")}}}", "Urls": "http://127.0.0.1:0", "Kestrel:Certificates:Default:Password": "geheim-1"}""");
        await using var silo = SiloProcess.Launch(
            ["run", "--config", file, "--set", "Store:Synchronous=false"],
            ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=geheim-2"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"));
        await silo.ServingAsync();

        silo.Output.ShouldContain("Store:Synchronous=false  (command line)");
        silo.Output.ShouldContain($"Kestrel:Certificates:Default:Password=***  ({file})");
        silo.Output.ShouldContain("OTEL_EXPORTER_OTLP_HEADERS=***  (environment)");
        silo.Output.ShouldContain("OTEL_RESOURCE_ATTRIBUTES=deployment.environment=test  (environment)");
        silo.Output.ShouldNotContain("(default)");
        (silo.Output + silo.Errors).ShouldNotContain("geheim");
        (await silo.StopAsync()).ShouldBe(0, silo.Errors);
        silo.Output.TrimEnd().Split(Environment.NewLine)[^1].ShouldMatch(@"^Stopped, \d+\.\d s after it was told to\.$");
    }

    [PostgresFact]
    public async Task An_API_process_takes_its_settings_from_the_same_places_and_prints_at_its_start_what_is_set_and_no_secret_of_it()
    {
        await using var cluster = await SiloCluster.StartAsync(1, SiloCluster.QuickLeases);
        KeyFile.Add(_folder.At("keys.json"), AccessKey.Generate("reader", Scopes.Read, DateTimeOffset.UnixEpoch).Key);
        var address = (await cluster[1].Client.ListSilos()).Silos.Single().Address;
        var file = await WriteAsync($$"""{ "Urls": "http://127.0.0.1:1", "Data": "of a silo", "Cluster": { "Gateways": "{{address}}", "Secret": "" }, "Api": { "TableShards": 3 } }""");
        await using var api = SiloProcess.LaunchProgram(
            "Auie.Api.dll", ["--config", file, "--set", "Cluster:ConnectTimeout=00:00:04", "--set", "Api:StopDelay=00:00:02.200"],
            ("AUIE_URLS", "http://127.0.0.1:0"), ("AUIE_KEYS", _folder.At("keys.json")), ("AUIE_Api__TableShards", "2"), ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=geheim"));
        await api.ServingAsync();

        api.Output.ShouldContain("Urls=http://127.0.0.1:0  (environment)");
        api.Output.ShouldContain("Api:TableShards=2  (environment)");
        api.Output.ShouldContain($"Cluster:Gateways={address}  ({file})");
        api.Output.ShouldContain("Cluster:ConnectTimeout=00:00:04  (command line)");
        api.Output.ShouldContain("OTEL_EXPORTER_OTLP_HEADERS=***  (environment)");
        (api.Output + api.Errors).ShouldNotContain("geheim");
        (await api.Http.GetAsync(new Uri("/api/engine", UriKind.Relative))).StatusCode.ShouldBe(System.Net.HttpStatusCode.Unauthorized, "the keys of the environment hold");

        // Last of all each says that it has stopped; a silo before that what it handed over.
        (await api.StopAsync()).ShouldBe(0, api.Errors);
        api.Output.TrimEnd().Split(Environment.NewLine)[^1].ShouldMatch(@"^Stopped, (2\.[2-9]|[3-9]|\d\d)", "it was given the time that it is to go on answering");
        (await cluster[1].StopAsync()).ShouldBe(0, cluster[1].Errors);
        cluster[1].Output.TrimEnd().Split(Environment.NewLine)[^1].ShouldStartWith("Stopped, ");
        cluster[1].Errors.ShouldContain("Left the cluster: 16 slots were given up in ");
    }

    [Theory]
    [InlineData("""{"Apii": {}}""", "'Apii', which is no setting")]
    [InlineData("""{"Api": {"TableShard": 3}, "Cluster": {"Gateways": "127.0.0.1:1"}}""", "Api:TableShards")]
    [InlineData("""{"Cluster": {"Gateways": "127.0.0.1:1", "Gatewys": "127.0.0.1:1"}}""", "There is no setting Cluster:Gatewys; the closest is Cluster:Gateways.")]
    public async Task An_API_process_refuses_a_setting_that_there_is_not(string json, string reason)
    {
        await using var api = SiloProcess.LaunchProgram("Auie.Api.dll", ["--config", await WriteAsync(json)]);
        (await api.ExitedAsync()).ShouldBe(1, api.Output + api.Errors);
        api.Errors.ShouldContain(reason);
        api.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, api.Errors);
    }

    [Theory]
    [InlineData("Postgres", "Host=db;Port=5433;Database=auie;Username=ann;Password=geheim;SSL Password=geheim;Options=-c geheim", "Host=db;Port=5433;Database=auie;Username=ann;***")]
    [InlineData("Cluster:Postgres", "Host=db;Password=geheim", "Host=db;***")]
    [InlineData("Postgres", "Host=db;Username=ann", "Host=db;Username=ann")]
    [InlineData("Postgres", "geheim;;=", "***")]
    [InlineData("Cluster:Secret", "geheim", "***")]
    [InlineData("Cluster:Secret", "", "")]
    [InlineData("Some:AccessToken", "geheim", "***")]
    [InlineData("Some:ApiKey", "geheim", "***")]
    [InlineData("Keys", "keys.json", "keys.json")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:geheim@collector:4317", "http://***@collector:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "http://me:ge^h\"e@im/geheim@collector:4317/v1", "http://***@collector:4317/v1")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "me:geheim@collector:4317", "***@collector:4317")]
    [InlineData("Data", "/home/me@home", "/home/me@home")]
    [InlineData("Engine:FlushInterval", "00:00:05", "00:00:05")]
    public void A_value_is_shown_without_what_is_secret_in_it(string name, string value, string shown) => EffectiveConfiguration.Shown(name, value).ShouldBe(shown);

    [Fact]
    public async Task What_cannot_be_a_configuration_is_refused_in_a_sentence_that_says_where()
    {
        await RefusedAsync("there is no such file", ["--config", _folder.At("nowhere.json")]);
        await RefusedAsync("config.json", ["--config", await WriteAsync("""{"Urls": """)]);
        await RefusedAsync("'Enginee', which is no setting", ["--config", await WriteAsync("""{"Enginee": {}}""")]);
        await RefusedAsync("FlushIntervall", ["--config", await WriteAsync($$$"""{"Data": "{{{_folder.At("data")}}}", "Engine": {"FlushIntervall": "00:00:01"}}""")]);
        await RefusedAsync("Urls has 'nowhere'", ["--config", await WriteAsync("""{"Urls": "nowhere"}""")]);
        await RefusedAsync("Partitions is 'many'", ["--config", await WriteAsync("""{"Partitions": "many"}""")]);
        await RefusedAsync("leave one of them out", ["--config", await WriteAsync("""{"Data": "a", "Postgres": "Host=b"}""")]);

        static async Task RefusedAsync(string reason, string[] arguments)
        {
            await using var silo = SiloProcess.Launch(["run", .. arguments]);
            (await silo.ExitedAsync()).ShouldBe(1, silo.Output + silo.Errors);
            silo.Errors.ShouldContain(reason);
            silo.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, silo.Errors);
        }
    }

    [Theory]
    [InlineData("command line", "Cluster:Lease", "abc", "it is hours, minutes and seconds, such as 00:00:10")]
    [InlineData("file", "Engine:ErasureRebuild", "Later", "it is Immediately or Deadline")]
    [InlineData("command line", "Cluster:Listen", "nonsense", "it is host:port")]
    [InlineData("command line", "Engine:FlushInterval", "31", "it is 30 days at the most (a number alone is days; seconds are 00:00:10)")]
    [InlineData("environment", "Api:IntakeBytes", "0", "it is at least 1")]
    [InlineData("command line", "Cluster:Heartbeat", "00:00:05", "it is a third of that at the most")]
    public async Task A_value_that_cannot_be_ends_a_silo_at_its_start_with_a_sentence_that_says_what_may_be_and_where_it_came_from(string place, string name, string value, string expected) =>
        await RefusedAsync("Auie.Silo.dll", ["run", "--postgres", "Host=127.0.0.1;Port=1"], place, name, value, expected);

    [Theory]
    [InlineData("environment", "Cluster:ConnectTimeout", "abc", "it is hours, minutes and seconds, such as 00:00:10")]
    [InlineData("file", "Api:TableShards", "many", "it is a whole number")]
    [InlineData("environment", "Gateways", "nonsense", "it is host:port")]
    [InlineData("environment", "Urls", "nonsense", "which is not an address")]
    public async Task So_does_one_end_an_API_process(string place, string name, string value, string expected) =>
        await RefusedAsync("Auie.Api.dll", name.EndsWith("Gateways", StringComparison.Ordinal) ? [] : ["--gateways", "127.0.0.1:1"], place, name, value, expected);

    [Theory]
    [InlineData("Cluster:Secret:", "Cluster:Listen=0.0.0.0:0")]
    [InlineData("Cluster:Advertise has to say", "Cluster:Listen=0.0.0.0:0", "Cluster:Secret=0123456789abcdef")]
    [InlineData("Cluster:Advertise is '[::]:11111'", "Cluster:Listen=[::1]:0", "Cluster:Advertise=[::]:11111")]
    [InlineData("Cluster:Secret is too short", "Cluster:Secret=geheim")]
    [InlineData("Cluster:SecretFile is '/nowhere/secret'", "Cluster:SecretFile=/nowhere/secret")]
    [InlineData("Cluster:CertificateFile is '/nowhere/silo.pem'", "Cluster:CertificateFile=/nowhere/silo.pem", "Cluster:Secret=0123456789abcdef")]
    [InlineData("Api:Mapping is '/nowhere/mapping.json'", "Api:Mapping=/nowhere/mapping.json")]
    [InlineData("Api:StopDelay is 02:00:00", "Api:StopDelay=02:00:00")]
    [InlineData("Api:AskAgain is 20.00:00:00; it is 10 minutes at the most (a number alone is days; seconds are 00:00:10)", "Api:AskAgain=20")]
    [InlineData("Engine:PublicationAge is 1.00:00:00; it is 5 seconds at the most (a number alone is days; seconds are 00:00:01)", "Engine:PublicationAge=1")]
    [InlineData("Engine:ReleaseWait is 00:00:06; it is 5 seconds at the most", "Engine:ReleaseWait=00:00:06")]
    [InlineData("Api:SilosWait is 3.00:00:00; it is 10 minutes at the most", "Api:SilosWait=3")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT is '***@collector:4317'", "OTEL_EXPORTER_OTLP_ENDPOINT=me:geheim@collector:4317")]
    public async Task What_cannot_be_is_told_of_and_not_the_database_that_is_not_there(string reason, params string[] given)
    {
        var silo = new SiloSettings { Postgres = "Host=127.0.0.1;Port=1", Urls = "http://127.0.0.1:0", Overrides = [.. given.Select(setting => $"--{setting}")] };
        var refusal = await Should.ThrowAsync<InvalidOperationException>(() => SiloHost.BuildAsync(silo));
        refusal.Message.ShouldContain(reason);
        refusal.Message.ShouldNotContain("geheim");
        if (!reason.StartsWith("OTEL_", StringComparison.Ordinal))
            refusal.Message.ShouldEndWith(" comes from the command line.");
    }

    private async Task RefusedAsync(string program, string[] arguments, string place, string name, string value, string expected)
    {
        var (section, last) = (name.Split(':')[0], name.Split(':')[^1]);
        var file = await WriteAsync(place == "file" ? $$"""{ "{{section}}": { "{{last}}": "{{value}}" } }""" : "{}");
        await using var process = SiloProcess.LaunchProgram(
            program, [.. arguments, "--config", file, .. place == "command line" ? (string[])["--set", $"{name}={value}"] : []],
            place == "environment" ? [($"AUIE_{(section == last ? name.ToUpperInvariant() : name.Replace(":", "__", StringComparison.Ordinal))}", value)] : []);
        (await process.ExitedAsync()).ShouldBe(1, process.Output + process.Errors);
        process.Errors.TrimEnd().Split('\n').Length.ShouldBe(1, process.Errors);
        process.Errors.ShouldContain(name);
        process.Errors.ShouldContain(value);
        process.Errors.ShouldContain(expected);
        process.Errors.TrimEnd().ShouldEndWith(place == "file" ? $" comes from {file}." : $" comes from the {place}.");
    }

    [Fact]
    public async Task Wrong_usage_ends_with_another_code_than_a_wrong_setting()
    {
        await using var silo = SiloProcess.Launch(["run", "--partitions", "many"]);
        (await silo.ExitedAsync()).ShouldBe(2, silo.Errors);
        await using var api = SiloProcess.LaunchProgram("Auie.Api.dll", ["--set", "Cluster:Lease"]);
        (await api.ExitedAsync()).ShouldBe(2, api.Errors);
    }

    [Fact]
    public async Task An_API_process_prints_every_setting_and_its_gateways_may_be_in_the_environment()
    {
        var file = await WriteAsync("""{ "Cluster": { "Gateways": "127.0.0.1:1", "Secret": "geheim" }, "Api": { "TableShards": 3 } }""");
        var printed = await PrintApiAsync(["--config", file], ("AUIE_GATEWAYS", "127.0.0.1:2;127.0.0.1:3"));
        printed.ShouldContain("Cluster:Gateways=127.0.0.1:2;127.0.0.1:3  (environment)");
        printed.ShouldContain("Cluster:Secret=***  (" + file + ")");
        printed.ShouldContain($"Api:TableShards=3  ({file})");
        printed.ShouldContain("Api:IntakeBytes=8388608  (default)");
        printed.ShouldContain("Cluster:ConnectTimeout=00:00:05  (default)");
        printed.Count(line => line.StartsWith("Cluster:Gateways=", StringComparison.Ordinal)).ShouldBe(1);

        (await PrintApiAsync(["--gateways", "127.0.0.1:4"], ("AUIE_GATEWAYS", "127.0.0.1:2"))).ShouldContain("Cluster:Gateways=127.0.0.1:4  (command line)");
        (await PrintApiAsync(["--set", "Cluster:Gateways=127.0.0.1:5"], ("AUIE_GATEWAYS", "127.0.0.1:2"))).ShouldContain("Cluster:Gateways=127.0.0.1:5  (command line)");

        static async Task<string[]> PrintApiAsync(string[] arguments, (string Name, string Value) variable)
        {
            await using var api = SiloProcess.LaunchProgram("Auie.Api.dll", ["--print-config", .. arguments], variable);
            (await api.ExitedAsync()).ShouldBe(0, api.Errors);
            return api.Output.TrimEnd().Split(Environment.NewLine);
        }
    }

    private async Task<string> WriteAsync(string json)
    {
        var file = _folder.At("config.json");
        await File.WriteAllTextAsync(file, json);
        return file;
    }

    private static async Task<string[]> PrintAsync(string[] arguments, params (string Name, string Value)[] variables)
    {
        await using var silo = SiloProcess.Launch(["run", "--print-config", .. arguments], variables);
        (await silo.ExitedAsync()).ShouldBe(0, silo.Errors);
        return silo.Output.TrimEnd().Split(Environment.NewLine);
    }
}
