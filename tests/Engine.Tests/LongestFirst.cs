using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Auie.Engine.Tests.LongestFirst", "Auie.Engine.Tests")]

namespace Auie.Engine.Tests;

/// <summary>Begins with the classes that take minutes, so that none of them is what all others have to be waited for at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long = ["ReadmeTests", "ClusterTests", "LinearizabilityTests", "KillRoundsTests", "RealData", "ErasureTests"];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => Array.FindIndex(Long, name => collection.DisplayName.Contains(name, StringComparison.Ordinal)) is var place and >= 0 ? place : Long.Length)
            .ThenBy(collection => collection.DisplayName, StringComparer.Ordinal);
}
