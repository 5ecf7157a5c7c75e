using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Auie.Tests.Shared;
using Xunit.Abstractions;

namespace Auie.Engine.Tests.Readme;

/// <summary>
/// Runs every command of the README but the test command, in the README's order and in the project's folder, where what the tests were built with need not be built again. Data
/// that lies there is put aside meanwhile, and what the commands made is removed. A program that a command before has built is not looked at for what to build once more: that takes
/// longer than most of what the commands are about.
/// </summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly string _root = Root(AppContext.BaseDirectory);
    private readonly ITestOutputHelper _output;
    private readonly DirectoryInfo _aside;
    private readonly HashSet<string> _built = [];
    private readonly List<Process> _servers = [];
    private HashSet<string>? _before;

    public ReadmeTests(ITestOutputHelper output) => (_output, _aside) = (output, Directory.CreateDirectory(Path.Combine(_root, "artifacts", "aside")));

    [NeedsProgramsFact("sh", "curl", "dotnet")]
    public async Task Every_command_of_the_README_works()
    {
        var commands = Commands(await File.ReadAllTextAsync(Path.Combine(_root, "README.md"))).Where(command => !command.StartsWith("dotnet test", StringComparison.Ordinal)).ToArray();
        commands.Length.ShouldBeGreaterThan(10);
        PutAside(commands);

        foreach (var command in commands)
        {
            var began = Stopwatch.GetTimestamp();
            if (IsServer(command))
                await StartServer(BuildingOnce(command));
            else
                await Run(BuildingOnce(command));
            _output.WriteLine(FormattableString.Invariant($"{Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s  {command.Split('\n')[0]}"));
        }
    }

    public void Dispose()
    {
        StopServers();
        foreach (var made in Entries().Where(path => _before is not null && !_before.Contains(path) && Path.GetFileName(path) != "artifacts").ToArray())
            Remove(made);
        foreach (var entry in _aside.EnumerateFileSystemInfos().ToArray())
            Directory.Move(entry.FullName, Path.Combine(_root, entry.Name));
    }

    private void StopServers()
    {
        foreach (var server in _servers)
        {
            server.EnableRaisingEvents = false;
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        _servers.Clear();
    }

    /// <summary>The commands of the sh blocks; a command goes on while a quote is open.</summary>
    private static IEnumerable<string> Commands(string readme)
    {
        foreach (Match block in ShellBlock().Matches(readme))
        {
            var command = "";
            foreach (var line in block.Groups["body"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                command = command.Length == 0 ? line : $"{command}\n{line}";
                if (command.Count(c => c == '\'') % 2 != 0)
                    continue;
                yield return command;
                command = "";
            }
        }
    }

    private string BuildingOnce(string command) =>
        RunsProject().Match(command) is { Success: true } run && !_built.Add(run.Value) ? command.Replace(run.Value, $"{run.Value} --no-build", StringComparison.Ordinal) : command;

    private static bool IsServer(string command) => command.Contains("-- demo", StringComparison.Ordinal) || command.Contains("-- run", StringComparison.Ordinal);

    /// <summary>One server at a time: the one before is killed, and whoever comes next finds its folder as it was left.</summary>
    private async Task StartServer(string command)
    {
        StopServers();
        var server = Start(command);
        _servers.Add(server);
        var said = new StringBuilder();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Hear(string? line)
        {
            if (line is null)
                return;
            lock (said)
                said.AppendLine(line);
            if (line.StartsWith("Where to look next", StringComparison.Ordinal) || line.StartsWith("Serving ", StringComparison.Ordinal))
                ready.TrySetResult();
        }

        server.OutputDataReceived += (_, e) => Hear(e.Data);
        server.ErrorDataReceived += (_, e) => Hear(e.Data);
        server.EnableRaisingEvents = true;
        server.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"'{command}' ended with {server.ExitCode}:\n{said}"));
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        await ready.Task.WaitAsync(Patience);
    }

    private async Task Run(string command)
    {
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        process.ExitCode.ShouldBe(0, $"{command}\n{await output}\n{await error}");
        if (!command.Contains('>', StringComparison.Ordinal))
            (await output + await error).ShouldNotBeEmpty(command);
    }

    private Process Start(string command) => Process.Start(new ProcessStartInfo("sh", ["-c", $"{command}"])
    {
        WorkingDirectory = _root,
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_NOLOGO"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1" },
    }) ?? throw new InvalidOperationException($"'{command}' could not be started.");

    private void PutAside(string[] commands)
    {
        var written = commands.SelectMany(command => WrittenTo().Matches(command)).Select(match => match.Groups["name"].Value).Append("auie-demo").ToHashSet();
        foreach (var entry in new DirectoryInfo(_root).EnumerateFileSystemInfos().Where(entry => written.Contains(entry.Name)).ToArray())
            Directory.Move(entry.FullName, Path.Combine(_aside.FullName, entry.Name));
        _before = [.. Entries()];
    }

    private IEnumerable<string> Entries() => Directory.EnumerateFileSystemEntries(_root);

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
            Directory.Delete(path, recursive: true);
        else
            File.Delete(path);
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "Auie.sln")) ? folder : Root(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Auie.sln above the tests."));

    [GeneratedRegex("^dotnet run -c Release --project [^ ]+", RegexOptions.None, 5_000)]
    private static partial Regex RunsProject();

    [GeneratedRegex("(-o|--data|>) (?<name>[^ /]+)", RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex WrittenTo();

    [GeneratedRegex("^```sh\n(?<body>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex ShellBlock();
}
