using Auie.Engine.Tests;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Auie.Engine.Tests." + nameof(LongestFirst), "Auie.Engine.Tests")]

namespace Auie.Engine.Tests;

/// <summary>Begins with what takes minutes: begun last, one of them would go on alone when all others have ended.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <summary>The longest first.</summary>
    private static readonly string[] Long =
    [
        nameof(Leases), Of(nameof(Processes.KilledJobTests)), Of(nameof(Processes.KillRoundsTests)), Of(nameof(Readme.ReadmeTests)),
    ];

    /// <summary>How the collection of a class ends that is in none with others.</summary>
    private static string Of(string name) => $".{name}";

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection => Array.FindIndex(Long, name => collection.DisplayName.EndsWith(name, StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length);
}

/// <summary>
/// Tests of several silos with leases of a few seconds, one at a time: on a machine of two processors, side by side, they would take the time from each other that a heartbeat has.
/// </summary>
[CollectionDefinition(nameof(Leases))]
public sealed class Leases;
