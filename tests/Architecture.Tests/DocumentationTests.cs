using System.Reflection;
using System.Xml.Linq;

namespace Auie.Architecture.Tests;

/// <summary>What a reader can rely on finding.</summary>
public class DocumentationTests
{
    public static TheoryData<string> Assemblies =>
        ["Auie.Core", "Auie.Runtime", "Auie.Storage", "Auie.Abstractions", "Auie.Grains", "Auie.Client", "Auie.Api", "Auie.Silo", "auie"];

    [Theory, MemberData(nameof(Assemblies))]
    public void Every_public_type_says_what_it_is(string name)
    {
        var assembly = Assembly.Load(name);
        var documented = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(m => m.Element("summary") is { } summary && summary.Value.Trim().Length > 0)
            .Select(m => m.Attribute("name")!.Value).ToHashSet();

        assembly.GetExportedTypes()
            .Where(t => t.GetCustomAttribute<System.Runtime.CompilerServices.CompilerGeneratedAttribute>() is null
                && t.GetCustomAttribute<System.CodeDom.Compiler.GeneratedCodeAttribute>() is null && t.Name != "Program")
            .Select(t => "T:" + t.FullName!.Replace('+', '.'))
            .Where(id => !documented.Contains(id))
            .ShouldBeEmpty();
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken = new List<string>();
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md")))
        {
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(file), @"\]\((?<target>[^)#\s]+)", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
            {
                var target = link.Groups["target"].Value;
                if (!target.Contains("://", StringComparison.Ordinal) && !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)))
                    broken.Add($"{Path.GetRelativePath(Repository.Root, file)}: {target}");
            }
        }

        broken.ShouldBeEmpty();
    }
}
