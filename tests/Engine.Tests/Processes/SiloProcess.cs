using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Auie.Client.Http;

namespace Auie.Engine.Tests.Processes;

/// <summary>A silo in a process of its own, on a free port of this machine. It dies with the test at the latest.</summary>
internal sealed partial class SiloProcess : IAsyncDisposable
{
    /// <summary>Only a failing test waits this long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private const int Interrupt = 2, Terminate = 15, Continue = 18, Stop = 19;

    private readonly Process _process;
    private readonly StringBuilder _output = new(), _errors = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _errorsEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<int, CancellationToken, Task<NetworkStream>>? _connect;
    private HttpClient? _http;

    private SiloProcess(ProcessStartInfo start, Func<int, CancellationToken, Task<NetworkStream>>? connect = null)
    {
        _connect = connect;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data, _output, _outputEnded);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, _errors, _errorsEnded);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Set once it serves.</summary>
    public HttpClient Http => _http ?? throw new InvalidOperationException("The silo does not serve.");

    public AuieHttpClient Client => new(Http);

    public string Output => Locked(_output);

    public string Errors => Locked(_errors);

    public bool HasExited => _process.HasExited;

    /// <summary>The exit code of whoever SIGKILL ended, itself or by others.</summary>
    public const int Killed = 128 + 9;

    /// <summary>Of one that has ended.</summary>
    public int ExitCode => _process.ExitCode;

    public int Id => _process.Id;

    /// <summary>Starts the program with any arguments; variables are added to its environment.</summary>
    public static SiloProcess Launch(string[] arguments, params (string Name, string Value)[] variables) => LaunchProgram("Auie.Silo.dll", arguments, variables);

    /// <summary>The same by another command, that goes on with what follows it, where a port is reached in a way of its own.</summary>
    public static SiloProcess LaunchBy(
        string[] command, Func<int, CancellationToken, Task<NetworkStream>> connect, string[] arguments, params (string Name, string Value)[] variables) =>
        new(Starting(command[0], [.. command[1..], "dotnet"], "Auie.Silo.dll", arguments, variables), connect);

    /// <summary>The same of another program that serves HTTP.</summary>
    public static SiloProcess LaunchProgram(string program, string[] arguments, params (string Name, string Value)[] variables) =>
        new(Starting("dotnet", [], program, arguments, variables));

    private static ProcessStartInfo Starting(string command, string[] before, string program, string[] arguments, (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var argument in (string[])[.. before, "exec", Path.Combine(AppContext.BaseDirectory, program), .. arguments])
            start.ArgumentList.Add(argument);
        // What the machine is configured to is no part of a test.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        return start;
    }

    /// <summary><c>run</c> over a folder, with settings such as Engine:FlushInterval=01:00:00; ready when this returns.</summary>
    public static async Task<SiloProcess> RunAsync(string folder, params string[] settings)
    {
        var silo = Launch([
            "run", "--data", folder, "--urls", "http://127.0.0.1:0", "--set", "Store:Synchronous=false",
            .. settings.SelectMany(setting => new[] { "--set", setting }),
        ]);
        await silo.ServingAsync();
        return silo;
    }

    /// <summary>Waits until it says where it serves, and says that it is ready.</summary>
    public async Task<Uri> ServingAsync()
    {
        var address = await ListeningAsync();
        (await Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).EnsureSuccessStatusCode();
        return address;
    }

    /// <summary>Waits until it says where it serves.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task<Uri> ListeningAsync()
    {
        var ended = ExitedAsync();
        if (await Task.WhenAny(_address.Task, ended).WaitAsync(Patience) == ended)
            throw new InvalidOperationException($"The silo ended with {await ended} before it served. {Output} {Errors}");
        var address = await _address.Task;
        // CA2000: the client disposes of it.
#pragma warning disable CA2000
        var handler = new SocketsHttpHandler();
#pragma warning restore CA2000
        if (_connect is { } connect)
            handler.ConnectCallback = async (context, token) => await connect(context.DnsEndPoint.Port, token);
        _http = new HttpClient(handler) { BaseAddress = new Uri(address.AbsoluteUri.Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal)), Timeout = Patience };
        return _http.BaseAddress;
    }

    /// <summary>Its exit code, when it has ended and all that it printed has been read.</summary>
    public async Task<int> ExitedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await Task.WhenAll(_outputEnded.Task, _errorsEnded.Task).WaitAsync(Patience);
        return _process.ExitCode;
    }

    /// <summary>SIGKILL: nothing of it runs any more when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitedAsync();
    }

    /// <summary>SIGTERM, as a supervisor sends it; returns the exit code.</summary>
    public Task<int> StopAsync() => SignalAsync(Terminate);

    /// <summary>SIGINT, as Ctrl-C sends it; returns the exit code.</summary>
    public Task<int> InterruptAsync() => SignalAsync(Interrupt);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _http?.Dispose();
        _process.Dispose();
    }

    /// <summary>SIGSTOP: nothing of it runs until it is woken.</summary>
    public Task PauseAsync() => SendAsync(Stop);

    /// <summary>SIGCONT: it goes on as if no time had passed.</summary>
    public Task WakeAsync() => SendAsync(Continue);

    private async Task<int> SignalAsync(int signal)
    {
        await SendAsync(signal);
        return await ExitedAsync();
    }

    private async Task SendAsync(int signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    private void Take(string? line, StringBuilder to, TaskCompletionSource ended)
    {
        if (line is null)
        {
            ended.TrySetResult();
            return;
        }

        lock (to)
            to.AppendLine(line);
        if (Serving().Match(line) is { Success: true } serving)
            _address.TrySetResult(new Uri(serving.Groups["address"].Value));
    }

    private static string Locked(StringBuilder text)
    {
        lock (text)
            return text.ToString();
    }

    [GeneratedRegex(@"(^Serving .* at|Now listening on:) (?<address>http://[^,\s]+[^,.\s])", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Serving();
}

/// <summary>A folder that is deleted when the test ends.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("auie-test-").FullName;

    public string At(string name) => Path.Combine(_root, name);

    public void CopyTo(string folder)
    {
        foreach (var file in Directory.GetFiles(_root, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(_root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
