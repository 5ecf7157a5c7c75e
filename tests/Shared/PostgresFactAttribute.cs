namespace Auie.Tests.Shared;

/// <summary>A test that needs a PostgreSQL server; skipped by name where there is none, unless AUIE_REQUIRE_ALL=1, then it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute()
    {
        if (PostgresServer.Missing)
            Skip = $"needs {PostgresServer.Program}";
    }
}
