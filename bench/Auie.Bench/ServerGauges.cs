using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Auie.Bench;

/// <summary>What the system tells of a process from outside.</summary>
internal static partial class ServerGauges
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);

    /// <summary>Resident memory in MB.</summary>
    public static double Resident(int process)
    {
        using var of = Process.GetProcessById(process);
        return of.WorkingSet64 / 1e6;
    }

    /// <summary>The most resident memory that a process has had since <see cref="ForgetPeak"/>, in MB. Linux only.</summary>
    public static double Peak(int process)
    {
        const string Name = "VmHWM:";
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return double.Parse(line.AsSpan(Name.Length, line.Length - Name.Length - 2), CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    /// <summary>Has the peak begin anew.</summary>
    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>Resident memory in MB, again and again while something runs.</summary>
    public static async Task<List<double>> ResidentWhile(int process, Task running)
    {
        var samples = new List<double> { Resident(process) };
        while (await Task.WhenAny(running, Task.Delay(BetweenLooks)) != running)
            samples.Add(Resident(process));
        samples.Add(Resident(process));
        return samples;
    }

    /// <summary>Seconds of processor time so far.</summary>
    public static double ProcessorSeconds(int process)
    {
        using var of = Process.GetProcessById(process);
        return of.TotalProcessorTime.TotalSeconds;
    }

    /// <summary>How many calls of a second waited for the disk (fsync, fdatasync), counted by perf; null where it is not there or may not.</summary>
    public static async Task<double?> SyncsPerSecond(int process, TimeSpan window)
    {
        try
        {
            using var perf = Process.Start(new ProcessStartInfo("perf",
            [
                "stat", "-x", ",", "-e", "syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync", "-p", process.ToString(), "sleep", window.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture),
            ]) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false })!;
            var found = Counted().Matches(await perf.StandardError.ReadToEndAsync());
            await perf.WaitForExitAsync();
            return found.Count == 2 ? found.Sum(one => double.Parse(one.Groups["count"].ValueSpan, CultureInfo.InvariantCulture)) / window.TotalSeconds : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^(?<count>\d+),,syscalls:", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1000)]
    private static partial Regex Counted();
}
