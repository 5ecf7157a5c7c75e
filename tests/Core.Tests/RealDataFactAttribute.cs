namespace Auie.Core.Tests;

/// <summary>
/// A test on the tables of the Event Recommendation Engine Challenge, whose folder AUIE_EVENT_CHALLENGE names. It is skipped, by name,
/// where
/// there is no such folder, unless AUIE_REQUIRE_ALL=1 asks that everything run.
/// </summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute()
    {
        if (!Directory.Exists(Folder) && Environment.GetEnvironmentVariable("AUIE_REQUIRE_ALL") != "1")
            Skip = "AUIE_EVENT_CHALLENGE names no folder";
    }

    public static string Folder => Environment.GetEnvironmentVariable("AUIE_EVENT_CHALLENGE") ?? "";
}
