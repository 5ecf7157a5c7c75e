using System.Text.RegularExpressions;

namespace Auie.Architecture.Tests;

/// <summary>What the documents say of settings of the cluster and of the API is of those that there are, and of all of them.</summary>
public sealed partial class SettingsTests
{
    [Theory]
    [InlineData("Api", "src/Api/AuieApiOptions.cs", "docs/operations.md")]
    [InlineData("Cluster", "src/Runtime/Cluster/ClusterOptions.cs", "docs/cluster.md")]
    [InlineData("Cluster", "src/Silo/Cluster/OrleansCluster.Orleans.cs", "docs/cluster.md")]
    public void Every_setting_is_in_a_table(string section, string options, string document)
    {
        var settings = SettingsOf(options);
        settings.Length.ShouldBeGreaterThan(5);
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, document)).Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        settings.Except(rows.SelectMany(row => Named().Matches(row.Split('|')[1])).Where(match => match.Groups["section"].Value == section).Select(match => match.Groups["name"].Value)).ShouldBeEmpty();
    }

    [Fact]
    public void No_document_names_a_setting_that_there_is_not()
    {
        var known = new Dictionary<string, string[]>
        {
            ["Api"] = SettingsOf("src/Api/AuieApiOptions.cs"),
            // A client on Orleans reads two more, and the place of the database of the silos.
            ["Cluster"] = [.. SettingsOf("src/Runtime/Cluster/ClusterOptions.cs"), .. SettingsOf("src/Silo/Cluster/OrleansCluster.Orleans.cs"), "Postgres", "Schema"],
        };
        var unknown = Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md").Append(Path.Combine(Repository.Root, "README.md"))
            .SelectMany(file => Named().Matches(File.ReadAllText(file)).Where(match => !known[match.Groups["section"].Value].Contains(match.Groups["name"].Value))
                .Select(match => $"{Path.GetFileName(file)}: {match.Value}"));
        unknown.ShouldBeEmpty();
    }

    [Fact]
    public void A_client_on_Orleans_may_be_given_what_a_silo_is()
    {
        var client = SettingsOf("src/Client/OrleansSettings.Orleans.cs");
        SettingsOf("src/Silo/Cluster/OrleansCluster.Orleans.cs").Except(client).ShouldBeEmpty();
        foreach (var read in Read().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src", "Client", "Hosting.Orleans.cs"))).Select(match => match.Groups["name"].Value))
            client.ShouldContain(read);
    }

    private static string[] SettingsOf(string options) =>
        [.. Setting().Matches(File.ReadAllText(Path.Combine(Repository.Root, options))).Select(match => match.Groups["name"].Value)];

    [GeneratedRegex(@"^    public (string|int|long|bool|TimeSpan)(\[\])?\?? (?<name>\w+) \{ get; (set|init); \}", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Setting();

    [GeneratedRegex("""section\["(?<name>\w+)"\]""", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Read();

    [GeneratedRegex(@"\b(?<section>Api|Cluster):(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Named();
}
