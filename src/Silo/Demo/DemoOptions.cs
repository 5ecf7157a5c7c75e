namespace Auie.Silo.Demo;

/// <summary>Which demo world to make. Two worlds of equal options are equal byte for byte.</summary>
public sealed record DemoOptions
{
    /// <summary>How many users have a profile, at least 1. Items, references and interactions scale with them.</summary>
    public int Users { get; init; } = 38_000;

    public long Seed { get; init; } = 1;

    /// <summary>
    /// The name of a kind that the world is made without, or null. The other kinds keep their proportions. Without Traditionalists
    /// nobody's birth year is one of the old values that people give for a joke either, since these look like old users.
    /// </summary>
    public string? Without { get; init; }
}
