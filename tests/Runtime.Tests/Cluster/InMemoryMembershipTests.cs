namespace Auie.Runtime.Tests.Cluster;

/// <summary>The compliance suite on the table that the tests of the cluster use.</summary>
public sealed class InMemoryMembershipTests : MembershipCompliance
{
    public InMemoryMembershipTests() => Table = new InMemoryMembership();
}

/// <summary>A test of every membership table; each project that runs them says what its table needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TableFactAttribute : FactAttribute;
