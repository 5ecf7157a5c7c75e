using System.Xml.Linq;

namespace Auie.Architecture.Tests;

/// <summary>The arrows of docs/architecture.md: which project may know which.</summary>
public class ArrowTests
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Core"] = [],
        ["Runtime"] = [],
        ["Runtime.Generators"] = [],
        ["Storage"] = ["Core"],
        ["Abstractions"] = ["Runtime"],
        ["Grains"] = ["Abstractions", "Core", "Runtime", "Storage"],
        ["Client"] = ["Abstractions", "Runtime"],
        ["Api"] = ["Abstractions", "Client", "Runtime"],
        ["Cli"] = ["Abstractions", "Client", "Core", "Runtime"],
        ["Silo"] = ["Abstractions", "Api", "Client", "Core", "Grains", "Runtime", "Storage"],
    };

    public static TheoryData<string> Projects => [.. Allowed.Keys];

    [Fact]
    public void Every_project_under_src_has_its_arrows_stated() =>
        Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(Path.GetFileName).ShouldBe(Allowed.Keys, ignoreOrder: true);

    [Theory, MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_arrows_allow(string project)
    {
        var file = Directory.GetFiles(Path.Combine(Repository.Root, "src", project), "*.csproj").ShouldHaveSingleItem();
        var xml = XDocument.Load(file);
        var referenced = xml.Descendants("ProjectReference")
            .Select(r => Path.GetFileName(Path.GetDirectoryName(r.Attribute("Include")!.Value.Replace('\\', '/'))!)).ToList();
        if (xml.Descendants("ActorModel").Any())
            referenced.Add("Runtime");

        referenced.Except(Allowed[project]).ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Projects))]
    public void A_built_assembly_uses_only_what_its_arrows_allow(string project)
    {
        if (project == "Runtime.Generators")
            return; // It runs in the compiler, and no other assembly refers to it.
        var assembly = System.Reflection.Assembly.Load(project == "Cli" ? "auie" : $"Auie.{project}");
        var used = assembly.GetReferencedAssemblies().Select(a => a.Name!).Where(name => name.StartsWith("Auie.", StringComparison.Ordinal))
            .Select(name => name["Auie.".Length..]);

        used.Except(Allowed[project]).ShouldBeEmpty();
    }

    [Fact]
    public void No_type_of_Core_appears_in_a_grain_contract()
    {
        var referenced = System.Reflection.Assembly.Load("Auie.Abstractions").GetReferencedAssemblies().Select(a => a.Name);
        referenced.ShouldNotContain("Auie.Core");
    }
}
