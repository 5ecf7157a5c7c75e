namespace Auie.Cli;

/// <summary>What the command line runs in: where it prints, what the environment says, and whether a person watches its errors' stream.</summary>
public sealed record CliHost(TextWriter Out, TextWriter Error, Func<string, string?> Environment, bool Interactive, int Width)
{
    private const int WidthOfFiles = 200;

    /// <summary>Where bytes that are no text of ours are printed.</summary>
    public Func<Stream> OpenOutput { get; init; } = Console.OpenStandardOutput;

    /// <summary>What time it is, and how long things take.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public static CliHost OfProcess() => new(Console.Out, Console.Error, System.Environment.GetEnvironmentVariable,
        !Console.IsErrorRedirected, Console.IsOutputRedirected ? WidthOfFiles : Math.Max(40, Console.WindowWidth));
}
