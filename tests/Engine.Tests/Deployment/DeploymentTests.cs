using System.Text.RegularExpressions;
using Auie.Engine.Tests.Processes;
using YamlDotNet.Serialization;

namespace Auie.Engine.Tests.Deployment;

/// <summary>The form of what is in deploy: that it parses, and that ports, probes, times and names of settings are those of the program. Nothing is deployed.</summary>
public sealed partial class DeploymentTests
{
    /// <summary>What a silo has to stop in: the limit of src/Silo/Program.cs.</summary>
    private const int StopSeconds = 60;

    private static readonly string Folder = Path.Combine(RootAbove(AppContext.BaseDirectory), "deploy");

    [Fact]
    public void The_silos_of_Kubernetes_are_probed_where_they_answer_and_have_time_to_hand_over()
    {
        var documents = Documents("kubernetes/silos.yaml");
        documents.Select(document => document["kind"]).ShouldBe(["StatefulSet", "Service", "Service", "PodDisruptionBudget"]);
        var pod = At(documents[0], "spec", "template", "spec");
        var container = Map(List(pod["containers"]).ShouldHaveSingleItem());
        var ports = List(container["ports"]).Select(Map).ToDictionary(port => (string)port["name"], port => (string)port["containerPort"]);

        foreach (var (probe, path) in new[] { ("startupProbe", "/health/live"), ("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready") })
        {
            var get = At(container, probe, "httpGet");
            get["path"].ShouldBe(path);
            ports.ShouldContainKey((string)get["port"]);
        }

        var environment = List(container["env"]).Select(Map).ToDictionary(one => (string)one["name"], one => one.GetValueOrDefault("value") as string ?? "");
        environment["AUIE_URLS"].ShouldEndWith(":" + ports["http"]);
        environment["AUIE_Cluster__Listen"].ShouldEndWith(":" + ports["silo"]);
        environment["AUIE_Cluster__Advertise"].ShouldEndWith(":" + ports["silo"]);
        foreach (var used in environment.Values.SelectMany(value => Reference().Matches(value)).Select(match => match.Groups["name"].Value))
            environment.ShouldContainKey(used);
        foreach (var service in documents.Where(document => (string)document["kind"] == "Service").Select(service => At(service, "spec")))
        {
            foreach (var port in List(service["ports"]).Select(Map))
                ports.ShouldContainKey((string)port["targetPort"]);
            Same(service["selector"], At(documents[0], "spec", "template", "metadata")["labels"]);
        }

        Same(At(documents[0], "spec", "selector")["matchLabels"], At(documents[0], "spec", "template", "metadata")["labels"]);
        Same(At(documents[3], "spec", "selector")["matchLabels"], At(documents[0], "spec", "template", "metadata")["labels"]);
        var wait = int.Parse((string)At(container, "lifecycle", "preStop", "sleep")["seconds"]);
        int.Parse((string)pod["terminationGracePeriodSeconds"]).ShouldBeGreaterThanOrEqualTo(wait + StopSeconds);
        var mounted = List(container["volumeMounts"]).Select(Map).ToArray();
        mounted.ShouldContain(mount => environment["AUIE_KEYS"].StartsWith((string)mount["mountPath"], StringComparison.Ordinal));
        mounted.Select(mount => mount["name"]).ShouldBe(List(pod["volumes"]).Select(volume => Map(volume)["name"]), ignoreOrder: true);
    }

    [Fact]
    public void Only_silos_and_API_processes_reach_the_ports_of_the_cluster()
    {
        var policy = Documents("kubernetes/network.yaml").ShouldHaveSingleItem();
        policy["kind"].ShouldBe("NetworkPolicy");
        var template = At(Documents("kubernetes/silos.yaml")[0], "spec", "template");
        Same(At(policy, "spec", "podSelector")["matchLabels"], At(template, "metadata")["labels"]);
        List(At(policy, "spec")["policyTypes"]).ShouldBe(["Ingress"]);
        var ports = List(Map(List(At(template, "spec")["containers"]).Single())["ports"]).Select(port => Map(port)["name"]).ToArray();
        var rules = List(At(policy, "spec")["ingress"]).Select(Map).ToArray();
        rules.SelectMany(rule => List(rule["ports"])).Select(port => Map(port)["port"]).ShouldBe(ports, ignoreOrder: true);

        var open = rules.Where(rule => !rule.ContainsKey("from")).SelectMany(rule => List(rule["ports"])).Select(port => Map(port)["port"]);
        open.ShouldBe(["http"]);
        rules.Where(rule => rule.ContainsKey("from")).SelectMany(rule => List(rule["from"]))
            .Select(from => (string)At(Map(from), "podSelector", "matchLabels")["app.kubernetes.io/component"]).ShouldBe(["silo", "api"]);
    }

    [Fact]
    public void Images_are_named_with_a_version()
    {
        foreach (var file in new[] { "kubernetes/silos.yaml", "compose.yaml" })
        {
            var images = Image().Matches(File.ReadAllText(Path.Combine(Folder, file))).Select(match => match.Groups["image"].Value).ToArray();
            images.ShouldNotBeEmpty();
            foreach (var image in images)
                image.ShouldMatch(@"^[^:]+:\d");
        }
    }

    [Fact]
    public void Every_alarm_says_how_grave_it_is_and_what_to_do()
    {
        var groups = List(Documents("prometheus/alerts.yaml").ShouldHaveSingleItem()["groups"]).Select(Map).ToArray();
        groups.Select(group => group["name"]).ShouldBeUnique();
        var rules = groups.SelectMany(group => List(group["rules"])).Select(Map).ToArray();
        rules.Select(rule => rule["alert"]).ShouldBeUnique();
        rules.Length.ShouldBeGreaterThan(5);
        foreach (var rule in rules)
        {
            rule.Keys.Except(["alert", "expr", "for", "labels", "annotations"]).ShouldBeEmpty();
            ((string)rule["expr"]).ShouldContain("auie_");
            ((string)At(rule, "labels")["severity"]).ShouldBeOneOf("page", "ticket");
            At(rule, "annotations").Keys.ShouldBe(["summary", "action"]);
            if (rule.TryGetValue("for", out var duration))
                ((string)duration).ShouldMatch(@"^\d+m$");
        }
    }

    [Fact]
    public void The_silos_of_compose_wait_for_their_database_and_have_time_to_hand_over()
    {
        var services = At(Documents("compose.yaml").ShouldHaveSingleItem(), "services");
        var silos = services.Where(service => ((string)service.Key).StartsWith("silo-", StringComparison.Ordinal)).ToArray();
        silos.Length.ShouldBe(2);
        foreach (var (name, value) in silos)
        {
            var silo = Map(value);
            var environment = Map(silo["environment"]);
            environment["AUIE_Cluster__Name"].ShouldBe(name);
            environment["AUIE_Cluster__Advertise"].ShouldBe($"{silo["hostname"]}:{((string)environment["AUIE_Cluster__Listen"]).Split(':')[1]}");
            ((string)List(silo["ports"]).ShouldHaveSingleItem()).ShouldEndWith(":" + ((string)environment["AUIE_URLS"]).Split(':')[2]);
            int.Parse(((string)silo["stop_grace_period"]).TrimEnd('s')).ShouldBeGreaterThanOrEqualTo(StopSeconds);
            string.Join(' ', List(At(silo, "healthcheck")["test"])).ShouldContain("/health/ready");
            At(silo, "depends_on", "postgres")["condition"].ShouldBe("service_healthy");
            File.Exists(Path.Combine(Folder, (string)At(silo, "build")["context"], (string)At(silo, "build")["dockerfile"])).ShouldBeTrue();
        }
    }

    [Fact]
    public void The_image_publishes_projects_that_exist_and_starts_the_server()
    {
        var lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));
        var text = string.Join('\n', lines);
        foreach (Match project in Published().Matches(text))
            Directory.GetFiles(Path.Combine(Folder, "..", project.Groups["project"].Value), "*.csproj").ShouldHaveSingleItem();
        text.ShouldContain("ENTRYPOINT [\"dotnet\", \"/app/silo/Auie.Silo.dll\"]");
        File.Exists(Path.Combine(AppContext.BaseDirectory, "Auie.Silo.dll")).ShouldBeTrue();
        lines.Count(line => line.StartsWith("FROM ", StringComparison.Ordinal)).ShouldBe(2);
        lines.ShouldContain("USER $APP_UID");
    }

    [Fact]
    public async Task Every_setting_that_is_given_by_the_environment_exists()
    {
        var given = new[] { "kubernetes/silos.yaml", "compose.yaml" }
            .SelectMany(file => Variable().Matches(File.ReadAllText(Path.Combine(Folder, file))).Select(match => match.Value)).Distinct().ToArray();
        given.Length.ShouldBeGreaterThan(5);
        await using var silo = SiloProcess.Launch(["run", "--print-config", "--postgres", "Host=db"]);
        (await silo.ExitedAsync()).ShouldBe(0, silo.Errors);
        var known = silo.Output.Split(Environment.NewLine).Select(line => line.Split('=')[0]).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var name in given)
            known.ShouldContain(name["AUIE_".Length..].Replace("__", ":", StringComparison.Ordinal));
    }

    private static Dictionary<object, object>[] Documents(string file)
    {
        using var text = new StreamReader(Path.Combine(Folder, file));
        var parser = new YamlDotNet.Core.MergingParser(new YamlDotNet.Core.Parser(text));
        var yaml = new DeserializerBuilder().Build();
        var documents = new List<Dictionary<object, object>>();
        parser.MoveNext();
        while (parser.Current is not YamlDotNet.Core.Events.StreamEnd)
        {
            if (parser.Current is YamlDotNet.Core.Events.DocumentStart)
                documents.Add(yaml.Deserialize<Dictionary<object, object>>(parser));
            else
                parser.MoveNext();
        }

        return [.. documents];
    }

    private static Dictionary<object, object> At(Dictionary<object, object> map, params string[] path) =>
        path.Aggregate(map, (now, name) => Map(now.ContainsKey(name) ? now[name] : throw new KeyNotFoundException($"There is no '{name}' of {string.Join('.', path)}.")));

    private static Dictionary<object, object> Map(object value) => value.ShouldBeOfType<Dictionary<object, object>>();

    private static List<object> List(object value) => value.ShouldBeOfType<List<object>>();

    private static void Same(object one, object other) => Map(one).ShouldBe(Map(other), ignoreOrder: true);

    private static string RootAbove(string folder) =>
        File.Exists(Path.Combine(folder, "Auie.sln")) ? folder : RootAbove(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Auie.sln above the tests."));

    [GeneratedRegex(@"^\s+image: (?<image>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Image();

    [GeneratedRegex(@"AUIE_\w+", RegexOptions.None, 1000)]
    private static partial Regex Variable();

    [GeneratedRegex(@"\$\((?<name>\w+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"publish (?<project>src/\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Published();
}
