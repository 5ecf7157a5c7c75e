using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Auie.Tests.Shared;

namespace Auie.Engine.Tests.Readme;

/// <summary>Runs every command of the README but the test command, in the README's order, in a copy of the project as a newcomer has it.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly string _copy = Directory.CreateTempSubdirectory("auie-readme-").FullName;
    private readonly List<Process> _servers = [];

    [NeedsProgramsFact("sh", "curl", "dotnet")]
    public async Task Every_command_of_the_README_works()
    {
        var root = Root(AppContext.BaseDirectory);
        CopyProject(root, _copy);
        var commands = Commands(await File.ReadAllTextAsync(Path.Combine(root, "README.md"))).Where(command => command != "dotnet test").ToArray();
        commands.Length.ShouldBeGreaterThan(10);

        foreach (var command in commands)
        {
            if (IsServer(command))
                await StartServer(command);
            else
                await Run(command);
        }
    }

    public void Dispose()
    {
        StopServers();
        Directory.Delete(_copy, recursive: true);
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

    // The same sources were analysed when this test was built.
    private Process Start(string command) => Process.Start(new ProcessStartInfo("sh", ["-c", $"{command}"])
    {
        WorkingDirectory = _copy,
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_NOLOGO"] = "1", ["MSBUILDDISABLENODEREUSE"] = "1", ["RunAnalyzers"] = "false" },
    }) ?? throw new InvalidOperationException($"'{command}' could not be started.");

    private static void CopyProject(string from, string to)
    {
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            if (entry.Name is ".git" or "artifacts" or "bin" or "obj" or "node_modules" or "auie-demo" or "auie-data")
                continue;
            var target = Path.Combine(to, entry.Name);
            if (entry is DirectoryInfo folder)
            {
                Directory.CreateDirectory(target);
                CopyProject(folder.FullName, target);
            }
            else
            {
                File.Copy(entry.FullName, target);
            }
        }
    }

    private static string Root(string folder) =>
        File.Exists(Path.Combine(folder, "Auie.sln")) ? folder : Root(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("No Auie.sln above the tests."));

    [GeneratedRegex("^```sh\n(?<body>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline | RegexOptions.ExplicitCapture, 5_000)]
    private static partial Regex ShellBlock();
}
