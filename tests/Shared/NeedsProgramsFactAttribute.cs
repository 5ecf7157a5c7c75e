namespace Auie.Tests.Shared;

/// <summary>
/// A fact that needs programs of the system. Where one is missing the test is listed as skipped, with what it wanted; with
/// AUIE_REQUIRE_ALL=1, as in CI, it runs and fails instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsProgramsFactAttribute : FactAttribute
{
    public NeedsProgramsFactAttribute(params string[] programs)
    {
        var missing = programs.Where(program => !IsThere(program)).ToArray();
        if (missing.Length > 0 && Environment.GetEnvironmentVariable("AUIE_REQUIRE_ALL") != "1")
            Skip = $"needs {string.Join(", ", missing)}";
    }

    private static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Any(folder => File.Exists(Path.Combine(folder, program)));
}
