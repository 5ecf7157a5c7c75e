namespace Auie.Tests.Shared;

/// <summary>
/// A test on the tables of the Event Recommendation Engine Challenge. Where AUIE_EVENT_CHALLENGE is not set it is skipped by name; where it is
/// set, the test runs, and fails if the folder that it names is missing.
/// </summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    public RealDataFactAttribute()
    {
        if (!EventChallenge.IsConfigured)
            Skip = $"{EventChallenge.Variable} names no folder with the challenge's tables";
    }
}
