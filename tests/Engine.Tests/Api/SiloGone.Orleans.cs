namespace Auie.Engine.Tests.Api;

/// <summary>What a call fails with whose silo goes before it answers.</summary>
internal static class SiloGone
{
    public static Exception Failure() => new SiloUnavailableException("The silo is gone.");
}
