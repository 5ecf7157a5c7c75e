using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Auie.Bench;

/// <summary>The engine's own programs, run as processes beside the bench.</summary>
internal static partial class Programs
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    public static string Silo { get; } = Path.Combine(AppContext.BaseDirectory, "Auie.Silo.dll");

    public static string Cli { get; } = Path.Combine(AppContext.BaseDirectory, "auie.dll");

    /// <summary>The text that follows an option on a bench's command line, or null.</summary>
    public static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

    /// <summary>Runs a program to its end and gives its standard output; what it tells a person goes on to this one's.</summary>
    public static async Task<ProgramRun> Run(string program, params string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var peak = await PeakUntilExit(process);
        return process.ExitCode == 0
            ? new ProgramRun(await output, watch.Elapsed.TotalSeconds, peak / 1e6)
            : throw new InvalidOperationException($"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
    }

    /// <summary>Starts a server over a folder, on a free port; gives its process and address when it serves.</summary>
    public static async Task<(Process Process, string Address)> Serve(string folder)
    {
        var silo = Process.Start(new ProcessStartInfo("dotnet", [Silo, "run", "--data", folder, "--urls", "http://127.0.0.1:0", "--set", "Logging:LogLevel:Default=Warning"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        while (await silo.StandardOutput.ReadLineAsync() is { } line)
        {
            if (Serving().Match(line) is { Success: true } serving) return (silo, serving.Groups["address"].Value);
        }

        await silo.WaitForExitAsync();
        throw new InvalidOperationException($"The server ended with {silo.ExitCode} before it served.");
    }

    /// <summary>The peak of a process can be asked for only while it lives, and never falls.</summary>
    public static async Task<long> PeakUntilExit(Process process)
    {
        var peak = 0L;
        var exit = process.WaitForExitAsync();
        while (!exit.IsCompleted)
        {
            await Task.WhenAny(exit, Task.Delay(BetweenLooks));
            process.Refresh();
            if (!process.HasExited) peak = Math.Max(peak, process.PeakWorkingSet64);
        }

        return peak;
    }

    [GeneratedRegex(@"^Serving .* at (?<address>http://[^,\s]+[^,.\s])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Serving();
}

/// <summary>A program that ended well: its standard output, how long it took, and its peak of resident memory.</summary>
internal sealed record ProgramRun(string Output, double Seconds, double PeakMegabytes)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}
