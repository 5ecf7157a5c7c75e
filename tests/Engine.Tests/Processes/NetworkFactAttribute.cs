using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Processes;

/// <summary>A test that needs networks of its own over a PostgreSQL server; skipped by name where the machine allows none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetworkFactAttribute : FactAttribute
{
    public NetworkFactAttribute()
    {
        if (PostgresServer.Missing)
            Skip = $"needs {PostgresServer.Program}";
        else if (!SplitNetwork.IsPossible)
            Skip = "needs to be allowed to make network namespaces (root, and ip)";
    }
}
